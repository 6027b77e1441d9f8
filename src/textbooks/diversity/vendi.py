"""The Vendi score: how many different texts a set amounts to."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

__all__ = ["hill_number", "spectrum", "vendi_score"]

_ZERO = 1e-12


def hill_number(shares: NDArray[np.float64], q: float = 1.0) -> float:
    """Return the effective number of kinds (Hill 1973): that many of equal share are as diverse.

    Parameters
    ----------
    shares : ndarray
        Not negative, sum 1; zeros count for nothing.
    q : float, default=1
        The larger, the less rare kinds count: 0 counts kinds, 1 is the exponential of the entropy, infinity looks at
        the largest share alone.

    Returns
    -------
    float
        From 1 to the number of kinds; 0 without shares.
    """
    held = shares[shares > 0]
    if not len(held):
        return 0.0
    if q == 1:
        return float(np.exp(-(held * np.log(held)).sum()))
    if math.isinf(q):
        return float(1 / held.max())
    return float((held**q).sum() ** (1 / (1 - q)))


def vendi_score(vectors: ArrayLike, *, q: float = 1.0) -> float:
    """Return the Vendi score of embeddings (Friedman and Dieng 2022, 2210.02410; orders q by Pasarkar and Dieng 2023).

    The Hill number of the eigenvalues of ``K / n``, where `K` holds the cosines of all pairs. It is taken from the
    smaller of ``X X' / n`` and ``X' X / n``, whose eigenvalues other than zero are the same.

    Parameters
    ----------
    vectors : array-like (n, dimensions)
        One a text, as `textbooks.embedders.Embedder.embed` returns them; lengths do not matter. Rows of zeros (texts
        without anything to embed) are left out.
    q : float, default=1
        Order, 0 or more; infinity allowed. Orders below 1 count what is rare, and with it the noise of the vectors.

    Returns
    -------
    float
        From 1 (all texts alike) to n (all at right angles); higher is more diverse. It grows with n: compare at equal
        numbers of texts. It is never above `dimensions`. 0 without a vector.

    Raises
    ------
    ValueError
        If `vectors` has not two axes, a value is not finite, or `q` is negative or NaN.
    """
    if not q >= 0:
        msg = f"q must be 0 or more, got {q!r}"
        raise ValueError(msg)
    return hill_number(spectrum(vectors), q)


def spectrum(vectors: ArrayLike) -> NDArray[np.float64]:
    """Return the eigenvalues of ``K / n`` as shares; empty without a vector.

    Raises
    ------
    ValueError
        If `vectors` has not two axes, or a value is not finite.
    """
    rows = np.asarray(vectors, dtype=np.float64)
    if rows.ndim != 2 or not np.isfinite(rows).all():
        msg = f"vectors must be finite numbers with two axes, got shape {rows.shape}"
        raise ValueError(msg)
    lengths = np.linalg.norm(rows, axis=1)
    unit = rows[lengths > 0] / lengths[lengths > 0, None]
    if not len(unit):
        return np.zeros(0)
    with threadpool_limits(limits=1):  # small matrices: threads that wait for each other took thirty times as long
        kernel = (unit.T @ unit if unit.shape[1] < len(unit) else unit @ unit.T) / len(unit)
        values: NDArray[np.float64] = np.linalg.eigvalsh(kernel)
    values[values < _ZERO] = 0.0  # rounding makes zeros of either sign
    shares: NDArray[np.float64] = values / values.sum()
    return shares
