"""What a killed run leaves, and whether it ends with the same bytes when it is resumed.

    python benchmarks/curation/kills.py [--kills 200] [--peer-kills 20]

The main job runs with two workers over a corpus that has records of every kind: kept, dropped for each reason, damaged,
and a large file of many blocks. It is killed with SIGKILL at a random moment, again and again: the whole process group,
the driver alone, or one worker. After every kill each file under a final name is read. After some kills the run is left
to end, and its output is compared, byte for byte, with that of a run left alone. Beside it stands a plain datatrove
pipeline (JsonlReader, filters, JsonlWriter), started afresh each time and killed with its workers.
So that kills fall into the work and not into imports and compilation, every run is forked from a process that has done
both, and forks its workers. Writes results_kills.json beside itself, also while it goes on.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import gzip
import hashlib
import json
import os
import random
import shutil
import signal
import sysconfig
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import multiprocess
import pyarrow.parquet as pq
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from multiprocess.process import BaseProcess

from textbooks.curation.options import CurationOptions
from textbooks.curation.run import curate
from textbooks.filters import EduValueFilter, SizeFilter, SyntaxFilter

HERE = Path(__file__).resolve().parent
FORK = multiprocess.get_context("fork")
Job = Callable[[Path, Path], None]
Save = Callable[[str, Mapping[str, Any]], None]
TARGETS = ("process group", "process group", "driver alone", "driver alone", "one worker")
KILLS_A_RUN = 10
PROBLEM = (
    'def count_vowels(text):\n    """Return how many of the letters of the text are vowels, of any case."""\n',
    "    return sum(letter in 'aeiou' for letter in text.lower() if letter.isalpha())\n",
)


def functions() -> Iterator[str]:
    """Yield functions and classes of the standard library, each a text."""
    for file in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        source = file.read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield f"{ast.get_source_segment(source, node)}\n"


def make_corpus(folder: Path, texts: int = 600) -> None:
    """Write sound and damaged files; beside the folder a problem, and a folder of the sound lines alone."""
    (folder / "files").mkdir(parents=True)
    found, clean = functions(), folder.with_name("clean")
    for number in range(3):
        rows = [{"text": text, "id": f"{number}/{i}"} for i, text in zip(range(texts // 3), found, strict=False)]
        padding = [{"text": f"x = {i}", "note": "-" * 9_000} for i in range(1_000)] if number == 0 else []
        near = [{"text": f"{row['text']}\nx = {number}\n"} for row in rows[:50]]
        lines = [json.dumps(row) for row in [*rows, *rows[:50], *near, *padding]]
        clean.mkdir(exist_ok=True)
        (clean / f"{number}.jsonl").write_text("\n".join(lines) + "\n")
        lines[::40] = [line + '\n{"text": null}\n{"text": 5}\n{"te' for line in lines[::40]]
        (folder / f"many_{number}.jsonl").write_text("\n".join(lines) + "\n")
    whole = next(found)
    files = {
        "copy.py": whole,
        "copy_2.py": whole,
        "broken.py": "def f(:\n" * 20,
        "wide.py": f"x = {'1' * 2_000}\n",
        "leaked.py": f"{whole}\n\n{''.join(PROBLEM)}",
    }
    for name, text in files.items():
        (folder / "files" / name).write_text(text)
    (folder / "files" / "latin.py").write_bytes(b"name = '\xe9\xe8'\n" * 10)
    (folder / "cut.jsonl.gz").write_bytes(gzip.compress(json.dumps({"text": whole}).encode() * 50)[:-20])
    problem = {"task_id": "X/0", "prompt": PROBLEM[0], "canonical_solution": PROBLEM[1], "test": "", "entry_point": "f"}
    folder.with_name("problems.jsonl").write_text(json.dumps(problem) + "\n")


def published(out: Path) -> list[Path]:
    """Return the files that stand under a final name: of the output, and the run's markers and key."""
    work = out / ".textbooks"
    files = [file for file in sorted(out.rglob("*")) if file.is_file() and "logs" not in file.parts]
    shown = [file for file in files if not file.name.startswith(".")]
    ours = [file for file in shown if work not in file.parents or file.is_relative_to(work / "blocks")]
    return [*ours, *(file for file in [work / "run.json"] if file.exists())]


def is_readable(file: Path) -> bool:
    """Whether a file can be read to its end."""
    try:
        if file.suffix == ".parquet":
            pq.read_table(file)
        elif file.suffix == ".gz":
            gzip.decompress(file.read_bytes() or b"an empty file is no gzip file")
        elif file.suffix == ".json":
            json.loads(file.read_bytes())
    except Exception:
        return False
    return True


def digests(out: Path) -> dict[str, str]:
    """Return a digest of every file of the output, the run's own notes left out."""
    shown = [file for file in published(out) if ".textbooks" not in file.parts]
    return {str(file.relative_to(out)): hashlib.sha256(file.read_bytes()).hexdigest() for file in shown}


def curate_in_blocks(corpus: Path, out: Path, workers: int = 2) -> None:
    """Run the main job."""
    problems = [str(corpus.with_name("problems.jsonl"))]
    curate(CurationOptions(out=out, paths=[str(corpus)], problems=problems, workers=workers, block_records=50))


def run_plainly(corpus: Path, out: Path, workers: int = 2) -> None:
    """Run a plain datatrove pipeline."""
    steps = [JsonlReader(str(corpus)), SizeFilter(), SyntaxFilter(), EduValueFilter(), JsonlWriter(f"{out}/kept")]
    LocalPipelineExecutor(steps, tasks=3, workers=workers, logging_dir=f"{out}/logs", start_method="fork").run()


def start(job: Job, corpus: Path, out: Path) -> BaseProcess:
    """Start a pipeline in a process group of its own."""
    process: BaseProcess = FORK.Process(target=_alone, args=(job, corpus, out))
    process.start()
    return process


def _alone(job: Job, corpus: Path, out: Path) -> None:
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    job(corpus, out)


def end(process: BaseProcess) -> None:
    """Kill what is left of a process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.kill()
    process.join()


def workers_of(process: BaseProcess, out: Path) -> list[int]:
    """Return the workers of a run that are alive, from what they note of their progress."""
    found = set()
    for note in (out / ".textbooks" / "progress" / str(process.pid)).glob("*/*.json"):
        with contextlib.suppress(OSError, ValueError):
            pid = json.loads(note.read_bytes())["pid"]
            os.kill(pid, 0)
            found.add(pid)
    return sorted(found - {process.pid})


def kill(process: BaseProcess, target: str, out: Path, chance: random.Random) -> None:
    """Kill what `target` says of a run."""
    if target == "process group":
        end(process)
    elif target == "driver alone":
        process.kill()
        process.join()
    else:
        while process.is_alive() and not (workers := workers_of(process, out)):
            time.sleep(0.01)
        if process.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)
            process.join(60)  # it notices, says so, and ends
            end(process)


def interrupt(corpus: Path, out: Path, lives: list[tuple[str, float]]) -> tuple[Counter[str], int]:
    """Start a run afresh, kill it after each of the given times, and let it end; returns kills and the bad ones."""
    shutil.rmtree(out, ignore_errors=True)
    chance, done, bad = random.Random(len(lives)), Counter[str](), 0
    for target, seconds in lives:
        process = start(curate_in_blocks, corpus, out)
        process.join(seconds)
        if process.is_alive():
            kill(process, target, out, chance)
            done[target] += 1
            bad += not all(map(is_readable, published(out)))
        elif process.exitcode == 0:
            break  # it came to its end before
    for _ in range(3):  # a worker that outlives its driver for a moment may still be in the way
        process = start(curate_in_blocks, corpus, out)
        process.join()
        if process.exitcode == 0:
            return done, bad
    msg = f"the run in {out} does not resume"
    raise SystemExit(msg)


def time_of(job: Job, corpus: Path, out: Path) -> float:
    """Run to the end in a process of its own; returns the seconds it takes."""
    started = time.perf_counter()
    process = start(job, corpus, out)
    process.join()
    if process.exitcode:
        msg = f"{job.__name__} fails when it is left alone"
        raise SystemExit(msg)
    return time.perf_counter() - started


def ours(corpus: Path, scratch: Path, kills: int, save: Save) -> None:
    """Kill the main job, and note what was found after every run."""
    whole, out = scratch / "whole", scratch / "out"
    seconds = time_of(curate_in_blocks, corpus, whole)
    expected, stats = digests(whole), json.loads((whole / "stats.json").read_bytes())
    counts = {name: stats[name] for name in ("read", "kept", "dropped", "quarantined")}
    save("corpus", {**counts, "reasons": len(stats["reasons"]), "files_of_the_output": len(expected)})
    chance, done = random.Random(7), Counter[str]()
    bad = runs = identical = 0
    while done.total() < kills:
        targets = chance.choices(TARGETS, k=min(KILLS_A_RUN, kills - done.total()))
        found, unreadable = interrupt(corpus, out, [(one, chance.uniform(0, 0.3) * seconds) for one in targets])
        done, bad, runs = done + found, bad + unreadable, runs + 1
        identical += digests(out) == expected
        save("kills_of_textbooks", dict(sorted(done.items())))
        save("what_is_left", {"textbooks": {"kills": done.total(), "leaving_an_unreadable_file": bad}})
        save("resumed_runs", {"runs": runs, "identical_to_a_run_left_alone": identical})


def peer(corpus: Path, scratch: Path, kills: int) -> dict[str, int]:
    """Kill the plain datatrove pipeline, started afresh each time."""
    out, chance, done, bad = scratch / "theirs", random.Random(7), 0, 0
    seconds = time_of(run_plainly, corpus, out)
    while done < kills:
        shutil.rmtree(out)
        out.mkdir()
        process = start(run_plainly, corpus, out)
        process.join(chance.uniform(0.2, 0.9) * seconds)
        if process.is_alive():
            end(process)
            done += 1
            bad += not all(map(is_readable, (out / "kept").glob("*.gz")))
    return {"kills": kills, "leaving_an_unreadable_file": bad}


def prepare(corpus: Path, out: Path) -> None:
    """Let whatever is started from now on be forked, and compile here what it would compile."""
    multiprocess.get_context = lambda _: FORK
    curate_in_blocks(corpus, out, workers=1)


def main() -> None:
    """Run both and print what was found."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--kills", type=int, default=200)
    arguments.add_argument("--peer-kills", type=int, default=20)
    arguments.add_argument("--results", type=Path, default=HERE / "results_kills.json")
    given = arguments.parse_args()
    found: dict[str, Any] = {}

    def save(name: str, value: Mapping[str, Any]) -> None:
        """Add to the results, and write them."""
        found[name] = {**found.get(name, {}), **value}
        given.results.write_text(json.dumps(found, indent=2) + "\n")

    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        make_corpus(corpus)
        prepare(corpus, Path(folder, "first"))
        if given.peer_kills:
            save("what_is_left", {"datatrove": peer(corpus.with_name("clean"), Path(folder), given.peer_kills)})
        if given.kills:
            ours(corpus, Path(folder), given.kills, save)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
