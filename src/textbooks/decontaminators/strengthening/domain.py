"""The domain of a problem's inputs, inferred from the published ones, and new inputs inside it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from textbooks.decontaminators.strengthening.containers import shape_of
from textbooks.decontaminators.strengthening.traits import holds, length_is, relations_of, sized

__all__ = ["Domain", "Input", "key_of", "new_inputs"]

Input = tuple[tuple[Any, ...], dict[str, Any]]

_TRIES_PER_INPUT = 12
_MAX_CHARACTERS = 4_000
_MAX_ROWS = 60


def key_of(given: Input) -> str:
    """Return what is equal for equal inputs alone: types count, the order of sets does not."""
    return repr((_ordered(list(given[0])), _ordered(given[1])))


def _ordered(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, set | frozenset):
        return (type(value).__name__, sorted(map(repr, value)))
    if isinstance(value, list | tuple):
        return (type(value).__name__, [_ordered(item) for item in value])
    if isinstance(value, dict):
        return [(_ordered(key), _ordered(item)) for key, item in value.items()]
    return value


class Domain:
    """What the inputs of one form (number of arguments, names of keywords) have in common.

    Parameters
    ----------
    inputs : sequence of (args, kwargs)
        Published inputs, at least one, all of one form.
    """

    def __init__(self, inputs: Sequence[Input]) -> None:
        self.names = list(inputs[0][1])
        self.positional = len(inputs[0][0])
        self.rows = [self._row(given) for given in inputs]
        self.shapes = [shape_of(column) for column in zip(*self.rows, strict=True)]
        self.relations = relations_of(self.rows[:_MAX_ROWS])
        self.largest = max(_MAX_CHARACTERS, 2 * max(len(repr(row)) for row in self.rows))

    def _row(self, given: Input) -> list[Any]:
        return [*given[0], *(given[1][name] for name in self.names)]

    def contains(self, given: Input) -> bool:
        """Whether an input is like the published ones in all that we look at."""
        row = self._row(given)
        if not all(shape.contains(value) for shape, value in zip(self.shapes, row, strict=True)):
            return False
        if len(repr(row)) > self.largest:
            return False
        return all(holds(relation, row[first], row[second]) for first, second, relation in self.relations)

    def vary(self, rng: random.Random) -> Input:
        """Return an input made of published ones; it may have to be refused by `contains`."""
        row = list(rng.choice(self.rows))
        for position in range(len(row)):
            if rng.random() < 0.3:
                row[position] = rng.choice(self.rows)[position]
        for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
            if row:
                position = rng.randrange(len(row))
                row[position] = self.shapes[position].vary(row[position], rng)
        self._repair(row)
        return tuple(row[: self.positional]), dict(zip(self.names, row[self.positional :], strict=True))

    def _repair(self, row: list[Any]) -> None:
        """Set a number that is always the length of another argument."""
        for first, second, relation in self.relations:
            if relation is length_is and sized(row[first]):
                row[second] = len(row[first])


def new_inputs(published: Sequence[Input], *, wanted: int, rng: random.Random) -> list[Input]:
    """Return inputs that are not published but lie in the domain of those that are.

    Parameters
    ----------
    published : sequence of (args, kwargs)
        Published inputs.
    wanted : int
        At most so many are returned.
    rng : random.Random
        Where the choices come from.
    """
    forms: dict[tuple[int, tuple[str, ...]], list[Input]] = {}
    for given in published:
        forms.setdefault((len(given[0]), tuple(given[1])), []).append(given)
    known = {key_of(given) for given in published}
    found: list[Input] = []
    for inputs in forms.values():
        share = max(1, round(wanted * len(inputs) / len(published)))
        found += _distinct(_inside(Domain(inputs), rng, share * _TRIES_PER_INPUT), known, share)
    return found[:wanted]


def _inside(domain: Domain, rng: random.Random, tries: int) -> Iterator[Input]:
    for _ in range(tries):
        given = domain.vary(rng)
        if domain.contains(given):
            yield given


def _distinct(inputs: Iterator[Input], known: set[str], wanted: int) -> list[Input]:
    """Return the first inputs that are not known yet, and make them known."""
    found = []
    for given in inputs:
        key = key_of(given)
        if key not in known:
            known.add(key)
            found.append(given)
            if len(found) == wanted:
                break
    return found
