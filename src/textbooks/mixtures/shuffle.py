"""A shuffled order with random access, for many places at once."""

from __future__ import annotations

import hashlib
import math
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAX_SIZE", "key_of", "mix", "shuffled"]

Numbers = NDArray[np.uint64]

MAX_SIZE: Final = 2**62
_ROUNDS = 6


def key_of(*parts: object) -> int:
    """Return 64 bits that depend on the parts and on nothing else, in every process and on every machine."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest(), "little")


def mix(values: Numbers, key: int) -> Numbers:
    """Return 64 well-mixed bits of each value and a key: the finaliser of SplitMix64 (Steele et al., 2014)."""
    with np.errstate(over="ignore"):
        x = values * np.uint64(0x9E3779B97F4A7C15) + np.uint64(key)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return cast("Numbers", x ^ (x >> np.uint64(31)))


def shuffled(places: NDArray[np.integer], size: int, key: int) -> NDArray[np.int64]:
    """Return the elements of ``range(size)`` at some places of the shuffled order that belongs to a key.

    A Feistel network over pairs ``(x mod a, x div a)`` with ``a * b`` just above `size`, and cycle walking, as in
    `textbooks.synthesizers.seeding.permutation`, whose rounds are cryptographic and one by one; this one is for arrays.

    Parameters
    ----------
    places : ndarray of integers, shape (n,)
        Each in ``range(size)``.
    size : int
        1 to `MAX_SIZE`.
    key : int
        64 bits.

    Returns
    -------
    ndarray of int64, shape (n,)
        Different places have different elements.
    """
    a = math.isqrt(size - 1) + 1
    divisor, other = np.uint64(a), np.uint64(-(-size // a))
    values = places.astype(np.uint64)
    outside = np.arange(len(values))
    while len(outside):
        values[outside] = _network(values[outside], divisor, other, key)
        outside = outside[values[outside] >= np.uint64(size)]
    return values.astype(np.int64)


def _network(values: Numbers, a: np.uint64, b: np.uint64, key: int) -> Numbers:
    high, low = values // a, values % a
    for number in range(0, _ROUNDS, 2):
        low = (low + mix(high, (key + number) % 2**64) % a) % a
        high = (high + mix(low, (key + number + 1) % 2**64) % b) % b
    return cast("Numbers", high * a + low)
