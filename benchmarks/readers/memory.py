"""Does the memory of a reader grow with what it reads? Corpora of 1x and 10x, each read in a process of its own.

`peak` is VmHWM, the most memory that the process ever held, `idle` the same of one that imports the readers and reads
one small file. The answers of the Stack Exchange dumps stand in random order behind all questions.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from corpora import MAKERS

HERE = Path(__file__).resolve().parent


def read(path: str) -> dict[str, float]:
    """Read a corpus; return what came, and the peak of this process in MB."""
    from textbooks.readers import FORMATS, CorpusReader, find_inputs

    reader, documents, damaged = CorpusReader(""), 0, 0
    for file in find_inputs([path], formats=tuple(FORMATS)):
        for found in reader.read_file(file):
            is_damaged = hasattr(found, "reason")
            documents, damaged = documents + (not is_damaged), damaged + is_damaged
    peak = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    assert peak is not None
    return {"documents": documents, "damaged": damaged, "peak MB": round(int(peak[1]) * 1024 / 1e6)}


def in_a_process(path: Path | str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--read", str(path)], check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def size_of(path: Path) -> float:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return round(sum(file.stat().st_size for file in files) / 1e6, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--read", help="read this and print what it took (used by the benchmark itself)")
    parser.add_argument("--megabytes", type=float, default=10, help="the size of 1x (default 10)")
    parser.add_argument("--formats", nargs="*", default=list(MAKERS), choices=list(MAKERS))
    arguments = parser.parse_args()
    if arguments.read:
        print(json.dumps(read(arguments.read)))
        return
    file = HERE / "results_memory.json"
    results: dict[str, object] = json.loads(file.read_text()) if file.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.md").write_text("x\n")
        results["idle"] = in_a_process(Path(folder) / "a.md")
    for name in arguments.formats:
        rows: dict[str, dict[str, float]] = {}
        for times in (1, 10):
            with tempfile.TemporaryDirectory() as folder:
                path = MAKERS[name](Path(folder), times * arguments.megabytes)
                read_path = f"git:{path}" if name == "git" else path
                rows[f"{times}x"] = {"MB on disk": size_of(path), **in_a_process(read_path)}
        rows["10x"]["growth"] = round(rows["10x"]["peak MB"] / rows["1x"]["peak MB"], 2)
        results[name] = rows
        file.write_text(json.dumps(results, indent=2) + "\n")  # the formats that were not asked for stay
        print(name, rows, flush=True)


if __name__ == "__main__":
    main()
