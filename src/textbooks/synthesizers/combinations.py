"""All k-subsets of a sequence as a sequence that is never written out."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, overload

__all__ = ["Combinations"]


class Combinations(Sequence[list[Any]]):
    """The k-subsets of some values, each a list in the order of the values; a `Sequence` with random access.

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
    def size(self) -> int:
        """Number of subsets; `len` gives the same and fails above ``sys.maxsize``."""
        return math.comb(len(self.values), self.k)

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> list[Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[list[Any]]: ...
    def __getitem__(self, index: int | slice) -> list[Any] | list[list[Any]]:
        """Return the subset at a place of the lexicographic order; negative places count from the end."""
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(self.size))]
        place = index + self.size if index < 0 else index
        if not 0 <= place < self.size:
            msg = f"{index} is out of range: there are {self.size} combinations"
            raise IndexError(msg)
        n, left = len(self.values), self.size - 1 - place
        chosen = []
        for size in range(self.k, 0, -1):
            # the largest m with comb(m, size) <= left; lexicographic order is colexicographic order, reversed
            m = bisect_right(range(n), left, key=lambda m, size=size: math.comb(m, size)) - 1  # type: ignore[misc]
            left -= math.comb(m, size)
            chosen.append(self.values[n - 1 - m])
        return chosen

    def __repr__(self) -> str:
        return f"Combinations(<{len(self.values)} values>, {self.k})"
