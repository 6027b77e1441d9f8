"""Code-aware tokens with their spans, cut by table look-ups over whole batches of texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["TokenSpans", "code_tokens", "encode_for_tokens", "token_hashes", "token_spans"]

_BLOCK = 1 << 20  # bytes looked at together: the temporary arrays stay in cache, whatever the length of a text
_NEITHER_ASCII_NOR_WORD = re.compile(r"[^\x00-\x7f\w]")
_IGNORED = "\"'`#\\"
_OPERATOR_PAIRS = "== != <= >= += -= *= /= %= &= |= ^= @= := ** // -> => << >> <>"


@dataclass(frozen=True, slots=True)
class TokenSpans:
    """The tokens of some bytes, in order.

    Attributes
    ----------
    source : bytes
        What was cut (UTF-8).
    starts, ends : ndarray of int64, shape (n_tokens,)
        Token ``i`` is ``source[starts[i]:ends[i]]``; offsets count bytes.
    """

    source: bytes
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)

    def texts(self, rows: NDArray[np.intp] | None = None) -> list[bytes]:
        """Return the tokens as bytes, all or those of some rows."""
        starts, ends = (self.starts, self.ends) if rows is None else (self.starts[rows], self.ends[rows])
        return [self.source[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


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
    return [token.decode() for token in token_spans(encode_for_tokens(text)).texts()]


def encode_for_tokens(text: str) -> bytes:
    """Return the text as UTF-8 with one space for each character beyond ASCII that belongs to no word.

    The number of characters stays the same, so spans found in the bytes lead back to the text.
    """
    return (text if text.isascii() else _NEITHER_ASCII_NOR_WORD.sub(" ", text)).encode()


def token_spans(source: bytes) -> TokenSpans:
    """Cut bytes that `encode_for_tokens` made into tokens, in time and memory linear in their number."""
    codes = np.frombuffer(source, dtype=np.uint8)
    if not len(codes):
        return TokenSpans(source, np.empty(0, np.int64), np.empty(0, np.int64))
    bounds = np.concatenate([[0], *_bounds(codes), [len(codes)]]).astype(np.int64)
    is_token = _tables()[0][codes[bounds[:-1]]]
    return TokenSpans(source, bounds[:-1][is_token], bounds[1:][is_token])


def token_hashes(spans: TokenSpans) -> NDArray[np.uint64]:
    """Return a 64-bit hash of every token, from its first 8 bytes, last 8 bytes and length.

    Equal tokens have equal hashes; unequal ones may too, so whoever uses the hash compares the tokens after.
    """
    if not len(spans):
        return np.empty(0, np.uint64)
    low = spans.starts[0] - 8  # read only what the tokens cover, with room for 8 bytes before and after any token
    content = spans.source[spans.starts[0] : spans.ends[-1]]
    padded = np.frombuffer(bytes(8) + content + bytes(8), dtype=np.uint8)
    eight_bytes = np.ndarray((len(padded) - 7,), dtype="<u8", buffer=padded, strides=(1,))
    lengths = spans.ends - spans.starts
    spare = (8 * (8 - np.minimum(lengths, 8))).astype(np.uint64)
    first = eight_bytes[spans.starts - low] << spare  # what belongs to the tokens beside it is shifted out
    last = eight_bytes[spans.ends - 8 - low] >> spare
    mixed = (first ^ (last * np.uint64(0x9E3779B97F4A7C15))) + lengths.astype(np.uint64)
    mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    hashes: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(32))
    return hashes


def _bounds(codes: NDArray[np.uint8]) -> list[NDArray[np.int64]]:
    """Return, block by block, the positions at which a token or a gap begins; the first is left out."""
    begins = _tables()[1]
    found = []
    for low in range(1, len(codes), _BLOCK):
        high = min(low + _BLOCK, len(codes))
        pairs = codes[low - 1 : high - 1].astype(np.intp)
        pairs <<= 8
        pairs |= codes[low:high]
        found.append(np.flatnonzero(begins[pairs]) + low)
    return found


@cache
def _tables() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whether a byte is part of a token, and whether something new begins between two bytes."""
    code = np.arange(256)
    character = [chr(c) for c in code]
    word = np.array([c.isascii() and (c.isalnum() or c == "_") for c in character]) | (code >= 128)
    ignored = np.array([c <= " " or c == "\x7f" or c in _IGNORED for c in character])
    joins = np.logical_and.outer(word, word) | np.logical_and.outer(ignored, ignored)
    for pair in _OPERATOR_PAIRS.split():
        joins[ord(pair[0]), ord(pair[1])] = True
    return ~ignored, ~joins.ravel()
