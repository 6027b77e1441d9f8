"""Topics where the caller names none: clusters of embeddings, and how many the texts of each set amount to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from textbooks.diversity.entropy import entropy

__all__ = ["cluster", "topic_draws", "topics_for"]

TOPICS: Final = 20
"""Clusters of embeddings that stand for topics, where there are texts enough."""

_TEXTS_A_TOPIC: Final = 6


def topics_for(texts: int) -> int:
    """Return how many clusters so many texts are to make: 20, or one for six texts where they are few."""
    return max(1, min(TOPICS, texts // _TEXTS_A_TOPIC))


def cluster(vectors: NDArray[np.float32], topics: int, seed: int) -> NDArray[np.int64]:
    """Return the cluster of each vector by k-means.

    Parameters
    ----------
    vectors : ndarray (n, dimensions)
        Rows of zeros have no direction and are a cluster of their own.
    topics : int
        Number of centres; never more than there are different vectors.
    seed : int
        For k-means++.

    Returns
    -------
    ndarray (n,) int64
        0 to ``topics - 1``; `topics` for rows of zeros.
    """
    from sklearn.cluster import KMeans  # here: it takes half a second to import

    found = np.full(len(vectors), topics, dtype=np.int64)
    directed = np.flatnonzero(vectors.any(axis=1))
    different = len(np.unique(vectors[directed], axis=0)) if len(directed) else 0
    if different:
        with threadpool_limits(limits=1):  # sums over several threads differ in their last bits
            kmeans = KMeans(min(topics, different), n_init=1, random_state=seed, algorithm="lloyd")
            found[directed] = kmeans.fit_predict(vectors[directed])
    return found


def topic_draws(
    vectors: NDArray[np.float32], sets: Sequence[NDArray[np.int64]], size: int, *, topics: int, times: int, seed: int
) -> NDArray[np.float64]:
    """Return how many topics `size` random texts of each set amount to, clustered together, shape (times, sets).

    As many texts of each set, and no others, make the clusters. Clusters of all texts would tell those of the larger
    set apart and throw those of the smaller one together; weights that make up for it do the opposite.

    Parameters
    ----------
    vectors : ndarray (n, dimensions)
        Of all texts.
    sets : sequence of ndarray of int64
        Places of the texts of each set; at least `size` of them.
    size, topics, times : int
        Texts a draw, clusters, draws.
    seed : int
        For draws and clusters.
    """
    draws = np.random.default_rng(seed)
    found = np.zeros((times, len(sets)))
    for i in range(times):
        drawn = np.concatenate([draws.permutation(members)[:size] for members in sets])
        clusters = cluster(vectors[drawn], topics, seed + i).reshape(len(sets), size)
        found[i] = [entropy(np.bincount(row, minlength=1).tolist()).effective for row in clusters]
    return found
