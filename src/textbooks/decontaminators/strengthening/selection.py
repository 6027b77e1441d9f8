"""Which inputs to keep: those that tell the reference apart from functions that pass the published tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

__all__ = ["Selection", "by_telling", "select", "survivors"]

_TWICE = 2


class Selection(NamedTuple):
    """The inputs to keep, the most telling first; and which functions no input tells apart."""

    kept: list[int]
    alive: list[int]


def survivors(marks: Sequence[str], columns: Sequence[int]) -> list[int]:
    """Return the numbers of the functions that agree in all columns; one that fits nowhere has no marks."""
    return [number for number, mark in enumerate(marks) if mark and all(mark[column] == "1" for column in columns)]


def by_telling(marks: Sequence[str], columns: Sequence[int], outputs: Sequence[str]) -> list[int]:
    """Return columns in the order in which they tell most functions apart that those before do not.

    Parameters
    ----------
    marks : sequence of str
        For each function where it agrees.
    columns : sequence of int
        Which to order.
    outputs : sequence of str
        The result of each column; among columns alike, one with a new result comes first.
    """
    left, alive, seen = list(columns), {number for number, mark in enumerate(marks) if mark}, Counter[str]()
    ordered = []
    while left:
        best = max(left, key=lambda column: (_told(marks, alive, column), -seen[outputs[column]], -column))
        left.remove(best)
        ordered.append(best)
        seen[outputs[best]] += 1
        alive = {number for number in alive if marks[number][best] == "1"}
    return ordered


def _told(marks: Sequence[str], numbers: Iterable[int], column: int) -> int:
    return sum(marks[number][column] == "0" for number in numbers)


def select(
    marks: Sequence[str], published: Sequence[int], ours: Sequence[int], outputs: Sequence[str], *, base: int, most: int
) -> Selection:
    """Choose among our inputs, greedily.

    Parameters
    ----------
    marks : sequence of str
        For each function where it agrees.
    published, ours : sequence of int
        Columns of the published inputs, and of those to choose from.
    outputs : sequence of str
        The result of each column, as text.
    base : int
        So many are chosen even if nothing is left to tell apart, those with new results first.
    most : int
        At most so many are chosen.
    """
    hopes = dict.fromkeys(survivors(marks, published), _TWICE)  # each is to be told apart twice
    kept: list[int] = []
    left, seen = list(ours), Counter(outputs[column] for column in published)
    while left and len(kept) < most:
        wanted = [number for number, times in hopes.items() if times]
        first = [number for number in wanted if hopes[number] == _TWICE]
        best = max(
            left,
            key=lambda column: (
                _told(marks, first, column),
                _told(marks, wanted, column),
                -seen[outputs[column]],
                -column,
            ),
        )
        told = [number for number in wanted if marks[number][best] == "0"]
        if not told and len(kept) >= base:
            break
        for number in told:
            hopes[number] -= 1
        left.remove(best)
        kept.append(best)
        seen[outputs[best]] += 1
    return Selection(kept, [number for number, times in hopes.items() if times == _TWICE])
