"""Cuts between the classes that trust smoothed probabilities of the classes instead of single labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from textbooks.scoring.calibration import OrdinalCuts
from textbooks.scoring.class_probabilities import ClassProbabilities

Floats = NDArray[np.float64]

_CLASSES = 6
_CANDIDATES, _ROUNDS, _GAP = 60, 6, 1e-3
_DISTANCE = np.subtract.outer(np.arange(_CLASSES), np.arange(_CLASSES)).astype(np.float64) ** 2


def smoothed_cuts(raw: Floats, classes: NDArray[np.int64]) -> OrdinalCuts:
    """Choose cuts as ``OrdinalCuts.fit`` does, by the agreement that is expected and not the one of these labels.

    What is expected of a text is how likely each class is at its value, by isotonic regression smoothed over a quarter
    of a class: a cut cannot win by a handful of labels that happen to lie around it.
    """
    likely = ClassProbabilities.fit(raw, classes).of(raw)
    order = np.argsort(raw, kind="stable")
    ordered, sums = raw[order], np.concatenate((np.zeros((1, _CLASSES)), np.cumsum(likely[order], axis=0)))

    def expected(cuts: Floats) -> float:
        bounds = np.concatenate(([0], np.searchsorted(ordered, cuts, side="right"), [len(ordered)]))
        return _agreement(np.diff(sums[bounds], axis=0).T)

    shares = likely.mean(axis=0).cumsum()[:-1]
    cuts = np.quantile(raw, np.clip(shares, 0, 1)) + _GAP * np.arange(_CLASSES - 1)
    best = expected(cuts)
    for _ in range(_ROUNDS):
        before = best
        for k in range(_CLASSES - 1):
            low = cuts[k - 1] if k else ordered[0]
            high = cuts[k + 1] if k + 1 < len(cuts) else ordered[-1]
            for candidate in np.linspace(low, high, _CANDIDATES)[1:-1]:
                moved = cuts.copy()
                moved[k] = candidate
                if (reached := expected(moved)) > best:
                    cuts, best = moved, reached
        if best <= before:
            break
    return OrdinalCuts(cuts)


def _agreement(table: Floats) -> float:
    """Return kappa + F1 of class >= 3 + macro F1 of a table of labelled by given class."""
    labelled, given = table.sum(axis=1), table.sum(axis=0)
    kappa = 1.0 - (_DISTANCE * table).sum() * table.sum() / (_DISTANCE * np.outer(labelled, given)).sum()
    useful = 2.0 * table[3:, 3:].sum() / max(labelled[3:].sum() + given[3:].sum(), 1.0)
    return float(kappa + useful + (2.0 * np.diag(table) / np.maximum(labelled + given, 1e-9)).mean())
