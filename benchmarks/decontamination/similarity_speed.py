"""How fast syntax is compared: `SimilarityDecontaminator`, and the tree distance beside apted and zss."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from hosts import stdlib_files
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from textbooks.decontaminators import SimilarityDecontaminator
from textbooks.decontaminators.similarity.functions import CodeUnit, code_units
from textbooks.decontaminators.similarity.tree_distance import LabelledTree, tree_distance
from textbooks.problems import Problem

SIZES = (50, 200, 500)
RANDOM_PAIRS = 1_000


class Tree(NamedTuple):
    """A tree in pre-order."""

    labels: str
    depths: np.ndarray


def timed(contenders: Mapping[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Return the least processor seconds of each contender, one thread each; they take turns."""
    seconds = dict.fromkeys(contenders, float("inf"))
    for _ in range(repeats):
        for name, call in contenders.items():
            begin = time.process_time()
            call()
            seconds[name] = min(seconds[name], time.process_time() - begin)
    return seconds


def cascade(problems: Sequence[Problem], repeats: int) -> dict[str, Any]:
    """Compare the functions of the standard library's own modules with all problems."""
    fitted = SimilarityDecontaminator().fit(problems)
    texts = list(stdlib_files("*.py").values())
    units = [unit for text in texts for unit in code_units(text) if len(unit.labels) >= fitted.min_nodes]
    references = [reference.unit.labels for reference in fitted.references_]
    labels = [unit.labels for unit in units[:1000]]
    seconds = timed(
        {
            "cascade": lambda: [fitted._near(unit) for unit in units],
            "plain": lambda: cdist(labels, references, scorer=Levenshtein.distance, dtype=np.int32),
            "whole": lambda: fitted.judge_batch(texts),
            "units": lambda: [code_units(text) for text in texts],
        },
        repeats,
    )
    megabytes = sum(len(text.encode("utf-8", "replace")) for text in texts) / 1e6
    return {
        "repeats": repeats,
        "units": len(units),
        "references": len(references),
        "pairs_per_second": round(len(units) * len(references) / seconds["cascade"]),
        "pairs_per_second_rapidfuzz_alone": round(len(labels) * len(references) / seconds["plain"]),
        "mb_per_second_from_text": round(megabytes / seconds["whole"], 2),
        "mb_per_second_of_parsing_alone": round(megabytes / seconds["units"], 2),
    }


def children_of(tree: LabelledTree) -> list[list[int]]:
    """Return the children of each node by pre-order number."""
    children: list[list[int]] = [[] for _ in tree.labels]
    path: list[int] = []
    for node, depth in enumerate(tree.depths.tolist()):
        del path[depth:]
        if path:
            children[path[-1]].append(node)
        path.append(node)
    return children


def as_apted(tree: LabelledTree) -> Any:  # noqa: ANN401
    from apted.helpers import Tree as Node

    made: dict[int, Any] = {}
    children = children_of(tree)
    for node in reversed(range(len(tree.labels))):
        made[node] = Node(tree.labels[node], *(made[child] for child in children[node]))
    return made[0]


def as_zss(tree: LabelledTree) -> Any:  # noqa: ANN401
    import zss

    made: dict[int, Any] = {}
    children = children_of(tree)
    for node in reversed(range(len(tree.labels))):
        made[node] = zss.Node(tree.labels[node], children=[made[child] for child in children[node]])
    return made[0]


def random_tree(rng: random.Random, nodes: int) -> Tree:
    depths = [0]
    for _ in range(nodes - 1):
        depths.append(rng.randint(1, depths[-1] + 1))
    return Tree("".join(rng.choices("abcd", k=nodes)), np.array(depths, dtype=np.int32))


def equal_on_random_pairs() -> dict[str, int]:
    """Return on how many random pairs of trees the three agree."""
    import zss
    from apted import APTED, Config

    rng, agree = random.Random(0), 0
    for _ in range(RANDOM_PAIRS):
        one, other = (random_tree(rng, rng.randint(1, 30)) for _ in range(2))
        ours = tree_distance(one, other)
        theirs = APTED(as_apted(one), as_apted(other), Config()).compute_edit_distance()
        agree += bool(ours == theirs == zss.simple_distance(as_zss(one), as_zss(other)))
    return {"random_pairs": RANDOM_PAIRS, "equal": agree}


def nearest_in_size(units: Sequence[CodeUnit], size: int) -> tuple[CodeUnit, CodeUnit]:
    """Return two functions of about a size that are not the same."""
    ordered = sorted({unit.labels: unit for unit in units}.values(), key=lambda unit: len(unit.labels))
    return min(pairwise(ordered), key=lambda pair: sum(abs(len(unit.labels) - size) for unit in pair))


def peers(repeats: int) -> dict[str, Any]:
    """Time the tree distance of two real functions of each size; none is stopped by a bound."""
    answer: dict[str, Any] = {"agreement": equal_on_random_pairs(), "repeats": repeats}
    units = [unit for text in stdlib_files("*.py").values() for unit in code_units(text)[1:]]
    for size in SIZES:
        answer[f"{size} nodes"] = compare(*nearest_in_size(units, size), repeats)
        print(size, answer[f"{size} nodes"], flush=True)
    return answer


def compare(one: CodeUnit, other: CodeUnit, repeats: int) -> dict[str, Any]:
    """Time ours, apted and zss on a pair; they take turns."""
    import zss
    from apted import APTED, Config

    apted, zss_trees = (as_apted(one), as_apted(other)), (as_zss(one), as_zss(other))
    distances: dict[str, Any] = {}
    contenders = {
        "ours": lambda: distances.update(ours=tree_distance(one, other)),
        "apted": lambda: distances.update(apted=APTED(*apted, Config()).compute_edit_distance()),
        "zss": lambda: distances.update(zss=zss.simple_distance(*zss_trees)),
    }
    tree_distance(one, other)  # compiled
    seconds = timed(contenders, repeats)
    assert len(set(distances.values())) == 1, distances
    return {
        "nodes": f"{len(one.labels)} and {len(other.labels)}",
        "distance": int(distances["ours"]),
        "ours_ms": round(seconds["ours"] * 1e3, 3),
        "times_apted": round(seconds["apted"] / seconds["ours"]),
        "times_zss": round(seconds["zss"] / seconds["ours"]),
    }
