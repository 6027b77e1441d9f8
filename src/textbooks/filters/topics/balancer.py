"""Skewed topics: no topic of a corpus may crowd out the others."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from textbooks.filters.corpus import CorpusFilter
from textbooks.filters.corpus_result import CorpusResult
from textbooks.filters.topics.clusters import TopicClusters, cluster_texts, typical_words
from textbooks.filters.topics.report import Topic, TopicReport
from textbooks.ranges import check_range
from textbooks.records import as_records, to_document, why_unjudgeable
from textbooks.verdicts import Reason, Status, Verdict

if TYPE_CHECKING:
    from textbooks.embedders.base import Embedder

__all__ = ["TopicBalancer"]

R = TypeVar("R")


class TopicBalancer(CorpusFilter):
    """Cap over-represented topics, with reason ``overrepresented_topic``, or weigh them down.

    Texts are embedded and clustered by k-means; a cluster is a topic. Of a topic with more texts than the cap the
    best stay, by `best_by`, or else those of the smallest digests, which is a random choice that no order changes.
    The score is the share of the texts that are of the text's topic, in (0, 1]; the evidence is ``topic`` (0 is the
    largest), ``size``, ``cap`` and ``rank`` (from 1, the best). Which texts are kept depends neither on the order of
    the records nor on the number of threads. After `fit_apply` or `weights`, `report_` says what it did.

    Parameters
    ----------
    max_ratio : float or None, default=2.0
        Drops what a topic has beyond this many times the median size of the topics; at least 1. None: no such cap.
        Ours; what other values keep is measured in benchmarks/drawbacks.
    max_share : float or None, default=None
        Drops what a topic has beyond this share of all texts that are *kept*; in (0, 1]. Where there are too few
        topics to reach it (fewer than ``1 / max_share``), all are cut to the size of the smallest. None: no such cap.
    topics : int or None, default=None
        Number of clusters, at least 1. None: the square root of half the number of different texts, at most 200.
    embedder : Embedder, optional
        `textbooks.embedders.StaticEmbedder` when None, made on first use.
    best_by : callable, optional
        Takes a list of texts and returns a number for each, the higher the better, such as
        ``EduValueFilter().score``. NaN comes last. Equal numbers: by digest.
    sample_size : int, default=20,000
        Different texts that the centres are fitted to; the others go to the nearest centre. Bounds memory:
        ``sample_size * dimensions * 4`` bytes, and the texts.
    seed : int, default=0
        Of k-means.

    Notes
    -----
    Source: "Textbooks Are All You Need", section 2: web code is "skewed towards certain topics or use cases,
    resulting in an unbalanced distribution of coding concepts and skills". The remedy is ours.

    Examples
    --------
    >>> from textbooks.filters import EduValueFilter
    >>> balancer = TopicBalancer(max_ratio=2.0, best_by=EduValueFilter().score)
    """

    name = "topic_balance"
    thresholds = ("max_ratio", "max_share")

    def __init__(
        self,
        *,
        max_ratio: float | None = 2.0,
        max_share: float | None = None,
        topics: int | None = None,
        embedder: Embedder | None = None,
        best_by: Callable[[Sequence[str]], Iterable[float]] | None = None,
        sample_size: int = 20_000,
        seed: int = 0,
    ) -> None:
        _check_caps(max_ratio, max_share)
        if topics is not None:
            check_range("topics", topics, 1)
        check_range("sample_size", sample_size, 1)
        check_range("seed", seed, 0, 2**32 - 1)
        self.max_ratio = max_ratio
        self.max_share = max_share
        self.topics = topics
        self.embedder = embedder
        self.best_by = best_by
        self.sample_size = sample_size
        self.seed = seed
        self.report_: TopicReport | None = None

    def fit_apply(self, records: Iterable[R], *, text_key: str = "text") -> CorpusResult[R]:
        """Cluster the records and keep of each topic no more than the cap.

        Parameters
        ----------
        records : iterable of str, mapping or Document
            They are not changed. A record without a valid text is quarantined and takes no part.
        text_key : str, default="text"
            Where mappings keep their text.

        Returns
        -------
        CorpusResult
            As `CorpusFilter.fit_apply`; ``rethreshold(max_ratio=..., max_share=...)`` caps again without embedding.
        """
        result = super().fit_apply(records, text_key=text_key)
        return CorpusResult(result.records, result.verdicts, redecide=partial(_redecide, self, result.verdicts))

    def weights(self, records: Iterable[Any], *, text_key: str = "text") -> NDArray[np.float64]:
        """Return sampling weights instead of dropping: each topic weighs as much as its texts up to the cap.

        Parameters
        ----------
        records, text_key
            As for `fit_apply`.

        Returns
        -------
        ndarray of float64, shape (n,)
            Probabilities that sum to 1; all texts of a topic have the same. 0 for what cannot be judged.
        """
        texts = [to_document(record, text_key=text_key).text for record in as_records(records)]
        valid = np.array([why_unjudgeable(text) is None for text in texts], dtype=np.bool_)
        weights = np.zeros(len(texts))
        if not valid.any():
            return weights
        clusters = self._cluster([cast(str, text) for text, fits in zip(texts, valid, strict=True) if fits])
        kept = np.minimum(clusters.sizes, self._cap(clusters.sizes))
        weights[valid] = (kept / clusters.sizes)[clusters.topic] / kept.sum()
        return weights

    def _judge_corpus(self, texts: Sequence[str]) -> list[Verdict]:
        if not texts:
            self.report_ = None
            return []
        clusters = self._cluster(texts)
        return _verdicts(clusters.topic, self._ranks(texts, clusters), clusters.sizes, self._cap(clusters.sizes))

    def _cluster(self, texts: Sequence[str]) -> TopicClusters:
        embedder = self.embedder or _default_embedder()
        clusters = cluster_texts(
            texts, embedder, topics=self.topics, sample_size=int(self.sample_size), seed=int(self.seed)
        )
        cap = self._cap(clusters.sizes)
        words = typical_words(texts, clusters)
        sizes = clusters.sizes.tolist()
        named = enumerate(zip(words, sizes, strict=True))
        topics = tuple(Topic(number, some, size, min(size, cap)) for number, (some, size) in named)
        self.report_ = TopicReport(topics, cap, embedder.identity)
        return clusters

    def _ranks(self, texts: Sequence[str], clusters: TopicClusters) -> NDArray[np.int64]:
        """Return the place of each text in its topic, from 1, the best."""
        goodness = np.zeros(len(texts))
        if self.best_by is not None:
            goodness = np.asarray(list(self.best_by(texts)), dtype=np.float64)
            if goodness.shape != (len(texts),):
                msg = f"best_by must return one number a text, got {len(goodness)} for {len(texts)} texts"
                raise ValueError(msg)
        worst_last = np.where(np.isnan(goodness), np.inf, -goodness)
        order = sorted(range(len(texts)), key=lambda i: (clusters.topic[i], worst_last[i], clusters.digests[i], i))
        ranks = np.empty(len(texts), dtype=np.int64)
        first = np.cumsum(clusters.sizes) - clusters.sizes
        ranks[order] = np.arange(len(texts)) - first[clusters.topic[order]] + 1
        return ranks

    def _cap(self, sizes: NDArray[np.int64]) -> int:
        cap = int(sizes.max())
        if self.max_ratio is not None:
            cap = min(cap, math.ceil(self.max_ratio * float(np.median(sizes))))
        return cap if self.max_share is None else min(cap, _cap_for_share(np.minimum(sizes, cap), self.max_share))


def _check_caps(max_ratio: float | None, max_share: float | None) -> None:
    if max_ratio is not None:
        check_range("max_ratio", max_ratio, 1)
    if max_share is not None:
        check_range("max_share", max_share, 0, 1)
        if not max_share:
            msg = f"max_share must be above 0, got {max_share!r}"
            raise ValueError(msg)


def _cap_for_share(sizes: NDArray[np.int64], max_share: float) -> int:
    """Return the largest cap that leaves no topic more than the share of what is kept; else the smallest size."""
    low, high = int(sizes.min()), int(sizes.max())
    while low < high:  # whether a cap fits is monotone: a lower cap leaves the capped topics a lower share
        middle = (low + high + 1) // 2
        fits = middle <= max_share * int(np.minimum(sizes, middle).sum()) + 1e-9
        low, high = (middle, high) if fits else (low, middle - 1)
    return low


def _verdicts(topic: NDArray[np.int64], ranks: NDArray[np.int64], sizes: NDArray[np.int64], cap: int) -> list[Verdict]:
    total = int(sizes.sum())
    found = []
    for number, rank in zip(topic.tolist(), ranks.tolist(), strict=True):
        size = int(sizes[number])
        evidence = {"topic": number, "size": size, "cap": cap, "rank": rank}
        if rank <= cap:
            found.append(Verdict.kept(size / total, **evidence))
        else:
            found.append(Verdict.dropped(Reason.OVERREPRESENTED_TOPIC, size / total, **evidence))
    return found


def _redecide(balancer: TopicBalancer, verdicts: Sequence[Verdict], **thresholds: Any) -> list[Verdict]:  # noqa: ANN401
    """Cap again, from the topics and ranks that the evidence holds."""
    unknown = sorted(set(thresholds) - set(balancer.thresholds))
    if unknown:
        msg = f"TopicBalancer has no threshold {unknown[0]!r}; it has {', '.join(balancer.thresholds)}"
        raise TypeError(msg)
    other = TopicBalancer(**{**balancer.get_params(), **thresholds})
    judged = [verdict for verdict in verdicts if verdict.status is not Status.QUARANTINED]
    if not judged:
        return list(verdicts)
    topic, ranks = (np.array([verdict.evidence[key] for verdict in judged]) for key in ("topic", "rank"))
    sizes = np.bincount(topic)
    again = iter(_verdicts(topic, ranks, sizes, other._cap(sizes)))
    return [verdict if verdict.status is Status.QUARANTINED else next(again) for verdict in verdicts]


def _default_embedder() -> Embedder:
    made: Embedder = importlib.import_module("textbooks.embedders.static").StaticEmbedder()
    return made
