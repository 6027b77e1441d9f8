"""The inner loops over bytes, compiled by numba. Import this module when they are needed: numba is slow to load.

They work on UTF-8. Offsets are unsigned, for numba looks at the sign of any other index; what is hashed is unsigned
too, for numba turns mixed signs into floats.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["MIXER", "SEED", "STEP", "WINDOW_STEP", "cut", "find"]

P = ParamSpec("P")
T = TypeVar("T")
Bytes = NDArray[np.uint8]
Hashes = NDArray[np.uint64]
Offsets = NDArray[np.int64]

SEED = np.uint64(0xCBF29CE484222325)
STEP = np.uint64(0x100000001B3)
"""A token's hash is FNV-1a's: from `SEED`, each byte is joined by exclusive or, then multiplied by `STEP`."""
WINDOW_STEP = np.uint64(0x9E3779B97F4A7C15)
"""A run's hash is the polynomial of the hashes of its tokens in this number."""
MIXER = np.uint64(0xD6E8FEB86659FD93)
"""What `mixed` multiplies by, so that all bits of a hash bear on its high bits."""

GAP, OPERATOR, WORD, BEYOND = 0, 1, 2, 3
"""Classes of bytes: between tokens, of an operator, of a word, of a character beyond ASCII."""

_ONE, _THREE, _SEVEN, _EIGHT, _HALF = (np.uint64(number) for number in (1, 3, 7, 8, 32))
_SPACE = np.uint8(ord(" "))


def compiled(function: Callable[P, T]) -> Callable[P, T]:
    """Compile a function by numba at its first call; it holds no lock while it runs."""
    return cast(Callable[P, T], numba.njit(nogil=True, error_model="numpy")(function))


@compiled
def letter(source: Bytes, at: np.uint64, letters: Bytes) -> int:
    """Return how many bytes the character has that begins at a byte, below zero when it belongs to no word.

    Parameters
    ----------
    source : ndarray of uint8
    at : uint64
        Where a character beyond ASCII begins.
    letters : ndarray of uint8, shape (0x110000,)
        Whether a character belongs to words.
    """
    point = np.int64(source[at])
    size = 2 if point < 0xE0 else 3 if point < 0xF0 else 4
    point &= 0x7F >> size
    for offset in range(1, size):
        point = (point << 6) | (np.int64(source[at + np.uint64(offset)]) & 0x3F)
    return size if letters[point] else -size


@compiled
def cut(
    source: Bytes, begin: int, classes: Bytes, joins: Bytes, letters: Bytes,
    starts: Offsets, ends: Offsets, hashes: Hashes, filled: int,
) -> tuple[np.int64, np.int64]:  # fmt: skip
    """Cut a text into tokens until it ends or there is no room for more.

    Parameters
    ----------
    source : ndarray of uint8
    begin : int
        The byte to begin with.
    classes, joins, letters : ndarray of uint8
        See `textbooks.decontaminators.tokens.Rules`.
    starts, ends : ndarray of int64
        Take the first and the past-the-last byte of each token, from `filled` on.
    hashes : ndarray of uint64
        Takes their hashes.
    filled : int
        Number of tokens that are there already.

    Returns
    -------
    tuple of int
        The byte to go on with, and how many tokens there are now.
    """
    at, end, count, room = np.uint64(begin), np.uint64(len(source)), np.uint64(filled), np.uint64(len(starts))
    while at < end and count < room:
        code = source[at]
        kind = classes[code]
        if kind == GAP:
            at += _ONE
            continue
        start, value = at, SEED
        if kind == OPERATOR:
            value = (value ^ np.uint64(code)) * STEP
            at += _ONE
            while at < end and joins[(np.uint64(source[at - _ONE]) << _EIGHT) | np.uint64(source[at])]:
                value = (value ^ np.uint64(source[at])) * STEP
                at += _ONE
        else:
            while at < end:
                code = source[at]
                kind = classes[code]
                if kind == WORD:
                    value = (value ^ np.uint64(code)) * STEP
                    at += _ONE
                    continue
                size = letter(source, at, letters) if kind == BEYOND else 0
                if size <= 0:
                    break
                for _ in range(size):
                    value = (value ^ np.uint64(source[at])) * STEP
                    at += _ONE
            if at == start:  # a character beyond ASCII that belongs to no word
                at += np.uint64(-letter(source, at, letters))
                continue
        starts[count], ends[count], hashes[count] = start, at, value
        count += _ONE
    return np.int64(at), np.int64(count)


@compiled
def mixed(value: np.uint64) -> np.uint64:
    """Return a hash whose high bits depend on all bits of another."""
    value = (value ^ (value >> _HALF)) * MIXER
    return value ^ (value >> _HALF)


@compiled
def may_end(seen: Bytes, shift: np.uint64, ending: np.uint64) -> bool:
    """Return False where no n-gram ends with tokens of this hash, and seldom True."""
    for half in (ending, ending << _HALF):
        place = half >> shift
        if not (seen[place >> _THREE] >> (place & _SEVEN)) & _ONE:
            return False
    return True


@compiled
def same(source: Bytes, starts: Offsets, ends: Offsets, spelled: Bytes, place: int) -> bool:
    """Return whether some tokens are those that are spelled from a place on, with one space after each."""
    for token in range(len(starts)):
        for byte in range(starts[token], ends[token]):
            if spelled[place] != source[byte]:
                return False
            place += 1
        if spelled[place] != _SPACE:
            return False
        place += 1
    return True


@compiled
def find(
    source: Bytes, starts: Offsets, ends: Offsets, hashes: Hashes, prefix: Hashes, known: int,
    lengths: Offsets, powers: Hashes, seen: Bytes, seen_shift: np.uint64,
    buckets: Offsets, bucket_shift: np.uint64, keys: Hashes, gram_lengths: Offsets, places: Offsets, spelled: Bytes,
    out: Offsets,
) -> int:  # fmt: skip
    """Find the indexed n-grams among some tokens, exactly: hashes find candidates, their bytes decide.

    Parameters
    ----------
    source, starts, ends, hashes
        Tokens as `cut` makes them.
    prefix : ndarray of uint64, shape (n_tokens + 1,)
        Room for the hashes of the runs that begin with the first token.
    known : int
        N-grams that end among so many first tokens are left out.
    lengths, powers, seen, seen_shift, buckets, bucket_shift, keys, gram_lengths, places, spelled
        See `textbooks.decontaminators.ngram.index.GramTable`.
    out : ndarray of int64, shape (n, 3)
        Takes the first token, the last token and the row of the n-gram of each occurrence.

    Returns
    -------
    int
        How many occurrences there are; when more than `out` has room for, the first ones stand in it.
    """
    shortest = lengths[0]
    found = 0
    value = prefix[0] = np.uint64(0)
    for token in range(len(hashes)):
        value = value * WINDOW_STEP + hashes[token]
        prefix[token + 1] = value
        if token + 1 < shortest or token < known:
            continue
        if not may_end(seen, seen_shift, mixed(value - prefix[token + 1 - shortest] * powers[0])):
            continue
        for number in range(len(lengths)):
            first = token + 1 - lengths[number]
            if first < 0:
                break
            key = mixed(value - prefix[first] * powers[number])
            bucket = key >> bucket_shift
            for row in range(buckets[bucket], buckets[bucket + _ONE]):
                if keys[row] != key or gram_lengths[row] != lengths[number]:
                    continue
                if same(source, starts[first : token + 1], ends[first : token + 1], spelled, places[row]):
                    if found < len(out):
                        out[found, 0], out[found, 1], out[found, 2] = first, token, row
                    found += 1
    return found
