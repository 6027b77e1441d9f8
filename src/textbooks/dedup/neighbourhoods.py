"""Which of many vectors stay: the best first, each unless one that stays is similar; exact, and cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from textbooks.dedup.cells import Cells
from textbooks.dedup.engines import Engine
from textbooks.dedup.vectors import RowsOf, cosines

__all__ = ["Neighbours", "settle"]

Numbers = NDArray[np.int64]

UNDECIDED, KEPT, DROPPED = np.int8(0), np.int8(1), np.int8(2)
BLOCK: Final = 512
"""Vectors compared at a time, each with..."""
OTHERS: Final = 8192
"""...so many others at a time."""
PAIRS: Final = 4096


class Neighbours(NamedTuple):
    """The decision on each vector.

    Attributes
    ----------
    kept : ndarray (n,) int64
        The most similar of the better ones that stay, where a vector goes; its own number where it stays.
    similarity : ndarray (n,) float64
        Their cosine; 1 where it stays.
    """

    kept: Numbers
    similarity: NDArray[np.float64]


def settle(rows_of: RowsOf, cells: Cells, threshold: float, engine: Engine) -> Neighbours:
    """Keep each vector, the best first, unless its cosine with one that stays already is at least the threshold.

    A vector stays for certain when all better ones that are similar to it go, and goes when one of them stays; so the
    outcome is one, in whatever order vectors are looked at. They are looked at cell by cell, each beside those of
    other cells that may be its neighbours, until all are decided: sketches rule out most, and the vectors of the others
    are read, a block at a time.

    Parameters
    ----------
    rows_of : callable
        Returns vectors by number; number 0 is the best.
    cells : Cells
        Located for this threshold, or a lower one.
    threshold : float
        Cosine, above 0 and at most 1.
    engine : Engine
    """
    work = _Work(rows_of, cells, threshold, engine, np.where(cells.cell < 0, KEPT, UNDECIDED))
    order = np.argsort(cells.cell, kind="stable")
    members = np.split(order, np.searchsorted(cells.cell[order], np.arange(len(cells.reach))))[1:]
    while (work.status == UNDECIDED).any():  # at least the best of the undecided is decided each time
        for cell, some in enumerate(members):
            work.visit(cell, some)
    found = Neighbours(np.arange(len(cells.cell)), np.ones(len(cells.cell)))
    for cell, some in enumerate(members):
        work.find_partners(cell, some, found)
    return found


@dataclass(frozen=True, slots=True)
class _Work:
    rows_of: RowsOf
    cells: Cells
    threshold: float
    engine: Engine
    status: NDArray[np.int8]

    def visit(self, cell: int, members: Numbers) -> None:
        """Decide on what can be decided of the members of a cell."""
        undecided = members[self.status[members] == UNDECIDED]
        if not len(undecided):
            return
        near = self.cells.near(cell)
        for block in _pieces(undecided, BLOCK):
            better = near[: np.searchsorted(near, block[-1])]
            self._drop(block, better[self.status[better] == KEPT])
            left = block[self.status[block] == UNDECIDED]
            if len(left):
                self._decide(left, *self._similar_pairs(left, better[self.status[better] == UNDECIDED]))

    def _drop(self, block: Numbers, kept: Numbers) -> None:
        """Drop those that are similar to one that stays."""
        for others in _pieces(kept, OTHERS):
            left = block[self.status[block] == UNDECIDED]
            if len(left):
                self.status[left[self._similar(left, others)[0]]] = DROPPED

    def _similar_pairs(self, block: Numbers, others: Numbers) -> tuple[Numbers, Numbers]:
        """Return the similar pairs of one of the block and a better one, by place in the block and by number."""
        found = [self._similar(block, some)[:2] for some in _pieces(others, OTHERS)]
        places = np.concatenate([np.empty(0, dtype=np.int64), *(rows for rows, _ in found)])
        better = np.concatenate([np.empty(0, dtype=np.int64), *(numbers for _, numbers in found)])
        order = np.argsort(places, kind="stable")
        return places[order], better[order]

    def _decide(self, block: Numbers, places: Numbers, better: Numbers) -> None:
        """Keep those that nothing better is similar to, and go through the others, the best first."""
        bounds = np.searchsorted(places, np.arange(len(block) + 1))
        alone = np.diff(bounds) == 0
        self.status[block[alone]] = KEPT
        for place in np.flatnonzero(~alone).tolist():
            states = self.status[better[bounds[place] : bounds[place + 1]]]
            if (states == KEPT).any():
                self.status[block[place]] = DROPPED
            elif not (states == UNDECIDED).any():
                self.status[block[place]] = KEPT

    def _similar(self, block: Numbers, others: Numbers) -> tuple[Numbers, Numbers, NDArray[np.float64]]:
        """Return the similar pairs: place in the block, number of the better one, and their cosine."""
        sketches = self.cells.sketches
        products = self.engine.products(sketches[block], sketches[others])
        least = self.threshold - 2 * self.engine.error(sketches.shape[1])
        rows, columns = np.nonzero(products >= np.float32(least))
        is_better = others[columns] < block[rows]
        rows, columns = rows[is_better], columns[is_better]
        similarity = self._cosines(block, others, rows, columns)
        is_similar = similarity >= self.threshold
        return rows[is_similar], others[columns[is_similar]], similarity[is_similar]

    def _cosines(self, block: Numbers, others: Numbers, rows: Numbers, columns: Numbers) -> NDArray[np.float64]:
        """Return the cosines of pairs, each vector being read once."""
        left, first = np.unique(rows, return_inverse=True)
        right, second = np.unique(columns, return_inverse=True)
        ones, twos = self.rows_of(block[left]), self.rows_of(others[right])
        pairs = _pieces(np.arange(len(rows)), PAIRS)
        found = [cosines(ones[first[some]], twos[second[some]]) for some in pairs]
        return np.concatenate([np.empty(0), *found])

    def find_partners(self, cell: int, members: Numbers, found: Neighbours) -> None:
        """Find the most similar vector that stays and is better, the best among equals, of each member that goes."""
        gone = members[self.status[members] == DROPPED]
        if not len(gone):
            return
        near = self.cells.near(cell)
        near = near[self.status[near] == KEPT]
        found.similarity[gone] = -1.0
        for block in _pieces(gone, BLOCK):
            for others in _pieces(near[: np.searchsorted(near, block[-1])], OTHERS):
                rows, better, similarity = self._similar(block, others)
                for number, other, value in zip(
                    block[rows].tolist(), better.tolist(), similarity.tolist(), strict=True
                ):
                    if value > found.similarity[number]:  # the better of equals comes first
                        found.similarity[number], found.kept[number] = value, other


def _pieces(numbers: Numbers, size: int) -> Iterator[Numbers]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]
