"""How far a language model's grades agree with the tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textbooks.evaluation.grading import HIGHEST_GRADE, Grade

__all__ = ["Agreement", "agreement_with_tests"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far grades agree with tests, over the solutions that have a grade.

    Attributes
    ----------
    graded, ungraded : int
        How many solutions have a grade, and how many have none.
    accuracy : float
        Share of solutions where "the grade is at least the threshold" equals "the tests pass"; NaN of none.
    kappa : float
        Cohen's kappa of the same: 1 for full agreement, 0 for what chance gives; NaN where both sides always say
        the same one thing.
    auc : float
        Probability that a passing solution has a higher grade than a failing one, ties counted half; needs no
        threshold; NaN unless some pass and some fail.
    mean_passed, mean_failed : float
        Mean grade of the passing and of the failing solutions, 0 to 10; NaN of none.
    """

    graded: int
    ungraded: int
    accuracy: float
    kappa: float
    auc: float
    mean_passed: float
    mean_failed: float


def agreement_with_tests(grades: Sequence[Grade], passed: Sequence[bool], *, threshold: float = 7.0) -> Agreement:
    """Compare grades with test results of the same solutions, in the same order.

    Parameters
    ----------
    grades : sequence of Grade
        What `Grader.grade_all` returned.
    passed : sequence of bool
        Whether the tests passed, as in the rows of an `Evaluation`.
    threshold : float, default=7.0
        A grade of at least this counts as "right", 0 to 10. Ours: the prompt calls 7 wrong for rare inputs only.

    Raises
    ------
    ValueError
        If the two differ in length, or `threshold` is out of range.
    """
    if len(grades) != len(passed):
        msg = f"grades and passed must have one entry a solution each, got {len(grades)} and {len(passed)}"
        raise ValueError(msg)
    if not 0 <= threshold <= HIGHEST_GRADE:
        msg = f"threshold must be between 0 and {HIGHEST_GRADE}, got {threshold!r}"
        raise ValueError(msg)
    pairs = [(grade.value, bool(ok)) for grade, ok in zip(grades, passed, strict=True) if grade.value is not None]
    values = np.array([value for value, _ in pairs], dtype=np.float64)
    right = np.array([ok for _, ok in pairs], dtype=np.bool_)
    judged = values >= threshold
    return Agreement(
        graded=len(pairs),
        ungraded=len(grades) - len(pairs),
        accuracy=_mean(judged == right),
        kappa=_kappa(judged, right),
        auc=_auc(values[right], values[~right]),
        mean_passed=_mean(values[right]),
        mean_failed=_mean(values[~right]),
    )


def _mean(values: NDArray[np.float64] | NDArray[np.bool_]) -> float:
    return float(values.mean()) if values.size else float("nan")


def _kappa(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    if not one.size:
        return float("nan")
    yes, also_yes = one.mean(), other.mean()
    by_chance = yes * also_yes + (1 - yes) * (1 - also_yes)
    return float("nan") if by_chance == 1 else float(((one == other).mean() - by_chance) / (1 - by_chance))


def _auc(higher: NDArray[np.float64], lower: NDArray[np.float64]) -> float:
    """Return the share of pairs in the right order, ties counted half."""
    if not higher.size or not lower.size:
        return float("nan")
    ordered = np.sort(lower)
    below = np.searchsorted(ordered, higher, side="left") + np.searchsorted(ordered, higher, side="right")
    return float(below.mean() / 2 / lower.size)
