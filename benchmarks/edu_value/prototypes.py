"""Compare blends of parts that the educational-value model might have, in its cross-validation.

python benchmarks/edu_value/prototypes.py --texts DIR --unlabelled FILE [--repeats 2] [--blends NAME...]

The folds are those of ``evaluate.py``. The cuts between the classes are learned, for each fold, on what the other
folds' files got: a full fit learns them on folds within the training files, at six times the cost. So figures are
comparable with each other, and only about with those of ``evaluate.py``. Cuts are chosen twice, as the model does and
by ``smoothed_cuts``; average precision and Spearman of the raw values need none. What a part predicted is kept
(``--keep``) and not computed again: delete the folder when labels, unlabelled files or features have changed. Writes
results_prototypes.json beside this file.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
from labelled import read_labelled_files
from numpy.typing import NDArray
from prototype_cuts import cuts_by_labels
from prototype_parts import FOLDS, Corpus, Floats, Fold
from scipy.stats import spearmanr
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import average_precision_score, cohen_kappa_score, f1_score, precision_recall_curve

from textbooks.scoring.cut_choice import choose_cuts

BLENDS: dict[str, dict[str, float]] = {
    "without vectors": {"trees": 0.35, "boosted": 0.35, "near": 0.3},
    "shipped": {"trees": 0.35, "boosted": 0.35, "near": 0.15, "meaning": 0.15},
    "shipped, vectors as they are": {"trees": 0.35, "boosted": 0.35, "near": 0.15, "near_vectors": 0.15},
    "shipped, more vectors": {"trees": 0.35, "boosted": 0.35, "near": 0.1, "meaning": 0.2},
    "without vectors, more boosted": {"trees": 0.2, "boosted": 0.5, "near": 0.3},
    "without vectors, student": {"trees": 0.2, "boosted": 0.4, "near": 0.2, "student": 0.2},
    "broad, 64 axes": {"trees_broad": 0.2, "boosted_broad": 0.4, "near_broad_64": 0.4},
    "broad, 128 axes": {"trees_broad": 0.2, "boosted_broad": 0.4, "near_broad_128": 0.4},
    "broad and vectors": {"trees_broad": 0.2, "boosted_broad": 0.4, "near_broad_128": 0.3, "near_vectors": 0.1},
    "broad, vectors in one": {"trees_broad": 0.2, "boosted_broad": 0.4, "near_all": 0.4},
    "broad, vectors, student": {
        "trees_broad": 0.2,
        "boosted_broad": 0.35,
        "near_broad_128": 0.2,
        "near_vectors": 0.1,
        "student": 0.15,
    },
    "broad and useful": {"trees_broad": 0.2, "boosted_broad": 0.4, "near_broad_128": 0.4, "useful": 0.05},
    "broad and student": {"trees_broad": 0.2, "boosted_broad": 0.35, "near_broad_128": 0.25, "student": 0.2},
}
"""Weights of parts."""

CUTS = {"": cuts_by_labels, "_with_smoothed_cuts": choose_cuts}
"""Ways to choose the cuts, by what their figures' names end with."""


def held_out_values(corpus: Corpus, repeat: int, blend: dict[str, float]) -> list[tuple[np.ndarray, Floats]]:
    """Return rows and raw values of each fold's files."""
    found = []
    for number in range(FOLDS):
        fold = Fold(corpus, repeat, number)
        found.append((fold.rows[1], sum(share * fold.predictions(part)[0] for part, share in blend.items())))
    return found


def figures(corpus: Corpus, values: list[tuple[np.ndarray, Floats]]) -> dict[str, float]:
    """Return the agreement over the files that count."""
    labels, counted = corpus.scores, np.array(corpus.labelled.representative)
    classes = np.rint(labels).astype(np.int64)
    raw = np.empty(len(labels))
    for rows, value in values:
        raw[rows] = value
    report = {
        "spearman_of_raw_values": float(spearmanr(raw[counted], labels[counted]).statistic),
        "average_precision_at_least_3": float(average_precision_score(classes[counted] >= 3, raw[counted])),
        "best_f1_at_least_3_of_any_cut": _best_f1(classes[counted] >= 3, raw[counted]),
    }
    for name, fit in CUTS.items():
        scores = np.empty(len(labels))
        for rows, value in values:
            others = counted.copy()
            others[rows] = False
            scores[rows] = fit(raw[others], classes[others]).scores(value)
        report |= {f"{what}{name}": value for what, value in _agreement(labels[counted], scores[counted]).items()}
    return report


def _best_f1(useful: NDArray[np.bool_], raw: Floats) -> float:
    """Return the F1 of the best cut of all: no cut that does not know these labels gives more."""
    precision, recall, _ = precision_recall_curve(useful, raw)
    return float((2 * precision * recall / np.maximum(precision + recall, 1e-9)).max())


def _agreement(labels: Floats, scores: Floats) -> dict[str, float]:
    classes, given = (np.clip(np.rint(values), 0, 5).astype(np.int64) for values in (labels, scores))
    return {
        "spearman": float(spearmanr(scores, labels).statistic),
        "quadratic_weighted_kappa": float(cohen_kappa_score(classes, given, weights="quadratic")),
        "f1_at_least_3": float(f1_score(classes >= 3, scores >= 2.5)),
        "macro_f1": float(f1_score(classes, given, average="macro")),
    }


def main() -> None:
    """Fit what is not kept, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, required=True, help="folder of rebuild_texts.py: <id>.py")
    parser.add_argument("--unlabelled", type=Path, required=True, help="rows of unlabelled_texts.py")
    parser.add_argument("--repeats", type=int, default=2, help="times the cross-validation runs, with other folds")
    parser.add_argument("--blends", nargs="+", choices=list(BLENDS), default=list(BLENDS), help="which blends")
    parser.add_argument("--keep", type=Path, default=Path("build/edu_prototypes"), help="folder for predictions")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results_prototypes.json"))
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)  # the student stops early on purpose
    corpus = Corpus.read(read_labelled_files(options.texts), options.unlabelled, options.keep)
    results = {}
    for name in options.blends:
        repeats = [figures(corpus, held_out_values(corpus, k, BLENDS[name])) for k in range(options.repeats)]
        mean = {what: round(float(np.mean([one[what] for one in repeats])), 4) for what in repeats[0]}
        results[name] = {
            "parts": BLENDS[name],
            "mean_of_repeats": mean,
            "repeats": [{what: round(value, 4) for what, value in one.items()} for one in repeats],
        }
        print(name, *(f"  {what} {value:.4f}" for what, value in mean.items()), sep="\n", flush=True)
    unlabelled = len(corpus.texts) - len(corpus.labelled.texts)
    report = {"unlabelled_files": unlabelled, "repeats": options.repeats, "blends": results}
    options.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
