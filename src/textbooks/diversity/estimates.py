"""Measures with their sampling error, at equal numbers of texts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textbooks.diversity.features import Features
from textbooks.diversity.measures import MEASURES, Limits, measure
from textbooks.diversity.topics import topic_draws, topics_for

__all__ = ["Estimate", "clearly_differ", "estimate", "subsampled", "topic_estimates"]

NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure of so many texts.

    Attributes
    ----------
    value : float or None
        None where the measure says nothing, as self-BLEU of one text.
    error : float or None
        Standard error from subsamples; None where there are too few texts for any.
    """

    value: float | None
    error: float | None

    @property
    def interval(self) -> tuple[float, float] | None:
        """About 95 %: the value and 1.96 errors to either side."""
        if self.value is None or self.error is None:
            return None
        return self.value - NORMAL_95 * self.error, self.value + NORMAL_95 * self.error


def clearly_differ(first: Estimate, second: Estimate) -> bool | None:
    """Whether two values differ by more than 1.96 standard errors of their difference; None without errors."""
    if first.value is None or second.value is None or first.error is None or second.error is None:
        return None
    return abs(first.value - second.value) > NORMAL_95 * math.hypot(first.error, second.error)


def subsampled(
    features: Features, members: NDArray[np.int64], size: int, limits: Limits, *, times: int, seed: int
) -> NDArray[np.float64]:
    """Return the measures, in the order of `MEASURES`, of random subsets; shape (times, measures)."""
    draws = np.random.default_rng(seed)
    rows = [measure(features, draws.permutation(members)[:size], limits) for _ in range(times)]
    return np.array([[row[each.key] for each in MEASURES] for row in rows]).reshape(times, len(MEASURES))


def estimate(
    features: Features, members: NDArray[np.int64], size: int, limits: Limits, *, times: int, seed: int
) -> dict[str, Estimate]:
    """Return every measure of `size` texts of a set, with its standard error.

    Of a set with at least twice as many texts: mean and deviation of `times` random subsets. Of a smaller one: the
    value of one random subset, and the error that its halves tell, as in the delete-half jackknife (Shao and Wu 1989).
    Draws with replacement would not do: a copy counts as a near-duplicate. The halves are half as long, and a measure
    that grows with length varies otherwise there, so that the error is a guide and no test.

    Parameters
    ----------
    features : Features
    members : ndarray (n,) int64
        Texts of the set; n at least `size`.
    size : int
        Texts measured together.
    limits : Limits
        For that many texts.
    times : int
        Subsets, 0 for none and no error.
    seed : int
    """
    if times > 1 and len(members) >= 2 * size > 0:
        rows = subsampled(features, members, size, limits, times=times, seed=seed)
        return _estimates(_means(rows), rows.std(axis=0, ddof=1))
    value = subsampled(features, members, size, limits, times=1, seed=seed)[0]
    half = size // 2
    if times < 2 or half < 2:
        return _estimates(value, np.full(len(MEASURES), np.nan))
    rows = subsampled(features, members, half, limits.halved(), times=times, seed=seed + 1)
    return _estimates(value, _scale(len(members), half, size) * rows.std(axis=0, ddof=1))


def topic_estimates(
    features: Features, sets: Sequence[NDArray[np.int64]], size: int, *, times: int, seed: int
) -> list[Estimate]:
    """Return the effective number of clusters of `size` texts of each set, with its error as in `estimate`."""
    topics = topics_for(len(sets) * size)
    whole = topic_draws(features.vectors, sets, size, topics=topics, times=max(times, 1), seed=seed)
    half = size // 2
    if times < 2 or half < 2:
        return [Estimate(float(value), None) for value in whole.mean(axis=0)]
    halves = topic_draws(features.vectors, sets, half, topics=topics, times=times, seed=seed + times)
    spread = [
        float(whole[:, i].std(ddof=1))
        if len(members) >= 2 * size
        else _scale(len(members), half, size) * float(halves[:, i].std(ddof=1))
        for i, members in enumerate(sets)
    ]
    return [Estimate(float(value), error) for value, error in zip(whole.mean(axis=0), spread, strict=True)]


def _scale(members: int, half: int, size: int) -> float:
    """Return what turns the deviation of subsets of `half` of the members into the error of `size` of them."""
    return math.sqrt(half / (members - half) * members / size)


def _means(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    means: NDArray[np.float64] = rows.mean(axis=0)
    return means


def _estimates(values: NDArray[np.float64], errors: NDArray[np.float64]) -> dict[str, Estimate]:
    pairs = zip(MEASURES, values.tolist(), errors.tolist(), strict=True)
    return {each.key: Estimate(_finite(value), _finite(error)) for each, value, error in pairs}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
