"""Cuts between the classes that trust each single label: what the model did before `choose_cuts`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from textbooks.scoring.calibration import OrdinalCuts
from textbooks.scoring.cut_choice import agreement

Floats = NDArray[np.float64]

_CLASSES = 6
_CANDIDATES, _ROUNDS, _GAP = 60, 6, 1e-3


def cuts_by_labels(raw: Floats, classes: NDArray[np.int64]) -> OrdinalCuts:
    """Choose cuts as ``choose_cuts`` does, by the agreement with these labels and not by the one that is expected.

    Every class must occur.
    """

    def reached(cuts: Floats) -> float:
        given = np.searchsorted(cuts, raw, side="left")
        table = np.bincount(classes * _CLASSES + given, minlength=_CLASSES**2)
        return agreement(table.reshape(_CLASSES, _CLASSES).astype(np.float64))

    shares = np.bincount(classes, minlength=_CLASSES).cumsum()[:-1] / len(classes)
    cuts = np.quantile(raw, shares) + _GAP * np.arange(_CLASSES - 1)
    best = reached(cuts)
    for _ in range(_ROUNDS):
        before = best
        for k in range(_CLASSES - 1):
            low = cuts[k - 1] if k else raw.min()
            high = cuts[k + 1] if k + 1 < len(cuts) else raw.max()
            for candidate in np.linspace(low, high, _CANDIDATES)[1:-1]:
                moved = cuts.copy()
                moved[k] = candidate
                if (agreed := reached(moved)) > best:
                    cuts, best = moved, agreed
        if best <= before:
            break
    return OrdinalCuts(cuts)
