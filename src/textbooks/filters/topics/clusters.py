"""Topics: texts clustered by embedding, the same for any order of the texts."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from textbooks.scoring.known_names import BUILTIN_NAMES

if TYPE_CHECKING:
    from textbooks.embedders.base import Embedder

__all__ = ["TopicClusters", "cluster_texts", "digest", "typical_words"]

BATCH_TEXTS: Final = 512
"""Texts embedded at once. Fixed: the last bits of a product of matrices may depend on their shapes."""

MOST_TOPICS: Final = 200
WORDS_A_TOPIC: Final = 5
TEXTS_READ_A_TOPIC: Final = 200
CHARACTERS_READ: Final = 20_000
_RESTARTS: Final = 3
_WORD = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{3,}")
_LEAST_LETTERS: Final = 3
_COMMON_WORDS = frozenset(
    "and assert async await break class continue def del elif else except finally for from global import lambda "
    "nonlocal not pass raise return try while with yield args kwargs init name main the this that are was "
    "has have will can its not you your our their which also used using use when where what than then there these "
    "those each other more most some any only such into over out all one two may should must does been was were "
    "how but would could between both same see because".split()
) | {name.lower() for name in BUILTIN_NAMES}


@dataclass(frozen=True, slots=True)
class TopicClusters:
    """The topic of each text.

    Attributes
    ----------
    topic : ndarray (n,) int64
        By falling size: 0 is the largest topic; of equals first the one that holds the smallest digest.
    sizes : ndarray (topics,) int64
        Texts of each topic.
    digests : list of bytes
        Of each text.
    """

    topic: NDArray[np.int64]
    sizes: NDArray[np.int64]
    digests: list[bytes]


def digest(text: str) -> bytes:
    """Return 16 bytes that stand for a text whatever its place."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def cluster_texts(
    texts: Sequence[str], embedder: Embedder, *, topics: int | None, sample_size: int, seed: int
) -> TopicClusters:
    """Cluster texts by k-means on their embeddings.

    The centres are fitted to the `sample_size` different texts of the smallest digests, which is a random sample that
    no order changes; then each text goes to its nearest centre. Texts without anything to embed (the zero vector) are
    a topic of their own. Memory: the sample's vectors, one batch of others, and a few bytes a text.

    Parameters
    ----------
    texts : sequence of str, shape (n,)
        Valid texts; equal texts have the same topic, and each counts.
    embedder : Embedder
        Its vectors must depend on the text alone.
    topics : int or None
        Number of centres; None means the square root of half the number of different texts, at most 200. Never more
        than there are different vectors in the sample.
    sample_size : int
        Texts to fit the centres to.
    seed : int
        For k-means++.
    """
    digests = [digest(text) for text in texts]
    first: dict[bytes, int] = {}
    for position, key in enumerate(digests):
        first.setdefault(key, position)
    order = sorted(first)
    wanted = topics or min(MOST_TOPICS, round((len(order) / 2) ** 0.5))
    with threadpool_limits(limits=1):  # sums over several threads differ in their last bits
        vectors = _embed(embedder, [texts[first[key]] for key in order[:sample_size]])
        centres = _fit_centres(vectors, wanted, seed)
        nearest = [_nearest(vectors, centres)]
        for start in range(len(vectors), len(order), BATCH_TEXTS):
            batch = [texts[first[key]] for key in order[start : start + BATCH_TEXTS]]
            nearest.append(_nearest(_embed(embedder, batch), centres))
    found = dict(zip(order, np.concatenate(nearest).tolist(), strict=True))
    return _by_falling_size(np.array([found[key] for key in digests], dtype=np.int64), digests)


def _embed(embedder: Embedder, texts: Sequence[str]) -> NDArray[np.float32]:
    batches = [embedder.embed(texts[start : start + BATCH_TEXTS]) for start in range(0, len(texts), BATCH_TEXTS)]
    return np.concatenate(batches) if batches else np.zeros((0, embedder.dimensions), dtype=np.float32)


def _fit_centres(vectors: NDArray[np.float32], topics: int, seed: int) -> NDArray[np.float32]:
    """Return unit centres; none where no vector has a direction."""
    from sklearn.cluster import KMeans  # here: it takes half a second to import

    directed = vectors[np.linalg.norm(vectors, axis=1) > 0.5]
    different = len(np.unique(directed, axis=0))
    if not different:
        return np.zeros((0, vectors.shape[1]), dtype=np.float32)
    kmeans = KMeans(min(max(topics, 1), different), n_init=_RESTARTS, random_state=seed, algorithm="lloyd")
    centres = kmeans.fit(directed).cluster_centers_
    lengths = np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
    return np.asarray(centres / lengths, dtype=np.float32)


def _nearest(vectors: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the centre of the greatest cosine; one past the last for a vector without direction."""
    if not len(centres):
        return np.zeros(len(vectors), dtype=np.int64)
    nearest: NDArray[np.int64] = np.argmax(vectors @ centres.T, axis=1).astype(np.int64)
    nearest[np.linalg.norm(vectors, axis=1) <= 0.5] = len(centres)
    return nearest


def _by_falling_size(cluster: NDArray[np.int64], digests: list[bytes]) -> TopicClusters:
    smallest: dict[int, bytes] = {}
    for each, key in zip(cluster.tolist(), digests, strict=True):
        smallest[each] = min(key, smallest.get(each, key))
    counts = Counter(cluster.tolist())
    ordered = sorted(counts, key=lambda each: (-counts[each], smallest[each]))
    number = {each: place for place, each in enumerate(ordered)}
    topic = np.array([number[each] for each in cluster.tolist()], dtype=np.int64)
    return TopicClusters(topic, np.array([counts[each] for each in ordered], dtype=np.int64), digests)


def typical_words(texts: Sequence[str], clusters: TopicClusters) -> list[tuple[str, ...]]:
    """Return for each topic the words that it has more than the others.

    Words are the parts of identifiers, comments and strings, in lower case, without those of the language. By
    ``p * log(p / q)``, where `p` is the share of the topic's texts that have the word, and `q` that of all topics
    (each topic counts the same). Of a topic the 200 texts of the smallest digests are read, 20,000 characters each.
    """
    chosen: list[list[int]] = [[] for _ in clusters.sizes]
    for position in sorted(range(len(texts)), key=clusters.digests.__getitem__):
        topic = chosen[clusters.topic[position]]
        if len(topic) < TEXTS_READ_A_TOPIC:
            topic.append(position)
    shares = [_word_shares(texts[position] for position in positions) for positions in chosen]
    overall: dict[str, float] = {}
    for share in shares:
        for word, part in share.items():
            overall[word] = overall.get(word, 0.0) + part
    return [_most_typical(share, overall, len(shares)) for share in shares]


def _word_shares(texts: Iterable[str]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    read = 0
    for text in texts:
        read += 1
        counts.update(
            {word.lower() for word in _WORD.findall(text[:CHARACTERS_READ]) if len(word) >= _LEAST_LETTERS}
            - _COMMON_WORDS
        )
    return {word: count / read for word, count in counts.items()}


def _most_typical(share: dict[str, float], overall: dict[str, float], topics: int) -> tuple[str, ...]:
    ranked = sorted(share, key=lambda word: (-share[word] * np.log(share[word] * topics / overall[word]), word))
    return tuple(ranked[:WORDS_A_TOPIC])
