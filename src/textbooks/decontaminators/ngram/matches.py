"""What a text shares with benchmark problems."""

from __future__ import annotations

from dataclasses import dataclass

from textbooks.decontaminators.findings import problems_by_benchmark

__all__ = ["Match", "ProblemHit"]


@dataclass(frozen=True, slots=True)
class ProblemHit:
    """What a text shares with one part of one problem.

    Attributes
    ----------
    benchmark, id : str
        The problem.
    part : str
        ``"prompt"``, ``"solution"``, ``"reformatted"`` or ``"tests"``.
    shared : int
        Distinct indexed n-grams of the part that occur in the text, at least 1.
    total : int
        Distinct indexed n-grams of the part.
    span : tuple of int
        First and past-the-last character of the longest stretch of the text that is covered by consecutive
        shared n-grams.
    """

    benchmark: str
    id: str
    part: str
    shared: int
    total: int
    span: tuple[int, int]

    @property
    def overlap(self) -> float:
        """Share of the part's indexed n-grams that occur in the text, in (0, 1]."""
        return self.shared / self.total


@dataclass(frozen=True, slots=True)
class Match:
    """Everything that a text shares with the problems.

    Attributes
    ----------
    hits : tuple of ProblemHit
        Every part that shares an n-gram, by falling overlap, then by falling number of shared n-grams, then by
        the order of the problems given to `fit`; never empty.
    excerpts : dict
        The text in the span of every hit as it stands, at most its first 300 characters.
    """

    hits: tuple[ProblemHit, ...]
    excerpts: dict[tuple[int, int], str]

    @property
    def span(self) -> tuple[int, int]:
        """The longest matched stretch of the first hit: first and past-the-last character."""
        return self.hits[0].span

    @property
    def text(self) -> str:
        """What stands in `span`, at most 300 characters of it."""
        return self.excerpts[self.span]

    @property
    def overlap(self) -> float:
        """The largest overlap of any hit, in (0, 1]."""
        return self.hits[0].overlap

    @property
    def benchmarks(self) -> dict[str, int]:
        """How many problems of each benchmark are hit."""
        return problems_by_benchmark(self.hits)
