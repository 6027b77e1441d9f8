"""The table behind the static embedder: features to rows of whole numbers, rows to sums that are exact."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from textbooks.embedders.static_features import KINDS, Block, blocks, mix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SLOT_BITS = 20
"""Known features lie in a table of ``2**SLOT_BITS`` slots, at most one a slot."""

_MOST_COUNTED = 255
_ROW_BITS = 16
MOST_ROWS = 1 << _ROW_BITS
_ROW_MASK = np.uint32((1 << _ROW_BITS) - 1)
_WEIGHTS = np.rint(4 * np.log1p(np.arange(_MOST_COUNTED + 1)) / np.log(2)).astype(np.float32)  # 0, 4, 6, 8, 9, ... 32
# 4,096 rows of at most 127 by weights of at most 32 stay below 2**24, where float32 adds whole numbers exactly.
_ROWS_AT_ONCE = 4096
_BUCKETS_PER_WORD = 2


class Entries(NamedTuple):
    """The rows that the pieces of a block add up.

    Attributes
    ----------
    piece : ndarray (n,) int64
        Number of the piece, rising.
    row : ndarray (n,) int64
        Row of the table, rising in each piece, each once.
    weight : ndarray (n,) float32
        A whole number from 4 to 32: ``4 * log2(1 + occurrences)``, rounded.
    """

    piece: NDArray[np.int64]
    row: NDArray[np.int64]
    weight: NDArray[np.float32]


def slots_of(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the slot of each key."""
    return (keys >> np.uint64(64 - SLOT_BITS)).astype(np.int64)


@dataclass(frozen=True, eq=False)
class FeatureRows:
    """Which row belongs to which feature.

    Attributes
    ----------
    keys : ndarray (known,) uint64
        Hashes of the known features; row i is that of ``keys[i]``. No two share a slot.
    buckets : int
        Rows after the known ones that words not known share: each such word takes two of them. 0 for none.
    """

    keys: NDArray[np.uint64]
    buckets: int
    _slots: NDArray[np.uint32] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Fill the slots.

        Raises
        ------
        ValueError
            If two keys share a slot, there is no key, or there are more than 65,536 rows.
        """
        if not len(self.keys) or self.buckets < 0 or len(self) > MOST_ROWS:
            msg = f"there must be 1 to {MOST_ROWS} rows, got {len(self.keys)} keys and {self.buckets} buckets"
            raise ValueError(msg)
        slots = np.zeros(1 << SLOT_BITS, dtype=np.uint32)
        own = slots_of(self.keys)
        slots[own] = np.arange(len(self.keys), dtype=np.uint32)
        if len(np.unique(own)) != len(own):
            msg = f"{len(own)} features fall into {len(np.unique(own))} slots"
            raise ValueError(msg)
        object.__setattr__(self, "_slots", slots)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.keys) + self.buckets

    def entries(self, block: Block) -> Entries:
        """Return the rows of a block's pieces with their weights.

        Parameters
        ----------
        block : Block
            Hashed pieces.

        Returns
        -------
        Entries
            What a piece gets depends on the piece alone.
        """
        pairs = []
        for kind, (piece, key) in zip(KINDS, block.features, strict=True):
            row = self._slots[slots_of(key)]
            known = self.keys.take(row) == key
            # A block has fewer than 2**16 pieces: one sort of small numbers orders pieces and rows at once.
            first = (piece << _ROW_BITS).astype(np.uint32)
            pairs.append(first[known] + row[known])
            if kind == "words" and self.buckets:
                pairs += self._bucket_pairs(first[~known], key[~known])
        pair, count = np.unique(np.concatenate(pairs), return_counts=True)
        weight = _WEIGHTS.take(np.minimum(count, _MOST_COUNTED))
        return Entries((pair >> _ROW_BITS).astype(np.int64), (pair & _ROW_MASK).astype(np.int64), weight)

    def _bucket_pairs(self, first: NDArray[np.uint32], key: NDArray[np.uint64]) -> list[NDArray[np.uint32]]:
        found = []
        for choice in range(1, _BUCKETS_PER_WORD + 1):
            bucket = mix(key + np.uint64(choice)) % np.uint64(self.buckets)
            found.append(first + (np.uint64(len(self.keys)) + bucket).astype(np.uint32))
        return found


def sum_rows(texts: Sequence[str], rows: FeatureRows, vectors: NDArray[np.int8]) -> NDArray[np.float64]:
    """Add up the weighted rows of each text.

    Parameters
    ----------
    texts : sequence of str
        Any texts.
    rows : FeatureRows
        Which row belongs to which feature.
    vectors : ndarray (rows, dimensions) int8
        From -127 to 127.

    Returns
    -------
    ndarray (texts, dimensions) float64
        Whole numbers. Since every sum is exact, they do not depend on batch, order or the library that adds.
    """
    dimensions = vectors.shape[1]
    sums = np.zeros((len(texts), dimensions))
    # Two buffers for all texts: fresh memory for each would cost more than the sums.
    taken, wide = np.empty((_ROWS_AT_ONCE, dimensions), np.int8), np.empty((_ROWS_AT_ONCE, dimensions), np.float32)
    for block in blocks(texts):
        piece, row, weight = rows.entries(block)
        bounds = np.searchsorted(piece, np.arange(len(block.text_of_piece) + 1)).tolist()
        for text, start, end in zip(block.text_of_piece.tolist(), bounds, bounds[1:], strict=False):
            for first in range(start, end, _ROWS_AT_ONCE):
                last = min(end, first + _ROWS_AT_ONCE)
                count = last - first
                vectors.take(row[first:last], axis=0, out=taken[:count], mode="clip")
                wide[:count] = taken[:count]
                sums[text] += weight[first:last] @ wide[:count]
    return sums


def unit_rows(sums: NDArray[np.float64]) -> NDArray[np.float32]:
    """Scale rows to unit L2 norm; zero rows stay zero."""
    norms = np.sqrt(np.einsum("ij,ij->i", sums, sums))
    scaled: NDArray[np.float64] = sums / np.where(norms > 0, norms, 1.0)[:, None]
    return scaled.astype(np.float32)


__all__ = ["MOST_ROWS", "SLOT_BITS", "Entries", "FeatureRows", "slots_of", "sum_rows", "unit_rows"]
