"""The tokens of texts and their n-grams as numbers, text after text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Runs", "grams", "tokens_of"]


@dataclass(frozen=True, slots=True)
class Runs:
    """Numbers of several texts in one array.

    Attributes
    ----------
    value : ndarray (all,) int64
        The numbers, 0 to ``kinds - 1``; equal where the tokens or n-grams are equal, in whatever text.
    begin : ndarray (texts + 1,) int64
        Where those of each text begin; the last entry is the end of all.
    kinds : int
        How many different ones there are.
    """

    value: NDArray[np.int64]
    begin: NDArray[np.int64]
    kinds: int

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many numbers each text has, shape (texts,)."""
        return np.diff(self.begin)

    def of(self, texts: NDArray[np.int64], lengths: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """Return the numbers of some texts, in the order of the texts.

        Parameters
        ----------
        texts : ndarray (m,) int64
            Places of texts.
        lengths : ndarray (m,) int64, optional
            How many of the first numbers of each to take, at most its own length; all by default.
        """
        taken = self.lengths[texts] if lengths is None else lengths
        ends = np.cumsum(taken)
        place = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(self.begin[texts] - (ends - taken), taken)
        taken_values: NDArray[np.int64] = self.value[place]
        return taken_values


def tokens_of(texts: Sequence[str]) -> Runs:
    """Return the code-aware tokens of texts, see `textbooks.decontaminators.tokens.code_tokens`."""
    from textbooks.decontaminators.tokens import code_tokens

    numbers: dict[str, int] = {}
    cut = [code_tokens(text) for text in texts]
    flat = [numbers.setdefault(token, len(numbers)) for tokens in cut for token in tokens]
    begin = np.cumsum([0, *map(len, cut)], dtype=np.int64)
    return Runs(np.array(flat, dtype=np.int64), begin, len(numbers))


def grams(tokens: Runs, n: int) -> Runs:
    """Return the n-grams of each text in order; none crosses from one text into the next.

    Exact: an n-gram is numbered by the number of its first n - 1 tokens and its last token, and nothing is hashed.

    Parameters
    ----------
    tokens : Runs
        One number a token.
    n : int
        Tokens of a gram, at least 1. A text of fewer has none.
    """
    end = np.repeat(tokens.begin[1:], tokens.lengths)
    place, value, kinds = np.arange(len(tokens.value)), tokens.value, tokens.kinds
    for k in range(1, n):
        goes_on = place + k < end[place]
        place, value = place[goes_on], value[goes_on]
        pairs = value * tokens.kinds + tokens.value[place + k]
        different, value = np.unique(pairs, return_inverse=True)
        kinds = len(different)
    counts = np.maximum(tokens.lengths - n + 1, 0)
    return Runs(value, np.concatenate(([0], np.cumsum(counts))).astype(np.int64), kinds)
