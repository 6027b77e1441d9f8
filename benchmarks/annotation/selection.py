"""Whether labels that `select_for_annotation` chose teach more than labels drawn at random.

A learning curve, as an annotator would live it: 250 texts drawn at random are labelled and a model is fitted; by that
model the next 250 are chosen, and then the next 500, from the labelled files that stand in for an unlabelled pool.
Models are compared on a fifth of the repositories, which give no text to the pool. One row is one strategy and number
of labels, over all seeds ("wins": on how many of them it beats random); a seed holds out other repositories and draws
another start, the same for all strategies.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

import numpy as np

from textbooks.annotators import select_for_annotation
from textbooks.scoring import Agreement, EduValueModel

sys.path.append(str(Path(__file__).resolve().parents[1] / "edu_value"))

from labelled import read_labelled_files

SIZES = (250, 500, 1000)
TREES = 100
USEFUL = 3
FIGURES = ("spearman", "quadratic_weighted_kappa", "f1_at_least_3", "macro_f1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--texts", type=Path, required=True, help="folder that edu_value/rebuild_texts.py filled")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--strategies", default="random,mixed,uncertain,high_score,diverse,stratified")
    arguments = parser.parse_args()
    files = read_labelled_files(arguments.texts)
    drawn = [place for place, fair in enumerate(files.representative) if fair]
    texts = [files.texts[place] for place in drawn]
    scores = np.array(files.scores)[drawn]
    groups = np.array(files.groups)[drawn]
    strategies = arguments.strategies.split(",")
    found: dict[tuple[str, int], list[dict[str, float]]] = {}
    useful: dict[str, list[float]] = {}
    for seed in range(arguments.seeds):
        held_out = np.isin(groups, np.random.default_rng(seed).permutation(np.unique(groups))[::5])
        for strategy in strategies:
            for size, figures in curve(texts, scores, groups, held_out, strategy, seed):
                found.setdefault((strategy, size), []).append(figures)
                print(f"seed {seed} {strategy} {size} {figures}", flush=True)
        for strategy, share in harvest(texts, scores, groups, held_out, strategies, seed).items():
            useful.setdefault(strategy, []).append(share)
    result = {
        "setting": {"seeds": arguments.seeds, "texts": len(texts), "trees": TREES},
        **summary(found),
        "of the first 250 chosen, useful": {name: round(statistics.mean(shares), 4) for name, shares in useful.items()},
    }
    path = Path(__file__).with_name("results_selection.json")
    path.write_text(json.dumps(result, indent=1) + "\n")


def harvest(
    texts: list[str],
    scores: np.ndarray,
    groups: np.ndarray,
    held_out: np.ndarray,
    strategies: list[str],
    seed: int,
) -> dict[str, float]:
    """Return which share of the first texts that each strategy chooses, by the model of the start, is of class 3 up."""
    pool = np.flatnonzero(~held_out)
    drawn = select_for_annotation([texts[place] for place in pool], SIZES[0], strategy="random", seed=seed)
    chosen = pool[[one.index for one in drawn]]
    model = fitted(texts, scores, groups, chosen, np.ones(len(chosen), dtype=bool))
    rest = np.setdiff1d(pool, chosen)
    left = [texts[place] for place in rest]
    options = {"model": model, "scored": model.score(left), "seed": seed}
    taken = {name: select_for_annotation(left, SIZES[0], strategy=name, **options) for name in strategies}
    return {name: float((scores[rest[[one.index for one in some]]] >= USEFUL).mean()) for name, some in taken.items()}


def curve(
    texts: list[str],
    scores: np.ndarray,
    groups: np.ndarray,
    held_out: np.ndarray,
    strategy: str,
    seed: int,
) -> list[tuple[int, dict[str, float]]]:
    """Return the figures of the models at each number of labels."""
    pool, testing = np.flatnonzero(~held_out), np.flatnonzero(held_out)
    chosen, fair = np.empty(0, dtype=np.int64), np.empty(0, dtype=bool)
    model, points = None, []
    for size in SIZES:
        rest = np.setdiff1d(pool, chosen)
        taken = select_for_annotation(
            [texts[place] for place in rest],
            size - len(chosen),
            model=model,
            strategy="random" if model is None else strategy,
            seed=seed,
        )
        chosen = np.concatenate((chosen, rest[[one.index for one in taken]]))
        fair = np.concatenate((fair, [one.representative for one in taken]))
        model = fitted(texts, scores, groups, chosen, fair)
        agreement = Agreement.of(scores[testing], model.score([texts[place] for place in testing]))
        points.append((size, {name: round(getattr(agreement, name), 4) for name in FIGURES}))
    return points


def fitted(
    texts: list[str], scores: np.ndarray, groups: np.ndarray, chosen: np.ndarray, fair: np.ndarray
) -> EduValueModel:
    """Fit on the chosen texts; those drawn at random alone set the scale."""
    return EduValueModel.fit(
        [texts[place] for place in chosen],
        scores[chosen].tolist(),
        groups=groups[chosen].tolist(),
        representative=fair.tolist(),
        trees=TREES,
    )


def summary(found: dict[tuple[str, int], list[dict[str, float]]]) -> dict[str, Any]:
    """Return the means over seeds, and for each strategy by how much it beats random on the same seeds."""
    means: dict[str, Any] = {}
    for (strategy, size), rows in found.items():
        means[f"{strategy}, {size} labels"] = {name: statistics.mean(row[name] for row in rows) for name in FIGURES}
    gains: dict[str, Any] = {}
    for (strategy, size), rows in found.items():
        if strategy == "random" or size == SIZES[0]:
            continue
        gains[f"{strategy}, {size} labels"] = row = {}
        for name in FIGURES:
            pairs = zip(rows, found["random", size], strict=True)
            differences = [one[name] - other[name] for one, other in pairs]
            row[name] = statistics.mean(differences)
            row[f"{name} wins"] = sum(difference > 0 for difference in differences)
    return {"means": means, "gain over random": gains}


if __name__ == "__main__":
    main()
