"""Agreement of two raters as functions of the table of their ratings, for many tables at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["contingency", "exact", "resampled", "spearman", "weighted_kappa", "within_one"]

Tables = NDArray[np.float64]
"""Shape (..., k, k): how many texts the first rater put into the row's class and the second into the column's."""

_MOST_DRAWN_AT_ONCE = 4_000_000


def contingency(
    first: NDArray[np.int64], second: NDArray[np.int64], units: NDArray[np.int64], *, classes: int
) -> Tables:
    """Return one table a unit.

    Parameters
    ----------
    first, second : ndarray (n,) int64
        Classes, 0 to ``classes - 1``.
    units : ndarray (n,) int64
        Which unit each text belongs to, counted from 0.
    classes : int
        k.

    Returns
    -------
    ndarray (units, k, k) float64
        Their sum is the table of all texts.
    """
    cells = (units * classes + first) * classes + second
    size = int(units.max(initial=-1)) + 1
    counts = np.bincount(cells, minlength=size * classes * classes).astype(np.float64)
    return counts.reshape(size, classes, classes)


def resampled(tables: Tables, *, resamples: int, seed: int) -> Tables:
    """Return tables of as many units, drawn with replacement; shape (resamples, k, k) (Efron 1979)."""
    units, *shape = tables.shape
    generator = np.random.default_rng(seed)
    at_once = max(_MOST_DRAWN_AT_ONCE // units, 1)
    flat = tables.reshape(units, -1)
    drawn = [
        generator.multinomial(units, np.full(units, 1.0 / units), size=min(at_once, resamples - start)) @ flat
        for start in range(0, resamples, at_once)
    ]
    return np.concatenate(drawn).reshape(-1, *shape)


def exact(tables: Tables) -> NDArray[np.float64]:
    """Return the share of texts that both put into the same class; NaN of no text."""
    return _ratio(np.trace(tables, axis1=-2, axis2=-1), tables.sum(axis=(-2, -1)))


def within_one(tables: Tables) -> NDArray[np.float64]:
    """Return the share of texts whose classes differ by at most 1; NaN of no text."""
    place = np.arange(tables.shape[-1])
    near = np.abs(place[:, None] - place) <= 1
    return _ratio((tables * near).sum(axis=(-2, -1)), tables.sum(axis=(-2, -1)))


def weighted_kappa(tables: Tables) -> NDArray[np.float64]:
    """Return Cohen's kappa with quadratic weights (Cohen 1968): 1 is full agreement, 0 what chance gives.

    Of two classes it is the plain kappa. NaN where both raters put all texts into one and the same class.
    """
    place = np.arange(tables.shape[-1], dtype=np.float64)
    weights = (place[:, None] - place) ** 2
    rows, columns = tables.sum(axis=-1), tables.sum(axis=-2)
    by_chance = (rows[..., :, None] * columns[..., None, :] * weights).sum(axis=(-2, -1))
    total = tables.sum(axis=(-2, -1))
    lost = _ratio((tables * weights).sum(axis=(-2, -1)) * total, by_chance)
    agreed: NDArray[np.float64] = 1.0 - lost
    return agreed


def spearman(tables: Tables) -> NDArray[np.float64]:
    """Return the rank correlation, ties by their mean rank; NaN where a rater put all texts into one class."""
    rows, columns = tables.sum(axis=-1), tables.sum(axis=-2)
    total = tables.sum(axis=(-2, -1))
    first, second = _mid_ranks(rows), _mid_ranks(columns)
    mean = (total + 1.0)[..., None] / 2.0
    first, second = first - mean, second - mean
    covariance = (tables * first[..., :, None] * second[..., None, :]).sum(axis=(-2, -1))
    spread = (rows * first**2).sum(axis=-1) * (columns * second**2).sum(axis=-1)
    return _ratio(covariance, np.asarray(np.sqrt(spread)))


def _mid_ranks(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean rank of the members of each class, counted from 1."""
    before: NDArray[np.float64] = np.cumsum(counts, axis=-1) - counts
    return before + (counts + 1.0) / 2.0


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.full(np.shape(whole), np.nan)
    return np.asarray(np.divide(part, whole, out=found, where=np.asarray(whole) > 0), dtype=np.float64)
