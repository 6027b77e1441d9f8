"""Whether the memory of the main job grows with the corpus.

    python benchmarks/curation/memory.py

Makes corpora of 1, 2 and 4 times the standard library (each copy a little different, so that nothing is a duplicate),
curates each with one worker, and prints the peak resident memory of the process, its speed and its counts.
Writes results_memory.json beside itself.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
COPIES = (1, 2, 4)
MEGABYTE = 1_000_000
SOURCE = Path(sysconfig.get_paths()["stdlib"])
MEASURED = """
import resource, sys
from textbooks.cli import app
try:
    app(sys.argv[1:], standalone_mode=False)
finally:
    print("PEAK", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""


def make_corpus(folder: Path, copies: int) -> int:
    """Write the standard library `copies` times as JSON lines; returns its size in bytes."""
    files = sorted(file for file in SOURCE.rglob("*.py") if "site-packages" not in file.parts)
    size = 0
    for copy in range(copies):
        with (folder / f"{copy}.jsonl").open("w") as out:
            for file in files:
                text = file.read_text(encoding="utf-8", errors="ignore") + f"\n# copy {copy}\n"
                size += len(text.encode())
                out.write(json.dumps({"id": f"{copy}/{file.relative_to(SOURCE)}", "text": text}) + "\n")
    return size


def measure(copies: int) -> dict[str, float]:
    """Curate a corpus and return its size, the peak memory and the speed."""
    with tempfile.TemporaryDirectory() as scratch:
        corpus, out = Path(scratch, "corpus"), Path(scratch, "out")
        corpus.mkdir()
        size = make_corpus(corpus, copies)
        command = ["curate", str(corpus), "--out", str(out), "--workers", "1"]
        started = time.perf_counter()
        run = subprocess.run([sys.executable, "-c", MEASURED, *command], capture_output=True, text=True, check=True)
        seconds = time.perf_counter() - started
        stats = json.loads((out / "stats.json").read_text())
    peak = int(run.stdout.rsplit("PEAK", 1)[1])
    counts = {name: stats[name] for name in ("read", "kept", "dropped", "quarantined")}
    return {
        "corpus_mb": size / MEGABYTE,
        "peak_mb": peak / MEGABYTE,
        "mb_per_second": size / MEGABYTE / seconds,
        **counts,
    }


def main() -> None:
    """Measure every size and print a table."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    rows = []
    print(f"{'corpus MB':>10} {'peak MB':>9} {'MB/s':>6} {'read':>8} {'kept':>7}")
    for copies in COPIES:
        rows.append(row := measure(copies))
        print(
            f"{row['corpus_mb']:10.1f} {row['peak_mb']:9.1f} {row['mb_per_second']:6.2f}"
            f" {row['read']:8} {row['kept']:7}"
        )
    growth = rows[-1]["peak_mb"] / rows[0]["peak_mb"]
    print(f"peak memory of the largest over that of the smallest: {growth:.2f}")
    (HERE / "results_memory.json").write_text(json.dumps({"rows": rows, "growth": growth}, indent=2) + "\n")


if __name__ == "__main__":
    main()
