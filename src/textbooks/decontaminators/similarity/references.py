"""The programs of benchmark problems as label sequences, and which of them a piece of code can come near."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from textbooks.decontaminators.ngram.references import undocumented
from textbooks.decontaminators.similarity.functions import CodeUnit, code_units
from textbooks.problems import Problem

__all__ = ["FLOOR", "ProgramPart", "Shortlist", "gather_programs", "room"]

FLOOR: Final = 0.7
"""Match rates below this are not measured."""

_BUCKETS: Final = 48


@dataclass(frozen=True, slots=True)
class ProgramPart:
    """One program of one problem, or one function of it.

    Attributes
    ----------
    benchmark, id : str
        The problem.
    part : str
        ``"function"`` for the function that the tests call, ``"program"`` for all of the program.
    unit : CodeUnit
        Its syntax.
    texts : tuple of str
        Its text with and without docstrings.
    """

    benchmark: str
    id: str
    part: str
    unit: CodeUnit
    texts: tuple[str, str]


def gather_programs(
    problems: Sequence[Problem], min_nodes: int
) -> tuple[list[ProgramPart], tuple[tuple[str, str, str], ...]]:
    """Return the parts of the problems' programs, and those of fewer nodes than `min_nodes` as (benchmark, id, part).

    A program that is one function is that function: it is not a part of its own.
    """
    found: list[ProgramPart] = []
    too_small = []
    for problem in problems:
        for part, unit in _parts(problem):
            if len(unit.labels) < min_nodes:
                too_small.append((problem.benchmark, problem.id, part))
                continue
            text = problem.program[slice(*unit.span)]
            found.append(ProgramPart(problem.benchmark, problem.id, part, unit, (text, undocumented(text))))
    return found, tuple(too_small)


def _parts(problem: Problem) -> Iterator[tuple[str, CodeUnit]]:
    program, *functions = code_units(problem.program)
    entry = [unit for unit in functions if unit.qualified_name == problem.entry_point]
    if entry:
        yield "function", entry[-1]  # the last definition of a name is the one that counts
    if not entry or len(program.labels) > len(entry[-1].labels) + 1:
        yield "program", program


def room(first: int, second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how large the distance of a tree from others of given sizes may be for a match rate of `FLOOR`."""
    largest: NDArray[np.int64] = np.floor((1 - FLOOR) * np.maximum(first, second) + 1e-9).astype(np.int64)
    return largest


class Shortlist:
    """Finds the sequences whose match rate with a given one can be `FLOOR` or more, without comparing their order.

    A distance is at least the number of labels that one sequence has and the other lacks; labels are counted in
    `_BUCKETS` groups, which can only make that number smaller. So nothing is lost, and names play no part.

    Parameters
    ----------
    sequences : sequence of str
        What is searched.
    """

    def __init__(self, sequences: Sequence[str]) -> None:
        sizes = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
        self._order = np.argsort(sizes, kind="stable")
        self._sizes = sizes[self._order]
        frequent = Counter("".join(sequences)).most_common()
        # Labels beyond the frequent ones go round: no group gets many.
        self._bucket = {label: number % _BUCKETS for number, (label, _) in enumerate(frequent)}
        self._counts = np.array([self._count(sequences[row]) for row in self._order], dtype=np.int32)

    def near(self, sequence: str) -> NDArray[np.int64]:
        """Return the numbers of the sequences that may be near, in ascending order."""
        size = len(sequence)
        low = np.searchsorted(self._sizes, np.ceil(FLOOR * size - 1e-9))
        high = np.searchsorted(self._sizes, np.floor(size / FLOOR + 1e-9), side="right")
        if low == high:
            return np.empty(0, np.int64)
        surplus = self._counts[low:high] - self._count(sequence)
        gap = np.abs(surplus).sum(axis=1) + np.abs(self._sizes[low:high] - size)  # twice the larger of both surpluses
        rows: NDArray[np.int64] = np.sort(self._order[low:high][gap <= 2 * room(size, self._sizes[low:high])])
        return rows

    def _count(self, sequence: str) -> NDArray[np.int32]:
        counts = np.zeros(_BUCKETS, dtype=np.int32)
        for label, times in Counter(sequence).items():
            counts[self._bucket.get(label, 0)] += times
        return counts
