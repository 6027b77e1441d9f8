"""Cross-validate the educational-value model: grouped by repository or package, with bootstrap intervals.

python benchmarks/edu_value/evaluate.py --texts DIR [--repeats 3] [--out benchmarks/edu_value/results.json]

A repeat that is finished is kept beside the results (``--keep``) and not done again.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from labelled import LabelledFiles, read_labelled_files
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from textbooks.scoring import Agreement, CrossValidation, cross_validate

RESAMPLES = 1_000


def held_out(files: LabelledFiles, repeat: int, keep: Path) -> CrossValidation:
    """Return what each file got from a model that has not seen its repository or package."""
    counted = np.array(files.representative)
    path = keep / f"repeat{repeat}.npz"
    if path.exists():
        with np.load(path, allow_pickle=False) as kept:
            marks = {name.removeprefix("mark_"): kept[name] for name in kept.files if name.startswith("mark_")}
            return CrossValidation(np.array(files.scores), kept["scores"], kept["probabilities"], counted, marks)
    found = cross_validate(
        files.texts,
        files.scores,
        groups=files.groups,
        representative=files.representative,
        marks=files.marks,
        repeat=repeat,
        on_fold=lambda done, folds: print(f"repeat {repeat}: fold {done} of {folds}", flush=True),
    )
    keep.mkdir(parents=True, exist_ok=True)
    marks = {f"mark_{name}": likely for name, likely in found.marks.items()}
    np.savez(path, scores=found.scores, probabilities=found.probabilities, **marks)
    return found


def figures(found: CrossValidation, rows: NDArray[np.int64]) -> dict[str, float]:
    """Return the agreement over some files."""
    agreement = asdict(Agreement.of(found.labels[rows], found.scores[rows], found.probabilities[rows]))
    del agreement["texts"]
    return {name: round(value, 4) for name, value in agreement.items()}


def with_intervals(
    found: CrossValidation, rows: NDArray[np.int64], groups: NDArray[np.str_]
) -> dict[str, dict[str, float]]:
    """Return each figure with its bootstrap 95% interval, drawn over files and over repositories (wider, honest)."""
    generator = np.random.default_rng(0)
    of_group = [rows[groups[rows] == name] for name in np.unique(groups[rows])]
    drawn: dict[str, list[dict[str, float]]] = {"files": [], "groups": []}
    for _ in range(RESAMPLES):
        drawn["files"].append(figures(found, generator.choice(rows, size=len(rows))))
        picked = generator.integers(len(of_group), size=len(of_group))
        drawn["groups"].append(figures(found, np.concatenate([of_group[k] for k in picked])))
    report = {}
    for name, value in figures(found, rows).items():
        report[name] = {"value": value}
        for unit, samples in drawn.items():
            low, high = np.quantile([sample[name] for sample in samples], [0.025, 0.975])
            report[name] |= {f"low_over_{unit}": round(float(low), 4), f"high_over_{unit}": round(float(high), 4)}
    return report


def evaluate(files: LabelledFiles, repeats: int, keep: Path) -> dict[str, Any]:
    """Cross-validate and return the figures."""
    groups, source = np.array(files.groups), np.array([row["source"] for row in files.rows])
    found = [held_out(files, repeat, keep) for repeat in range(repeats)]
    counted = np.flatnonzero(files.representative)
    every = [figures(one, counted) for one in found]
    parts = {name: counted[source[counted] == name] for name in np.unique(source[counted]).tolist()}
    first = found[0]
    return {
        "protocol": "GroupKFold(5) by name; rows whose id begins with L train only; fitted with seed 0",
        "files": len(counted),
        "first_repeat": with_intervals(first, counted, groups),
        "repeats": every,
        "mean_of_repeats": {name: round(float(np.mean([one[name] for one in every])), 4) for name in every[0]},
        "marks_auc": {
            name: round(float(roc_auc_score(np.array(files.marks[name])[counted], likely[counted])), 4)
            for name, likely in first.marks.items()
        },
        "by_source": {
            name: {"files": len(rows), **with_intervals(first, rows, groups)} for name, rows in parts.items()
        },
    }


def main() -> None:
    """Cross-validate, print the figures, write them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, required=True, help="folder of rebuild_texts.py: <id>.py")
    parser.add_argument("--repeats", type=int, default=3, help="times the cross-validation runs, with other folds")
    parser.add_argument("--keep", type=Path, default=Path("build/edu_value"), help="folder for finished repeats")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results.json"))
    arguments = parser.parse_args()
    results = evaluate(read_labelled_files(arguments.texts), arguments.repeats, arguments.keep)
    arguments.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    for name, value in results["first_repeat"].items():
        low, high, mean = value["low_over_groups"], value["high_over_groups"], results["mean_of_repeats"][name]
        print(f"{name:26s} {value['value']:.4f}  [{low:.4f}, {high:.4f}]  mean of repeats {mean:.4f}")
    print(f"AUC of the marks: {results['marks_auc']}")


if __name__ == "__main__":
    main()
