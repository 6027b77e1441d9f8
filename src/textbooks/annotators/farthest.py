"""Farthest-first traversal: points that lie far from each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["farthest_first"]


def farthest_first(vectors: NDArray[np.float32], n: int, *, chosen: NDArray[np.int64] | None = None) -> list[int]:
    """Return rows that cover the others: each next one is the farthest from all before it.

    Gonzalez (1985): the largest distance of any row to the nearest chosen one is at most twice the least that is
    possible with as many rows. Takes n passes over the vectors and one number a row beside them.

    Parameters
    ----------
    vectors : ndarray (rows, dimensions) float32
        Any vectors; distances are Euclidean.
    n : int
        How many to choose, at least 0; all rows where there are no more.
    chosen : ndarray of int64, optional
        Rows that count as chosen from the start, and are not returned. Without any, the first row begins.

    Returns
    -------
    list of int
        In the order of choice; of rows equally far the first.
    """
    nearest = np.full(len(vectors), np.inf)
    taken = np.zeros(len(vectors), dtype=np.bool_)
    lengths = np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)
    for row in [] if chosen is None else chosen.tolist():
        taken[row] = True
        np.minimum(nearest, _squared_distances(vectors, lengths, row), out=nearest)
    found: list[int] = []
    for _ in range(min(n, int((~taken).sum()))):
        row = int(np.argmax(np.where(taken, -1.0, nearest)))
        found.append(row)
        taken[row] = True
        np.minimum(nearest, _squared_distances(vectors, lengths, row), out=nearest)
    return found


def _squared_distances(vectors: NDArray[np.float32], lengths: NDArray[np.float64], row: int) -> NDArray[np.float64]:
    """Return squared distances to one row, at least 0."""
    products = (vectors @ vectors[row]).astype(np.float64)
    squared: NDArray[np.float64] = np.maximum(lengths + lengths[row] - 2.0 * products, 0.0)
    return squared
