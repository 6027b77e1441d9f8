"""Vectors of 16 bits a number, and their cosines without any error of summation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["RowsOf", "Vectors", "cosines", "rounded", "unit"]

Vectors = NDArray[np.float16]
RowsOf = Callable[[NDArray[np.int64]], Vectors]
"""Returns the vectors of some texts, by number."""

_SHORTEST = 1e-6  # what is shorter has no direction


def rounded(vectors: NDArray[np.floating]) -> Vectors:
    """Return vectors at unit length, each number rounded to 16 bits.

    A number of 16 bits between -1 and 1 is a multiple of 2**-24, so that products are multiples of 2**-48, and their
    sums exact in 64 bits, in any order: a cosine depends on its two vectors and on nothing else, neither batches nor
    threads nor the machine. The rounding moves a cosine by less than 0.001.

    Parameters
    ----------
    vectors : ndarray (n, dimensions)
        Of any length; one without direction stays zero, and what is not finite stays so.
    """
    wide = np.asarray(vectors, dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        lengths = np.sqrt(np.square(wide).sum(axis=1, keepdims=True))
        return np.where(lengths < _SHORTEST, 0.0, wide / np.maximum(lengths, _SHORTEST)).astype(np.float16)


def unit(vectors: Vectors) -> NDArray[np.float32]:
    """Return rounded vectors at unit length again, in 32 bits; the zero vector stays zero."""
    wide = vectors.astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", wide, wide))
    wide /= np.where(lengths > 0, lengths, 1.0)[:, None]
    return wide


def cosines(first: Vectors, second: Vectors) -> NDArray[np.float64]:
    """Return the cosine of each row of one with the same row of the other; exactly 1 for equal ones.

    Parameters
    ----------
    first, second : ndarray (n, dimensions) float16
        See `rounded`.

    Returns
    -------
    ndarray (n,) float64
        In [-1, 1]; 0 where one of the two is zero.
    """
    one, other = first.astype(np.float64), second.astype(np.float64)
    products = np.einsum("ij,ij->i", one, other)
    lengths = np.sqrt(np.einsum("ij,ij->i", one, one) * np.einsum("ij,ij->i", other, other))
    found: NDArray[np.float64] = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return found.clip(-1.0, 1.0)
