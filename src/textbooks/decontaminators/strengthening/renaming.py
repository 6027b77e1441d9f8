"""Inputs with other characters, for references to which a character is as good as any other.

The published strings of a problem about lengths may hold no blank and no capital: so a mutation of them has none
either, and a function that looks at words or capitals passes. Where a reference gives, for an input with its characters
exchanged for others, its old result with the characters exchanged likewise, every time, characters mean nothing to it.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from textbooks.decontaminators.strengthening.domain import Input
from textbooks.problems import Case

__all__ = ["Renamed", "renamed", "renamed_inputs"]

_POOL = string.ascii_letters + string.digits + " .-"


class Renamed(NamedTuple):
    """An input with other characters, and the result that is due if characters mean nothing."""

    given: Input
    due: Any


def renamed(value: Any, table: Mapping[int, str]) -> Any:  # noqa: ANN401
    """Return plain data with the characters of its strings exchanged."""
    if isinstance(value, str):
        return value.translate(table)
    if isinstance(value, dict):
        return {renamed(key, table): renamed(item, table) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return type(value)(renamed(item, table) for item in value)
    return value


def _characters(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from _characters(pair)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _characters(item)


def renamed_inputs(cases: Sequence[Case], *, wanted: int, rng: random.Random) -> list[Renamed]:
    """Return inputs of some cases with all their characters exchanged, every other time one for a blank.

    Parameters
    ----------
    cases : sequence of Case
        To choose from; those without characters, or with more kinds of them than there are others, are left out.
    wanted : int
        At most so many are returned, one a case.
    rng : random.Random
        Where the choices come from.
    """
    found: list[Renamed] = []
    for case in cases:
        used = sorted(set(_characters((case.args, case.kwargs))))
        if not used or len(used) > len(_POOL) // 2 or len(found) == wanted:
            continue
        others = rng.sample(_POOL.replace(" ", ""), len(used))
        if len(found) % 2 == 0:
            others[rng.randrange(len(others))] = " "
        table = {ord(one): other for one, other in zip(used, others, strict=True)}
        args = tuple(renamed(value, table) for value in case.args)
        kwargs = {name: renamed(value, table) for name, value in case.kwargs.items()}
        found.append(Renamed((args, kwargs), renamed(case.expected, table)))
    return found
