"""Where vectors stand: cells, and sketches of a few numbers; both rule out neighbours without a miss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from textbooks.dedup.semantic.engines import Engine
from textbooks.dedup.semantic.vectors import RowsOf, Vectors, unit

__all__ = ["MOST_CELLS", "Cells", "Frame", "cells_for", "frame_of", "locate", "sample_size"]

MOST_CELLS: Final = 1024
TEXTS_A_CELL: Final = 1024
SAMPLE_A_CELL: Final = 64
LEAST_SAMPLE: Final = 4096
SKETCH: Final = 96
"""Numbers of a sketch besides the last: more rule out more, and cost more. Ours."""
BLOCK: Final = 1 << 11
"""Vectors placed at a time; a multiple of 8, for the bits of a block are whole bytes."""
_SPARE: Final = 2e-5  # more than the error of a squared length

Floats = NDArray[np.float32]


class Frame(NamedTuple):
    """What vectors are placed by; it bears on the time alone.

    Attributes
    ----------
    centres : ndarray (cells, dimensions) float32
        Of unit length.
    basis : ndarray (dimensions, n) float32
        Orthonormal columns: the directions in which vectors differ most.
    """

    centres: Floats
    basis: Floats


@dataclass(frozen=True, slots=True)
class Cells:
    """Where vectors stand.

    Attributes
    ----------
    cell : ndarray (n,) int32
        The cell of each; -1 for the zero vector, which has no neighbours.
    reach : ndarray (cells, ceil(n / 8)) uint8
        For each cell one bit a vector, as `numpy.packbits` sets them: whether the vector may have a neighbour in it.
    sketches : ndarray (n, k) float32
        The product of two is at least the cosine of the vectors: their parts in the basis, and the length of the rest.
    """

    cell: NDArray[np.int32]
    reach: NDArray[np.uint8]
    sketches: Floats

    def near(self, cell: int) -> NDArray[np.int64]:
        """Return the vectors that may have a neighbour in a cell, its own among them, ascending."""
        return np.flatnonzero(np.unpackbits(self.reach[cell], count=len(self.cell)))


def cells_for(texts: int) -> int:
    """Return how many cells to make of some texts: one for each 1024, at most `MOST_CELLS`, at least 1."""
    return min(MOST_CELLS, max(1, texts // TEXTS_A_CELL))


def sample_size(cells: int) -> int:
    """Return how many vectors a frame of some cells is made from."""
    return max(LEAST_SAMPLE, SAMPLE_A_CELL * cells)


def frame_of(sample: Vectors, cells: int, seed: int, engine: Engine) -> Frame:
    """Return the frame that is fitted to a sample; one without centres where no vector of it has a direction.

    Parameters
    ----------
    sample : ndarray (n, dimensions) float16
    cells : int
        Centres wanted; there are never more than different vectors in the sample.
    seed : int
        Of k-means.
    engine : Engine
    """
    different = unit(np.unique(sample[np.any(sample != 0, axis=1)], axis=0))
    is_given = cells == 1 or len(different) <= cells  # a single cell may have any centre
    centres = different[:cells] if is_given else engine.centres(different, cells, seed)
    wide = different.astype(np.float64)
    basis = np.linalg.eigh(wide.T @ wide)[1][:, ::-1][:, :SKETCH]
    return Frame(centres, np.ascontiguousarray(basis, dtype=np.float32))


def locate(rows_of: RowsOf, count: int, frame: Frame, threshold: float, engine: Engine) -> Cells:
    """Place vectors in the cells of their nearest centres, find the other cells that they reach, and sketch them.

    Two unit vectors of a cosine of at least `threshold` are at most ``r = sqrt(2 - 2 * threshold)`` apart. When they
    stand in different cells, the plane between the two centres lies between them, and so each is at most `r` away
    from it: a cell whose plane is farther holds no neighbour. And their product is that of their parts in the basis
    plus that of the rests, which is at most the product of the lengths of the rests.

    Parameters
    ----------
    rows_of : callable
        Returns vectors by number.
    count : int
        How many vectors there are.
    frame : Frame
        Any: it bears on the time and on nothing else.
    threshold : float
        Cosine from which on vectors are neighbours, above 0 and at most 1.
    engine : Engine
    """
    centres, basis = frame
    cell = np.full(count, -1, dtype=np.int32)
    reach = np.zeros((len(centres), -(-count // 8)), dtype=np.uint8)
    sketches = np.zeros((count, basis.shape[1] + 1), dtype=np.float32)
    between = np.sqrt(np.maximum(2.0 - 2.0 * (centres @ centres.T), 0.0))
    limits = np.sqrt(2.0 - 2.0 * threshold) * between + 4.0 * engine.error(centres.shape[1])
    for start in range(0, count if len(centres) else 0, BLOCK):
        numbers = np.arange(start, min(start + BLOCK, count))
        vectors = unit(rows_of(numbers))
        sketches[numbers, :-1] = vectors @ basis
        sketches[numbers, -1] = np.sqrt(np.maximum(1.0 - np.square(sketches[numbers, :-1]).sum(axis=1), 0.0) + _SPARE)
        products = engine.products(vectors, centres)
        nearest = np.argmax(products, axis=1)
        margins = products[np.arange(len(numbers)), nearest][:, None] - products
        directed = np.any(vectors != 0, axis=1)
        cell[numbers[directed]] = nearest[directed]
        bits = np.packbits((margins <= limits[nearest]) & directed[:, None], axis=0)
        reach[:, start // 8 : start // 8 + len(bits)] = bits.T
    return Cells(cell, reach, sketches)
