"""Texts of nearly the same meaning, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from textbooks.dedup.different import Different, join_equal, refuse_below, verdicts_of
from textbooks.dedup.exact_stages import DIGEST, digest
from textbooks.dedup.minhash.bands import check_threshold
from textbooks.dedup.minhash.scheme import Key, best_first, rank_of
from textbooks.dedup.semantic.cells import Cells, cells_for, frame_of, locate, sample_size
from textbooks.dedup.semantic.engines import check_engine, engine_for
from textbooks.dedup.semantic.neighbourhoods import settle
from textbooks.dedup.semantic.vectors import Vectors, rounded
from textbooks.filters.corpus import CorpusFilter, Judgement
from textbooks.ranges import check_range
from textbooks.verdicts import Reason, Verdict

if TYPE_CHECKING:
    from textbooks.embedders.base import Embedder

__all__ = ["DEFAULT_THRESHOLD", "SemanticDeduplicator", "embed", "usual_embedder"]

DEFAULT_THRESHOLD: Final = 0.9
TEXTS_AT_ONCE: Final = 512

Numbers = NDArray[np.int64]


class SemanticDeduplicator(CorpusFilter):
    r"""Drop every text whose vector is close to that of a better one that stays, with reason ``semantic_duplicate``.

    Texts are taken from the best to the worst by `key`. A text is dropped when the cosine of its vector and that of one
    that stays already is at least `threshold`, and else stays itself, as in `MinHashDeduplicator`. The outcome is that
    of comparing with all that stay: vectors are sorted into cells, and cells that cannot hold a neighbour are left out,
    by the triangle inequality. SemDeDup looks within one cell alone and misses the pairs that a border separates.

    The score of a text that goes is that cosine; the evidence is ``duplicate_of``, the position of the most similar of
    the better texts that stay, ``similarity`` and ``cluster_size``, the number of texts that one stands for: itself and
    those dropped for it. A text that stays has ``cluster_size`` alone, and no score. A text without anything to embed
    (the zero vector) equals its own copies only. One whose vector is not finite is quarantined.

    Among equal keys (all, when there is no key) the longer text is the better one, then that of the smaller digest; of
    equal texts the first stays. Which texts stay depends on the vectors and on nothing else: neither the order of the
    records, nor cells, seed, engine or threads.

    For corpora that do not fit in memory use the stages `SemanticEmbeddings`, `SemanticCentres`, `SemanticCells`,
    `SemanticClusters` and `SemanticFilter` in datatrove pipelines: they keep the same texts.

    Parameters
    ----------
    threshold : float, default=0.9
        Drops at this cosine or above; above 0 and at most 1. Ours, for `StaticEmbedder`; what it finds is measured in
        benchmarks/dedup. Cosines of different embedders do not compare.
    embedder : Embedder, optional
        None: `StaticEmbedder`, as it ships. Its vectors must depend on the text alone.
    key : callable, str or None, default=None
        How good a record is, the higher the better; see `MinHashDeduplicator`.
    cells : int, optional
        How many cells to make, at least 1; None: one for each 1024 texts, at most 1024.
    seed : int, default=0
        Of k-means, 0 to 2 ** 32 - 1. Like `cells` it bears on the time alone.
    engine : {"auto", "numpy", "faiss", "faiss-gpu"}, default="auto"
        What computes; see `textbooks.dedup.semantic.engines.engine_for`, which says what ``"auto"`` takes.

    Raises
    ------
    MissingExtraError
        On use, if faiss is asked for and not installed.

    Notes
    -----
    Source: cells and the best of a neighbourhood from SemDeDup (Abbas et al. 2023, arXiv 2303.09540), which D4 and
    others follow; the greedy rule, exactness across cells and vectors of 16 bits are ours.

    Memory beyond the texts: 2 bytes a dimension and text, 388 bytes a text for its sketch, and a bit a cell and text.

    Examples
    --------
    >>> texts = [
    ...     "def total(values):\n    return sum(value for value in values)",
    ...     "def total(numbers):\n    return sum(number for number in numbers)",
    ...     "import os",
    ... ]
    >>> result = SemanticDeduplicator(threshold=0.6).fit_apply(texts)
    >>> [verdict.keep for verdict in result.verdicts]
    [False, True, True]
    """

    name = "semantic_duplicate"
    thresholds = ("threshold",)

    def __init__(
        self,
        *,
        threshold: float = DEFAULT_THRESHOLD,
        embedder: Embedder | None = None,
        key: Key = None,
        cells: int | None = None,
        seed: int = 0,
        engine: str = "auto",
    ) -> None:
        check_threshold(threshold)
        if cells is not None:
            check_range("cells", cells, 1)
        check_range("seed", seed, 0, 2**32 - 1)
        check_engine(engine)
        self.threshold = threshold
        self.embedder = embedder
        self.key = key
        self.cells = cells
        self.seed = seed
        self.engine = engine

    def _judge_corpus(self, texts: Sequence[str]) -> list[Verdict]:
        return self._judge_records(texts, texts).verdicts

    def _judge_records(self, texts: Sequence[str], records: Sequence[object]) -> Judgement:
        measured = self._measure(texts, records)
        return Judgement(_verdicts(measured, self.threshold), partial(_redecide, measured))

    def _measure(self, texts: Sequence[str], records: Sequence[object]) -> Measured:
        ranks = np.array([rank_of(record, self.key) for record in records], dtype=np.float64)
        digests = np.frombuffer(b"".join(map(digest, texts)), dtype=DIGEST)
        sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        different = join_equal(texts, best_first(ranks, sizes, digests))
        vectors = embed(usual_embedder() if self.embedder is None else self.embedder, different.texts)
        is_finite: NDArray[np.bool_] = np.all(np.isfinite(vectors), axis=1)
        vectors[~is_finite] = 0.0
        engine = engine_for(self.engine)
        count = self.cells or cells_for(len(vectors))
        sample = np.sort(np.random.default_rng(self.seed).permutation(len(vectors))[: sample_size(count)])
        frame = frame_of(vectors[sample], count, self.seed, engine)
        cells = locate(vectors.__getitem__, len(vectors), frame, self.threshold, engine)
        return Measured(self.threshold, self.engine, different, vectors, is_finite, cells)


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of texts before a threshold decides.

    Attributes
    ----------
    threshold : float
        The least for which `cells` leave out nothing.
    engine : str
    different : Different
    vectors : ndarray (n_different, dimensions) float16
        Zero where the embedder gave what is not finite.
    is_finite : ndarray (n_different,) bool
    cells : Cells
        Of the different texts.
    """

    threshold: float
    engine: str
    different: Different
    vectors: Vectors
    is_finite: NDArray[np.bool_]
    cells: Cells


def usual_embedder() -> Embedder:
    """Return the embedder that is taken when none is given."""
    from textbooks.embedders.static import StaticEmbedder

    return StaticEmbedder()


def embed(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Return the rounded vectors of texts; only a batch of others is held besides.

    Raises
    ------
    ValueError
        If the embedder gives another number of vectors, or of another length, than it says.
    """
    vectors = np.empty((len(texts), embedder.dimensions), dtype=np.float16)
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        some = texts[start : start + TEXTS_AT_ONCE]
        found = embedder.embed(some)
        if found.shape != (len(some), embedder.dimensions):
            msg = f"the embedder must give ({len(some)}, {embedder.dimensions}) numbers, got the shape {found.shape}"
            raise ValueError(msg)
        vectors[start : start + len(some)] = rounded(found)
    return vectors


def not_finite() -> Verdict:
    """Return the verdict on a text that cannot be compared."""
    return Verdict.quarantined(Reason.JUDGING_FAILED, error="the vector of the text holds NaN or infinity")


def _verdicts(measured: Measured, threshold: float) -> list[Verdict]:
    found = settle(measured.vectors.__getitem__, measured.cells, threshold, engine_for(measured.engine))
    verdicts = verdicts_of(
        measured.different, found.kept, found.similarity, reason=Reason.SEMANTIC_DUPLICATE, name="similarity"
    )
    is_finite = measured.is_finite[measured.different.number_of].tolist()
    return [verdict if fine else not_finite() for verdict, fine in zip(verdicts, is_finite, strict=True)]


def _redecide(measured: Measured, *, threshold: float) -> list[Verdict]:
    check_threshold(threshold)
    refuse_below(threshold, measured.threshold)
    return _verdicts(measured, threshold)
