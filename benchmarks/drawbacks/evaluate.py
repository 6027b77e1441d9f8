"""Measure how well the drawback filters agree with the raters' marks.

python benchmarks/drawbacks/evaluate.py --texts DIR [--out benchmarks/drawbacks/results.json]

Held out are whole repositories and packages. Compared are one rule, the logistic regression that ships, and, as an
upper bound, gradient boosting on all features of the educational-value model. Positive is what the filter drops.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from marks import Marked, read_marked
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve, roc_auc_score
from sklearn.model_selection import GroupKFold
from train import standardised

from textbooks.filters import BoilerplateFilter, SelfContainedFilter, UndocumentedComplexityFilter
from textbooks.filters.drawbacks.structure import CodeStructure
from textbooks.scoring.features import extract_features
from textbooks.scoring.window import rated_window

Scores = NDArray[np.float64]
FOLDS, REPEATS, RESAMPLES = 5, 3, 500

THRESHOLDS = {
    "self_contained": 1 - SelfContainedFilter().min_score,
    "boilerplate": BoilerplateFilter().max_score,
    "undocumented_complexity": UndocumentedComplexityFilter().max_score,
}
"""Probability of the drawback above which the filter drops."""


def needs_project(code: CodeStructure) -> float:
    """Return the modules of the project and the unresolved names of a text."""
    return len(code.origins.modules("project")) + len(code.origins.unresolved)


def sets_up(code: CodeStructure) -> float:
    """Return the share of the statements that neither compute nor control."""
    return 1 - code.roles.share("compute", "control")


MODELS = {
    "self_contained": ("dependent",),
    "boilerplate": ("boilerplate",),
    "undocumented_complexity": ("algorithmic", "undocumented"),
}
"""The models whose probabilities each filter multiplies."""

RULES: dict[str, Callable[[CodeStructure], float]] = {
    "self_contained": needs_project,
    "boilerplate": sets_up,
    "undocumented_complexity": lambda code: code.shape.worst.burden,
}


def splits(marked: Marked, repeat: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the folds of a repeat: scikit-learn's balanced ones first, then shuffled ones."""
    splitter = GroupKFold(FOLDS, shuffle=True, random_state=repeat) if repeat else GroupKFold(FOLDS)
    yield from splitter.split(marked.texts, groups=marked.groups)


def by_logistic_regression(marked: Marked, drawback: str, repeat: int) -> Scores:
    """Return the probability of the drawback from models that have not seen the file's repository."""
    held_out = np.ones(len(marked.rows))
    for name in MODELS[drawback]:
        values, marks = marked.quantities[name], marked.marks[name]
        for train, test in splits(marked, repeat):
            means, scales = values[train].mean(axis=0), np.maximum(values[train].std(axis=0), 1e-6)
            model = LogisticRegression(C=1.0, max_iter=2_000)
            model.fit(standardised(values[train], means, scales), marks[train])
            held_out[test] *= model.predict_proba(standardised(values[test], means, scales))[:, 1]
    if drawback == "undocumented_complexity":
        held_out[_burdens(marked) < UndocumentedComplexityFilter().min_burden] = 0
    return held_out


def true_marks(marked: Marked, drawback: str) -> NDArray[np.bool_]:
    """Return which files have the drawback, by their raters."""
    has_it: NDArray[np.bool_] = np.all([marked.marks[name] for name in MODELS[drawback]], axis=0)
    return has_it


def _burdens(marked: Marked) -> Scores:
    return np.array([code.shape.worst.burden for code in marked.structures])


def by_boosting(marked: Marked, drawback: str, features: NDArray[np.float32]) -> Scores:
    """Return the same from gradient boosting on all features of the educational-value model."""
    held_out, marks = np.empty(len(marked.rows)), true_marks(marked, drawback)
    for train, test in splits(marked, 0):
        model = HistGradientBoostingClassifier(max_iter=150, learning_rate=0.06, max_leaf_nodes=15, random_state=0)
        model.fit(features[train], marks[train])
        held_out[test] = model.predict_proba(features[test])[:, 1]
    return held_out


def figures(marks: NDArray[np.bool_], scores: Scores) -> dict[str, float]:
    """Return the area under the ROC curve, and the best F1 with its precision and recall."""
    precision, recall, _ = precision_recall_curve(marks, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    best = int(f1.argmax())
    measured = {"auc": roc_auc_score(marks, scores), "best_f1": f1[best]}
    measured |= {"precision": precision[best], "recall": recall[best]}
    return {name: round(float(value), 4) for name, value in measured.items()}


def at_threshold(marks: NDArray[np.bool_], scores: Scores, threshold: float) -> dict[str, float]:
    """Return what a threshold drops, and how rightly."""
    dropped = scores > threshold
    right = int((dropped & marks).sum())
    precision, recall = right / max(1, int(dropped.sum())), right / max(1, int(marks.sum()))
    f1 = 2 * precision * recall / max(1e-12, precision + recall)
    measured = {"dropped": dropped.mean(), "precision": precision, "recall": recall, "f1": f1}
    return {name: round(float(value), 4) for name, value in measured.items()}


def with_intervals(marks: NDArray[np.bool_], scores: Scores, groups: NDArray[np.str_], threshold: float) -> Any:  # noqa: ANN401
    """Return the figures at a threshold with 95% bootstrap intervals over repositories."""
    generator = np.random.default_rng(0)
    of_group = [np.flatnonzero(groups == name) for name in np.unique(groups)]
    drawn = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([of_group[k] for k in generator.integers(len(of_group), size=len(of_group))])
        if 0 < marks[rows].sum() < len(rows):
            drawn.append(_all_figures(marks[rows], scores[rows], threshold))
    report = {"files": len(marks), "marked": int(marks.sum()), "repositories": len(of_group)}
    for name, value in _all_figures(marks, scores, threshold).items():
        low, high = np.quantile([sample[name] for sample in drawn], [0.025, 0.975])
        report |= {name: value, f"{name}_low": round(float(low), 4), f"{name}_high": round(float(high), 4)}
    return report


def _all_figures(marks: NDArray[np.bool_], scores: Scores, threshold: float) -> dict[str, float]:
    auc = round(float(roc_auc_score(marks, scores)), 4) if 0 < marks.sum() < len(marks) else float("nan")
    found = at_threshold(marks, scores, threshold)
    return {"auc": auc, **{name: found[name] for name in ("precision", "recall", "f1")}}


def evaluate(marked: Marked, windows: Marked) -> dict[str, Any]:
    """Cross-validate each drawback and return the figures; `windows` is what the raters were shown."""
    counted, features = marked.counted, extract_features(marked.texts)
    source = np.array([row["source"] for row in marked.rows])
    labels = np.array([row["score"] for row in marked.rows])
    results: dict[str, Any] = {
        "protocol": f"GroupKFold({FOLDS}) by name; rows whose id begins with L train only; "
        "positive is what is dropped; intervals: bootstrap over repositories",
    }
    for drawback, threshold in THRESHOLDS.items():
        marks = true_marks(marked, drawback)
        held_out = [by_logistic_regression(marked, drawback, repeat) for repeat in range(REPEATS)]
        compared = {
            "rule": np.array([RULES[drawback](code) for code in marked.structures]),
            "logistic regression (ships)": held_out[0],
            **{f"the same, other folds {n}": scores for n, scores in enumerate(held_out[1:], 1)},
            "the same, on the raters' window": by_logistic_regression(windows, drawback, 0),
            "boosting on all features": by_boosting(marked, drawback, features),
        }
        results[drawback] = {name: figures(marks[counted], scores[counted]) for name, scores in compared.items()}
        parts = {"all": counted, **{name: counted & (source == name) for name in np.unique(source).tolist()}}
        results[f"{drawback}_by_source"] = {
            name: with_intervals(marks[rows], held_out[0][rows], marked.groups[rows], threshold)
            for name, rows in parts.items()
        }
        dropped = held_out[0] > threshold
        results[f"{drawback}_dropped_by_label"] = {
            f"educational value {label}": {
                "files": int((counted & (labels == label)).sum()),
                "dropped": round(float(dropped[counted & (labels == label)].mean()), 4),
            }
            for label in range(6)
        }
        results[f"{drawback}_by_threshold"] = {
            f"{cut:.2f}": at_threshold(marks[counted], held_out[0][counted], cut) for cut in np.arange(0.1, 0.91, 0.05)
        }
    return results


def main() -> None:
    """Evaluate, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, required=True, help="folder of rebuild_texts.py: <id>.py")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results.json"))
    arguments = parser.parse_args()
    results = evaluate(read_marked(arguments.texts), read_marked(arguments.texts, shown=rated_window))
    arguments.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    for title, table in results.items():
        print(f"\n{title}: {table}" if isinstance(table, str) else f"\n{title}")
        for name, row in table.items() if isinstance(table, dict) else ():
            print(f"  {name:32s} " + "  ".join(f"{key} {value:.4g}" for key, value in row.items()))


if __name__ == "__main__":
    main()
