from pathlib import Path

from textbooks.readers import CorpusReader, find_inputs, write_plan

plan = write_plan(find_inputs(["corpus.jsonl", "settings.py"]), Path("plan"))
print(plan.files, "files,", plan.shards, "shard")
for document in CorpusReader("plan").run(rank=0):
    print(document.id, document.metadata)
