"""An exact index of token n-grams: hashes find candidates, the tokens themselves decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textbooks.decontaminators.tokens import TokenSpans, encode_for_tokens, token_hashes, token_spans

__all__ = ["GramTable", "NGramIndex", "Occurrences", "build_index", "tokens_of"]

_BLOCK = 1 << 16  # tokens or candidates looked at together, so that memory does not grow with the text
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_UNKNOWN = -1

Gram = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class GramTable:
    """All indexed n-grams of one length.

    Attributes
    ----------
    length : int
        Tokens per n-gram.
    hashes : ndarray of uint64, shape (n_grams,)
        Ascending; unequal n-grams may share one.
    tokens : ndarray of int32, shape (n_grams, length)
        The n-grams themselves, as numbers of the vocabulary.
    grams : ndarray of int64, shape (n_grams,)
        Number of each n-gram in the whole index.
    seen : ndarray of bool, shape (2 ** k,)
        Whether any hash begins with these k bits: tells at once that most windows are not indexed.
    """

    length: int
    hashes: NDArray[np.uint64]
    tokens: NDArray[np.int32]
    grams: NDArray[np.int64]
    seen: NDArray[np.bool_]

    def candidates(self, hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Return the windows (by their first token) whose hash is in the table."""
        windows = _window_hashes(hashes, self.length)
        near = np.flatnonzero(self.seen[windows >> _shift(self.seen)])
        found = np.searchsorted(self.hashes, windows[near])
        found[found == len(self.hashes)] = 0
        hits: NDArray[np.intp] = near[self.hashes[found] == windows[near]]
        return hits

    def verify(self, windows: NDArray[np.int32], hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the number of the n-gram that each window is, or -1, comparing all tokens.

        Parameters
        ----------
        windows : ndarray of int32, shape (n, length)
        hashes : ndarray of uint64, shape (n,)
        """
        low = np.searchsorted(self.hashes, hashes, side="left")
        high = np.searchsorted(self.hashes, hashes, side="right")
        answer = np.full(len(windows), _UNKNOWN, dtype=np.int64)
        for step in range(int((high - low).max(initial=0))):  # one round, unless hashes collide
            row = np.minimum(low + step, len(self.hashes) - 1)
            equal = (low + step < high) & (self.tokens[row] == windows).all(axis=1)
            answer[equal] = self.grams[row[equal]]
        return answer


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Where indexed n-grams stand in one text.

    Attributes
    ----------
    positions, grams : ndarray of int64, shape (n,)
        First token and number of each occurrence; ascending positions within each length of n-gram.
    starts, ends : ndarray of int64, shape (n,)
        Characters of the text that the occurrence covers.
    """

    positions: NDArray[np.int64]
    grams: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NGramIndex:
    """N-grams, and how to find them in texts.

    Attributes
    ----------
    vocabulary : mapping of bytes to int
        Every token of the n-grams.
    tables : tuple of GramTable
        One for each length, ascending.
    """

    vocabulary: Mapping[bytes, int]
    tables: tuple[GramTable, ...]

    def find(self, texts: Sequence[str]) -> list[Occurrences | None]:
        """Return the occurrences in each text, None where there is none; no n-gram spans two texts.

        Time is linear in the characters; memory in the characters of `texts`.
        """
        encoded = [encode_for_tokens(text) for text in texts]
        spans = token_spans(b"\n".join(encoded))
        bounds = np.cumsum([0, *(len(part) + 1 for part in encoded)])
        first_tokens = np.searchsorted(spans.starts, bounds)
        found = [_split(columns, first_tokens) for columns in self._find(spans, first_tokens)]
        answers: list[Occurrences | None] = [None] * len(texts)
        for number in sorted({number for parts in found for number in parts}):
            parts = [part[number] for part in found if number in part]
            positions, grams, lengths = (np.concatenate(column) for column in zip(*parts, strict=True))
            starts = spans.starts[positions] - bounds[number]
            ends = spans.ends[positions + lengths - 1] - bounds[number]
            if not texts[number].isascii():
                starts, ends = _characters(encoded[number], starts), _characters(encoded[number], ends)
            answers[number] = Occurrences(positions - first_tokens[number], grams, starts, ends)
        return answers

    def _find(
        self, spans: TokenSpans, first_tokens: NDArray[np.intp]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
        """Yield position, n-gram and length of verified occurrences, block by block, table by table."""
        longest = max(table.length for table in self.tables)
        for low in range(0, len(spans), _BLOCK):
            high = low + _BLOCK + longest - 1
            block = TokenSpans(spans.source, spans.starts[low:high], spans.ends[low:high])
            hashes = token_hashes(block)
            for table in self.tables:
                inside = table.candidates(hashes[: _BLOCK + table.length - 1])
                text_ends = first_tokens[np.searchsorted(first_tokens, inside + low, side="right")]
                inside = inside[inside + low + table.length <= text_ends]
                if len(inside):
                    grams = self._verify(table, block, hashes, inside)
                    inside, grams = inside[grams != _UNKNOWN], grams[grams != _UNKNOWN]
                    yield inside + low, grams, np.full(len(inside), table.length, dtype=np.int64)

    def _verify(
        self, table: GramTable, block: TokenSpans, hashes: NDArray[np.uint64], inside: NDArray[np.intp]
    ) -> NDArray[np.int64]:
        rows = inside[:, None] + np.arange(table.length)
        used = np.zeros(len(block), dtype=np.bool_)
        used[rows] = True
        needed = np.flatnonzero(used)
        numbers = np.full(len(block), _UNKNOWN, dtype=np.int32)
        numbers[needed] = [self.vocabulary.get(token, _UNKNOWN) for token in block.texts(needed)]
        return table.verify(numbers[rows], _window_hashes(hashes, table.length)[inside])


def tokens_of(text: str) -> list[bytes]:
    """Return the tokens of `code_tokens` as bytes."""
    return token_spans(encode_for_tokens(text)).texts()


def build_index(grams: Sequence[Gram]) -> NGramIndex:
    """Return the index of some distinct n-grams of any lengths; they are numbered in the order given."""
    vocabulary = {token: number for number, token in enumerate(sorted({token for gram in grams for token in gram}))}
    by_length: dict[int, list[int]] = {}
    for number, gram in enumerate(grams):
        by_length.setdefault(len(gram), []).append(number)
    return NGramIndex(vocabulary, tuple(_table(grams, rows, vocabulary) for _, rows in sorted(by_length.items())))


def _table(grams: Sequence[Gram], numbers: list[int], vocabulary: Mapping[bytes, int]) -> GramTable:
    length = len(grams[numbers[0]])
    flat = [token for number in numbers for token in grams[number]]
    ends = np.cumsum([len(token) for token in flat], dtype=np.int64)
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    hashes = _window_hashes(token_hashes(TokenSpans(b"".join(flat), starts, ends)), length)[::length]
    order = np.argsort(hashes, kind="stable")
    tokens = np.array([vocabulary[token] for token in flat], dtype=np.int32).reshape(-1, length)
    seen = np.zeros(1 << max(16, len(numbers).bit_length() + 6), dtype=np.bool_)
    seen[hashes >> _shift(seen)] = True
    return GramTable(length, hashes[order], tokens[order], np.array(numbers, dtype=np.int64)[order], seen)


def _shift(seen: NDArray[np.bool_]) -> np.uint64:
    return np.uint64(65 - len(seen).bit_length())


def _window_hashes(hashes: NDArray[np.uint64], length: int) -> NDArray[np.uint64]:
    """Return a hash of every run of `length` tokens, shape (n - length + 1,)."""
    windows = hashes[: max(0, len(hashes) - length + 1)].copy()
    for offset in range(1, length if len(windows) else 0):
        windows *= _MULTIPLIER
        windows += hashes[offset : offset + len(windows)]
    return windows


def _split(
    columns: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]], first_tokens: NDArray[np.intp]
) -> dict[int, tuple[NDArray[np.int64], ...]]:
    """Sort occurrences by text: number of the text -> its part of the columns."""
    owner = np.searchsorted(first_tokens, columns[0], side="right") - 1
    numbers, begins = np.unique(owner, return_index=True)
    ends = [*begins[1:], len(owner)]
    return {
        int(number): tuple(column[begin:end] for column in columns)
        for number, begin, end in zip(numbers, begins, ends, strict=True)
    }


def _characters(source: bytes, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Turn byte offsets into a UTF-8 text into character offsets."""
    leads = np.flatnonzero((np.frombuffer(source, dtype=np.uint8) & 0xC0) != 0x80)
    return np.searchsorted(leads, offsets).astype(np.int64)
