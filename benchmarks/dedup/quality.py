"""What does near-deduplication find of edited files, beside datasketch and rensa at the same threshold? Needs rensa.

The labelled set is made of files of the standard library: each is edited in every way below, and the truth is known
twice. A pair of texts *is similar* when its true Jaccard similarity (of code-aware shingles, computed by Python sets)
reaches the threshold; it *is derived* when both come from the same file. All get the same kind of shingles. Ours are
the candidates of the default bands, verified, as `MinHashDeduplicator` does it. The indexes of datasketch (with the
bands it chooses for the threshold) and of rensa (with 16 bands of 8 rows, which find 61 of 100 pairs at 0.7) return
candidates as they are: verified by their user, they would be as precise.
"""

from __future__ import annotations

import json
import keyword
import random
import re
import sysconfig
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import rensa
from datasketch import MinHash, MinHashLSH

from textbooks.decontaminators import code_tokens
from textbooks.dedup import Shingler, jaccard
from textbooks.dedup.minhash.bands import band_keys, bands_for

HERE = Path(__file__).resolve().parent
FILES, THRESHOLD, LARGEST = 60, 0.7, 30_000
LICENCES = [
    "# Copyright 2019 The First Authors. All rights reserved.\n# Licensed under the Apache License, Version 2.0.\n",
    "# SPDX-License-Identifier: MIT\n# Permission is hereby granted, free of charge, to any person obtaining a copy.\n",
]

Edit = Callable[[str, random.Random], str]
Pair = tuple[int, int]


def whitespace(text: str, randomness: random.Random) -> str:
    lines = text.replace("    ", "\t").split("\n")
    return "\n".join(
        line + " " * randomness.randrange(3) for line in lines if line.strip() or randomness.random() < 0.5
    )


def renamed(share: float) -> Edit:
    def edit(text: str, randomness: random.Random) -> str:
        names = sorted(set(re.findall(r"\b[a-z_]\w+\b", text)) - set(keyword.kwlist))
        chosen = {name: f"{name}_x" for name in names if randomness.random() < share}
        return re.sub(r"\b[a-z_]\w+\b", lambda match: chosen.get(match[0], match[0]), text)

    return edit


def deleted(share: float) -> Edit:
    return lambda text, randomness: "\n".join(line for line in text.split("\n") if randomness.random() >= share)


def inserted(share: float) -> Edit:
    def edit(text: str, randomness: random.Random) -> str:
        lines = []
        for line in text.split("\n"):
            lines.append(line)
            if randomness.random() < share:
                lines.append(f"log_{randomness.randrange(999)} = check({randomness.randrange(999)}, line)")
        return "\n".join(lines)

    return edit


def relicensed(text: str, _: random.Random) -> str:
    return LICENCES[0] + text


def doubled(text: str, randomness: random.Random) -> str:
    """Join the text and another half as long, which stands for another file."""
    return text + "\n" + "\n".join(f"value_{randomness.random()} = {i}" for i in range(text.count("\n") // 2))


EDITS: dict[str, Edit] = {
    "whitespace": whitespace,
    "licence header": relicensed,
    "1 % of names": renamed(0.01),
    "5 % of names": renamed(0.05),
    "20 % of names": renamed(0.2),
    "2 % of lines deleted": deleted(0.02),
    "10 % of lines deleted": deleted(0.1),
    "25 % of lines deleted": deleted(0.25),
    "5 % of lines inserted": inserted(0.05),
    "20 % of lines inserted": inserted(0.2),
    "concatenated": doubled,
}


def labelled() -> tuple[list[str], list[int], list[str]]:
    """Return texts, the file each comes from, and how it was edited."""
    files = [path for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")) if path.stat().st_size < LARGEST]
    randomness = random.Random(0)
    texts, origins, kinds = [], [], []
    for number, path in enumerate(randomness.sample(files, FILES)):
        text = path.read_text(encoding="utf-8", errors="replace")
        for kind, edit in {"original": lambda text, _: text, **EDITS}.items():
            texts.append(edit(text, randomness))
            origins.append(number)
            kinds.append(kind)
    return texts, origins, kinds


def shingle_sets(texts: list[str]) -> list[set[str]]:
    found = []
    for text in texts:
        tokens = code_tokens(text)
        found.append({" ".join(tokens[i : i + 5]) for i in range(max(1, len(tokens) - 4))})
    return found


def true_similarity(sets: list[set[str]]) -> dict[Pair, float]:
    """Return the similarity of all pairs that have some."""
    found = {}
    for first, second in combinations(range(len(sets)), 2):
        shared = len(sets[first] & sets[second])
        if shared:
            found[first, second] = shared / (len(sets[first]) + len(sets[second]) - shared)
    return found


def by_textbooks(texts: list[str], _: list[set[str]]) -> set[Pair]:
    bands, rows = bands_for(THRESHOLD, 128)
    keys = band_keys(Shingler().signatures(texts), bands, rows)
    return {(i, j) for i, j in agreeing(keys) if jaccard(texts[i], texts[j]) >= THRESHOLD}


def agreeing(keys: np.ndarray) -> Iterator[Pair]:
    for first in range(len(keys)):
        for second in np.flatnonzero((keys[first + 1 :] == keys[first]).any(axis=1)).tolist():
            yield first, first + 1 + second


def by_datasketch(_: list[str], sets: list[set[str]]) -> set[Pair]:
    sketches = MinHash.bulk([[one.encode() for one in some] for some in sets], num_perm=128)
    index = MinHashLSH(threshold=THRESHOLD, num_perm=128)
    for number, sketch in enumerate(sketches):
        index.insert(number, sketch)
    return {(i, j) for i, sketch in enumerate(sketches) for j in index.query(sketch) if i < j}


def by_rensa(_: list[str], sets: list[set[str]]) -> set[Pair]:
    index = rensa.RMinHashLSH(THRESHOLD, 128, 16)
    sketches = []
    for number, some in enumerate(sets):
        sketch = rensa.RMinHash(128, 1)
        sketch.update(sorted(some))
        sketches.append(sketch)
        index.insert(number, sketch)
    return {(i, j) for i, sketch in enumerate(sketches) for j in index.query(sketch) if i < j}


def rates(found: set[Pair], truth: set[Pair]) -> dict[str, float]:
    right = len(found & truth)
    return {"precision": round(right / max(len(found), 1), 4), "recall": round(right / len(truth), 4)}


def main() -> None:
    texts, origins, kinds = labelled()
    sets = shingle_sets(texts)
    similarity = true_similarity(sets)
    similar = {pair for pair, value in similarity.items() if value >= THRESHOLD}
    derived = {(i, j) for i, j in combinations(range(len(texts)), 2) if origins[i] == origins[j]}
    tools = {"textbooks": by_textbooks, "datasketch": by_datasketch, "rensa": by_rensa}
    found = {name: tool(texts, sets) for name, tool in tools.items()}
    edits = {}
    originals = {origin: i for i, (origin, kind) in enumerate(zip(origins, kinds, strict=True)) if kind == "original"}
    for kind in EDITS:
        pairs = {(originals[origin], i) for i, origin in enumerate(origins) if kinds[i] == kind}
        row = {"mean jaccard": round(sum(similarity.get(pair, 0.0) for pair in pairs) / len(pairs), 3)}
        row["at the threshold or above"] = round(len(pairs & similar) / len(pairs), 3)
        edits[kind] = row | {name: round(len(pairs & some) / len(pairs), 3) for name, some in found.items()}
    shown = {
        "set": {"files": FILES, "texts": len(texts), "similar pairs": len(similar), "derived pairs": len(derived)},
        f"similar (jaccard of at least {THRESHOLD})": {name: rates(some, similar) for name, some in found.items()},
        "derived from the same file": {name: rates(some, derived) for name, some in found.items()},
        "share of edited files found as duplicates of the original": edits,
    }
    (HERE / "results_quality.json").write_text(json.dumps(shown, indent=2) + "\n")
    print(json.dumps(shown, indent=2))


if __name__ == "__main__":
    main()
