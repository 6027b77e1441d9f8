"""Code whose names and literals are folded, so that a copy with new ones is found."""

from __future__ import annotations

import builtins
import keyword
from functools import cache

import numpy as np
from numpy.typing import NDArray

from textbooks.decontaminators.kernels import BEYOND, GAP, WORD, Bytes, Offsets, compiled, letter
from textbooks.decontaminators.tokens import FILLER, NAME, NUMBER, STRING, rules

__all__ = ["folded"]

_ONE, _TWO, _THREE = (np.uint64(number) for number in (1, 2, 3))
_LINE_END, _HASH, _QUOTE, _APOSTROPHE, _BACKSLASH, _POINT, _SPACE = (np.uint8(ord(c)) for c in "\n#\"'\\. ")
_DIGIT_0, _DIGIT_9 = np.uint8(ord("0")), np.uint8(ord("9"))
_FOLD_NAMES, _FOLD_LITERALS = 1, 2


def folded(source: bytes, bounds: NDArray[np.int64], fold: int) -> bytes:
    """Return some texts of the same length in which names and literals are folded.

    Every name becomes one control character, every number another, every string in single quotes a third; fillers
    keep the length. Comments, strings in triple quotes, and prefixes of strings become white space. A name is any word
    but a keyword, a built-in, an attribute (after a point) and a number.

    Parameters
    ----------
    source : bytes
        UTF-8.
    bounds : ndarray of int64
        Text ``i`` is ``source[bounds[i]:bounds[i + 1]]``; no string or comment goes on in the next one.
    fold : int
        Bits: 1 names, 2 literals.
    """
    out = np.frombuffer(source, dtype=np.uint8).copy()
    out[(out >= NAME) & (out <= FILLER)] = _SPACE
    words, word_starts = _kept_words()
    for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        fold_text(out[begin:end], fold, rules().classes, rules().letters, words, word_starts)
    return out.tobytes()


@cache
def _kept_words() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return keywords and built-ins, sorted, one after the other, and where each begins."""
    words = sorted(name.encode() for name in {*keyword.kwlist, *dir(builtins)})
    return np.frombuffer(b"".join(words), dtype=np.uint8), np.cumsum([0, *map(len, words)], dtype=np.int64)


@compiled
def blank(text: Bytes, begin: np.uint64, end: np.uint64, first: int | np.uint8, rest: int | np.uint8) -> None:
    """Overwrite some bytes: one with `first`, the others with `rest`."""
    text[begin] = first
    for at in range(begin + _ONE, end):
        text[at] = rest


@compiled
def comment_end(text: Bytes, at: np.uint64) -> np.uint64:
    """Return where the line ends."""
    while at < len(text) and text[at] != _LINE_END:
        at += _ONE
    return at


@compiled
def is_triple(text: Bytes, at: np.uint64) -> bool:
    """Return whether three equal bytes stand here."""
    if at + _TWO >= len(text):
        return False
    return bool(text[at + _ONE] == text[at]) and bool(text[at + _TWO] == text[at])


@compiled
def string_end(text: Bytes, at: np.uint64) -> np.uint64:
    """Return where the string ends whose opening quote stands here.

    A string in single quotes ends with its line at the latest: an apostrophe in prose does no more harm.
    """
    quote, triple, end = text[at], is_triple(text, at), np.uint64(len(text))
    at += _THREE if triple else _ONE
    while at < end:
        if text[at] == _BACKSLASH:
            at += _ONE
        elif text[at] == _LINE_END and not triple:
            return at
        elif text[at] == quote and (not triple or is_triple(text, at)):
            return at + (_THREE if triple else _ONE)
        at += _ONE
    return end


@compiled
def word_end(text: Bytes, at: np.uint64, classes: Bytes, letters: Bytes) -> np.uint64:
    """Return where the word ends that begins here; `at` where a character stands that belongs to no word."""
    while at < len(text):
        kind = classes[text[at]]
        size = 1 if kind == WORD else letter(text, at, letters) if kind == BEYOND else 0
        if size <= 0:
            break
        at += np.uint64(size)
    return at


@compiled
def is_kept(text: Bytes, begin: np.uint64, end: np.uint64, words: Bytes, word_starts: Offsets) -> bool:
    """Return whether a word is one of some sorted ones."""
    low, high = 0, len(word_starts) - 1
    while low < high:
        middle = (low + high) // 2
        at, other = begin, word_starts[middle]
        while at < end and other < word_starts[middle + 1] and text[at] == words[other]:
            at, other = at + _ONE, other + 1
        if other == word_starts[middle + 1] and at == end:
            return True
        if other == word_starts[middle + 1] or (at < end and words[other] < text[at]):
            low = middle + 1
        else:
            high = middle
    return False


@compiled
def is_prefix(text: Bytes, begin: np.uint64, end: np.uint64) -> bool:
    """Return whether a word is the prefix of a string, such as the ``f`` of ``f"..."``."""
    if end - begin > 2 or end >= len(text) or (text[end] != _QUOTE and text[end] != _APOSTROPHE):
        return False
    prefix = True
    for at in range(begin, end):
        prefix = prefix and (text[at] | 0x20) in (98, 102, 114, 117)  # b, f, r, u
    return prefix


@compiled
def word_kind(
    text: Bytes, begin: np.uint64, end: np.uint64, last: np.uint8, fold: int, words: Bytes, word_starts: Offsets
) -> int:
    """Return what a word of the code is folded to, 0 for nothing, after a token that ends with the byte `last`."""
    if _DIGIT_0 <= text[begin] <= _DIGIT_9:
        return NUMBER if fold & _FOLD_LITERALS else 0
    if not fold & _FOLD_NAMES or last == _POINT or is_kept(text, begin, end, words, word_starts):
        return 0
    return NAME


@compiled
def fold_text(text: Bytes, fold: int, classes: Bytes, letters: Bytes, words: Bytes, word_starts: Offsets) -> None:
    """Fold one text in place; see `folded`."""
    at, end, last = np.uint64(0), np.uint64(len(text)), _SPACE
    while at < end:
        begin, code = at, text[at]
        if code == _HASH:
            at = comment_end(text, at)
            blank(text, begin, at, _SPACE, _SPACE)
        elif code == _QUOTE or code == _APOSTROPHE:  # noqa: SIM109
            triple = is_triple(text, at)
            at = string_end(text, at)
            if triple:
                blank(text, begin, at, _SPACE, _SPACE)
            else:
                last = _SPACE
                if fold & _FOLD_LITERALS:
                    blank(text, begin, at, STRING, FILLER)
        elif classes[code] >= WORD:
            at = word_end(text, at, classes, letters)
            if at == begin:
                at += np.uint64(-letter(text, at, letters))
            elif is_prefix(text, begin, at):
                blank(text, begin, at, _SPACE, _SPACE)
            else:
                kind = word_kind(text, begin, at, last, fold, words, word_starts)
                if kind:
                    blank(text, begin, at, kind, FILLER)
                last = _SPACE
        else:
            at += _ONE
            last = last if classes[code] == GAP else code
