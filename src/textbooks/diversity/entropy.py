"""Entropy of counts, and what it would be of fewer items."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textbooks.diversity.checks import check_whole

__all__ = ["Entropy", "entropy", "rarefied_entropy"]


@dataclass(frozen=True, slots=True)
class Entropy:
    """How evenly items fall on types.

    Attributes
    ----------
    items, types : int
        Items counted, and the different ones among them.
    bits : float
        Entropy of the shares; 0 to ``log2(types)``.
    bits_corrected : float
        With the correction of Miller and Madow (1955) for types that were not seen, ``(types - 1) / (2 items ln 2)``;
        where nearly every item has a type of its own, that is still too little.
    evenness : float
        ``bits / log2(types)``, 0 to 1; 1 for one type.
    effective : float
        ``2 ** bits``: that many types of equal share have this entropy; 0 without items.
    """

    items: int
    types: int
    bits: float
    bits_corrected: float
    evenness: float
    effective: float


def entropy(counts: Iterable[int]) -> Entropy:
    """Return the entropy of how often each type was counted.

    Parameters
    ----------
    counts : iterable of int
        0 or more; zeros count for nothing.

    Raises
    ------
    ValueError
        If a count is negative.
    """
    held = _held(counts)
    items, types = int(held.sum()), len(held)
    if not items:
        return Entropy(0, 0, 0.0, 0.0, 0.0, 0.0)
    shares = held / items
    bits = max(0.0, float(-(shares * np.log2(shares)).sum()))
    corrected = bits + (types - 1) / (2 * items * math.log(2))
    return Entropy(items, types, bits, corrected, bits / math.log2(types) if types > 1 else 1.0, 2.0**bits)


def rarefied_entropy(counts: Iterable[int], items: int) -> float:
    """Return the entropy in bits that `items` of the counted items have on average, drawn without replacement.

    Entropy grows with the number of items. At equal `items` two sets of different size can be compared (rarefaction,
    Hurlbert 1971, of Shannon's entropy; computed exactly, not by drawing).

    Parameters
    ----------
    counts : iterable of int
        How often each type was counted.
    items : int
        Size of the draw, 0 or more; the plain entropy where there are no more items than that.

    Raises
    ------
    ValueError
        If a count or `items` is negative.
    """
    check_whole("items", items, 0)
    held = _held(counts)
    total = int(held.sum())
    if items >= total:
        return entropy(held).bits
    if items < 2:
        return 0.0
    different, times = np.unique(held, return_counts=True)
    return float(sum(n * _expected_term(int(c), total, items) for c, n in zip(different, times, strict=True)))


def _expected_term(count: int, total: int, items: int) -> float:
    """Return the mean of ``-k/m log2 k/m`` where `k` of `m` items drawn are of a type with `count` of `total`."""
    from scipy.special import gammaln  # type: ignore[import-untyped, unused-ignore]

    k = np.arange(max(1, items - (total - count)), min(count, items) + 1)
    if not len(k):
        return 0.0

    def choose(n: int, some: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray(gammaln(n + 1) - gammaln(some + 1) - gammaln(n - some + 1))

    whole = float(choose(total, np.array([items]))[0])
    chance = np.exp(choose(count, k) + choose(total - count, items - k) - whole)
    share = k / items
    return float(-(chance * share * np.log2(share)).sum())


def _held(counts: Iterable[int]) -> NDArray[np.int64]:
    held = np.fromiter(counts, dtype=np.int64)
    if (held < 0).any():
        msg = f"counts must be 0 or more, got {held.min()}"
        raise ValueError(msg)
    return held[held > 0]
