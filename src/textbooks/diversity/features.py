"""What is read of every text once, so that any part of a set can be measured quickly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from textbooks.diversity.content import Content, name_words, read_content
from textbooks.diversity.neighbours import jaccard_matrix
from textbooks.diversity.runs import Runs, grams, tokens_of
from textbooks.diversity.self_bleu import ORDERS
from textbooks.diversity.topics import cluster, topics_for

if TYPE_CHECKING:
    from textbooks.embedders.base import Embedder

__all__ = ["Counts", "Features", "read_features"]

NO_IMPORT: Final = "(nothing)"
"""What a text imports that imports nothing: else a set with three imports could not be compared with one of many."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each text has each of some types.

    Attributes
    ----------
    types : tuple of str
        Sorted.
    held : sparse matrix (texts, types) of int64
        How often.
    """

    types: tuple[str, ...]
    held: Any

    def total(self, texts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how often each type occurs in some texts, shape (types,)."""
        return np.asarray(self.held[texts].sum(axis=0), dtype=np.int64).ravel()


@dataclass(frozen=True, slots=True)
class Features:
    """All that is measured of texts.

    Attributes
    ----------
    encoded : list of bytes
        The texts.
    tokens : Runs
        Code-aware tokens.
    orders : tuple of Runs
        N-grams of 1 to 4 tokens.
    near : sparse matrix (n, n) of float64
        Jaccard similarities, see `textbooks.diversity.neighbours.jaccard_matrix`.
    vectors : ndarray (n, dimensions) float32
        Embeddings.
    contents : list of Content
        What each text holds.
    counts : mapping of str to Counts
        ``topics``, ``function_names``, ``name_words``, ``imports``, ``node_types``.
    """

    encoded: list[bytes]
    tokens: Runs
    orders: tuple[Runs, ...]
    near: Any
    vectors: NDArray[np.float32]
    contents: list[Content]
    counts: Mapping[str, Counts]


def read_features(
    texts: Sequence[str],
    embedder: Embedder,
    labels: Sequence[str] | None,
    *,
    seed: int,
    drawn: NDArray[np.int64] | None = None,
) -> Features:
    """Read texts.

    Parameters
    ----------
    texts : sequence of str, shape (n,)
        Valid texts, of both sets where two are compared: topics and numbers of tokens are then the same for both.
    embedder : Embedder
    labels : sequence of str or None
        A topic a text; None means that embeddings are clustered.
    seed : int
        For the clusters.
    drawn : ndarray (m,) int64, optional
        Texts that are clustered, all by default; of two sets as many of each, see `topic_draws`. The others have no
        topic.
    """
    tokens = tokens_of(texts)
    contents = read_content(texts)
    vectors = np.asarray(embedder.embed(texts), dtype=np.float32)
    if labels is None:
        topics = _topics(vectors, np.arange(len(texts)) if drawn is None else drawn, seed)
    else:
        topics = list(labels)
    names = [Counter(content.functions) for content in contents]
    counters: dict[str, list[Counter[str]]] = {
        "topics": [Counter([topic] if topic else []) for topic in topics],
        "function_names": names,
        "name_words": [
            Counter(word for name in content.functions for word in name_words(name)) for content in contents
        ],
        "imports": [Counter(content.imports or [NO_IMPORT]) for content in contents],
        "node_types": [content.node_types for content in contents],
    }
    return Features(
        encoded=[text.encode() for text in texts],
        tokens=tokens,
        orders=tuple(grams(tokens, n) for n in ORDERS),
        near=jaccard_matrix(tokens),
        vectors=vectors,
        contents=contents,
        counts={source: _counts(each) for source, each in counters.items()},
    )


def _topics(vectors: NDArray[np.float32], drawn: NDArray[np.int64], seed: int) -> list[str]:
    """Return the cluster of each text that was drawn, and nothing for the others."""
    topics = [""] * len(vectors)
    for i, topic in zip(drawn.tolist(), cluster(vectors[drawn], topics_for(len(drawn)), seed).tolist(), strict=True):
        topics[i] = f"cluster {topic}"
    return topics


def _counts(counters: Sequence[Counter[str]]) -> Counts:
    from scipy import sparse  # type: ignore[import-untyped, unused-ignore]

    types = tuple(sorted(set().union(*counters)))
    place = {name: i for i, name in enumerate(types)}
    row = np.repeat(np.arange(len(counters)), [len(counter) for counter in counters])
    column = np.array([place[name] for counter in counters for name in counter], dtype=np.int64)
    times = np.array([n for counter in counters for n in counter.values()], dtype=np.int64)
    return Counts(types, sparse.csr_matrix((times, (row, column)), (len(counters), len(types))))
