"""Code-aware tokens."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Rules", "Tokens", "code_tokens", "encoded", "folding", "rules", "shown"]

NAME, NUMBER, STRING, FILLER = 1, 2, 3, 4
"""Bytes that stand for any name, number or string of folded code, and what fills up their length."""

_SHOWN = {bytes([NAME]): "NAME", bytes([NUMBER]): "NUMBER", bytes([STRING]): "STRING"}
_IGNORED = "\"'`#\\"
_OPERATOR_PAIRS = "== != <= >= += -= *= /= %= &= |= ^= @= := ** // -> => << >> <>"


class Rules(NamedTuple):
    """How bytes make tokens, as `textbooks.decontaminators.kernels` takes it.

    Attributes
    ----------
    classes : ndarray of uint8, shape (256,)
        Class of each byte: 0 between tokens, 1 operator, 2 word, 3 of a character beyond ASCII.
    joins : ndarray of uint8, shape (65536,)
        Whether two bytes that follow each other (the first one times 256) belong to one operator.
    letters : ndarray of uint8, shape (0x110000,)
        Whether a character belongs to words.
    """

    classes: NDArray[np.uint8]
    joins: NDArray[np.uint8]
    letters: NDArray[np.uint8]


class Tokens(NamedTuple):
    """Room for tokens: which bytes they are, and their hashes."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    hashes: NDArray[np.uint64]

    @classmethod
    def room(cls, count: int) -> Tokens:
        """Return room for so many."""
        return cls(np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.uint64))

    def part(self, begin: int, end: int) -> Tokens:
        """Return those from one number to another."""
        return Tokens(self.starts[begin:end], self.ends[begin:end], self.hashes[begin:end])


def code_tokens(text: str) -> list[str]:
    r"""Cut a text into code-aware tokens.

    Words (identifiers, keywords, numbers, words of docstrings and comments) and operators are tokens, and case
    counts. White space, line ends, quotes, ``#``, backslashes and control characters only separate, so that
    indentation, the style of quotes and wrapping make no difference, and a docstring or comment is the words
    it holds. Operators of several characters are one token (``==``, ``**``, ``->``, ``//=``, ``>>>``); a number
    with a point is three. Letters of any script belong to words; other characters beyond ASCII
    (typographic quotes, arrows, emoji) only separate. Our own rule: datatrove and decon drop punctuation and so
    cannot tell ``a + b`` from ``a - b``.

    Parameters
    ----------
    text : str
        Any string; lone surrogates separate.

    Returns
    -------
    list of str

    Examples
    --------
    >>> code_tokens("def f(x):  # double\n    return 2*x")
    ['def', 'f', '(', 'x', ')', ':', 'double', 'return', '2', '*', 'x']
    """
    return [token.decode() for token in byte_tokens(encoded(text))]


def byte_tokens(source: bytes, *, fold: int = 0) -> list[bytes]:
    """Return the tokens of UTF-8, as they are or folded, in time linear in its length."""
    from textbooks.decontaminators import kernels

    source = fold_source(source, np.array([0, len(source)]), fold)
    tokens = Tokens.room(len(source))
    _, count = kernels.cut(np.frombuffer(source, dtype=np.uint8), 0, *rules(folded=fold > 0), *tokens, 0)
    starts, ends, _ = tokens.part(0, int(count))
    return [source[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def fold_source(source: bytes, bounds: NDArray[np.int64], fold: int) -> bytes:
    """Return some texts as they are or folded; see `textbooks.decontaminators.folding.folded`."""
    if not fold:
        return source
    from textbooks.decontaminators.folding import folded

    return folded(source, bounds, fold)


def folding(*, identifiers: bool, literals: bool) -> int:
    """Return what is to be folded as a number: 0 for nothing."""
    return int(identifiers) + 2 * int(literals)


def encoded(text: str) -> bytes:
    """Return a text as UTF-8; a lone surrogate is no error."""
    return text.encode("utf-8", "surrogatepass")


def shown(token: bytes) -> str:
    """Return a token as people read it."""
    return _SHOWN.get(token) or token.decode()


@cache
def rules(*, folded: bool = False) -> Rules:
    """Return how bytes make tokens; in folded code some control characters are tokens."""
    classes = np.full(256, 3, dtype=np.uint8)
    joins = np.zeros((256, 256), dtype=np.uint8)
    for code in range(128):
        character = chr(code)
        if character.isalnum() or character == "_":
            classes[code] = 2
        else:
            classes[code] = 0 if character <= " " or character == "\x7f" or character in _IGNORED else 1
    if folded:
        classes[[NAME, NUMBER, STRING]] = 1
    for pair in _OPERATOR_PAIRS.split():
        joins[ord(pair[0]), ord(pair[1])] = 1
    return Rules(classes, joins.ravel(), _letters())


@cache
def _letters() -> NDArray[np.uint8]:
    """Return whether each character belongs to words: letters and digits of any script, as in regular expressions."""
    letters = np.zeros(0x110000, dtype=np.uint8)
    for run in re.finditer(r"\w+", "".join(map(chr, range(len(letters))))):
        letters[run.start() : run.end()] = 1
    return letters
