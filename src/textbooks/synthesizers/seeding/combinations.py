"""Subsets and pairs of values as sequences that are never written out."""

from __future__ import annotations

import math
from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, combinations
from typing import Any, overload

__all__ = ["Combinations", "CrossPairs", "LazyLists"]


class LazyLists(Sequence[list[Any]]):
    """A `Sequence` of lists, each computed from its place when it is asked for."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of lists; `len` gives the same and fails above ``sys.maxsize``."""

    @property
    @abstractmethod
    def recipe(self) -> list[Any]:
        """What the lists are made from: equal where the sequences are, and of JSON types where the values are."""

    @abstractmethod
    def _at(self, place: int) -> list[Any]:
        """Return the list at a place of ``range(self.size)``."""

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> list[Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[list[Any]]: ...
    def __getitem__(self, index: int | slice) -> list[Any] | list[list[Any]]:
        """Return the list at a place; negative places count from the end, slices are lists of lists."""
        if isinstance(index, slice):
            return [self._at(place) for place in range(*index.indices(self.size))]
        place = index + self.size if index < 0 else index
        if not 0 <= place < self.size:
            msg = f"{index} is out of range: there are {self.size}"
            raise IndexError(msg)
        return self._at(place)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(<{self.size:,} lists>)"


class Combinations(LazyLists):
    """The k-subsets of some values, each a list in the order of the values, in lexicographic order.

    The subset at a place is computed from its number in the combinatorial number system ("combinadic"; Knuth, The
    Art of Computer Programming, volume 4A, section 7.2.1.3), in k binary searches. Memory: the values.

    Parameters
    ----------
    values : iterable
        Copied. They should be distinct, or subsets repeat.
    k : int
        Values in a subset, 1 to the number of values.

    Raises
    ------
    ValueError
        If k is out of range.

    Examples
    --------
    >>> list(Combinations("abc", 2))
    [['a', 'b'], ['a', 'c'], ['b', 'c']]
    >>> Combinations(range(1000), 3).size
    166167000
    """

    def __init__(self, values: Iterable[Any], k: int) -> None:
        self.values = tuple(values)
        self.k = k
        if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= len(self.values):
            msg = f"k must be between 1 and {len(self.values)}, the number of values, got {k!r}"
            raise ValueError(msg)

    @property
    def size(self) -> int:  # noqa: D102
        return math.comb(len(self.values), self.k)

    @property
    def recipe(self) -> list[Any]:  # noqa: D102
        return ["combinations", self.k, list(self.values)]

    def _at(self, place: int) -> list[Any]:
        n, left = len(self.values), self.size - 1 - place
        chosen = []
        for size in range(self.k, 0, -1):
            # the largest m with comb(m, size) <= left; lexicographic order is colexicographic order, reversed
            m = bisect_right(range(n), left, key=lambda m, size=size: math.comb(m, size)) - 1  # type: ignore[misc]
            left -= math.comb(m, size)
            chosen.append(self.values[n - 1 - m])
        return chosen


class CrossPairs(LazyLists):
    """The pairs of values from two different groups, each a list in the order of the groups.

    Parameters
    ----------
    groups : iterable of iterables
        Copied. The values of all groups should be distinct, or pairs repeat.

    Examples
    --------
    >>> list(CrossPairs(["ab", "c", "d"]))
    [['a', 'c'], ['b', 'c'], ['a', 'd'], ['b', 'd'], ['c', 'd']]
    """

    def __init__(self, groups: Iterable[Iterable[Any]]) -> None:
        self.groups = tuple(tuple(group) for group in groups)
        self._joined = list(combinations(range(len(self.groups)), 2))
        sizes = (len(self.groups[one]) * len(self.groups[other]) for one, other in self._joined)
        self._starts = list(accumulate(sizes, initial=0))

    @property
    def size(self) -> int:  # noqa: D102
        return self._starts[-1]

    @property
    def recipe(self) -> list[Any]:  # noqa: D102
        return ["cross pairs", *map(list, self.groups)]

    def _at(self, place: int) -> list[Any]:
        block = bisect_right(self._starts, place) - 1
        one, other = (self.groups[number] for number in self._joined[block])
        second, first = divmod(place - self._starts[block], len(one))
        return [one[first], other[second]]
