"""What the published results have in common: an input whose result is of another kind is likely out of the domain."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, TypeGuard

__all__ = ["Outputs"]


class Outputs:
    """The results seen: their types, whether some are negative, empty, infinite; likewise of their items.

    A reference says in many ways that an input makes no sense: None, -1, an empty list, NaN. Where no published case
    has such a result, right solutions may say it differently. So numbers are not below the smallest seen; those in
    lists may be.

    Parameters
    ----------
    values : sequence
        Published results.
    """

    def __init__(self, values: Sequence[Any]) -> None:
        self.marks = {mark for value in values for mark in _marks(value)}
        numbers = [value for value in values if _is_number(value)]
        self.low = min(numbers, default=-math.inf)
        items = [item for value in values for item in _items(value)]
        self.inner = Outputs(items) if items else None
        if self.inner is not None:
            self.inner.low = -math.inf

    def contains(self, value: object) -> bool:
        """Whether a result is of a kind seen."""
        if not set(_marks(value)) <= self.marks or (_is_number(value) and value < self.low):
            return False
        return all(self.inner is not None and self.inner.contains(item) for item in _items(value))


def _is_number(value: object) -> TypeGuard[int | float]:
    return type(value) in (int, float)


def _items(value: object) -> list[Any]:
    if isinstance(value, dict):
        return [*value.values()]
    return list(value) if isinstance(value, list | tuple | set | frozenset) else []


def _marks(value: object) -> Iterable[str]:
    """Yield what is remarkable of a result."""
    yield type(value).__name__
    if _is_number(value):
        if value < 0:
            yield "negative"
        if not math.isfinite(value):
            yield "not finite"
    elif isinstance(value, str | bytes | list | tuple | dict | set | frozenset) and not value:
        yield "empty"
