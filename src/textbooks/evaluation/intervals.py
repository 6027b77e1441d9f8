"""Bootstrap confidence intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Estimate", "bootstrap_mean"]

_MOST_DRAWN_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its confidence interval.

    Attributes
    ----------
    value : float
        The mean of the values; NaN of none.
    low, high : float
        Ends of the interval, in the unit of the values.
    size : int
        How many values there were.
    """

    value: float
    low: float
    high: float
    size: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def bootstrap_mean(values: ArrayLike, *, confidence: float = 0.95, resamples: int = 10_000, seed: int = 0) -> Estimate:
    """Return the mean of `values` with its percentile bootstrap interval (Efron 1979).

    The values are drawn with replacement, as many as there are, `resamples` times; the interval is that of the
    middle `confidence` of the means. Resample what is independent: in an evaluation the problems and not the samples.

    Parameters
    ----------
    values : array-like of float, shape (n,)
        One value for each independent unit.
    confidence : float, default=0.95
        Share of the means inside the interval, above 0 and below 1.
    resamples : int, default=10_000
        How often to resample, at least 1.
    seed : int, default=0
        Seed of the draws; the same seed gives the same interval.

    Returns
    -------
    Estimate
        Of equal values an interval of no width; of no values NaN throughout. With values that are all 0 or all 1 the
        interval has no width either: the bootstrap cannot know of a failure that it never saw.

    Raises
    ------
    ValueError
        If an argument is out of range, or `values` is not one-dimensional or holds a NaN or an infinity.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not np.isfinite(array).all():
        msg = f"values must be finite numbers in one dimension, got {values!r:.80}"
        raise ValueError(msg)
    if not 0 < confidence < 1:
        msg = f"confidence must be above 0 and below 1, got {confidence!r}"
        raise ValueError(msg)
    if resamples < 1:
        msg = f"resamples must be at least 1, got {resamples!r}"
        raise ValueError(msg)
    if array.size == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    generator = np.random.default_rng(seed)
    at_once = max(_MOST_DRAWN_AT_ONCE // array.size, 1)
    means = np.concatenate(
        [
            array[generator.integers(array.size, size=(min(at_once, resamples - start), array.size))].mean(axis=1)
            for start in range(0, resamples, at_once)
        ]
    )
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Estimate(float(array.mean()), float(low), float(high), array.size)
