"""How well scores agree with labels, and cross-validation that holds whole groups out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from textbooks.scoring.calibration import MAX_SCORE

if TYPE_CHECKING:
    from numpy.typing import NDArray

USEFUL = 3
"""The lowest class that the rubric calls useful."""

_BINS = 10


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures of scores against labels; a class is the rounded score.

    Attributes
    ----------
    texts : int
        How many were compared.
    spearman : float
        Rank correlation of scores and labels, in [-1, 1].
    quadratic_weighted_kappa : float
        Agreement of the classes beyond chance, at most 1.
    f1_at_least_3, precision_at_least_3, recall_at_least_3 : float
        Of "useful", class 3 and higher.
    macro_f1 : float
        F1 averaged over the classes that occur.
    exact_match : float
        Share of texts whose class is the label.
    calibration_error : float
        Expected calibration error of the probability of class 3 or higher, in 10 bins; NaN without probabilities.
    """

    texts: int
    spearman: float
    quadratic_weighted_kappa: float
    f1_at_least_3: float
    precision_at_least_3: float
    recall_at_least_3: float
    macro_f1: float
    exact_match: float
    calibration_error: float

    @classmethod
    def of(
        cls,
        labels: NDArray[np.float64],
        scores: NDArray[np.float64],
        probabilities: NDArray[np.float64] | None = None,
    ) -> Self:
        """Compare scores with labels. Needs scikit-learn.

        Parameters
        ----------
        labels : ndarray (n,)
            Classes, 0 to 5; at least two different ones for the figures to mean something.
        scores : ndarray (n,) float64
            Scores, 0 to 5.
        probabilities : ndarray (n, 6) float64, optional
            Of each class.

        Raises
        ------
        ValueError
            If there is not one score a label, or none at all.
        """
        from scipy.stats import spearmanr  # type: ignore[import-untyped]
        from sklearn.metrics import cohen_kappa_score, f1_score, precision_score, recall_score

        truth = np.rint(np.asarray(labels, dtype=np.float64)).astype(np.int64)
        if not len(truth) or truth.shape != np.shape(scores):
            msg = f"one score a label is needed, got {np.shape(scores)} scores for {truth.shape} labels"
            raise ValueError(msg)
        classes = np.clip(np.rint(scores), 0, MAX_SCORE).astype(np.int64)
        useful, kept = truth >= USEFUL, classes >= USEFUL
        likely = None if probabilities is None else probabilities[:, USEFUL:].sum(axis=1)
        return cls(
            texts=len(truth),
            spearman=float(spearmanr(truth, scores).statistic),
            quadratic_weighted_kappa=float(
                cohen_kappa_score(truth, classes, labels=range(MAX_SCORE + 1), weights="quadratic")
            ),
            f1_at_least_3=float(f1_score(useful, kept, zero_division=0)),
            precision_at_least_3=float(precision_score(useful, kept, zero_division=0)),
            recall_at_least_3=float(recall_score(useful, kept, zero_division=0)),
            macro_f1=float(f1_score(truth, classes, average="macro")),
            exact_match=float((classes == truth).mean()),
            calibration_error=float("nan") if likely is None else expected_calibration_error(likely, useful),
        )

    def __str__(self) -> str:
        width = max(map(len, asdict(self)))
        rows = [(name.replace("_", " "), value) for name, value in asdict(self).items()]
        return "\n".join(f"{name:{width}} {value:{',d' if isinstance(value, int) else '.4f'}}" for name, value in rows)


def expected_calibration_error(probability: NDArray[np.float64], happened: NDArray[np.bool_]) -> float:
    """Return by how much probabilities differ from what happened, on average.

    Parameters
    ----------
    probability : ndarray (n,) float64
        In [0, 1].
    happened : ndarray (n,) bool
        Whether it did.

    Returns
    -------
    float
        The mean over ten bins of equal width of the distance between the bin's mean probability and its share of
        events, weighted by how many fall into it; in [0, 1], 0 is best.

    Notes
    -----
    Naeini, Cooper and Hauskrecht (2015).
    """
    place = np.minimum((probability * _BINS).astype(np.int64), _BINS - 1)
    gap = np.bincount(place, weights=probability - happened, minlength=_BINS)
    return float(np.abs(gap).sum() / len(probability))
