"""Which of many texts stay: candidates from the keys of their bands, and the decision on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Candidates", "FlatSets", "Partners", "candidates_of", "decide"]

_BATCH = 1 << 22  # the size of the texts whose sets are held at a time, unless a component is larger
Indices = NDArray[np.int64]


class FlatSets(NamedTuple):
    """Sets of shingles, one after the other.

    Attributes
    ----------
    hashes : ndarray of uint64
        The set of text ``i`` is ``hashes[bounds[i]:bounds[i + 1]]``, ascending.
    bounds : ndarray of int64, shape (n + 1,)
    """

    hashes: NDArray[np.uint64]
    bounds: Indices


@dataclass(frozen=True, slots=True)
class Candidates:
    """Texts that share buckets, the best first.

    Attributes
    ----------
    labels : ndarray of int32, shape (n, bands)
        Bucket of each text in each band, numbered through over all bands; -1 where it is alone.
    buckets : int
        How many there are.
    components : ndarray of int64, shape (n,)
        The least text that a text is linked to by buckets, over any number of others: no two texts of different
        components are candidates. A text alone has its own number.
    """

    labels: NDArray[np.int32]
    buckets: int
    components: Indices


class Partners(NamedTuple):
    """The decision on each text.

    Attributes
    ----------
    kept : ndarray of int64, shape (n,)
        The kept text that a text is most similar to; its own number where it is kept.
    jaccard : ndarray of float64, shape (n,)
        Their similarity; 1 where it is kept.
    """

    kept: Indices
    jaccard: NDArray[np.float64]


def candidates_of(keys: NDArray[np.uint64]) -> Candidates:
    """Find the texts that share the key of a band, by sorting.

    Parameters
    ----------
    keys : ndarray of uint64, shape (bands, n)
        The best text first.
    """
    from textbooks.dedup.semantic import greedy_kernels

    bands, count = keys.shape
    labels, buckets = np.full((count, bands), -1, dtype=np.int32), 0
    parents = np.arange(count)
    for band in range(bands):
        order = np.argsort(keys[band])
        ordered = keys[band][order]
        opens = np.ones(count, dtype=np.bool_)
        opens[1:] = ordered[1:] != ordered[:-1]
        shared = ~opens
        shared[:-1] |= ~opens[1:]
        order, opens = order[shared], opens[shared]
        labels[order, band] = np.cumsum(opens) - 1 + buckets
        buckets += int(opens.sum())
        greedy_kernels.join(parents, order, opens)
    greedy_kernels.roots(parents)
    return Candidates(labels, buckets, parents)


def decide(
    candidates: Candidates, threshold: float, sizes: Indices, sets_of: Callable[[Indices], FlatSets]
) -> Partners:
    """Keep each text, the best first, unless its similarity to one that is kept already reaches the threshold.

    Parameters
    ----------
    candidates : Candidates
    threshold : float
        Jaccard similarity, above 0 and at most 1.
    sizes : ndarray of int64, shape (n,)
        What the sets of each text cost, in any unit of about a byte of text.
    sets_of : callable
        Returns the sets of some texts; asked once for each that has candidates. It holds those of one component at
        least, and of some megabytes of text.
    """
    from textbooks.dedup.semantic import greedy_kernels

    count = len(sizes)
    partners = Partners(np.arange(count), np.ones(count))
    heads = np.full(candidates.buckets, -1, dtype=np.int32)
    for batch in _batches(candidates.components, sizes):
        kept, jaccard = np.empty(len(batch), dtype=np.int64), np.empty(len(batch))
        hashes, bounds = sets_of(batch)
        greedy_kernels.choose(candidates.labels[batch], hashes, bounds, threshold, heads, kept, jaccard)
        partners.kept[batch], partners.jaccard[batch] = batch[kept], jaccard
    return partners


def _batches(components: Indices, sizes: Indices) -> Iterator[Indices]:
    """Yield the texts of whole components that are not alone, the best of each component first."""
    members = np.flatnonzero(np.bincount(components, minlength=1)[components] > 1)
    if not len(members):
        return
    members = members[np.argsort(components[members], kind="stable")]
    opens = np.flatnonzero(np.diff(components[members], prepend=-1))
    ends = np.append(opens[1:], len(members))
    reached = np.cumsum(sizes[members])[ends - 1]
    first = 0
    while first < len(ends):
        before = reached[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(reached, before + _BATCH, side="right")))
        yield members[opens[first] : ends[last - 1]]
        first = last
