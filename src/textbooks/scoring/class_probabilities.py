"""From a score to the probability of each class, learned on held-out scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from textbooks.scoring.calibration import MAX_SCORE

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KNOTS = 41
_BANDWIDTH = 0.25


@dataclass(frozen=True, slots=True)
class ClassProbabilities:
    """How likely each class is at a score.

    Attributes
    ----------
    at_least : ndarray (5, 41) float64
        Row k - 1: the probability of class k or higher at the scores 0, 0.125, ... 5; it does not fall with the
        score nor rise with k. In between it is linear.
    """

    at_least: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Refuse anything but probabilities that rise with the score and fall with the class."""
        table = self.at_least
        if table.shape != (MAX_SCORE, _KNOTS) or not np.all((table >= 0) & (table <= 1)):
            msg = f"probabilities of shape ({MAX_SCORE}, {_KNOTS}) are needed, got {table.shape}"
            raise ValueError(msg)
        if np.any(np.diff(table, axis=1) < 0) or np.any(np.diff(table, axis=0) > 0):
            msg = "the probability of a class or higher must not fall with the score nor rise with the class"
            raise ValueError(msg)

    @classmethod
    def fit(cls, scores: NDArray[np.float64], classes: NDArray[np.int64]) -> Self:
        """Learn from scores and labels: isotonic regression, smoothed over a quarter of a class.

        Parameters
        ----------
        scores : ndarray (n,) float64
            Held-out scores, 0 to 5.
        classes : ndarray (n,) int64
            Labels, 0 to 5.

        Returns
        -------
        ClassProbabilities
            The probabilities.

        Notes
        -----
        Isotonic calibration: Zadrozny and Elkan (2002).
        """
        from sklearn.isotonic import IsotonicRegression

        knots = np.linspace(0.0, MAX_SCORE, _KNOTS)
        fine = np.linspace(-1.0, MAX_SCORE + 1.0, 561)
        weight = np.exp(-0.5 * ((knots[:, None] - fine) / _BANDWIDTH) ** 2)
        weight /= weight.sum(axis=1, keepdims=True)
        rows = []
        for k in range(1, MAX_SCORE + 1):
            steps = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
            rows.append(weight @ steps.fit(scores, classes >= k).predict(fine))
        rising = np.maximum.accumulate(np.clip(np.array(rows), 0.0, 1.0), axis=1)
        return cls(np.minimum.accumulate(rising, axis=0))

    def of(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each class.

        Parameters
        ----------
        scores : ndarray (n,) float64
            Scores, 0 to 5.

        Returns
        -------
        ndarray (n, 6) float64
            Rows of sum 1: the classes 0 to 5.
        """
        knots = np.linspace(0.0, MAX_SCORE, _KNOTS)
        reached = np.stack([np.interp(scores, knots, row) for row in self.at_least], axis=1)
        bounds = np.concatenate((np.ones((len(reached), 1)), reached, np.zeros((len(reached), 1))), axis=1)
        probabilities: NDArray[np.float64] = -np.diff(bounds, axis=1)
        return probabilities
