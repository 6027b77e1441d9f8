"""Fit the models of the drawback filters to the labels, and write them as plain JSON.

python benchmarks/drawbacks/train.py --texts DIR [--out src/textbooks/filters/data/drawbacks.json]

DIR is the folder that benchmarks/edu_value/rebuild_texts.py filled.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from marks import Marked, read_marked
from sklearn.linear_model import LogisticRegression

from textbooks.filters.drawbacks.model import DATA, REACH, VERSION

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIGITS = 6


def fit(values: NDArray[np.float64], marks: NDArray[np.bool_]) -> tuple[float, list[tuple[float, float, float]]]:
    """Return the intercept, and mean, scale and weight of each quantity, rounded."""
    means, scales = values.mean(axis=0).round(DIGITS), np.maximum(values.std(axis=0), 1e-6).round(DIGITS)
    model = LogisticRegression(C=1.0, max_iter=2_000).fit(standardised(values, means, scales), marks)
    weights = model.coef_[0].round(DIGITS)
    rows = zip(means.tolist(), scales.tolist(), weights.tolist(), strict=True)
    return round(float(model.intercept_[0]), DIGITS), list(rows)


def standardised(
    values: NDArray[np.float64], means: NDArray[np.float64], scales: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the values in standard deviations, held within reach."""
    return np.clip((values - means) / scales, -REACH, REACH)


def fit_all(marked: Marked) -> dict[str, Any]:
    """Fit each model."""
    models = {}
    for name, marks in marked.marks.items():
        intercept, rows = fit(marked.quantities[name], marks)
        named = zip(marked.names[name], rows, strict=True)
        quantities = {each: dict(zip(("mean", "scale", "weight"), row, strict=True)) for each, row in named}
        models[name] = {"intercept": intercept, "quantities": quantities}
    source = (
        "benchmarks/drawbacks/train.py: logistic regression on the marks of src/textbooks/scoring/data/labels.jsonl"
    )
    return {"version": VERSION, "source": source, "models": models}


def main() -> None:
    """Fit, write, and print the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, required=True, help="folder of rebuild_texts.py: <id>.py")
    parser.add_argument("--out", type=Path, default=DATA)
    arguments = parser.parse_args()
    fitted = fit_all(read_marked(arguments.texts))
    arguments.out.parent.mkdir(exist_ok=True)
    arguments.out.write_text(json.dumps(fitted, indent=2) + "\n", encoding="utf-8")
    for name, model in fitted["models"].items():
        print(f"{name}: intercept {model['intercept']:+.2f}")
        for quantity, each in model["quantities"].items():
            print(f"    {quantity:26s} {each['weight']:+.2f}")


if __name__ == "__main__":
    main()
