"""Near-duplicates, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from textbooks.dedup.different import Different, join_equal, refuse_below, verdicts_of
from textbooks.dedup.exact_stages import DIGEST, digest
from textbooks.dedup.minhash.bands import band_keys, check_threshold
from textbooks.dedup.minhash.scheme import Key, Scheme, best_first, rank_of, scheme_for
from textbooks.dedup.minhash.shingles import SHINGLE_SIZE
from textbooks.dedup.semantic.greedy import Candidates, FlatSets, candidates_of, decide
from textbooks.filters.corpus import CorpusFilter, Judgement
from textbooks.verdicts import Reason, Verdict

__all__ = ["MinHashDeduplicator"]

_BLOCK = 1 << 14  # texts whose signatures are held at a time


class MinHashDeduplicator(CorpusFilter):
    """Drop every text that is nearly the same as a better one that stays, with reason ``near_duplicate``.

    Texts are taken from the best to the worst by `key`. A text is dropped when its similarity to one that stays already
    is at least `threshold`, and else stays itself. So no two texts that stay were found similar, and each that goes is
    similar to one that stays; connected components, which join chains of similar texts, do not promise the last.
    The similarity is the true Jaccard similarity of the sets of shingles; MinHash signatures only find the pairs to
    compare. No text is dropped by a mistake of theirs; of the pairs exactly at the threshold some 2 in 100 are missed.

    The score of a text that goes is that similarity; the evidence is ``duplicate_of``, the position of the most
    similar text that stays, ``jaccard`` and ``cluster_size``, the number of texts that one stands for: itself and
    those dropped for it. A text that stays has ``cluster_size`` alone, and no score.

    Among equal keys (all, when there is no key) the longer text is the better one, then that of the smaller digest; of
    equal texts the first stays. So which texts stay does not depend on the order of the records.

    For corpora that do not fit in memory use the stages `MinHashSignature`, `MinHashBuckets`, `MinHashClusters` and
    `MinHashFilter` in datatrove pipelines: they keep the same texts.

    Parameters
    ----------
    threshold : float, default=0.7
        Drops at this similarity or above; above 0 and at most 1. Ours; what it finds is measured in benchmarks/dedup.
    key : callable, str or None, default=None
        How good a record is, the higher the better: a function of the caller's record, or the name of a column of
        mappings or of an entry of documents' metadata, such as ``"edu_value_score"``. What is no number, or is missing,
        comes last. None: all are equally good, and the longest stays.
    shingle_size : int, default=5
        Tokens of a shingle, at least 1; see `textbooks.dedup.jaccard`.
    num_perm : int, default=128
        Slots of a signature, 1 to 4096.
    bands, rows : int, optional
        Candidates agree in all rows of one band; ``bands * rows`` is at most `num_perm`. Both or neither; None: chosen
        from the threshold.
    seed : int, default=1
        Of the permutations, 0 to 2 ** 32 - 1. It bears on which pairs are missed and on nothing else.

    Notes
    -----
    Source: phi-1 starts from "the deduplicated version of The Stack" ("Textbooks Are All You Need", section 2.1), whose
    near-duplicates were found by MinHash. Code-aware tokens, the bands and the rule of what stays are ours.

    Memory beyond the texts: 12 bytes a band and text, and 8 bytes a shingle of the texts that are compared together.
    Equal texts are joined before anything else; a family of similar texts costs one comparison a text.

    Examples
    --------
    >>> texts = ["total = a + b + c", "total = a+b+c  # sum", "print(total)"]
    >>> result = MinHashDeduplicator(threshold=0.6, key=len).fit_apply(texts)
    >>> result.kept
    ['total = a+b+c  # sum', 'print(total)']
    >>> result.verdicts[0].evidence
    {'duplicate_of': 1, 'jaccard': 0.75, 'cluster_size': 2}
    """

    name = "near_duplicate"
    thresholds = ("threshold",)

    def __init__(
        self,
        *,
        threshold: float = 0.7,
        key: Key = None,
        shingle_size: int = SHINGLE_SIZE,
        num_perm: int = 128,
        bands: int | None = None,
        rows: int | None = None,
        seed: int = 1,
    ) -> None:
        scheme_for(threshold, shingle_size=shingle_size, num_perm=num_perm, seed=seed, bands=bands, rows=rows)
        self.threshold = threshold
        self.key = key
        self.shingle_size = shingle_size
        self.num_perm = num_perm
        self.bands = bands
        self.rows = rows
        self.seed = seed

    def _judge_corpus(self, texts: Sequence[str]) -> list[Verdict]:
        return self._judge_records(texts, texts).verdicts

    def _judge_records(self, texts: Sequence[str], records: Sequence[object]) -> Judgement:
        ranks = np.array([rank_of(record, self.key) for record in records], dtype=np.float64)
        scheme = scheme_for(
            self.threshold, shingle_size=self.shingle_size, num_perm=self.num_perm, seed=self.seed,
            bands=self.bands, rows=self.rows,
        )  # fmt: skip
        digests = np.frombuffer(b"".join(map(digest, texts)), dtype=DIGEST)
        sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        measured = _measure(texts, best_first(ranks, sizes, digests), scheme)
        return Judgement(_verdicts(measured, self.threshold), partial(_redecide, measured))


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of texts before a threshold decides.

    Attributes
    ----------
    scheme : Scheme
    different : Different
    candidates : Candidates
        Of the different texts.
    """

    scheme: Scheme
    different: Different
    candidates: Candidates


def _measure(texts: Sequence[str], order: NDArray[np.int64], scheme: Scheme) -> Measured:
    """Join equal texts and find the candidates among the different ones, in the order of their ranks."""
    different = join_equal(texts, order)
    keys = np.empty((scheme.bands, len(different.texts)), dtype=np.uint64)
    for begin in range(0, len(different.texts), _BLOCK):
        signatures = scheme.shingler.signatures(different.texts[begin : begin + _BLOCK])
        keys[:, begin : begin + _BLOCK] = band_keys(signatures, scheme.bands, scheme.rows).T
    return Measured(scheme, different, candidates_of(keys))


def _verdicts(measured: Measured, threshold: float) -> list[Verdict]:
    texts = measured.different.texts

    def sets_of(numbers: NDArray[np.int64]) -> FlatSets:
        return measured.scheme.shingler.sets([texts[number] for number in numbers.tolist()])

    sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    partners = decide(measured.candidates, threshold, sizes, sets_of)
    return verdicts_of(
        measured.different, partners.kept, partners.jaccard, reason=Reason.NEAR_DUPLICATE, name="jaccard"
    )


def _redecide(measured: Measured, *, threshold: float) -> list[Verdict]:
    check_threshold(threshold)
    refuse_below(threshold, measured.scheme.threshold)
    return _verdicts(measured, threshold)
