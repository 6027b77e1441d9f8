"""The shape of every decontaminator: learns benchmark problems, then judges texts."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Generic, Self, TypeVar

from textbooks.decontaminators.findings import Finding, dropped
from textbooks.errors import NotFittedError
from textbooks.filters.base import TextFilter
from textbooks.problems import Problem
from textbooks.verdicts import Verdict

__all__ = ["ProblemFilter", "check_problems"]

M = TypeVar("M")


class ProblemFilter(TextFilter["M | None"], Generic[M]):
    """A text filter that drops what holds problems of a benchmark; `M` is all that a text shares with the problems.

    A subclass sets `name` and `thresholds` and writes `fit` (which ends with `_fitted`), `_measure`, `findings` and
    `_score`. A measurement is None where nothing is shared.

    Attributes
    ----------
    benchmarks_ : dict of str to int
        Number of problems given to `fit`, by benchmark.
    """

    @abstractmethod
    def fit(self, problems: Iterable[Problem]) -> Self:
        """Learn benchmark problems; what was learned before is forgotten."""

    @abstractmethod
    def findings(self, measurement: M | None) -> list[Finding]:
        """Return the problems that count as found by this filter's thresholds, the strongest first."""

    @abstractmethod
    def _score(self, measurement: M) -> float:
        """Return how near the text comes to any problem, whatever the thresholds."""

    def match(self, text: str) -> M | None:
        """Return everything that the text shares with the problems, whatever the thresholds.

        Returns
        -------
        object or None
            None where nothing is shared, and for what is not a valid string.

        Raises
        ------
        NotFittedError
            Before `fit`.
        """
        measured = self._measure_all([text])[0]
        return None if isinstance(measured, Verdict) else measured

    def _decide(self, measurement: M | None) -> Verdict:
        if measurement is None:
            return Verdict.kept(0.0)
        notes = self._notes(measurement)
        if found := self.findings(measurement):
            return dropped(found, **notes)
        return Verdict.kept(self._score(measurement), **notes)

    def _notes(self, measurement: M) -> dict[str, Any]:
        """Return what the evidence holds besides the findings, kept or dropped; plain JSON types."""
        del measurement
        return {}

    def _fitted(self, problems: Sequence[Problem]) -> Self:
        self.benchmarks_ = dict(Counter(problem.benchmark for problem in problems))
        return self

    def _check_fitted(self) -> None:
        if not hasattr(self, "benchmarks_"):
            msg = f"{type(self).__name__} knows no problems yet: call fit(load_problems('humaneval')) first"
            raise NotFittedError(msg)


def check_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems as a list.

    Raises
    ------
    ValueError
        If there is no problem, or one is given twice.
    TypeError
        If something is not a `Problem`.
    """
    listed = list(problems)
    wrong = next((problem for problem in listed if not isinstance(problem, Problem)), None)
    if wrong is not None:
        msg = f"expected problems such as load_problems returns, got {type(wrong).__name__}"
        raise TypeError(msg)
    if not listed:
        msg = "no problems to learn from: pass what load_problems returns"
        raise ValueError(msg)
    key, times = Counter((problem.benchmark, problem.id) for problem in listed).most_common(1)[0]
    if times > 1:
        msg = f"problem {key[1]!r} of {key[0]!r} is given {times} times: pass each problem once"
        raise ValueError(msg)
    return listed
