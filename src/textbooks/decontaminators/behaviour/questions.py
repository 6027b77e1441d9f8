"""A problem as inputs to call functions with, and the answers to them, which never leave this process."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from textbooks.decontaminators.behaviour.comparison import answers_agree, canonical
from textbooks.problems import Case, Problem
from textbooks.sandbox.inside.codec import DataError, dump

__all__ = ["Question", "question"]

_TELLING = 2
_MOST_BITS = 16.0
_LARGEST_INPUT = 1 << 16  # bytes of a message


@dataclass(frozen=True, slots=True)
class Question:
    """What a function is asked in order to find out whether it solves a problem.

    Attributes
    ----------
    problem : Problem
        The problem.
    arguments : int
        How many arguments each input has.
    inputs : tuple of str
        Messages of the lists of arguments, the published ones first.
    expected : tuple
        The answers, canonical.
    published : int
        How many of the inputs are published.
    bits : tuple of float
        What agreement on an input tells: -log2 of the share of inputs with this answer; of a fraction its digits.
    telling : tuple of int
        The published inputs that tell most, to begin with.
    distinct_outputs : int
        How many different answers there are.
    ordinary : tuple of str
        Ordinary functions that give the same answers.
    """

    problem: Problem
    arguments: int
    inputs: tuple[str, ...]
    expected: tuple[Any, ...] = field(repr=False)
    published: int
    bits: tuple[float, ...]
    telling: tuple[int, ...]
    distinct_outputs: int
    ordinary: tuple[str, ...]


def question(problem: Problem, cases: Sequence[Case], published: int, ordinary: Sequence[str] = ()) -> Question | None:
    """Return what to ask for a problem; None where no case has arguments.

    Only cases with as many arguments as most have are asked, each input once. Names of arguments are left away.
    """
    number = Counter(len(case.args) + len(case.kwargs) for case in cases if case.args or case.kwargs).most_common(1)
    if not number:
        return None
    asked: dict[str, tuple[Any, bool]] = {}
    for place, case in enumerate(cases):
        values = [*case.args, *case.kwargs.values()]
        message = _message(values)
        if len(values) == number[0][0] and message is not None:
            asked.setdefault(message, (canonical(case.expected), place < published))
    if not asked:
        return None
    expected = tuple(answer for answer, _ in asked.values())
    told = sum(is_published for _, is_published in asked.values())
    times = _times(expected)
    return Question(
        problem=problem,
        arguments=number[0][0],
        inputs=tuple(asked),
        expected=expected,
        published=told,
        bits=tuple(_told(answer, count / len(expected)) for answer, count in zip(expected, times, strict=True)),
        telling=_telling(list(asked), expected, times, told or len(expected)),
        distinct_outputs=len({repr(answer) for answer in expected}),
        ordinary=tuple(ordinary),
    )


def _message(values: list[Any]) -> str | None:
    try:
        message = dump(values).decode("ascii")
    except DataError:
        return None
    return message if len(message) <= _LARGEST_INPUT else None


def _times(expected: Sequence[Any]) -> list[int]:
    """Return how often the answer to each input is given."""
    counted: Mapping[str, int] = Counter(map(repr, expected))
    return [counted[repr(answer)] for answer in expected]


def _told(answer: object, share: float) -> float:
    """Return what giving this answer tells, in bits.

    That is -log2 of its share, which a handful of inputs keeps low. The digits of a fraction are not guessed either:
    each counts as log2(10), up to 16 bits together, unless all answers are this one.
    """
    bits = -math.log2(share) + 0.0
    if isinstance(answer, float) and share < 1 and math.isfinite(answer) and not answer.is_integer():
        digits = len(f"{abs(answer):.6f}".replace(".", "").strip("0"))
        bits = max(bits, min(_MOST_BITS, digits * math.log2(10)))
    return bits


def _telling(inputs: Sequence[str], expected: Sequence[Any], times: Sequence[int], published: int) -> tuple[int, ...]:
    """Return the first inputs to try: rare answers that are not trivial, and different from each other."""

    def rank(place: int) -> tuple[Any, ...]:
        answer = expected[place]
        trivial = answer in (None, 0, 1, "", [], {}, set()) or repr(answer) in inputs[place].replace('"', "'")
        return trivial, times[place], len(inputs[place]) > 1000, -min(len(repr(answer)), 40), place

    ranked = sorted(range(published), key=rank)
    chosen: list[int] = []
    for place in ranked:
        if len(chosen) < _TELLING and not any(answers_agree(expected[place], expected[other]) for other in chosen):
            chosen.append(place)
    return tuple(chosen + [place for place in ranked if place not in chosen])[:_TELLING]
