"""How fast the default run of `curate` is, what of it each stage and step takes, and whether its memory grows.

    python benchmarks/curation/throughput.py [--megabytes 16] [--runs 2] [--memory-megabytes 8]

The corpus is the standard library and the installed packages. Speed is that of 1 and of 2 workers, interleaved, the
best of --runs, by the clock and by processor time, which other programs on the machine disturb less. The shares of
stages are processor time and hold what the first call of compiled code takes; those of the steps, measured without
datatrove, do not. Memory is the VmHWM of the largest process, over a corpus and one ten times as large, whose copies
have other names, so that they are no duplicates; between the two stands what a further MB takes, without what every run
takes to begin. Linux.
Writes results_throughput.json beside itself.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import keyword
import re
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
MEGABYTE = 1_000_000
COPIES = 10
WORD = re.compile(r"[a-z_]{4,}")
DRIVER = """
import json, resource, sys, time
from multiprocess import forkserver
from pathlib import Path
from textbooks.curation.executors import LocalExecutor
from textbooks.curation.options import CurationOptions
from textbooks.curation.run import curate

class Timed(LocalExecutor):
    stages = {}
    def run(self, stage, logs):
        begun = time.process_time()
        super().run(stage, logs)
        self.stages[stage.name] = time.process_time() - begun

def cpu(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime

if __name__ == "__main__":
    corpus, out, workers = sys.argv[1:]
    begun = time.perf_counter()
    options = CurationOptions(paths=[corpus], out=Path(out), workers=int(workers))
    stats = curate(options, executor=Timed(int(workers))).stats
    seconds = time.perf_counter() - begun
    forkserver._forkserver._stop()  # its children count once it has ended
    used = cpu(resource.RUSAGE_SELF) + cpu(resource.RUSAGE_CHILDREN)
    print(json.dumps({"seconds": seconds, "cpu_seconds": used, "stages": Timed.stages, "stats": stats}))
"""


def sources() -> Iterator[Path]:
    """Yield Python files of this interpreter, mixed by a digest of their place."""
    folders = {Path(sysconfig.get_paths()[name]) for name in ("stdlib", "purelib")}
    files = {file for folder in folders for file in folder.rglob("*.py")}
    yield from sorted(files, key=lambda file: hashlib.blake2b(str(file).encode()).digest())


def renamed(text: str, copy: int) -> str:
    """Return the text with half of its longer words changed, each everywhere alike; it stays Python."""

    def other(word: re.Match[str]) -> str:
        changed = hashlib.blake2b(word[0].encode(), salt=bytes([copy])).digest()[0] % 2
        return f"{word[0]}_{copy}" if changed and not keyword.iskeyword(word[0]) and word[0][0] != "_" else word[0]

    return WORD.sub(other, text) if copy else text


def make_corpus(folder: Path, megabytes: float, copies: int = 1) -> float:
    """Write JSON lines of a few MB each; return the megabytes of text."""
    folder.mkdir()
    texts, size = [], 0
    for file in sources():
        with contextlib.suppress(OSError, UnicodeDecodeError):
            text = file.read_text(encoding="utf-8")
            if len(text) < 200_000:
                texts.append(text)
                size += len(text.encode())
        if size > megabytes * MEGABYTE:
            break
    written = 0
    for copy in range(copies):
        for part in range(8):
            rows = [renamed(text, copy) for text in texts[part::8]]
            written += sum(len(row.encode()) for row in rows)
            lines = (json.dumps({"text": row, "id": f"{copy}/{part}/{i}"}) + "\n" for i, row in enumerate(rows))
            (folder / f"{copy:02d}-{part}.jsonl").write_text("".join(lines))
    return written / MEGABYTE


def measure(corpus: Path, out: Path, workers: int) -> dict:
    """Curate and return the driver's figures, and the largest VmHWM of its processes in MB."""
    with tempfile.TemporaryDirectory() as folder:  # of its own: Python imports what lies beside a script
        driver = Path(folder, "driver.py")
        driver.write_text(DRIVER)
        command = [sys.executable, str(driver), str(corpus), str(out), str(workers)]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        peak = 0.0
        while run.poll() is None:
            peak = max([peak, *map(peak_of, family(run.pid))])
            time.sleep(0.2)
    return {**json.loads(run.stdout.read()), "peak_mb": peak}


def family(pid: int) -> list[int]:
    """Return a process and those below it."""
    found = [pid]
    for member in found:
        for tasks in Path(f"/proc/{member}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += map(int, tasks.read_text().split())
    return found


def peak_of(pid: int) -> float:
    """Return the most memory that a process has had, in MB; 0 when it is gone."""
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) * 1024 / MEGABYTE if found else 0.0
    return 0.0


def steps(folder: Path) -> dict[str, dict[str, float]]:
    """Return what each step takes once it is warm: its share of the processor time, and its speed on what it gets."""
    from textbooks.decontaminators import NGramDecontaminator
    from textbooks.dedup import ExactDeduplicator, MinHashDeduplicator
    from textbooks.filters import EduValueFilter, SizeFilter, SyntaxFilter
    from textbooks.problems import available_benchmarks, load_problems

    files = sorted(folder.glob("*.jsonl"))
    begun = time.process_time()
    texts = [json.loads(line)["text"] for file in files for line in file.read_text().splitlines()]
    taken = {"reading": (time.process_time() - begun, texts)}
    problems = [problem for name in available_benchmarks() for problem in load_problems(name)]
    ngram = [NGramDecontaminator().fit(problems)] if problems else []
    for step in (SizeFilter(), SyntaxFilter(), EduValueFilter(min_score=2.5), *ngram):
        step.judge_batch(texts[:20])
        begun = time.process_time()
        keep = step.keep_batch(texts)
        taken[step.name] = (time.process_time() - begun, texts)
        texts = [text for text, kept in zip(texts, keep, strict=True) if kept]
    for name, step in (("exact duplicates", ExactDeduplicator()), ("near-duplicates", MinHashDeduplicator())):
        read = taken["reading"][1] if name == "exact duplicates" else texts
        step.fit_apply(read[:20])
        begun = time.process_time()
        step.fit_apply(read)
        taken[name] = (time.process_time() - begun, read)
    whole = sum(seconds for seconds, _ in taken.values())
    return {
        name: {"share": seconds / whole, "mb_per_cpu_second": sum(map(len, got)) / MEGABYTE / max(seconds, 1e-9)}
        for name, (seconds, got) in taken.items()
    }


def speed(scratch: Path, megabytes: float, runs: int) -> dict:
    """Measure 1 and 2 workers in turn."""
    size = make_corpus(scratch / "speed", megabytes)
    best: dict[int, dict] = {}
    for number in range(runs):
        for workers in (1, 2):
            out = scratch / f"out{number}{workers}"
            measured = measure(scratch / "speed", out, workers)
            print(
                f"{workers} workers: {measured['seconds']:.1f} s, {measured['cpu_seconds']:.1f} of CPU",
                flush=True,
            )
            measured["out"] = out
            if workers not in best or measured["cpu_seconds"] < best[workers]["cpu_seconds"]:
                best[workers] = measured | {"seconds": min(measured["seconds"], best.get(workers, measured)["seconds"])}
            else:
                best[workers]["seconds"] = min(best[workers]["seconds"], measured["seconds"])
    total = sum(best[1]["stages"].values())
    stages = {name: seconds / total for name, seconds in best[1]["stages"].items()}
    rows = {
        str(workers): {
            "mb_per_second": size / row["seconds"],
            "mb_per_cpu_second": size / row["cpu_seconds"],
            "seconds": row["seconds"],
            "cpu_seconds": row["cpu_seconds"],
        }
        for workers, row in best.items()
    }
    counts = {name: best[1]["stats"][name] for name in ("read", "kept", "dropped", "quarantined", "benchmarks")}
    setting = {"corpus_mb": size, "runs": runs, "benchmarks": len(counts.pop("benchmarks")), **counts}
    return {"setting": setting, "workers": rows, "share_of": {"stages": stages}, "steps": steps(scratch / "speed")}


def memory(scratch: Path, megabytes: float) -> list[dict]:
    """Measure a corpus and one ten times as large, with 2 workers."""
    rows = []
    for copies in (1, COPIES):
        size = make_corpus(scratch / f"memory{copies}", megabytes, copies)
        measured = measure(scratch / f"memory{copies}", scratch / f"out{copies}", 2)
        counts = {name: measured["stats"][name] for name in ("read", "kept")}
        rows.append(
            {"corpus_mb": size, "peak_mb": measured["peak_mb"], **counts, "cpu_seconds": measured["cpu_seconds"]}
        )
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--megabytes", type=float, default=16)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--memory-megabytes", type=float, default=8)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = speed(Path(folder), asked.megabytes, asked.runs)
        results["memory"] = memory(Path(folder), asked.memory_megabytes)
    small, large = results["memory"]
    added = large["corpus_mb"] - small["corpus_mb"]
    results["further_mb_per_cpu_second"] = added / (large["cpu_seconds"] - small["cpu_seconds"])
    results["growth"] = large["peak_mb"] / small["peak_mb"]
    (HERE / "results_throughput.json").write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
