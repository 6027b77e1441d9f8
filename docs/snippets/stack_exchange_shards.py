from pathlib import Path

from datatrove.pipeline.writers import JsonlWriter

from textbooks.readers import CorpusReader, find_inputs, read_texts, write_plan

write_plan(find_inputs(["Posts.xml"]), Path("plan"))
writer = JsonlWriter("threads", expand_metadata=True, compression=None, max_file_size=50_000_000)
for _ in writer.run(CorpusReader("plan").run()):
    pass
(thread,) = read_texts(["threads"]).documents
print(thread.metadata["source"], thread.metadata["text_format"], thread.metadata["license"])
