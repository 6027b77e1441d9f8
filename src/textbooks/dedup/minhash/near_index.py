"""Near-duplicates among texts that come one after the other."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from textbooks.dedup.minhash.bands import band_keys, bands_for
from textbooks.dedup.minhash.shingles import SHINGLE_SIZE, Shingler, jaccard_of_sets

__all__ = ["NearDuplicate", "NearDuplicateIndex"]


class NearDuplicate(NamedTuple):
    """An earlier text that a text is similar to.

    Attributes
    ----------
    key : str
        What the earlier text was added under.
    jaccard : float
        Their similarity, from the threshold to 1; see `textbooks.dedup.jaccard`.
    """

    key: str
    jaccard: float


class NearDuplicateIndex:
    r"""Finds the most similar of all earlier texts, as they come in; in memory, and never a false one.

    MinHash signatures find candidates; the true Jaccard similarity of the sets of shingles decides. Of pairs exactly at
    the threshold at most 2 in 100 are missed, of more similar ones fewer.

    Parameters
    ----------
    threshold : float, default=0.7
        Finds texts of at least this Jaccard similarity, above 0 and at most 1. Ours.
    shingle_size : int, default=5
        Tokens of a shingle, at least 1; see `Shingler`.
    seed : int, default=1
        Of the permutations, 0 to 2 ** 32 - 1.
    num_perm : int, default=128
        Slots of a signature, 1 to 4096.

    Notes
    -----
    A text that adds no new set of shingles takes no memory but a count. Otherwise: 8 bytes a shingle and some hundred
    bytes a band. Finding takes time that grows with the candidates, not with the texts.

    Examples
    --------
    >>> index = NearDuplicateIndex(threshold=0.7)
    >>> index.add("def mean(values):\n    return sum(values) / len(values)", "first")
    >>> index.find("def mean(values):\n  return sum(values)/len(values)")
    NearDuplicate(key='first', jaccard=1.0)
    >>> index.find("print('something else')") is None
    True
    """

    def __init__(
        self, *, threshold: float = 0.7, shingle_size: int = SHINGLE_SIZE, seed: int = 1, num_perm: int = 128
    ) -> None:
        self._shingler = Shingler(shingle_size, num_perm, seed)
        self._bands, self._rows = bands_for(threshold, num_perm)
        self.threshold, self.shingle_size, self.seed, self.num_perm = threshold, shingle_size, seed, num_perm
        self._keys: list[str] = []
        self._sets: list[NDArray[np.uint64]] = []
        self._numbers: dict[bytes, int] = {}
        self._buckets: dict[tuple[int, int], list[int]] = {}
        self._added = 0

    def find(self, text: str) -> NearDuplicate | None:
        """Return the most similar of the texts added, None where none reaches the threshold.

        Parameters
        ----------
        text : str

        Returns
        -------
        NearDuplicate or None
            Of equally similar texts the one added first.

        Raises
        ------
        TypeError
            If the text is not a string.
        """
        shingles = self._set_of(text)
        equal = self._numbers.get(_digest(shingles))
        if equal is not None:
            return NearDuplicate(self._keys[equal], 1.0)
        candidates = {number for bucket in self._buckets_of(text) for number in self._buckets.get(bucket, ())}
        best = None
        for number in sorted(candidates):
            other = self._sets[number]
            similarity = jaccard_of_sets(shingles, other, at_least=self.threshold)
            if similarity >= self.threshold and (best is None or similarity > best.jaccard):
                best = NearDuplicate(self._keys[number], similarity)
        return best

    def add(self, text: str, key: str) -> None:
        """Add a text under a key, whatever it is similar to.

        Parameters
        ----------
        text : str
        key : str
            What `find` returns of it. Keys need not differ.

        Raises
        ------
        TypeError
            If the text is not a string.
        """
        shingles = self._set_of(text)
        self._added += 1
        number = self._numbers.setdefault(_digest(shingles), len(self._sets))
        if number < len(self._sets):  # the first of equals answers for all
            return
        self._keys.append(key)
        self._sets.append(shingles)
        for bucket in self._buckets_of(text):
            self._buckets.setdefault(bucket, []).append(number)

    def __len__(self) -> int:
        """Return how many texts were added."""
        return self._added

    def _set_of(self, text: str) -> NDArray[np.uint64]:
        if not isinstance(text, str):
            msg = f"text must be a string, got {type(text).__name__}"
            raise TypeError(msg)
        return self._shingler.set_of(text)

    def _buckets_of(self, text: str) -> list[tuple[int, int]]:
        keys = band_keys(self._shingler.signatures([text]), self._bands, self._rows)[0]
        return list(enumerate(keys.tolist()))


def _digest(shingles: NDArray[np.uint64]) -> bytes:
    """Return 16 bytes that stand for a set: no two different ones are known, or can be made, to share them."""
    return hashlib.blake2b(shingles.tobytes(), digest_size=16).digest()
