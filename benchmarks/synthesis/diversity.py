"""Compare recorded exercises that were written from seeds with others that were not, by every measure of diversity.

python benchmarks/synthesis/diversity.py [--texts DIR] [--out benchmarks/synthesis/results_diversity.json]

Of the seeded exercises random subsets are measured, each as large as the unseeded set: mean, and the range of 95 % of
them. Beside the texts as they are stand the same without their words (names, literals, docstrings, annotations): what
seeding does beyond vocabulary. Then what each set has in common with the published benchmarks, and how the measures
grow with the set.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from structure import structure_of

from textbooks.diversity import MEASURES, nearest_jaccard, read_content
from textbooks.diversity.estimates import Estimate, clearly_differ, estimate, subsampled, topic_estimates
from textbooks.diversity.features import read_features
from textbooks.diversity.measures import limits_for
from textbooks.diversity.topics import topic_draws, topics_for
from textbooks.embedders import StaticEmbedder
from textbooks.problems import load_problems

ROOT = Path(__file__).resolve().parents[2]
SUBSETS = 200
GROWTH = (30, 60, 120)
GROWING = ("vendi", "nearest", "name_words")
NEAR = (0.1, 0.2, 0.3)


def read_texts(path: Path) -> list[str]:
    """Return the texts of a file of JSON lines."""
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]


def side_by_side(larger: Sequence[str], smaller: Sequence[str], names: tuple[str, str]) -> dict[str, dict[str, Any]]:
    """Return a row for each measure: subsets of the larger set beside the whole smaller one."""
    first, second = np.arange(len(larger)), np.arange(len(smaller)) + len(larger)
    size = len(smaller)
    features = read_features([*larger, *smaller], StaticEmbedder(), None, seed=0)
    limits = limits_for(features, [first, second], size)
    rows = subsampled(features, first, size, limits, times=SUBSETS, seed=0)
    whole = estimate(features, second, size, limits, times=SUBSETS, seed=0)
    whole["topics"] = topic_estimates(features, [first, second], size, times=SUBSETS, seed=0)[1]
    clusters = topics_for(2 * size)
    topics = topic_draws(features.vectors, [first, second], size, topics=clusters, times=SUBSETS, seed=0)[:, 0]
    table = {}
    for place, each in enumerate(MEASURES):
        column = topics if each.key == "topics" else rows[:, place]
        low, high = np.percentile(column, (2.5, 97.5))
        drawn = Estimate(float(column.mean()), float(column.std(ddof=1)))
        table[each.title] = {
            names[0]: round(drawn.value or 0.0, 4),
            "2.5 %": round(float(low), 4),
            "97.5 %": round(float(high), 4),
            names[1]: round(whole[each.key].value or 0.0, 4),
            "its error": round(whole[each.key].error or 0.0, 4),
            "more diverse": verdict(drawn, whole[each.key], each.diverse, names),
        }
    return table


def verdict(first: Estimate, second: Estimate, diverse: str, names: tuple[str, str]) -> str:
    """Say which set is more diverse, where the difference is more than 1.96 of its standard errors."""
    if first.value is None or second.value is None or abs(first.value - second.value) < 1e-9:
        return "equal"
    if diverse == "neither":
        return "no direction"
    if not clearly_differ(first, second):
        return "within noise"
    return names[int((second.value > first.value) == (diverse == "higher"))]


def growth(sets: dict[str, Sequence[str]]) -> dict[str, dict[str, float]]:
    """Return some measures at several numbers of texts, as means of subsets."""
    keys = [each.key for each in MEASURES]
    table = {}
    for name, texts in sets.items():
        features = read_features(texts, StaticEmbedder(), None, seed=0)
        members = np.arange(len(texts))
        for size in (*GROWTH, *([640] if len(texts) >= 640 else [])):
            limits = limits_for(features, [members], size)
            means = subsampled(features, members, size, limits, times=20, seed=0).mean(axis=0)
            table[f"{name}, {size} texts"] = {key: round(float(means[keys.index(key)]), 4) for key in GROWING}
    return table


def in_common(texts: Sequence[str], programs: Sequence[str]) -> dict[str, float]:
    """Return what texts have in common with programs: function names, and shingles of the text and of its structure."""
    known = {name for content in read_content(programs) for name in content.functions}
    named = [bool(known.intersection(content.functions)) for content in read_content(texts)]
    wording = nearest_jaccard(texts, programs)
    structure = nearest_jaccard([structure_of(text) for text in texts], [structure_of(text) for text in programs])
    return {
        "texts": len(texts),
        "a function's name in common": round(float(np.mean(named)), 4),
        **{f"wording at {t:g}": round(float((wording >= t).mean()), 4) for t in NEAR},
        "wording, greatest": round(float(wording.max()), 4),
        "structure, mean": round(float(structure.mean()), 4),
        "structure at 0.5": round(float((structure >= 0.5).mean()), 4),
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, default=ROOT / "tests" / "data" / "synthetic")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results_diversity.json"))
    arguments = parser.parse_args()
    seeded, unseeded, lessons = (
        read_texts(arguments.texts / f"{name}.jsonl") for name in ("exercises", "exercises_unseeded", "textbooks")
    )
    names = ("seeded", "unseeded")
    problems = {name: [one.program for one in load_problems(name)] for name in ("humaneval", "mbpp")}
    stripped = [[structure_of(text) for text in some] for some in (seeded, unseeded)]
    results = {
        "sets": {"seeded": len(seeded), "unseeded": len(unseeded), "textbooks": len(lessons), "subsets": SUBSETS},
        f"at_{len(unseeded)}_texts": side_by_side(seeded, unseeded, names),
        f"without_words_at_{len(unseeded)}_texts": side_by_side(*stripped, names),
        f"exercises_and_textbooks_at_{len(lessons)}_texts": side_by_side(seeded, lessons, ("exercises", "textbooks")),
        "growth": growth({"seeded": seeded, "unseeded": unseeded}),
        "in_common": {
            f"{name} with {other}": in_common(texts, programs)
            for name, texts in (("seeded", seeded), ("unseeded", unseeded))
            for other, programs in problems.items()
        }
        | {"unseeded with seeded": in_common(unseeded, seeded), "seeded with unseeded": in_common(seeded, unseeded)},
    }
    arguments.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
