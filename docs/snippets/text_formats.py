from textbooks.readers import read_texts

(notebook,) = read_texts(["."], formats=["notebook"]).documents
print(notebook.metadata)
print(notebook.text)
