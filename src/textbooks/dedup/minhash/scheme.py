"""What signatures and bands are made by: they can be compared only where all of it is the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from datatrove.data import Document
from numpy.typing import NDArray

from textbooks.dedup.minhash.bands import bands_for, check_threshold
from textbooks.dedup.minhash.shingles import Shingler
from textbooks.ranges import check_range

__all__ = ["PERMUTATIONS", "Key", "Scheme", "best_first", "rank_of", "scheme_for"]

PERMUTATIONS = "affine32"
"""datasketch's name of how hashes are permuted."""
TOKENISER = "code-1"
"""Tokens of `textbooks.decontaminators.code_tokens`, hashed by FNV-1a and joined by a polynomial; the number rises when
either changes."""

Key = str | Callable[[Any], float | None] | None


@dataclass(frozen=True)
class Scheme:
    """Everything that bears on signatures and candidates.

    Attributes
    ----------
    shingle_size, num_perm, seed : int
        See `textbooks.dedup.minhash.shingles.Shingler`.
    bands, rows : int
        See `textbooks.dedup.minhash.bands.bands_for`.
    threshold : float
        That the bands are meant for.
    permutations, tokeniser : str
        How the rest is computed.
    version : int
        Of the files.
    """

    shingle_size: int
    num_perm: int
    seed: int
    bands: int
    rows: int
    threshold: float
    permutations: str = PERMUTATIONS
    tokeniser: str = TOKENISER
    version: int = 1

    @cached_property
    def shingler(self) -> Shingler:
        """What makes sets and signatures."""
        return Shingler(self.shingle_size, self.num_perm, self.seed)

    def as_dict(self) -> dict[str, Any]:
        """Return the attributes by name, as plain JSON types."""
        return asdict(self)


def scheme_for(
    threshold: float, *, shingle_size: int, num_perm: int, seed: int, bands: int | None, rows: int | None
) -> Scheme:
    """Return the scheme for some arguments of a deduplicator.

    Raises
    ------
    ValueError
        If one is out of range, if only one of `bands` and `rows` is given, or if they need more slots than there are.
    """
    check_threshold(threshold)
    Shingler(shingle_size, num_perm, seed)
    if (bands is None) != (rows is None):
        msg = f"bands and rows go together, got bands={bands!r} and rows={rows!r}: give both or neither"
        raise ValueError(msg)
    if bands is None or rows is None:
        bands, rows = bands_for(threshold, num_perm)
    check_range("bands", bands, 1)
    check_range("rows", rows, 1)
    if bands * rows > num_perm:
        msg = f"{bands} bands of {rows} rows need {bands * rows} slots, got num_perm={num_perm}"
        raise ValueError(msg)
    return Scheme(shingle_size, num_perm, seed, bands, rows, float(threshold))


def rank_of(record: object, key: Key) -> float:
    """Return how good a record is by a caller's key; the higher the better.

    Parameters
    ----------
    record : str, mapping, Document or anything
    key : str, callable or None
        A column of mappings or an entry of a document's metadata; or a function of the record; None: all are equal.

    Returns
    -------
    float
        Minus infinity, and so the worst, where there is no such entry, or it is no number or NaN.
    """
    if key is None:
        return 0.0
    if callable(key):
        value = key(record)
    else:
        fields = record.metadata if isinstance(record, Document) else record
        value = fields.get(key) if isinstance(fields, Mapping) else None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("-inf")
    return float("-inf") if number != number else number


def best_first(ranks: NDArray[np.float64], sizes: NDArray[np.int64], digests: NDArray[np.void]) -> NDArray[np.int64]:
    """Return the order of some texts from the best to the worst.

    Parameters
    ----------
    ranks : ndarray of float64
        See `rank_of`.
    sizes : ndarray of int64
        Characters: of equal ranks the longer text comes first.
    digests : ndarray of (high, low)
        Of equal lengths the smaller digest comes first, and of equal texts the earlier one.
    """
    return np.lexsort((digests["low"], digests["high"], -sizes, -ranks))
