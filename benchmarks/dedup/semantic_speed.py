"""How fast is semantic deduplication once texts are embedded, beside semhash and a flat index of faiss? Interleaved.

The texts are functions of the standard library; where there are fewer than asked for, the rest are edited copies. Each
run is a process of its own, which reads texts and vectors and then deduplicates at 0.9, so that its peak of memory is
its own. *faiss, flat* compares all with all by `range_search` and then takes the texts greedily, the plain exact way.
semhash takes part where TEXTBOOKS_SEMHASH_PYTHON names an interpreter that has it; it is approximate. The kept texts of
ours and of the flat index may differ by a few: that one takes texts of equal length in another order.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
THRESHOLD = 0.9
READ = "import json, sys, time\nimport numpy as np\ntexts = json.loads(open(sys.argv[1]).read())\n"
READ += "vectors = np.load(sys.argv[2]).astype(np.float32)\nthreshold = float(sys.argv[3])\n"
REST = """
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"seconds": time.perf_counter() - start, "processor": time.process_time() - cpu,
                  "kept": kept, "MB": (peak - before) // 1000}))
"""
START = """
before = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
start, cpu = time.perf_counter(), time.process_time()
"""
OURS = """
from textbooks.dedup import SemanticDeduplicator
place = {text: i for i, text in enumerate(texts)}
class Given:
    dimensions, identity = vectors.shape[1], "given"
    def embed(self, some):
        return vectors[[place[text] for text in some]]
judge = SemanticDeduplicator(threshold=threshold, embedder=Given(), engine=ENGINE)
judge.fit_apply(texts[:50])
"""
CODE = {
    "ours, numpy": READ + "ENGINE = 'numpy'" + OURS + START + "kept = len(judge.fit_apply(texts).kept)" + REST,
    "ours, faiss": READ + "ENGINE = 'faiss'" + OURS + START + "kept = len(judge.fit_apply(texts).kept)" + REST,
    "ours, faiss-gpu": READ + "ENGINE = 'faiss-gpu'" + OURS + START + "kept = len(judge.fit_apply(texts).kept)" + REST,
    "faiss, flat": READ
    + "import faiss\n"
    + START
    + """
order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
vectors = vectors[order]
index = faiss.IndexFlatIP(vectors.shape[1])
index.add(vectors)
status = np.zeros(len(texts), dtype=bool)
for first in range(0, len(texts), 2048):
    bounds, _, found = index.range_search(vectors[first:first + 2048], threshold)
    for row in range(len(bounds) - 1):
        near = found[bounds[row]:bounds[row + 1]]
        status[first + row] = not (status[near] & (near < first + row)).any()
kept = int(status.sum())
"""
    + REST,
    "semhash": READ
    + """
from semhash import SemHash
place = {text: i for i, text in enumerate(texts)}
class Model:
    def encode(self, inputs, **_):
        return vectors[[place[text] for text in inputs]]
"""
    + START
    + """
kept = len(SemHash.from_records(texts, model=Model()).self_deduplicate(threshold=threshold).selected)
"""
    + REST,
}


def texts_of(count: int) -> list[str]:
    from function_edits import EDITS, edited, functions

    randomness, sources = random.Random(0), list(functions(4, 400))
    randomness.shuffle(sources)
    texts, kinds = dict.fromkeys(sources[:count]), list(EDITS)
    while len(texts) < count:
        texts[edited(randomness.choice(sources), randomness.choice(kinds), randomness)] = None
    return list(texts)


def measured(name: str, python: str, given: Path, vectors: Path) -> dict[str, float]:
    command = [python, "-c", CODE[name], given, vectors, str(THRESHOLD)]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(shown.strip().splitlines()[-1])
    return found


def row_of(runs: list[dict[str, float]], texts: int) -> dict[str, float]:
    best = min(runs, key=lambda run: run["seconds"])
    return {
        "texts/s": round(texts / best["seconds"]),
        "seconds": round(best["seconds"], 1),
        "seconds of processor time": round(min(run["processor"] for run in runs), 1),
        "kept": best["kept"],
        "MB beyond texts and vectors": best["MB"],
    }


def interleaved(pythons: dict[str, str], count: int, rounds: int) -> dict[str, Any]:
    """Return what each tool takes for the same texts, the least of some rounds."""
    from textbooks.dedup.semantic.deduplicator import embed
    from textbooks.embedders import StaticEmbedder

    texts = texts_of(count)
    start = time.perf_counter()
    vectors = embed(StaticEmbedder(), texts)
    embedding = time.perf_counter() - start
    runs: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        given, stored = Path(folder) / "texts.json", Path(folder) / "vectors.npy"
        given.write_text(json.dumps(texts))
        np.save(stored, vectors)
        for _ in range(rounds):
            for name, python in pythons.items():
                if python:
                    runs.setdefault(name, []).append(measured(name, python, given, stored))
                    print(name, runs[name][-1], flush=True)
    size = {"texts": len(texts), "MB": round(sum(map(len, texts)) / 1e6, 1), "threshold": THRESHOLD}
    size |= {"least of runs": rounds, "seconds of embedding": round(embedding, 1)}
    return {"set": size, "rows": {name: row_of(some, len(texts)) for name, some in runs.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--texts", type=int, default=30_000, help="for all tools")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--alone", type=int, default=100_000, help="texts for ours alone, once")
    options = parser.parse_args()
    from textbooks.dedup.semantic.engines import engine_for

    pythons = dict.fromkeys(CODE, sys.executable)
    pythons["semhash"] = os.environ.get("TEXTBOOKS_SEMHASH_PYTHON", "")
    has_faiss = importlib.util.find_spec("faiss") is not None
    if not has_faiss:
        pythons |= {"ours, faiss": "", "faiss, flat": ""}
    if not has_faiss or engine_for().name != "faiss-gpu":
        pythons["ours, faiss-gpu"] = ""
    shown: dict[str, Any] = {}
    if options.texts:
        found = interleaved(pythons, options.texts, options.rounds)
        shown |= {"set": found["set"], "deduplication of texts that are embedded": found["rows"]}
    if options.alone:
        found = interleaved({"ours, numpy": sys.executable}, options.alone, 1)
        shown |= {"larger set": found["set"], "ours alone, larger set": found["rows"]}
    (HERE / "results_semantic_speed.json").write_text(json.dumps(shown, indent=2) + "\n")
    print(json.dumps(shown, indent=2))


if __name__ == "__main__":
    main()
