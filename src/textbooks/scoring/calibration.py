"""Cuts between the classes of a rubric, and the map that puts them on the halves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_SCORE = 5
"""Highest class of the rubric; the lowest is 0."""

_GAP = 1e-3
_CANDIDATES = 60
_ROUNDS = 6
_LEAST_SLOPE = 0.2


@dataclass(frozen=True, slots=True)
class OrdinalCuts:
    """Five cuts on a raw scale; a value above the k-th is of class k or higher.

    Attributes
    ----------
    cuts : ndarray (5,) float64
        Strictly increasing, in units of the raw scale.
    """

    cuts: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Refuse cuts that do not increase."""
        if self.cuts.shape != (MAX_SCORE,) or not np.all(np.diff(self.cuts) > 0) or not np.all(np.isfinite(self.cuts)):
            msg = f"five finite, strictly increasing cuts are needed, got {self.cuts!r}"
            raise ValueError(msg)

    @classmethod
    def fit(cls, raw: NDArray[np.float64], classes: NDArray[np.int64]) -> Self:
        """Choose the cuts under which the classes of held-out values agree best with the labels.

        Agreement is quadratic-weighted kappa + F1 of class >= 3 + macro-averaged F1, climbed from the cuts that
        give each class its observed frequency.

        Parameters
        ----------
        raw : ndarray (n,) float64
            Out-of-fold predictions.
        classes : ndarray (n,) int64
            Labels, 0 to 5.

        Returns
        -------
        OrdinalCuts
            The cuts; between classes that no label tells apart, as near k - 0.5 as the order allows.
        """
        informed = [bool(np.any(classes < k) and np.any(classes >= k)) for k in range(1, MAX_SCORE + 1)]
        start = [float(np.quantile(raw, np.mean(classes < k))) for k in range(1, MAX_SCORE + 1)]
        cuts = _in_order(np.array(start), informed)
        best = agreement(classes, _classify(raw, cuts))
        for _ in range(_ROUNDS):
            before = best
            for k in np.flatnonzero(informed):
                cuts, best = _improve(raw, classes, cuts, int(k), best)
            if best <= before:
                break
        return cls(cuts=_in_order(cuts, informed))

    def moved(self, raw: NDArray[np.float64], labels: NDArray[np.float64]) -> Self:
        """Return cuts shifted and stretched so that the scores of some texts fit their labels, in least squares.

        Parameters
        ----------
        raw : ndarray (n,) float64
            Predictions.
        labels : ndarray (n,) float64
            Labels, 0 to 5.
        """
        scores = self.scores(raw)
        spread = float(((scores - scores.mean()) ** 2).mean())
        slope = float(((scores - scores.mean()) * (labels - labels.mean())).mean()) / spread if spread > 0 else 1.0
        slope = max(slope, _LEAST_SLOPE)
        wanted = (np.arange(MAX_SCORE) + 0.5 - labels.mean()) / slope + scores.mean()
        # A straight line through the cuts reaches beyond them, where the score itself is clipped.
        step = (self.cuts[-1] - self.cuts[0]) / (MAX_SCORE - 1)
        inside = np.interp(wanted, np.arange(MAX_SCORE) + 0.5, self.cuts)
        beyond = np.where(wanted < 0.5, (wanted - 0.5) * step, np.maximum(wanted - MAX_SCORE + 0.5, 0) * step)
        return type(self)(cuts=inside + beyond)

    def scores(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map raw values to [0, 5] so that the k-th cut lands on k - 0.5, linearly in between.

        Parameters
        ----------
        raw : ndarray (n,) float64
            Predictions.

        Returns
        -------
        ndarray (n,) float64
            Scores: rounded, they are the classes.
        """
        low, high = min(0.0, self.cuts[0] - _GAP), max(float(MAX_SCORE), self.cuts[-1] + _GAP)
        knots = np.concatenate(([low], self.cuts, [high]))
        return np.interp(raw, knots, [0.0, 0.5, 1.5, 2.5, 3.5, 4.5, 5.0]).astype(np.float64)


def agreement(classes: NDArray[np.int64], predicted: NDArray[np.int64]) -> float:
    """Return quadratic-weighted kappa + F1 of class >= 3 + macro F1 over the classes that occur, at most 3."""
    size = MAX_SCORE + 1
    table = np.bincount(classes * size + predicted, minlength=size * size).reshape(size, size).astype(np.float64)
    labelled, given = table.sum(axis=1), table.sum(axis=0)
    distance = np.subtract.outer(np.arange(size), np.arange(size)) ** 2
    chance = (distance * np.outer(labelled, given)).sum() / table.sum()
    kappa = 1.0 - (distance * table).sum() / chance if chance > 0 else 0.0
    useful = 2.0 * table[3:, 3:].sum() / max(labelled[3:].sum() + given[3:].sum(), 1.0)
    occurs = (labelled + given) > 0
    macro = (2.0 * np.diag(table)[occurs] / (labelled + given)[occurs]).mean()
    return float(kappa + useful + macro)


def _classify(raw: NDArray[np.float64], cuts: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.searchsorted(cuts, raw, side="left").astype(np.int64)


def _improve(
    raw: NDArray[np.float64], classes: NDArray[np.int64], cuts: NDArray[np.float64], k: int, best: float
) -> tuple[NDArray[np.float64], float]:
    """Move one cut between its neighbours to where the agreement is best."""
    low = cuts[k - 1] if k else min(float(raw.min()), cuts[k])
    high = cuts[k + 1] if k + 1 < MAX_SCORE else max(float(raw.max()), cuts[k])
    for candidate in np.linspace(low, high, _CANDIDATES)[1:-1]:
        moved = np.concatenate((cuts[:k], [candidate], cuts[k + 1 :]))
        if (reached := agreement(classes, _classify(raw, moved))) > best:
            cuts, best = moved, reached
    return cuts, best


def _in_order(cuts: NDArray[np.float64], informed: list[bool]) -> NDArray[np.float64]:
    """Return strictly increasing cuts; those without labels on both sides give way."""
    ordered = cuts.copy()
    known = np.flatnonzero(informed)
    first, last = (int(known[0]), int(known[-1])) if len(known) else (0, -1)
    if not len(known):
        return np.arange(MAX_SCORE, dtype=np.float64) + 0.5
    for k in range(first + 1, last + 1):
        ordered[k] = max(ordered[k], ordered[k - 1] + _GAP)
    for k in range(first - 1, -1, -1):
        ordered[k] = min(k + 0.5, ordered[k + 1] - _GAP)
    for k in range(last + 1, MAX_SCORE):
        ordered[k] = max(k + 0.5, ordered[k - 1] + _GAP)
    return ordered
