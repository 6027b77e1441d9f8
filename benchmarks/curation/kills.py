"""How often does a killed run leave a file that cannot be read under its final name?

    python benchmarks/curation/kills.py [--kills 20]

Kills two pipelines with SIGKILL at random moments, again and again: the main job, and a datatrove pipeline that reads
the same corpus and writes parquet with datatrove's own writer. After each kill it reads every file that stands under a
final name; then both are run to their end, and the main job's output is compared with that of a run in one go, byte for
byte. Writes results_kills.json beside itself.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq

HERE = Path(__file__).resolve().parent
SHARDS = 12
PEER = """
import sys
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import ParquetWriter
if __name__ == "__main__":
    corpus, out = sys.argv[1:]
    steps = [JsonlReader(corpus), ParquetWriter(out + "/kept")]
    LocalPipelineExecutor(steps, tasks=12, workers=2, logging_dir=out + "/logs").run()
"""


def make_corpus(folder: Path) -> None:
    """Write the top of the standard library as JSON lines, in a file a shard."""
    folder.mkdir()
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    for shard in range(SHARDS):
        rows = [{"text": f.read_text(encoding="utf-8") + f"\n# {shard}\n", "id": f"{shard}/{f.name}"} for f in files]
        (folder / f"{shard:02d}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def published(out: Path) -> list[Path]:
    """Return the parquet files that stand under a final name."""
    files = [file for file in sorted(out.rglob("*.parquet")) if ".textbooks" not in file.parts]
    return [file for file in files if not file.name.startswith(".")]


def unreadable(out: Path) -> int:
    """Count the files under final names that cannot be read."""
    bad = 0
    for file in published(out):
        try:
            pq.read_table(file)
        except Exception:
            bad += 1
    return bad


def digest(out: Path) -> str:
    """Return one digest of all output files."""
    names = [*published(out), out / "stats.json", out / "report.html"]
    return hashlib.sha256(b"".join(name.read_bytes() for name in names)).hexdigest()


def kill_often(command: list[str], out: Path, kills: int, seconds: float, randomness: random.Random) -> int:
    """Start and kill `command` `kills` times; returns after how many kills something unreadable stood there."""
    bad = 0
    for _ in range(kills):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(randomness.uniform(0.5, seconds))
        process.send_signal(signal.SIGKILL)
        process.wait()
        time.sleep(1.5)  # its workers end, too
        bad += unreadable(out) > 0
    return bad


def main() -> None:
    """Run both and print what was found."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--kills", type=int, default=20)
    kills = arguments.parse_args().kills
    with tempfile.TemporaryDirectory() as scratch:
        corpus, whole, ours, theirs = (Path(scratch, name) for name in ("corpus", "whole", "ours", "theirs"))
        make_corpus(corpus)
        curate = [sys.executable, "-m", "textbooks.cli", "curate", str(corpus), "--out"]
        peer = [sys.executable, "-c", PEER, str(corpus), str(theirs)]
        started = time.perf_counter()
        subprocess.run([*curate, str(whole)], check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - started
        bad_ours = kill_often([*curate, str(ours)], ours, kills, max(2.0, seconds / 4), random.Random(1))
        subprocess.run([*curate, str(ours)], check=True, stdout=subprocess.DEVNULL)
        bad_theirs = kill_often(peer, theirs, kills, 4.0, random.Random(1))
        found = {
            "kills": kills,
            "kills_leaving_an_unreadable_file": {"textbooks": bad_ours, "datatrove": bad_theirs},
            "output_identical_after_resume": digest(ours) == digest(whole),
        }
    print(json.dumps(found, indent=2))
    (HERE / "results_kills.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
