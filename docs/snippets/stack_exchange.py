from textbooks.readers import read_texts

(thread,) = read_texts(["Posts.xml"]).documents
print(thread.text)
print(thread.metadata["license"], thread.metadata["tags"], thread.metadata["authors"])
