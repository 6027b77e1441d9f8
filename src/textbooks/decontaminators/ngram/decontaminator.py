"""Texts that share runs of tokens with benchmark problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Self

import numpy as np
from datatrove.pipeline.writers.disk_base import DiskWriter

from textbooks.decontaminators.base import ProblemFilter, check_problems
from textbooks.decontaminators.findings import EXCERPT, Finding, dropped
from textbooks.decontaminators.ngram.common_grams import batches, count_documents, without_common
from textbooks.decontaminators.ngram.index import Occurrences
from textbooks.decontaminators.ngram.matches import Match, ProblemHit
from textbooks.decontaminators.ngram.references import PARTS, gather
from textbooks.decontaminators.tokens import code_tokens, folding
from textbooks.problems import Problem
from textbooks.ranges import check_range
from textbooks.verdicts import Reason, Verdict

__all__ = ["NGramDecontaminator"]


class NGramDecontaminator(ProblemFilter[Match]):
    """Drop texts that share runs of `n` code tokens with benchmark problems.

    Of every problem the prompt is indexed, and the solution as a program of its own, so that a copy is found with
    and without its documentation. A text is dropped when it holds at least `min_overlap` of the distinct n-grams
    of any one part, and at least `min_matches` of them.

    The rule differs from "any shared 13-gram" (GPT-3, and the first check of phi-1, arXiv 2306.11644 section 5),
    which flags idioms and lists of numbers such as ``1, 2, 3, 4, 5, 6, 7``; ``min_overlap=0`` restores it. The
    defaults are ours, measured in ``benchmarks/decontamination``. Matching is exact: hashes only find candidates.

    Parameters
    ----------
    n : int, default=13
        Tokens per n-gram (see `code_tokens`), at least 1.
    min_overlap : float, default=0.5
        Drops when ``overlap >= min_overlap``, 0 to 1: the share of a part's distinct n-grams found in the text.
    min_matches : int, default=1
        Drops only when ``shared >= min_matches`` distinct n-grams, at least 1; for a part that has fewer n-grams,
        when all of them are shared.
    min_tokens : int, default=10
        A part shorter than `n` tokens is indexed as one run, which must occur whole, if it has at least this many
        tokens; else it is not indexed and listed in `not_indexed_`.
    max_problems : int, default=10
        An n-gram that occurs in more problems of one benchmark than this is the benchmark's boilerplate and not
        indexed; at least 1. Counted by benchmark, so that a problem published in several counts once in each.
    max_document_frequency : float, default=0.001
        With a corpus given to `fit`: an n-gram is left out when more than this share of its documents hold it, 0 to
        1, and more than 10 of them. Documents that hold half of a part or more are copies of it and do not count
        for its n-grams, and a part that would lose more than half of its n-grams keeps all: a corpus full of leaked
        copies makes none of them invisible. Ours; no effect without a corpus.
    fold_identifiers : bool, default=False
        Look a second time for the solutions (parts ``"folded_solution"`` and ``"folded_reformatted"``), with all
        names alike, so that copies with new names are found. Names are all words of code but keywords, built-ins
        and what follows a point. Comments and strings in triple quotes are left out of this second look.
    fold_literals : bool, default=False
        The same with all numbers alike, and all strings in single quotes. Parts shorter than `n` tokens are not
        looked for a second time.
    index : sequence of str, default=("prompt", "solution", "reformatted")
        The parts of a problem that are indexed, out of ``"prompt"``, ``"solution"`` (the whole program without
        docstrings and top-level imports), ``"reformatted"`` (the same as Python writes it, without comments and
        needless parentheses) and ``"tests"``. A part with the same n-grams as one before it is indexed once.
    exclusion_writer, quarantine_writer, batch_size
        See `textbooks.filters.base.Step`.

    Attributes
    ----------
    index_ : NGramIndex
        The n-grams learned by `fit`.
    postings_ : Postings
        Which n-gram belongs to which of `references_`.
    references_ : tuple of Reference
        The indexed parts of the problems with their numbers of n-grams.
    benchmarks_ : dict of str to int
        Number of problems given, by benchmark.
    not_indexed_ : tuple of (benchmark, id, part)
        Parts too short or made of boilerplate only: copies of them cannot be found.
    boilerplate_ : tuple of str
        The n-grams left out by `max_problems`, tokens joined by spaces.
    common_ : tuple of str
        The n-grams left out because the corpus uses them, tokens joined by spaces; a folded one has ``NAME`` in it.
    widespread_ : tuple of (benchmark, id, part)
        Parts that the corpus holds too often, nearly whole: common code, or leaked many times. They stay indexed;
        look at them.
    corpus_documents_ : int
        Texts of the corpus that were read; 0 without one.

    Notes
    -----
    The score of a verdict is the largest overlap of any part that has enough matches, 0 to 1; 0 where there is none.

    Examples
    --------
    >>> prompt = "Sum the even numbers of a list that may be nested to any depth, please."
    >>> problem = Problem("mine", "1", prompt, solution="", tests="", entry_point="")
    >>> decontaminator = NGramDecontaminator().fit([problem])
    >>> decontaminator.judge("# sum the EVEN numbers").keep
    True
    >>> decontaminator.judge(problem.prompt).reason.value
    'ngram_overlap'
    """

    name = "ngram"
    thresholds = ("min_overlap", "min_matches")

    def __init__(
        self,
        *,
        n: int = 13,
        min_overlap: float = 0.5,
        min_matches: int = 1,
        min_tokens: int = 10,
        max_problems: int = 10,
        max_document_frequency: float = 0.001,
        fold_identifiers: bool = False,
        fold_literals: bool = False,
        index: Sequence[str] = ("prompt", "solution", "reformatted"),
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        for name, value in (
            ("n", n),
            ("min_matches", min_matches),
            ("min_tokens", min_tokens),
            ("max_problems", max_problems),
        ):
            check_range(name, value, 1)
            if not isinstance(value, int | np.integer):
                msg = f"{name} must be a whole number, got {value!r}"
                raise TypeError(msg)
        check_range("min_overlap", min_overlap, 0, 1)
        check_range("max_document_frequency", max_document_frequency, 0, 1)
        if isinstance(index, str) or not index or len(set(index)) < len(index) or not set(index) <= set(PARTS):
            msg = f"index must be a sequence of distinct names out of {PARTS}, got {index!r}"
            raise ValueError(msg)
        self.n = n
        self.min_overlap = min_overlap
        self.min_matches = min_matches
        self.min_tokens = min_tokens
        self.max_problems = max_problems
        self.max_document_frequency = max_document_frequency
        self.fold_identifiers = fold_identifiers
        self.fold_literals = fold_literals
        self.index = index

    def fit(
        self,
        problems: Iterable[Problem],
        corpus: Iterable[str] | None = None,
        *,
        progress: Callable[[int], None] | None = None,
    ) -> Self:
        """Learn the n-grams of benchmark problems; what was learned before is forgotten.

        Parameters
        ----------
        problems : iterable of Problem
            Of any number of benchmarks; each problem once.
        corpus : iterable of str, optional
            Texts such as those to be judged, or a sample: their idioms and licence headers are left out of the
            index (`max_document_frequency`). Read once, a few MB at a time; what is no valid text is skipped.
        progress : callable, optional
            Called with the number of texts of the corpus read so far, every few MB.

        Raises
        ------
        ValueError
            If there is no problem, one is given twice, or none has a part long enough to be indexed.
        TypeError
            If something is not a `Problem`, or the corpus is a single string.
        """
        listed = check_problems(problems)
        fold = folding(identifiers=self.fold_identifiers, literals=self.fold_literals)
        found = gather(
            listed, self.index, n=self.n, min_tokens=self.min_tokens, max_problems=self.max_problems, fold=fold
        )
        index, postings = found.index()
        totals = [reference.total for reference in found.indexed]
        counted = count_documents(index, postings, totals, () if corpus is None else corpus, progress)
        found, self.common_, self.widespread_ = without_common(found, counted, self.max_document_frequency)
        self.corpus_documents_ = counted.documents
        if self.common_:
            index, postings = found.index()
        self.index_, self.postings_ = index, postings
        self.references_ = tuple(found.indexed)
        self.not_indexed_ = found.not_indexed
        self.boilerplate_ = found.boilerplate
        return self._fitted(listed)

    def _measure(self, texts: Sequence[str]) -> list[Match | None]:
        self._check_fitted()
        return [match for batch in batches(texts) for match in self._match_batch(batch)]

    def _match_batch(self, texts: Sequence[str]) -> list[Match | None]:
        found = self.index_.find(texts)
        return [None if one is None else self._to_match(text, one) for text, one in zip(texts, found, strict=True)]

    def _to_match(self, text: str, occurrences: Occurrences) -> Match:
        shared = list(self.postings_.shared(occurrences))
        hits = [
            ProblemHit(of.benchmark, of.id, of.part, count, of.total, span)
            for of, count, span in ((self.references_[row], count, span) for row, count, span in shared)
        ]
        hits.sort(key=lambda hit: (-hit.overlap, -hit.shared))  # stable: the order of the problems breaks ties
        excerpts = {hit.span: text[hit.span[0] : hit.span[1]][:EXCERPT] for hit in hits}
        return Match(tuple(hits), excerpts)

    def findings(self, measurement: Match | None) -> list[Finding]:
        """Return the parts of problems that count as found, by falling overlap."""
        hits = self._enough(measurement) if measurement else []
        return [self._finding(hit, measurement) for hit in hits if measurement and hit.overlap >= self.min_overlap]

    def _score(self, measurement: Match) -> float:
        enough = self._enough(measurement)
        return enough[0].overlap if enough else 0.0

    def _enough(self, match: Match) -> list[ProblemHit]:
        return [hit for hit in match.hits if hit.shared >= min(self.min_matches, hit.total)]

    def _finding(self, hit: ProblemHit, match: Match) -> Finding:
        details = {"part": hit.part, "shared": hit.shared, "total": hit.total}
        where = (hit.span, match.excerpts[hit.span])
        return Finding(hit.benchmark, hit.id, self.name, hit.overlap, Reason.NGRAM_OVERLAP, *where, details)

    def _decide(self, measurement: Match | None) -> Verdict:
        found = self.findings(measurement)
        if not found:
            return super()._decide(measurement)
        return dropped(found, ngram=" ".join(code_tokens(found[0].text)[: self.n]))
