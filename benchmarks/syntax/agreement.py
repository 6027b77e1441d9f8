"""How often `SyntaxFilter` and CPython's own parser disagree on real code.

    python benchmarks/syntax/agreement.py

Judges every Python file of the standard library and the packages of the running interpreter, and holds the verdict
against `ast.parse` of the same file. Writes results.json beside itself.
"""

from __future__ import annotations

import ast
import json
import time
import warnings
from pathlib import Path

from textbooks.filters import SyntaxFilter
from textbooks.readers import find_installed_packages
from textbooks.readers.decode import UndecodableError, decode_source

HERE = Path(__file__).resolve().parent


def parses(source: str) -> bool:
    """Whether this interpreter's parser takes the source."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def main() -> None:
    """Judge every file both ways and print the counts."""
    judge = SyntaxFilter()
    counts = {
        "files": 0,
        "bytes": 0,
        "both accept": 0,
        "both refuse": 0,
        "only CPython accepts": 0,
        "only we accept": 0,
    }
    seconds = 0.0
    for file in find_installed_packages():
        try:
            text = decode_source(Path(file.path).read_bytes())
        except UndecodableError:
            continue
        started = time.perf_counter()
        ours = judge.judge(text).keep
        seconds += time.perf_counter() - started
        theirs = parses(text)
        agreed = "both accept" if ours else "both refuse"
        counts["files"] += 1
        counts["bytes"] += len(text.encode())
        counts[agreed if ours == theirs else "only we accept" if ours else "only CPython accepts"] += 1
    counts["MB/s"] = round(counts["bytes"] / 1e6 / seconds, 1)
    print(json.dumps(counts, indent=2))
    (HERE / "results.json").write_text(json.dumps({"agreement": counts}, indent=2) + "\n")


if __name__ == "__main__":
    main()
