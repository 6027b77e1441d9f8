"""Keyed permutations of ``range(n)`` with random access: a shuffled order of a space too large to hold."""

from __future__ import annotations

import math
from hashlib import blake2b

__all__ = ["MAX_SIZE", "Permutation"]

MAX_SIZE = 2**880
"""The largest domain: both halves must fit one digest with 64 bits to spare, so that the remainder is even."""

_SMALL = 32
_ROUNDS = 8


class Permutation:
    """A permutation of ``range(size)`` that depends on a key and on nothing else.

    Up to 32 elements every permutation is equally likely: the digest of the key is read as the rank of one. Above,
    it is a Feistel network of 8 rounds over pairs ``(x mod a, x div a)`` with ``a * b`` just above ``size``; a value
    that falls outside is sent through again until it falls inside (generalised Feistel and cycle walking: Black and
    Rogaway, "Ciphers with Arbitrary Finite Domains", 2002). The round function is keyed BLAKE2b. Good for drawing
    samples; not meant to keep secrets.

    Parameters
    ----------
    size : int
        Number of elements, 1 to `MAX_SIZE`.
    key : bytes
        Any length. The same key gives the same permutation in every process and on every machine.

    Raises
    ------
    ValueError
        If the size is out of range.

    Examples
    --------
    >>> order = Permutation(10**30, b"some key")
    >>> len({order[i] for i in range(1000)})
    1000
    """

    __slots__ = ("_a", "_b", "_hash", "size")

    def __init__(self, size: int, key: bytes) -> None:
        if not 1 <= size <= MAX_SIZE:
            shown = size if size < 1 else f"one of {size.bit_length()} bits"
            msg = f"size must be between 1 and 2**{MAX_SIZE.bit_length() - 1}, got {shown}"
            raise ValueError(msg)
        self.size = size
        self._a = math.isqrt(size - 1) + 1
        self._b = -(-size // self._a)
        self._hash = blake2b(key=blake2b(key).digest())

    def __getitem__(self, index: int) -> int:
        """Return the element at a place of the shuffled order; `IndexError` outside of ``range(size)``."""
        if not 0 <= index < self.size:
            msg = f"{index} is not in range({self.size})"
            raise IndexError(msg)
        if self.size <= _SMALL:
            return self._unranked(index)
        value = self._network(index)
        while value >= self.size:
            value = self._network(value)
        return value

    def _unranked(self, index: int) -> int:
        rank = int.from_bytes(self._hash.digest(), "little")
        left = list(range(self.size))
        for _ in range(index):
            rank, choice = divmod(rank, len(left))
            left.pop(choice)
        return left[rank % len(left)]

    def _network(self, value: int) -> int:
        high, low = divmod(value, self._a)
        for number in range(0, _ROUNDS, 2):
            low = (low + self._round(number, high)) % self._a
            high = (high + self._round(number + 1, low)) % self._b
        return high * self._a + low

    def _round(self, number: int, value: int) -> int:
        state = self._hash.copy()
        state.update(b"%d:%x" % (number, value))
        return int.from_bytes(state.digest(), "little")
