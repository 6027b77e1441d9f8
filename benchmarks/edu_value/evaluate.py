"""Cross-validate the educational-value model: grouped by repository or package, with bootstrap intervals.

python benchmarks/edu_value/evaluate.py --texts DIR [--repeats 3] [--out benchmarks/edu_value/results.json]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from labelled import LabelledFiles, read_labelled_files
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score, f1_score, precision_score, recall_score
from sklearn.model_selection import GroupKFold

from textbooks.scoring import EduValueModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FOLDS = 5
RESAMPLES = 1_000


def split(files: LabelledFiles, repeat: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the folds of a repeat: scikit-learn's balanced ones first, then shuffled ones."""
    splitter = GroupKFold(FOLDS, shuffle=True, random_state=repeat) if repeat else GroupKFold(FOLDS)
    yield from splitter.split(files.texts, groups=files.groups)


def held_out_scores(files: LabelledFiles, repeat: int) -> NDArray[np.float64]:
    """Return the score of each file from a model that has not seen its repository or package."""
    scores = np.empty(len(files.texts))
    for training, testing in split(files, repeat):
        rows = training.tolist()
        texts, labels = [files.texts[row] for row in rows], [files.scores[row] for row in rows]
        model = EduValueModel.fit(texts, labels, groups=[files.groups[row] for row in rows], seed=0)
        scores[testing] = model.score([files.texts[row] for row in testing.tolist()])
    return scores


def figures(labels: NDArray[np.int64], scores: NDArray[np.float64]) -> dict[str, float]:
    """Return the agreement of scores with labels; a class is the rounded score."""
    classes = np.clip(np.rint(scores), 0, 5).astype(np.int64)
    useful, kept = labels >= 3, classes >= 3
    measured = {
        "spearman": spearmanr(labels, scores).statistic,
        "quadratic_weighted_kappa": cohen_kappa_score(labels, classes, weights="quadratic"),
        "f1_at_least_3": f1_score(useful, kept, zero_division=0),
        "precision_at_least_3": precision_score(useful, kept, zero_division=0),
        "recall_at_least_3": recall_score(useful, kept, zero_division=0),
        "macro_f1": f1_score(labels, classes, average="macro"),
        "exact_match": (classes == labels).mean(),
    }
    return {name: round(float(value), 4) for name, value in measured.items()}


def with_intervals(
    labels: NDArray[np.int64], scores: NDArray[np.float64], groups: NDArray[np.str_]
) -> dict[str, dict[str, float]]:
    """Return each figure with its bootstrap 95% interval, drawn over files and over repositories (wider, honest)."""
    generator = np.random.default_rng(0)
    of_group = [np.flatnonzero(groups == name) for name in np.unique(groups)]
    drawn: dict[str, list[dict[str, float]]] = {"files": [], "groups": []}
    for _ in range(RESAMPLES):
        rows = generator.integers(len(labels), size=len(labels))
        drawn["files"].append(figures(labels[rows], scores[rows]))
        rows = np.concatenate([of_group[k] for k in generator.integers(len(of_group), size=len(of_group))])
        drawn["groups"].append(figures(labels[rows], scores[rows]))
    report = {}
    for name, value in figures(labels, scores).items():
        report[name] = {"value": value}
        for unit, samples in drawn.items():
            low, high = np.quantile([sample[name] for sample in samples], [0.025, 0.975])
            report[name] |= {f"low_over_{unit}": round(float(low), 4), f"high_over_{unit}": round(float(high), 4)}
    return report


def evaluate(files: LabelledFiles, repeats: int) -> dict[str, Any]:
    """Cross-validate and return the figures."""
    labels, groups = np.array(files.scores, dtype=np.int64), np.array(files.groups)
    # Ids that begin with L were picked because an early model rated them high: they train, but do not count.
    counted = np.array([not row["id"].startswith("L") for row in files.rows])
    source = np.array([row["source"] for row in files.rows])
    scores = [held_out_scores(files, repeat) for repeat in range(repeats)]
    every = [figures(labels[counted], repeated[counted]) for repeated in scores]
    parts = {name: counted & (source == name) for name in np.unique(source[counted]).tolist()}
    return {
        "protocol": f"GroupKFold({FOLDS}) by name; rows whose id begins with L train only; fitted with seed 0",
        "files": int(counted.sum()),
        "first_repeat": with_intervals(labels[counted], scores[0][counted], groups[counted]),
        "repeats": every,
        "mean_of_repeats": {name: round(float(np.mean([one[name] for one in every])), 4) for name in every[0]},
        "by_source": {
            name: {"files": int(rows.sum()), **with_intervals(labels[rows], scores[0][rows], groups[rows])}
            for name, rows in parts.items()
        },
    }


def main() -> None:
    """Cross-validate, print the figures, write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, required=True, help="folder of rebuild_texts.py: <id>.py")
    parser.add_argument("--repeats", type=int, default=3, help="times the cross-validation runs, with other folds")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results.json"))
    arguments = parser.parse_args()
    results = evaluate(read_labelled_files(arguments.texts), arguments.repeats)
    arguments.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    for name, value in results["first_repeat"].items():
        low, high, mean = value["low_over_groups"], value["high_over_groups"], results["mean_of_repeats"][name]
        print(f"{name:26s} {value['value']:.4f}  [{low:.4f}, {high:.4f}]  mean of repeats {mean:.4f}")


if __name__ == "__main__":
    main()
