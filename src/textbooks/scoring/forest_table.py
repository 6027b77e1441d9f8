"""A forest laid out for a fast walk: many samples down many trees at once, in few passes of numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAMPLES_AT_ONCE = 256
_CELLS_AT_ONCE = 1 << 15
"""Pairs of sample and tree that walk together: their arrays stay in the processor's cache."""

_STEPS_BETWEEN_CHECKS = 5
"""Steps between looks at who has arrived: a step too many costs less than a look."""

_KEY_BITS = 32
_LARGEST_KEY = 2**_KEY_BITS - 1
_LEAF = _LARGEST_KEY


@dataclass(frozen=True, slots=True)
class ForestTable:
    """One entry for each root and each child, so that the two children of a node are neighbours.

    What a node compares is one whole number: its column times 2**32 plus the key of its threshold (``_keys``). A
    sample's value, made a number in the same way, is larger exactly if the sample goes right.

    Attributes
    ----------
    compared : ndarray (entries,) int64
        Column and threshold; at a leaf a number that no sample's exceeds.
    next_left : ndarray (entries,) int64
        Entry of the left child, the one before that of the right; a leaf points at itself.
    value : ndarray (entries,) float64
        Value of the node.
    trees, columns : int
        Number of trees, whose roots come first, and of columns of the samples.
    """

    compared: NDArray[np.int64]
    next_left: NDArray[np.int64]
    value: NDArray[np.float64]
    trees: int
    columns: int

    @classmethod
    def build(
        cls,
        *,
        feature: NDArray[np.int16],
        threshold: NDArray[np.float32],
        left: NDArray[np.int32],
        right: NDArray[np.int32],
        value: NDArray[np.float64],
        roots: NDArray[np.int32],
        columns: int,
    ) -> Self:
        """Lay out the trees of a ``Forest``, whose arrays these are."""
        inner = feature >= 0
        node = np.concatenate((roots, np.stack((left[inner], right[inner]), axis=1).ravel()))
        first_child = len(roots) + 2 * (np.cumsum(inner) - 1)
        # A threshold that is no number sends every sample right, and so does 0: the keys of numbers are larger.
        key = np.where(np.isnan(threshold), 0, _keys(threshold))
        compared = np.where(inner, feature.astype(np.int64) << _KEY_BITS | key, _LEAF)
        return cls(
            compared=compared[node],
            next_left=np.where(inner[node], first_child[node], np.arange(len(node))),
            value=value[node],
            trees=len(roots),
            columns=columns,
        )

    def sum_of_values(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return for each sample the values of the leaves that it reaches, added tree after tree.

        Parameters
        ----------
        samples : ndarray (n, columns) float32
            What to look up; NaN goes right.

        Returns
        -------
        ndarray (n,) float64
            Bit-equal for any number and order of samples.
        """
        sums = np.empty(len(samples))
        for begin in range(0, len(samples), _SAMPLES_AT_ONCE):
            some = np.asarray(samples[begin : begin + _SAMPLES_AT_ONCE], dtype=np.float32)
            sums[begin : begin + _SAMPLES_AT_ONCE] = self._sum_of_few(some)
        return sums

    def _sum_of_few(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        compared = _keys(samples)
        compared |= np.arange(self.columns) << _KEY_BITS
        sums = np.zeros(len(samples))
        step = max(_CELLS_AT_ONCE // len(samples), 1)
        for begin in range(0, self.trees, step):
            values = self.value[self._leaves(compared, np.arange(begin, min(begin + step, self.trees)))]
            # Tree after tree, as scikit-learn adds: a pairwise sum would round differently.
            values[0] += sums
            sums = np.add.accumulate(values, axis=0)[-1]
        return sums

    def _leaves(self, compared: NDArray[np.int64], trees: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the entry of the leaf that each sample reaches in each tree, shape (trees, samples)."""
        samples, flat = len(compared), compared.ravel()
        at = np.repeat(trees, samples)
        first_column = np.tile(np.arange(samples) * self.columns, len(trees))
        leaves = np.empty(len(at), dtype=np.int64)
        cell = np.arange(len(at))
        while len(cell):
            for _ in range(_STEPS_BETWEEN_CHECKS):
                at = self._step(at, first_column, flat)
            arrived = self.compared[at] == _LEAF
            leaves[cell[arrived]] = at[arrived]
            walking = np.flatnonzero(~arrived)
            cell, at, first_column = cell[walking], at[walking], first_column[walking]
        return leaves.reshape(len(trees), samples)

    def _step(
        self, at: NDArray[np.int64], first_column: NDArray[np.int64], flat: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        # All indices are in range: "clip" only spares numpy the check.
        compared = self.compared.take(at, mode="clip")
        column = compared >> _KEY_BITS
        column += first_column
        goes_right = flat.take(column, mode="clip") > compared
        below = self.next_left.take(at, mode="clip")
        below += goes_right
        return below


def _keys(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return whole numbers in the order of the values, 1 to 2**32 - 1, which NaN gets.

    The bits of positive floats are in order already, those of negative ones in reverse.
    """
    bits = (values + np.float32(0)).view(np.uint32)  # which makes -0 and 0 one number
    keys = np.where(bits >> 31, ~bits, bits | np.uint32(1 << 31)).astype(np.int64)
    keys[np.isnan(values)] = _LARGEST_KEY
    return keys
