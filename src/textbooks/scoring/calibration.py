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
