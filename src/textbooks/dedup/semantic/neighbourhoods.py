"""Which of many vectors stay: the best first, each unless one that stays is similar; exact, and cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from textbooks.dedup.semantic.cells import Cells
from textbooks.dedup.semantic.engines import Engine
from textbooks.dedup.semantic.vectors import RowsOf, cosines, unit

__all__ = ["Neighbours", "settle"]

Numbers = NDArray[np.int64]

UNDECIDED, KEPT, DROPPED = np.int8(0), np.int8(1), np.int8(2)
BLOCK: Final = 512
"""Vectors compared at a time, each with..."""
OTHERS: Final = 8192
"""...so many others at a time."""
FIRST_OTHERS: Final = 64
"""...but fewer where one similar one is enough: of a family the first few settle most."""
PAIRS: Final = 4096
DENSE: Final = 64
"""Of so many pairs one that the sketches let pass makes products of whole vectors cheaper."""


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
        first = {cell: work.first_undecided(some) for cell, some in enumerate(members)}
        for cell in sorted(first, key=first.__getitem__):
            work.visit(cell, members[cell])
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

    def first_undecided(self, members: Numbers) -> int:
        """Return the best of the members that are undecided, or a number past all."""
        undecided = members[self.status[members] == UNDECIDED]
        return int(undecided[0]) if len(undecided) else len(self.status)

    def visit(self, cell: int, members: Numbers) -> None:
        """Decide on what can be decided of the members of a cell; what waits for one elsewhere is left for later."""
        undecided = members[self.status[members] == UNDECIDED]
        if not len(undecided):
            return
        near = self.cells.near(cell)
        for block in _pieces(undecided, BLOCK):
            better = near[: np.searchsorted(near, block[-1])]
            gone = self._like_any(block, better[self.status[better] == KEPT])
            self.status[block[gone]] = DROPPED
            left = block[~gone]
            waited_for = better[self.status[better] == UNDECIDED]
            waits = self._like_any(left, waited_for[~np.isin(waited_for, left, assume_unique=True)])
            self._decide(left[~waits], left)

    def _like_any(self, block: Numbers, others: Numbers) -> NDArray[np.bool_]:
        """Return whether each of the block is similar to any of the others that is better."""
        found = np.zeros(len(block), dtype=np.bool_)
        for some in _pieces(others, OTHERS, first=FIRST_OTHERS):
            open_places = np.flatnonzero(~found)
            if len(open_places):
                found[open_places[self._similar(block[open_places], some)[0]]] = True
        return found

    def _decide(self, some: Numbers, block: Numbers) -> None:
        """Go through some of a block that wait for none but others of it, the best first."""
        if not len(some):
            return
        places, better, _ = self._similar(some, block)
        bounds = np.searchsorted(places, np.arange(len(some) + 1))
        alone = np.diff(bounds) == 0
        self.status[some[alone]] = KEPT
        for place in np.flatnonzero(~alone).tolist():
            states = self.status[better[bounds[place] : bounds[place + 1]]]
            if (states == KEPT).any():
                self.status[some[place]] = DROPPED
            elif not (states == UNDECIDED).any():
                self.status[some[place]] = KEPT

    def _similar(self, block: Numbers, others: Numbers) -> tuple[Numbers, Numbers, NDArray[np.float64]]:
        """Return the similar pairs: place in the block, number of the better one, and their cosine."""
        sketches = self.cells.sketches
        products = self.engine.products(sketches[block], sketches[others])
        least = self.threshold - 2 * self.engine.error(sketches.shape[1])
        found = np.flatnonzero(products.ravel() >= np.float32(least))  # several times as fast as in two dimensions
        rows, columns = np.divmod(found, len(others))
        is_better = others[columns] < block[rows]
        rows, columns = rows[is_better], columns[is_better]
        if len(rows) * DENSE > len(block) * len(others):
            rows, columns = self._nearly_similar(block, others, rows, columns)
        similarity = self._cosines(block, others, rows, columns)
        is_similar = similarity >= self.threshold
        return rows[is_similar], others[columns[is_similar]], similarity[is_similar]

    def _nearly_similar(
        self, block: Numbers, others: Numbers, rows: Numbers, columns: Numbers
    ) -> tuple[Numbers, Numbers]:
        """Return those of many pairs whose cosine is at the threshold or above, or just below."""
        first, second = unit(self.rows_of(block)), unit(self.rows_of(others))
        least = self.threshold - 2 * self.engine.error(first.shape[1])
        passes = self.engine.products(first, second)[rows, columns] >= least
        return rows[passes], columns[passes]

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


def _pieces(numbers: Numbers, size: int, *, first: int | None = None) -> Iterator[Numbers]:
    """Yield pieces of a size, the first of another."""
    begin = size if first is None else first
    yield from filter(len, [numbers[:begin]])
    for start in range(begin, len(numbers), size):
        yield numbers[start : start + size]
