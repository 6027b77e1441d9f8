"""Cross-validate the educational-value model: grouped by repository or package, with bootstrap intervals.

python benchmarks/edu_value/evaluate.py --texts DIR [--out benchmarks/edu_value/results.json]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from labelled import LabelledFiles, read_labelled_files
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score, f1_score, precision_score, recall_score
from sklearn.model_selection import GroupKFold

from textbooks.scoring import EduValueModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Figures = dict[str, float]

FOLDS = 5
RESAMPLES = 1_000
SEED = 0


def held_out_scores(files: LabelledFiles) -> NDArray[np.float64]:
    """Return the score of each file from a model that has not seen its repository or package."""
    labels, groups = np.array(files.scores), np.array(files.groups)
    scores = np.empty(len(labels))
    for training, testing in GroupKFold(FOLDS, shuffle=True, random_state=SEED).split(labels, groups=groups):
        texts = [files.texts[row] for row in training]
        model = EduValueModel.fit(texts, labels[training].tolist(), groups=groups[training].tolist(), seed=SEED)
        scores[testing] = model.score([files.texts[row] for row in testing])
    return scores


def figures(labels: NDArray[np.int64], scores: NDArray[np.float64]) -> Figures:
    """Return the agreement of scores with labels; a class is the rounded score."""
    classes = np.clip(np.rint(scores), 0, 5).astype(np.int64)
    return {
        "spearman": float(spearmanr(labels, scores).statistic),
        "quadratic_weighted_kappa": float(cohen_kappa_score(labels, classes, weights="quadratic")),
        "f1_at_least_3": float(f1_score(labels >= 3, classes >= 3)),
        "precision_at_least_3": float(precision_score(labels >= 3, classes >= 3)),
        "recall_at_least_3": float(recall_score(labels >= 3, classes >= 3)),
        "macro_f1": float(f1_score(labels, classes, average="macro")),
        "exact_match": float((classes == labels).mean()),
    }


def with_intervals(labels: NDArray[np.int64], scores: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """Return each figure with its bootstrap 95% interval over files."""
    generator = np.random.default_rng(SEED)
    drawn = [generator.integers(len(labels), size=len(labels)) for _ in range(RESAMPLES)]
    resampled = [figures(labels[rows], scores[rows]) for rows in drawn]
    report = {}
    for name, value in figures(labels, scores).items():
        low, high = np.quantile([sample[name] for sample in resampled], [0.025, 0.975])
        report[name] = {"value": round(value, 4), "low": round(float(low), 4), "high": round(float(high), 4)}
    return report


def main() -> None:
    """Cross-validate, print the figures, write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, required=True, help="folder of rebuild_texts.py: <id>.py")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results.json"))
    arguments = parser.parse_args()
    files = read_labelled_files(arguments.texts)
    scores, labels = held_out_scores(files), np.array(files.scores, dtype=np.int64)
    # Ids that begin with L were picked because an early model rated them high: they train, but do not count.
    counted = np.array([not row["id"].startswith("L") for row in files.rows])
    source = np.array([row["source"] for row in files.rows])
    results = {
        "files": int(counted.sum()),
        "protocol": f"GroupKFold({FOLDS}) by name, seed {SEED}; rows whose id begins with L train only",
        "all": with_intervals(labels[counted], scores[counted]),
        "by_source": {
            name: {
                "files": int((counted & (source == name)).sum()),
                "figures": with_intervals(labels[counted & (source == name)], scores[counted & (source == name)]),
            }
            for name in sorted(set(source.tolist()))
        },
    }
    arguments.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    for name, value in results["all"].items():  # type: ignore[attr-defined]
        print(f"{name:26s} {value['value']:.4f}  [{value['low']:.4f}, {value['high']:.4f}]")


if __name__ == "__main__":
    main()
