"""The best few of a stream, in memory that does not grow with it."""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ranking"]

T = TypeVar("T")
Key = tuple[float, str, str]


class Ranking(Generic[T]):
    """The `size` items with the smallest keys, whatever the order in which they are offered.

    Parameters
    ----------
    size : int
        How many are kept, at least 1.

    Raises
    ------
    ValueError
        If `size` is below 1.

    Examples
    --------
    >>> ranking = Ranking(2)
    >>> for number, name in [(3.0, "c"), (1.0, "a"), (2.0, "b")]:
    ...     ranking.offer((number, name, ""), lambda name=name: name)
    >>> ranking.items
    ('a', 'b')
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            msg = f"size must be at least 1, got {size!r}"
            raise ValueError(msg)
        self.size = size
        self._entries: list[tuple[Key, T]] = []

    @property
    def items(self) -> tuple[T, ...]:
        """The items, smallest key first."""
        return tuple(item for _, item in self._entries)

    def candidates(self, numbers: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the places of those numbers that could still be taken; NaN never can.

        Parameters
        ----------
        numbers : ndarray of shape (n,)
            First parts of keys.
        """
        full = len(self._entries) == self.size
        return np.flatnonzero(numbers <= (self._entries[-1][0][0] if full else math.inf))

    def offer(self, key: Key, make: Callable[[], T]) -> None:
        """Take what `make` returns if `key` is among the smallest so far; do not call it otherwise."""
        if len(self._entries) == self.size:
            if key >= self._entries[-1][0]:
                return
            self._entries.pop()
        insort(self._entries, (key, make()), key=lambda entry: entry[0])
