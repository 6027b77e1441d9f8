"""Which texts stay, compiled by numba. Import this module when it is needed: numba is slow to load."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from textbooks.decontaminators.kernels import Hashes, Offsets, compiled

__all__ = ["choose", "join", "roots", "similarity"]

Labels = NDArray[np.int32]


@compiled
def similarity(first: Hashes, second: Hashes, threshold: float) -> float:
    """Return the Jaccard similarity of two sorted sets; two empty sets are equal (1).

    Where the sizes, or the hashes that only one of the sets has, rule out the threshold, 0 is returned at once.
    """
    smaller, larger = min(len(first), len(second)), max(len(first), len(second))
    if larger == 0:
        return 1.0
    if smaller / larger < threshold:  # no similarity is above that
        return 0.0
    total = smaller + larger
    spare = total - 2.0 * threshold / (1.0 + threshold) * total + 0.5  # more unshared hashes rule it out
    shared, here, there = 0, 0, 0
    while here < len(first) and there < len(second):
        if here + there - 2 * shared > spare:
            return 0.0
        one, other = first[here], second[there]
        shared += one == other
        here += one <= other
        there += other <= one
    return shared / (total - shared)


@compiled
def root(parents: Offsets, number: int) -> int:
    """Return the least member of a component, and shorten the way to it."""
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number


@compiled
def join(parents: Offsets, order: Offsets, opens: NDArray[np.bool_]) -> None:
    """Join the components of all texts that share a bucket.

    Parameters
    ----------
    parents : ndarray of int64, shape (n,)
        A forest in which no parent is greater than its child; changed in place.
    order : ndarray of int64
        Texts, those of a bucket one after the other.
    opens : ndarray of bool
        Whether a bucket begins with that text.
    """
    for place in range(1, len(order)):
        if not opens[place]:
            one, other = root(parents, order[place - 1]), root(parents, order[place])
            parents[max(one, other)] = min(one, other)


@compiled
def roots(parents: Offsets) -> None:
    """Replace each parent by the least member of its component."""
    for number in range(len(parents)):
        parents[number] = root(parents, number)


@compiled
def choose(
    labels: Labels, hashes: Hashes, bounds: Offsets, threshold: float, heads: Labels, partners: Offsets,
    similarities: NDArray[np.float64],
) -> None:  # fmt: skip
    """Keep each text, the best first, unless it is similar to one that is kept already.

    A text is compared with the kept ones in its buckets and with no others, so that a family of similar texts, however
    large, costs one comparison a text.

    Parameters
    ----------
    labels : ndarray of int32, shape (n, bands)
        Bucket of each text in each band, below zero where it is alone there. The best text comes first.
    hashes, bounds
        The set of text ``i`` is ``hashes[bounds[i]:bounds[i + 1]]``, ascending.
    threshold : float
        Drops a text at this similarity or above.
    heads : ndarray of int32, shape (n_buckets,)
        All -1; takes the last kept text of each bucket.
    partners : ndarray of int64, shape (n,)
        Takes the most similar kept text, the best among equals; for a text that is kept, itself.
    similarities : ndarray of float64, shape (n,)
        Takes the similarity to it; 1 for a text that is kept.
    """
    count, bands = labels.shape
    following = np.empty((count, bands), np.int32)
    met = np.full(count, -1, np.int32)
    for text in range(count):
        mine = hashes[bounds[text] : bounds[text + 1]]
        best, partner = -1.0, text
        for band in range(bands):
            other = heads[labels[text, band]] if labels[text, band] >= 0 else -1
            while other >= 0:
                if met[other] != text:
                    met[other] = text
                    value = similarity(mine, hashes[bounds[other] : bounds[other + 1]], threshold)
                    if value > best or (value == best and other < partner):
                        best, partner = value, other
                other = following[other, band]
        if best >= threshold:
            partners[text], similarities[text] = partner, best
            continue
        partners[text], similarities[text] = text, 1.0
        for band in range(bands):
            label = labels[text, band]
            if label >= 0:
                following[text, band] = heads[label]
                heads[label] = text
