"""Which source comes at which place of a stage: evenly spread, in a shuffled order, with random access."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from textbooks.mixtures.shuffle import key_of, mix

__all__ = ["Interleaving"]

_WINDOW = 4096
_BITS = 32


class Interleaving:
    """The order in which a stage takes units from its sources.

    A source of `n` of all `N` units has one unit at random in each of the `n` equal parts of the stage. So up to any
    place a source is at most one unit off its share, plus the same for the others, and no two stages of a run look
    alike. Any part of the order is found without what is before it.

    Parameters
    ----------
    counts : sequence of int
        Units of each source, at least 1.
    seed : object
        Whatever the order shall depend on.

    Notes
    -----
    Source: ours; jittered sampling, as in stratified Monte Carlo.
    """

    def __init__(self, counts: Sequence[int], seed: object) -> None:
        self.counts = [int(count) for count in counts]
        self.size = sum(self.counts)
        self._keys = [key_of("interleaving", seed, number) for number in range(len(self.counts))]
        self._windows = -(-self.size // _WINDOW)

    def taken(self, time: int) -> list[int]:
        """Return how many units of each source lie before a time, 0 to `size`: whole numbers, exact."""
        return [self._before(number, time) for number in range(len(self.counts))]

    def _before(self, number: int, time: int) -> int:
        """Count the units of one source before a time; its j-th is at ``(j + jitter) * size / count``."""
        whole, part = divmod(time * self.counts[number], self.size)
        if whole >= self.counts[number]:
            return self.counts[number]
        jitter = int(self._jitter(number, np.array([whole]))[0])
        return whole + (jitter * self.size < part << _BITS)

    def _jitter(self, number: int, units: NDArray[np.integer]) -> NDArray[np.uint64]:
        return mix(units.astype(np.uint64), self._keys[number]) >> np.uint64(64 - _BITS)

    def sources(self, start: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return for the places from `start` to `stop` the source, and which of its units in the stage it is.

        Parameters
        ----------
        start, stop : int
            ``0 <= start <= stop <= size``.

        Returns
        -------
        sources, units : ndarray of int64, shape (stop - start,)
        """
        parts, place = [], start
        window = self._window_of(start)
        while place < stop:
            begin, sources, units = self._window(window)
            low, high = place - begin, min(stop - begin, len(sources))
            parts.append((sources[low:high], units[low:high]))
            place, window = begin + high, window + 1
        empty = np.empty(0, dtype=np.int64)
        return (
            np.concatenate([empty, *(sources for sources, _ in parts)]),
            np.concatenate([empty, *(units for _, units in parts)]),
        )

    def _window_of(self, place: int) -> int:
        """Return the window of a place: where it would be if all sources were on time, or one beside it."""
        window = min(place // _WINDOW, max(0, self._windows - 1))
        while window > 0 and sum(self.taken(window * _WINDOW)) > place:
            window -= 1
        while window + 1 < self._windows and sum(self.taken((window + 1) * _WINDOW)) <= place:
            window += 1
        return window

    def _window(self, window: int) -> tuple[int, NDArray[np.int64], NDArray[np.int64]]:
        """Return the place where a window begins, and its sources and units in order."""
        before = self.taken(window * _WINDOW)
        after = self.taken(min((window + 1) * _WINDOW, self.size))
        numbers, units, times = [], [], []
        for number, (first, end) in enumerate(zip(before, after, strict=True)):
            found = np.arange(first, end, dtype=np.int64)
            jitter = self._jitter(number, found).astype(np.float64) / 2.0**_BITS
            numbers.append(np.full(len(found), number, dtype=np.int64))
            units.append(found)
            times.append(((found - first) + jitter - self._offset(number, first, window)) / self.counts[number])
        order = np.lexsort((np.concatenate(numbers), np.concatenate(times)))
        return sum(before), np.concatenate(numbers)[order], np.concatenate(units)[order]

    def _offset(self, number: int, first: int, window: int) -> float:
        """Return how far a window begins behind a unit of a source, in units of it; small, so that floats suffice."""
        return (window * _WINDOW * self.counts[number] - first * self.size) / self.size
