from pathlib import Path

from textbooks.curation.executors import LocalExecutor
from textbooks.curation.options import CurationOptions
from textbooks.curation.run import curate

if __name__ == "__main__":  # worker processes import this file
    options = CurationOptions(paths=["corpus.jsonl"], out=Path("curated"), problems=["problems.jsonl"])
    stats = curate(options, executor=LocalExecutor(workers=2)).stats
    print({name: stats[name] for name in ("read", "kept", "dropped", "quarantined")})
