from pathlib import Path

import pyarrow.parquet as pq

from textbooks.curation.options import CurationOptions
from textbooks.curation.run import curate

if __name__ == "__main__":  # worker processes import this file
    curate(CurationOptions(out=Path("curated"), paths=["corpus.jsonl"], problems=["problems.jsonl"]))
    for folder in ("kept", "dropped", "quarantine"):
        for row in pq.read_table(f"curated/{folder}").to_pylist():
            print(folder, row["id"], row["score"] and round(row["score"], 2), row["reasons"], row["source"])
