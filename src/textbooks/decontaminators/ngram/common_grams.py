"""N-grams of benchmark problems that a whole corpus uses: idioms and licence headers, not leaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from textbooks.decontaminators.ngram.index import NGramIndex, Occurrences
from textbooks.decontaminators.ngram.references import Postings, References, numbered
from textbooks.records import why_unjudgeable

__all__ = ["FEWEST", "Frequencies", "batches", "count_documents", "without_common"]

FEWEST = 10
"""An n-gram in no more documents than this is never common, however small the corpus."""

_BATCH = 1 << 21  # characters searched together
_COPY = 0.5  # a document with so much of a part holds a copy of it, and says nothing about idioms


@dataclass(frozen=True, slots=True)
class Frequencies:
    """In how many documents of a corpus the n-grams of problems occur.

    Attributes
    ----------
    documents : int
        Documents read; what is no valid text is not counted.
    of_grams : ndarray of int64, shape (n_grams,)
        Documents that hold the n-gram and no copy of a part with it: less than half of the n-grams of each part.
    of_references : ndarray of int64, shape (n_references,)
        Documents that hold a copy of the part: at least half of its n-grams.
    """

    documents: int
    of_grams: NDArray[np.int64]
    of_references: NDArray[np.int64]

    def limit(self, share: float) -> float:
        """Return how many documents are not too many when a share of them is not."""
        return max(share * self.documents, FEWEST)


def count_documents(
    index: NGramIndex,
    postings: Postings,
    totals: Sequence[int],
    corpus: Iterable[str],
    progress: Callable[[int], None] | None = None,
) -> Frequencies:
    """Read a corpus once, some texts at a time, and count.

    Parameters
    ----------
    index, postings
        The n-grams of the problems.
    totals : sequence of int
        How many n-grams each reference has.
    corpus : iterable of str
        Texts.
    progress : callable, optional
        Called after each batch with the number of documents read so far.

    Raises
    ------
    TypeError
        If the corpus is a single string.
    """
    if isinstance(corpus, str | bytes):
        msg = f"expected texts, got a single {type(corpus).__name__}: wrap it in a list"
        raise TypeError(msg)
    of_grams = np.zeros(postings.n_grams, dtype=np.int64)
    of_references = np.zeros(len(totals), dtype=np.int64)
    needed = _COPY * np.array(totals)
    documents = 0
    for texts in batches(text for text in corpus if why_unjudgeable(text) is None):
        for occurrences in index.find(texts):
            if occurrences is not None:
                _count(occurrences, postings, needed, of_grams, of_references)
        documents += len(texts)
        if progress is not None:
            progress(documents)
    return Frequencies(documents, of_grams, of_references)


def _count(
    occurrences: Occurrences,
    postings: Postings,
    needed: NDArray[np.float64],
    of_grams: NDArray[np.int64],
    of_references: NDArray[np.int64],
) -> None:
    """Count one document."""
    references, grams = postings.pairs(occurrences)
    copied = np.bincount(references, minlength=len(needed)) >= needed
    of_references += copied
    in_copies = np.unique(grams[copied[references]])
    of_grams[np.setdiff1d(grams, in_copies)] += 1


def without_common(
    found: References, counted: Frequencies, share: float
) -> tuple[References, tuple[str, ...], tuple[tuple[str, str, str], ...]]:
    """Leave out the n-grams that more than a share of the documents hold.

    A part that would lose more than half of its n-grams keeps them all, so that a corpus full of copies blinds no
    one; it is listed, and so is a part that too many documents hold a copy of.

    Returns
    -------
    tuple
        What is left; the n-grams left out, tokens joined by spaces, sorted; the parts that are listed.
    """
    numbers, limit = numbered(found.grams), counted.limit(share)
    common = {gram for gram, number in numbers.items() if counted.of_grams[number] > limit}
    left_out, widespread, indexed, grams = set(), [], [], []
    for row, (reference, own) in enumerate(zip(found.indexed, found.grams, strict=True)):
        kept = tuple(gram for gram in own if gram not in common)
        if 2 * len(kept) < len(own):
            kept = own
        if len(common.intersection(kept)) or counted.of_references[row] > limit:
            widespread.append((reference.benchmark, reference.id, reference.part))
        left_out |= set(own) - set(kept)
        indexed.append(replace(reference, total=len(kept)))
        grams.append(kept)
    names = sorted(gram.shown() for gram in left_out)
    return replace(found, indexed=indexed, grams=grams), tuple(names), tuple(widespread)


def batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield texts in batches of about `_BATCH` characters: enough to share the fixed costs of a search."""
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and size + len(text) > _BATCH:
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch
