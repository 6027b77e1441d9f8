"""Bands of signatures: texts that agree in all rows of one band are candidates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from textbooks.ranges import check_range

__all__ = ["band_keys", "bands_for", "chance"]

MOST_MISSED = 0.02
"""Share of the pairs exactly at the threshold that may be missed: ours. Candidates are verified, so one too many costs
time and one too few costs a duplicate; datasketch weighs both alike and misses far more at the threshold."""

_MIXER, _STEP = np.uint64(0xD6E8FEB86659FD93), np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


def chance(jaccard: float, bands: int, rows: int) -> float:
    """Return how likely two texts of this similarity agree in a band: ``1 - (1 - jaccard ** rows) ** bands``."""
    return 1.0 - (1.0 - jaccard**rows) ** bands


def bands_for(threshold: float, num_perm: int) -> tuple[int, int]:
    """Return the number of bands and their rows for a threshold.

    Parameters
    ----------
    threshold : float
        Jaccard similarity, above 0 and at most 1.
    num_perm : int
        Slots of a signature.

    Returns
    -------
    bands, rows : int
        The most rows, and so the fewest candidates, with which a pair exactly at the threshold is missed in at most
        2 of 100 cases; more similar pairs are missed more seldom. One row where even that misses more.
    """
    check_threshold(threshold)
    for rows in range(num_perm, 1, -1):
        if 1.0 - chance(threshold, num_perm // rows, rows) <= MOST_MISSED:
            return num_perm // rows, rows
    return num_perm, 1


def check_threshold(threshold: float) -> None:
    """Raise unless a threshold is above 0 and at most 1."""
    check_range("threshold", threshold, 0, 1)
    if not threshold:
        msg = f"threshold must be above 0, got {threshold!r}"
        raise ValueError(msg)


def band_keys(signatures: NDArray[np.uint32], bands: int, rows: int) -> NDArray[np.uint64]:
    """Return a hash of each band of each signature.

    Parameters
    ----------
    signatures : ndarray of uint32, shape (n, num_perm)
        At least ``bands * rows`` slots; further ones have no say.

    Returns
    -------
    ndarray of uint64, shape (n, bands)
    """
    keys = np.zeros((len(signatures), bands), dtype=np.uint64)
    for row in range(rows):
        keys = (keys ^ signatures[:, row : bands * rows : rows]) * _STEP
        keys ^= keys >> _HALF
    keys *= _MIXER
    keys ^= keys >> _HALF
    return keys
