"""From bytes to MinHash signatures, compiled by numba. Import this module when it is needed: numba is slow to load.

Tokens are those of `textbooks.decontaminators.tokens`. They are not stored: a token's hash goes into a rolling hash of
the last tokens, and a block of such shingles at a time goes into the slots of the signature.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from textbooks.decontaminators.kernels import (
    BEYOND,
    GAP,
    OPERATOR,
    SEED,
    STEP,
    WINDOW_STEP,
    WORD,
    Bytes,
    Hashes,
    Offsets,
    compiled,
    letter,
    mixed,
)

__all__ = ["runs", "signatures", "unique"]

Slots = NDArray[np.uint32]

BLOCK = 1024
"""Shingles that are hashed before they go into the slots: 4 kB, which stay in the nearest cache."""

_ONE, _EIGHT, _ZERO = np.uint64(1), np.uint64(8), np.uint64(0)
_EMPTY = np.uint32(0xFFFFFFFF)
_FIRST, _SECOND = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)


@compiled
def operator(source: Bytes, at: np.uint64, end: np.uint64, joins: Bytes) -> tuple[np.uint64, np.uint64]:
    """Return where an operator ends that begins at a byte, and its hash."""
    value = (SEED ^ np.uint64(source[at])) * STEP
    at += _ONE
    while at < end and joins[(np.uint64(source[at - _ONE]) << _EIGHT) | np.uint64(source[at])]:
        value = (value ^ np.uint64(source[at])) * STEP
        at += _ONE
    return at, value


@compiled
def word(source: Bytes, at: np.uint64, end: np.uint64, classes: Bytes, letters: Bytes) -> tuple[np.uint64, np.uint64]:
    """Return where a word ends that begins at a byte, and its hash; it ends there where it has no character."""
    value = SEED
    while at < end:
        code = source[at]
        kind = classes[code]
        if kind == WORD:
            value = (value ^ np.uint64(code)) * STEP
            at += _ONE
            continue
        width = letter(source, at, letters) if kind == BEYOND else 0
        if width <= 0:
            break
        for _ in range(width):
            value = (value ^ np.uint64(source[at])) * STEP
            at += _ONE
    return at, value


@compiled
def fill(
    source: Bytes, begin: np.uint64, end: np.uint64, classes: Bytes, joins: Bytes, letters: Bytes,
    power: np.uint64, ring: Hashes, state: Hashes, out: Hashes, filled: int,
) -> tuple[np.uint64, int]:  # fmt: skip
    """Hash the shingles of a text until it ends or there is no room for more.

    Parameters
    ----------
    source : ndarray of uint8
        UTF-8.
    begin, end : uint64
        The byte to begin with, and that past the text's last.
    classes, joins, letters : ndarray of uint8
        See `textbooks.decontaminators.tokens.Rules`.
    power : uint64
        `WINDOW_STEP` to the power of the shingle's size.
    ring : ndarray of uint64, shape (shingle_size,)
        Hashes of the last tokens; zeros before the first.
    state : ndarray of uint64, shape (2,)
        Tokens seen, and the rolling hash; zeros before the first.
    out : ndarray of uint64
        Takes the hashes, with repetitions, from `filled` on.
    filled : int
        Number of hashes that are there already.

    Returns
    -------
    tuple of int
        The byte to go on with, and how many hashes there are now. A text of too few tokens has its one shingle once
        the end is reached.
    """
    at, count, room, size = begin, filled, len(out), len(ring)
    seen, rolling = state[0], state[1]
    place = int(seen) % size
    while at < end and count < room:
        kind = classes[source[at]]
        if kind == GAP:
            at += _ONE
            continue
        if kind == OPERATOR:
            at, value = operator(source, at, end, joins)
        else:
            start = at
            at, value = word(source, at, end, classes, letters)
            if at == start:  # a character beyond ASCII that belongs to no word
                at += np.uint64(-letter(source, at, letters))
                continue
        rolling = rolling * WINDOW_STEP + value - ring[place] * power
        ring[place] = value
        place = place + 1 if place + 1 < size else 0
        seen += _ONE
        if seen >= np.uint64(size):
            out[count] = mixed(rolling)
            count += 1
    if at >= end and _ZERO < seen < np.uint64(size) and count < room:
        out[count] = mixed(rolling)
        count += 1
    state[0], state[1] = seen, rolling
    return at, count


@compiled
def scattered(value: np.uint32) -> np.uint32:
    """Return the finalizer of MurmurHash3 for 32 bits, which datasketch applies before it permutes."""
    value = np.uint32(value ^ np.uint32(value >> np.uint32(16)))
    value = np.uint32(value * _FIRST)
    value = np.uint32(value ^ np.uint32(value >> np.uint32(13)))
    value = np.uint32(value * _SECOND)
    return np.uint32(value ^ np.uint32(value >> np.uint32(16)))


@compiled
def lower(hashes: Slots, factors: Slots, addends: Slots, slots: Slots) -> None:
    """Lower each slot to the least of the permuted hashes."""
    for slot in range(len(slots)):
        factor, addend, least = factors[slot], addends[slot], slots[slot]
        for number in range(len(hashes)):
            permuted = np.uint32(factor * hashes[number] + addend)
            least = min(least, permuted)
        slots[slot] = least


@compiled
def signatures(
    source: Bytes, bounds: Offsets, classes: Bytes, joins: Bytes, letters: Bytes,
    size: int, power: np.uint64, factors: Slots, addends: Slots, out: Slots,
) -> None:  # fmt: skip
    """Write the signature of each text; that of a text without tokens is all ones.

    Parameters
    ----------
    source : ndarray of uint8
        The texts in UTF-8, one after the other.
    bounds : ndarray of int64, shape (n + 1,)
        Where each begins, and where the last ends.
    classes, joins, letters : ndarray of uint8
        See `textbooks.decontaminators.tokens.Rules`.
    size : int
        Tokens of a shingle.
    power : uint64
        `WINDOW_STEP` to the power of `size`.
    factors, addends : ndarray of uint32, shape (num_perm,)
        What permutes: ``factor * hash + addend``, modulo 2 ** 32.
    out : ndarray of uint32, shape (n, num_perm)
        Takes the signatures.
    """
    ring, state = np.zeros(size, np.uint64), np.zeros(2, np.uint64)
    block, halves = np.empty(BLOCK, np.uint64), np.empty(BLOCK, np.uint32)
    for text in range(len(bounds) - 1):
        at, end = np.uint64(bounds[text]), np.uint64(bounds[text + 1])
        ring[:] = _ZERO
        state[:] = _ZERO
        out[text, :] = _EMPTY
        while at < end:
            at, count = fill(source, at, end, classes, joins, letters, power, ring, state, block, 0)
            for number in range(count):
                halves[number] = scattered(np.uint32(block[number]))
            lower(halves[:count], factors, addends, out[text])


@compiled
def runs(
    source: Bytes, bounds: Offsets, classes: Bytes, joins: Bytes, letters: Bytes,
    size: int, power: np.uint64, out: Hashes, ends: Offsets,
) -> None:  # fmt: skip
    """Write the hashes of the shingles of each text, in their order and with repetitions.

    Parameters
    ----------
    source, bounds, classes, joins, letters, size, power
        As for `signatures`.
    out : ndarray of uint64
        Takes the hashes; a text has no more of them than bytes.
    ends : ndarray of int64, shape (n,)
        Takes the number of hashes up to the end of each text.
    """
    ring, state = np.zeros(size, np.uint64), np.zeros(2, np.uint64)
    count = 0
    for text in range(len(bounds) - 1):
        at, end = np.uint64(bounds[text]), np.uint64(bounds[text + 1])
        ring[:] = _ZERO
        state[:] = _ZERO
        if at < end:
            at, count = fill(source, at, end, classes, joins, letters, power, ring, state, out, count)
        ends[text] = count


@compiled
def unique(hashes: Hashes, bounds: Offsets) -> None:
    """Move the different ones of sorted hashes together, for each text, and move the bounds along."""
    count, begin = 0, bounds[0]
    for text in range(len(bounds) - 1):
        end = bounds[text + 1]
        for number in range(begin, end):
            if number == begin or hashes[number] != hashes[number - 1]:
                # what is written lies at or before what is read, and the last one read is not yet written over
                hashes[count] = hashes[number]
                count += 1
        begin = end
        bounds[text + 1] = count
