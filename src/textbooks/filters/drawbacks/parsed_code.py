"""The part of a text that the structural filters read, parsed, with lines and names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.identifiers import find_identifiers
from textbooks.scoring.syntax_tree import MAX_BYTES, parse_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from textbooks.scoring.identifiers import Identifiers
    from textbooks.scoring.syntax_tree import SyntaxForest

_STATEMENT_AT_THE_EDGE = re.compile(
    rb"\n(?=(?:@|(?:async +def|def|class|if|for|with|try|import|from)\b|[A-Za-z_]\w* *=))"
)

BATCH_TEXTS = 64
"""Texts parsed at once: bounds memory whatever the length of the input."""


@dataclass(frozen=True, slots=True)
class ParsedCode:
    """A batch of texts with their syntax trees.

    Attributes
    ----------
    heads : list of str
        What is read of each text, see `head`.
    cut : ndarray (n,) bool
        Whether more of the text follows.
    forest : SyntaxForest
        The parsed heads.
    names : Identifiers
        Their identifiers.
    words : tuple of str
        The different identifiers of the batch.
    word : ndarray (identifiers,) int64
        The place of each identifier in ``words``.
    first_byte : ndarray (n + 1,) int64
        Where each head begins in ``forest.source``; the last entry is the end of all.
    line_ends : ndarray of int64
        Where the line ends are in ``forest.source``.
    """

    heads: list[str]
    cut: NDArray[np.bool_]
    forest: SyntaxForest
    names: Identifiers
    words: tuple[str, ...]
    word: NDArray[np.int64]
    first_byte: NDArray[np.int64]
    line_ends: NDArray[np.int64]

    def line(self, row: int) -> int:
        """Return the line of its text, from 1, on which a node begins."""
        start, first = self.forest.start[row], self.first_byte[self.forest.document[row]]
        return int(np.searchsorted(self.line_ends, start) - np.searchsorted(self.line_ends, first)) + 1

    def lines(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many lines each node spans."""
        forest = self.forest
        ends = np.searchsorted(self.line_ends, forest.end[rows])
        spanned: NDArray[np.int64] = ends - np.searchsorted(self.line_ends, forest.start[rows]) + 1
        return spanned

    def text(self, row: int) -> str:
        """Return the source of a node."""
        return self.forest.source[int(self.forest.start[row]) : int(self.forest.end[row])].decode("utf-8", "replace")

    def where(self, test: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Tell which identifiers pass a test of their spelling."""
        return np.array([test(word) for word in self.words], dtype=np.bool_)[self.word]

    def subtree_end(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the row after the last descendant of each row."""
        return np.maximum(np.searchsorted(self.forest.start, self.forest.end[rows], side="left"), rows + 1)

    def count_within(self, rows: NDArray[np.int64], members: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each row the number of its descendants among the members, which are ascending rows."""
        counts: NDArray[np.int64] = np.searchsorted(members, self.subtree_end(rows)) - np.searchsorted(
            members, rows + 1
        )
        return counts


def parse_code(texts: Sequence[str]) -> ParsedCode:
    """Parse the heads of some texts; at most `BATCH_TEXTS` at once keep memory small."""
    normalised = [_normalised(text) for text in texts]
    heads = [head(text) for text in normalised]
    forest = parse_batch(heads)
    names = find_identifiers(forest)
    words, word = _spellings(forest, names.row)
    lengths = [len(part.encode()) + 1 for part in heads]
    return ParsedCode(
        heads=heads,
        cut=np.array([len(part) < len(text) for part, text in zip(heads, normalised, strict=True)], dtype=np.bool_),
        forest=forest,
        names=names,
        words=words,
        word=word,
        first_byte=np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))),
        line_ends=np.flatnonzero(np.frombuffer(forest.source, dtype=np.uint8) == ord("\n")),
    )


def _spellings(forest: SyntaxForest, rows: NDArray[np.int64]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the different identifiers, and for each row its place among them."""
    places: dict[bytes, int] = {}
    spans = zip(forest.start[rows].tolist(), forest.end[rows].tolist(), strict=True)
    word = [places.setdefault(forest.source[start:end], len(places)) for start, end in spans]
    return tuple(spelling.decode("utf-8", "replace") for spelling in places), np.array(word, dtype=np.int64)


def parse_in_batches(texts: Sequence[str]) -> Iterator[ParsedCode]:
    """Yield the texts parsed, `BATCH_TEXTS` at a time."""
    for start in range(0, len(texts), BATCH_TEXTS):
        yield parse_code(texts[start : start + BATCH_TEXTS])


def head(text: str) -> str:
    """Return the first 12,000 bytes of a text, up to the last definition or statement at the left edge in their half.

    Ours: seven of eight files of the labels are read whole. Their raters saw the first 2,000 and the last 600
    characters; a filter whose evidence has line numbers, and names what is missing, must not have a hole in the middle.
    A cut inside a string or a bracket would leave the parser with nothing, hence the search for a better place.
    """
    source = text[:MAX_BYTES].encode("utf-8", "replace")
    if len(source) <= MAX_BYTES and len(text) <= MAX_BYTES:
        return source.decode("utf-8")
    source = source[:MAX_BYTES]
    places = [match.start() + 1 for match in _STATEMENT_AT_THE_EDGE.finditer(source, MAX_BYTES // 2)]
    end = places[-1] if places else source.rfind(b"\n", MAX_BYTES // 2) + 1
    return source[: end or MAX_BYTES].decode("utf-8", "ignore")


def _normalised(text: str) -> str:
    r"""Return the start of a text with ``\n`` as its only line end; two characters too many show that more follows."""
    part = text[: 2 * MAX_BYTES + 2]
    return part.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
