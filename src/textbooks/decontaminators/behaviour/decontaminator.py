"""Texts whose functions do what benchmark problems ask for, however they are worded."""

from __future__ import annotations

import logging
import os
import weakref
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any, Self

from datatrove.pipeline.writers.disk_base import DiskWriter

from textbooks.decontaminators.base import ProblemFilter, check_problems
from textbooks.decontaminators.behaviour.matches import BehaviourHit, BehaviourMatch
from textbooks.decontaminators.behaviour.questions import Question, question
from textbooks.decontaminators.behaviour.strong_problems import StrongProblem, strengthen
from textbooks.decontaminators.behaviour.survey import Survey
from textbooks.decontaminators.findings import SHOWN, Finding
from textbooks.problems import Problem
from textbooks.ranges import check_range
from textbooks.sandbox import Sandbox
from textbooks.verdicts import Reason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BehaviouralDecontaminator"]

_LOG = logging.getLogger(__name__)
_SECONDS_PER_CALL = 0.3


class _Own:
    """The sandbox of a decontaminator that was given none: ended with it, started anew where it was pickled."""

    def __init__(self, seconds: float, memory_bytes: int) -> None:
        self._limits = seconds, memory_bytes
        self.sandbox = Sandbox(
            cpu_seconds=seconds / 0.8,
            wall_seconds=max(15.0, 4 * seconds),
            memory_bytes=memory_bytes,
            output_bytes=4 << 20,
        )
        weakref.finalize(self, self.sandbox.close)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._limits


@cache
def _warn_once() -> None:
    _LOG.warning("BehaviouralDecontaminator executes the texts that it judges, each confined by the sandbox")


class BehaviouralDecontaminator(ProblemFilter[BehaviourMatch]):
    """Drop texts with a function that gives a benchmark problem's answers to its inputs; it executes the texts.

    Ours. A text whose function passes a problem's tests *is* that problem, whatever its names, words and algorithm.
    **Each text is executed**, in the `Sandbox`, in a process of its own that never holds the answers: what its
    functions return is compared outside. All functions that the text itself defines are called, methods and properties
    of its classes too, with the arguments in every order. Results agree also where a list stands for a tuple, an int
    for a float (within 1e-6), a generator for a list; a bool is no int.

    Parameters
    ----------
    min_match_rate : float, default=0.95
        A function agrees when it gives the answer on *at least* this share of the inputs, 0 to 1, and on every
        published one.
    min_bits : float, default=10.0
        Drops only when the agreement carries *at least* so much information, in bits: by chance alone it has the
        probability 2 to the power of minus this. Constants carry none.
    min_similarity : float, default=0.5
        A problem that ordinary functions solve (`len`, `statistics.median`) is found when the function's text has *at
        least* this cosine similarity (`StaticEmbedder`) to the problem's program; else it is common.
    min_share : float, default=0.5
        A problem that ordinary functions solve is found, too, when the function makes up *at least* this share of the
        text's code: an exercise whose one function joins strings is about that, a module with such a helper is not.
        0 to 1; above 1 never.
    max_document_frequency : float, default=0.001
        A problem that *more* than this share of the texts given to `fit` as `corpus` solve is common likewise.
    drop_common : bool, default=False
        Whether what solves only common problems is dropped, as `solves_common_problem`, or kept with evidence.
    seconds : float, default=2.0
        Processor time of one process; above 0. What runs out of it is undecided, and kept with evidence.
    memory_bytes : int, default=512 MiB
        Address space of one process.
    sandbox : Sandbox or None, default=None
        Where texts run; None for one of its own with these limits. One that is given keeps its own limit of memory.
    max_cases : int, default=40
        Inputs of ours that are asked for a problem besides the published ones (`strengthen`); 0 asks only those.
    cache : path-like, bool or None, default=None
        Where the strengthened problems are kept: see `strengthen`.
    workers : int, default=1
        Texts at a time, and problems at a time when they are learned. It has no influence on any verdict.
    exclusion_writer, quarantine_writer, batch_size
        See `textbooks.filters.base.Step`.

    Attributes
    ----------
    questions_ : tuple of Question
        What is asked.
    not_asked_ : dict of (benchmark, id) to str
        Problems that cannot be found in this way, and why.
    frequencies_ : dict of (benchmark, id) to float
        Share of the texts of the corpus that solve a problem; those that none solves are left out.
    benchmarks_ : dict of str to int
        Number of problems given, by benchmark.

    Notes
    -----
    The score of a verdict is the largest share of inputs on which any function agrees that agrees on the telling
    ones, 0 to 1. What the defaults find is measured in ``benchmarks/decontamination/cascade.py``.
    """

    name = "behaviour"
    thresholds = ("min_match_rate", "min_bits", "min_similarity", "min_share", "max_document_frequency", "drop_common")

    def __init__(
        self,
        *,
        min_match_rate: float = 0.95,
        min_bits: float = 10.0,
        min_similarity: float = 0.5,
        min_share: float = 0.5,
        max_document_frequency: float = 0.001,
        drop_common: bool = False,
        seconds: float = 2.0,
        memory_bytes: int = 512 << 20,
        sandbox: Sandbox | None = None,
        max_cases: int = 40,
        cache: str | os.PathLike[str] | bool | None = None,
        workers: int = 1,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        for name, value, low, high in (
            ("min_match_rate", min_match_rate, 0, 1),
            ("min_bits", min_bits, 0, float("inf")),
            ("min_similarity", min_similarity, 0, 1),
            ("min_share", min_share, 0, 2),
            ("max_document_frequency", max_document_frequency, 0, 1),
            ("seconds", seconds, 0.1, 3600),
            ("memory_bytes", memory_bytes, 64 << 20, float("inf")),
            ("max_cases", max_cases, 0, float("inf")),
            ("workers", workers, 1, float("inf")),
        ):
            check_range(name, value, low, high)
        if drop_common not in (True, False):
            msg = f"drop_common must be True or False, got {drop_common!r}"
            raise ValueError(msg)
        self.min_match_rate = min_match_rate
        self.min_bits = min_bits
        self.min_similarity = min_similarity
        self.min_share = min_share
        self.max_document_frequency = max_document_frequency
        self.drop_common = drop_common
        self.seconds = seconds
        self.memory_bytes = memory_bytes
        self.sandbox = sandbox
        self.max_cases = max_cases
        self.cache = cache
        self.workers = workers

    def fit(self, problems: Iterable[Problem], corpus: Iterable[str] | None = None) -> Self:
        """Learn benchmark problems: what to ask, and the answers; what was learned before is forgotten.

        This executes the published references and their tests, confined by the sandbox.

        Parameters
        ----------
        problems : iterable of Problem
            Of any number of benchmarks; each problem once.
        corpus : iterable of str, optional
            Clean texts, to learn from which problems many of them solve; they are executed.

        Raises
        ------
        ValueError
            If there is no problem, or one is given twice.
        TypeError
            If something is not a `Problem`.
        """
        listed = check_problems(problems)
        self.not_asked_: dict[tuple[str, str], str] = {}
        strong = strengthen(
            listed, sandbox=self.sandbox, cache=self.cache, max_cases=self.max_cases, workers=self.workers
        )
        self.questions_ = tuple(one for one in map(self._question, strong) if one is not None)
        self.survey_ = Survey(self.questions_, _Similarity([one.problem.program for one in self.questions_]))
        self.frequencies_: dict[tuple[str, str], float] = {}
        self._fitted(listed)
        return self if corpus is None else self.fit_corpus(corpus)

    def fit_corpus(self, corpus: Iterable[str]) -> Self:
        """Learn from clean texts which problems many of them solve; they are executed."""
        texts = list(corpus)
        solved: Counter[tuple[str, str]] = Counter()
        for match in self._measure(texts):
            solved.update({(hit.benchmark, hit.id) for hit in (match.hits if match else ()) if self._agrees(hit)})
        self.frequencies_ = {key: count / len(texts) for key, count in solved.items()}
        return self

    def _question(self, strong: StrongProblem) -> Question | None:
        """Return what to ask for a problem; None, and a note of why, where nothing can be."""
        found = question(strong.problem, strong.cases, strong.published, strong.ordinary)
        if found is None:
            why = strong.why_not or "no call of its tests has plain arguments"
            self.not_asked_[strong.problem.benchmark, strong.problem.id] = why
        return found

    def _box(self) -> Sandbox:
        if self.sandbox is not None:
            return self.sandbox
        if "_own" not in self.__dict__:
            self._own = _Own(self.seconds, self.memory_bytes)
        return self._own.sandbox

    def _measure(self, texts: Sequence[str]) -> list[BehaviourMatch | None]:
        return self._measure_suspects(texts, [()] * len(texts))

    def _measure_suspects(
        self, texts: Sequence[str], suspects: Sequence[Collection[tuple[str, str]]]
    ) -> list[BehaviourMatch | None]:
        """Measure texts; for the problems that another method suspects in each, measure to the end."""
        self._check_fitted()
        _warn_once()
        box, survey = self._box(), self.survey_

        def one(text: str, keys: Collection[tuple[str, str]]) -> BehaviourMatch | None:
            return survey.of(text, keys, box, seconds_per_call=_SECONDS_PER_CALL, seconds=self.seconds)

        if self.workers == 1 or len(texts) < 2:
            return list(map(one, texts, suspects))
        with ThreadPoolExecutor(self.workers, thread_name_prefix="behaviour") as pool:
            return list(pool.map(one, texts, suspects))

    def findings(self, measurement: BehaviourMatch | None) -> list[Finding]:
        """Return the problems that a function solves, by falling share of inputs; common ones if they are dropped."""
        found = self._all_findings(measurement) if measurement else []
        return [one for one in found if self.drop_common or one.reason is Reason.SOLVES_PROBLEM]

    def _all_findings(self, match: BehaviourMatch) -> list[Finding]:
        found = [self._finding(hit, match) for hit in match.hits if self._agrees(hit)]
        return sorted(found, key=lambda one: one.reason is not Reason.SOLVES_PROBLEM)  # stable

    def _agrees(self, hit: BehaviourHit) -> bool:
        enough = hit.outcome != "undecided" and hit.published_agree and hit.rate >= self.min_match_rate
        return enough and hit.bits >= self.min_bits

    def _is_common(self, hit: BehaviourHit) -> bool:
        often = self.frequencies_.get((hit.benchmark, hit.id), 0.0) > self.max_document_frequency
        if hit.similarity >= self.min_similarity:
            return False
        return often or (bool(hit.ordinary) and hit.share < self.min_share)

    def _finding(self, hit: BehaviourHit, match: BehaviourMatch) -> Finding:
        reason = Reason.SOLVES_COMMON_PROBLEM if self._is_common(hit) else Reason.SOLVES_PROBLEM
        details = {
            "function": hit.function,
            "arguments": hit.arguments,
            "inputs": hit.tried,
            "distinct_outputs": hit.distinct_outputs,
            "chance": 2.0**-hit.bits,
            "similarity": round(hit.similarity, 3),
            "share": round(hit.share, 3),
            "library": list(hit.ordinary),
        }
        where = (hit.span, match.excerpts[hit.span])
        return Finding(hit.benchmark, hit.id, self.name, hit.rate, reason, *where, details)

    def _score(self, measurement: BehaviourMatch) -> float:
        return max((hit.rate for hit in measurement.hits if hit.bits >= self.min_bits), default=0.0)

    def _notes(self, measurement: BehaviourMatch) -> dict[str, Any]:
        notes: dict[str, Any] = {} if measurement.complete else {"undecided": "it used up its limits"}
        common = [one for one in self._all_findings(measurement) if one.reason is Reason.SOLVES_COMMON_PROBLEM]
        if common and not self.drop_common:
            notes["common"] = [one.as_evidence() for one in common[:SHOWN]]
        return notes


class _Similarity:
    """How similar a function is to a problem's program; the embedder is loaded when first asked."""

    def __init__(self, programs: Sequence[str]) -> None:
        self._programs = programs
        self._vectors: NDArray[np.float32] | None = None

    def __call__(self, text: str, number: int) -> float:
        from textbooks.embedders import StaticEmbedder

        embedder = StaticEmbedder()
        if self._vectors is None:
            self._vectors = embedder.embed(self._programs)
        similarity = float(embedder.embed([text])[0] @ self._vectors[number])
        return min(1.0, max(0.0, similarity))
