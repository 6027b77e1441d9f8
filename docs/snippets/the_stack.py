from pathlib import Path

from textbooks.readers import CorpusReader, find_inputs

Path("blobs").mkdir()
Path("blobs/0a1b2c3d4e5f60718293a4b5c6d7e8f901234567").write_text("def total(xs):\n    return sum(xs)\n")
reader = CorpusReader("plan", blobs="blobs")
for file in find_inputs(["stack.jsonl"]):
    for found in reader.read_file(file):
        about = found.metadata
        print(about["repository"], about["path"], about["stars"], about.get("license"), repr(found.text))
