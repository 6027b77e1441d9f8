"""How often a killed run leaves a file that cannot be read under its final name.

    python benchmarks/curation/kills.py [--kills 10]

Two pipelines do the same work on the same corpus with two workers: the main job, and a datatrove pipeline with the
same filters that writes parquet with datatrove's own writer. Each is started afresh and killed with SIGKILL, its
workers too, at a random moment of its run, again and again; then every file that stands under a final name is read.
The main job is run again to its end each time, and its output is compared, byte for byte, with that of a run in one go.
Writes results_kills.json beside itself.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq

HERE = Path(__file__).resolve().parent
SHARDS = 8
PEER = """
import sys
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import ParquetWriter
from textbooks.filters import EduValueFilter, SizeFilter, SyntaxFilter
if __name__ == "__main__":
    corpus, out = sys.argv[1:]
    steps = [JsonlReader(corpus), SizeFilter(), SyntaxFilter(), EduValueFilter(), ParquetWriter(out + "/kept")]
    LocalPipelineExecutor(steps, tasks=8, workers=2, logging_dir=out + "/logs").run()
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


def time_of(command: list[str], out: Path) -> float:
    """Run `command` to its end; returns the seconds it takes."""
    started = time.perf_counter()
    subprocess.run([*command, str(out)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def kill(command: list[str], out: Path, seconds: float) -> bool:
    """Start `command` afresh and kill it after `seconds`; returns whether something unreadable stands there."""
    shutil.rmtree(out, ignore_errors=True)
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen([*command, str(out)], stdout=nowhere, stderr=nowhere, start_new_session=True)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return unreadable(out) > 0


def main() -> None:
    """Run both and print what was found."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--kills", type=int, default=10)
    kills = arguments.parse_args().kills
    with tempfile.TemporaryDirectory() as scratch:
        corpus, whole, ours, theirs = (Path(scratch, name) for name in ("corpus", "whole", "ours", "theirs"))
        make_corpus(corpus)
        commands = {
            "textbooks": [sys.executable, "-m", "textbooks.cli", "curate", str(corpus), "--out"],
            "datatrove": [sys.executable, "-c", PEER, str(corpus)],
        }
        seconds = {
            "textbooks": time_of(commands["textbooks"], whole),
            "datatrove": time_of(commands["datatrove"], theirs),
        }
        expected, identical, bad = digest(whole), 0, {"textbooks": 0, "datatrove": 0}
        randomness = random.Random(1)
        for _ in range(kills):
            moment = randomness.uniform(0.2, 0.95)
            bad["datatrove"] += kill(commands["datatrove"], theirs, moment * seconds["datatrove"])
            bad["textbooks"] += kill(commands["textbooks"], ours, moment * seconds["textbooks"])
            time_of(commands["textbooks"], ours)
            identical += digest(ours) == expected
    found = {
        "kills": kills,
        "kills_leaving_an_unreadable_file": bad,
        "resumed_runs_identical_to_a_run_in_one_go": identical,
    }
    print(json.dumps(found, indent=2))
    (HERE / "results_kills.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
