"""A linear model over words: what a text talks about, beside how it is built."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.memo import Memo
from textbooks.scoring.window import rated_window

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from numpy.typing import NDArray

# Alternatives that begin with different characters, the most frequent first: the engine tries few of them.
_WORD = re.compile(r"[a-z]+|\n *|[!-/:-@\[-^`{-~]+|[0-9]+|[A-Z](?:[a-z]+|[A-Z]*(?![a-z]))")
_MAX_WORD_CHARS = 20
_UNKNOWN = -1


def normalise(raw: str) -> str:
    """Return the word that a part of a text counts as."""
    return raw[:_MAX_WORD_CHARS].lower()


def split_words(text: str) -> list[str]:
    """Split the rated window of a text into words.

    Words are the lower-cased parts of names and prose (``parseHTTPHeader`` gives parse, http, header), numbers, runs
    of punctuation, and line ends with the indentation that follows.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str
        Words of at most 20 characters, in order.
    """
    return list(map(normalise, _WORD.findall(rated_window(text))))


def split_windows(windows: Sequence[str]) -> list[list[str]]:
    """Split texts into words as they stand there, all of each: for who has the rated windows at hand.

    Parameters
    ----------
    windows : sequence of str
        Any texts.

    Returns
    -------
    list of list of str
        What ``normalise`` makes the words of ``split_words``.
    """
    return [_WORD.findall(window) for window in windows]


@dataclass(frozen=True, slots=True)
class WordCounts:
    """Sparse counts: one entry for each word that a text has.

    Attributes
    ----------
    text, word : ndarray (entries,) int64
        Row and column, sorted.
    count : ndarray (entries,) int64
        Occurrences, at least 1.
    shape : tuple of int
        Texts, known words.
    """

    text: NDArray[np.int64]
    word: NDArray[np.int64]
    count: NDArray[np.int64]
    shape: tuple[int, int]


def count_words(batch: Sequence[Sequence[str]], columns: Mapping[str, int]) -> WordCounts:
    """Count the known words of some texts.

    Parameters
    ----------
    batch : sequence of sequence of str
        The words of each text.
    columns : mapping of str to int
        The column of each known word.

    Returns
    -------
    WordCounts
        The counts.
    """
    return _count(batch, lambda word: columns.get(word, _UNKNOWN), len(columns))


def _column_of(columns: Mapping[str, int], raw: str) -> int:
    return columns.get(normalise(raw), _UNKNOWN)


def _count(batch: Sequence[Sequence[str]], column_of: Callable[[str], int], columns: int) -> WordCounts:
    """Count words whose column is given; those of one column are one word."""
    # First within each text: what is looked up and sorted is a third.
    counted = [Counter(words) for words in batch]
    text = np.repeat(np.arange(len(batch)), [len(words) for words in counted])
    column = np.fromiter(map(column_of, chain.from_iterable(counted)), dtype=np.int64, count=len(text))
    times = np.fromiter(chain.from_iterable(map(dict.values, counted)), dtype=np.int64, count=len(text))
    known = np.flatnonzero(column != _UNKNOWN)
    width = max(columns, 1)
    key = text[known] * width + column[known]
    order = np.argsort(key)
    key, times = key[order], times[known][order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    text, word = np.divmod(key[first], width)
    count = np.add.reduceat(times, first) if len(first) else times
    return WordCounts(text=text, word=word, count=count, shape=(len(batch), columns))


@dataclass(frozen=True, slots=True)
class WordModel:
    """Linear models over the weighted words of a text.

    A word weighs ``log(1 + occurrences)`` times its inverse document frequency; the weights of a text have unit L2
    norm.

    Attributes
    ----------
    words : tuple of str
        The known words.
    rarity : ndarray (words,) float32
        Inverse document frequencies.
    coefficients : ndarray (words, targets) float32
        One linear model a column.
    intercepts : ndarray (targets,) float64
        What an empty text gets.
    """

    words: tuple[str, ...]
    rarity: NDArray[np.float32]
    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float64]
    columns: dict[str, int] = field(init=False, repr=False, compare=False)
    _column_of_raw: Memo[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse arrays of unequal length; index the words."""
        targets = len(self.intercepts)
        if self.coefficients.shape != (len(self.words), targets) or self.rarity.shape != (len(self.words),):
            msg = f"{len(self.words)} words need as many rows, got {self.coefficients.shape} and {self.rarity.shape}"
            raise ValueError(msg)
        columns = {word: column for column, word in enumerate(self.words)}
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "_column_of_raw", Memo(partial(_column_of, columns)))

    def predict_texts(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the models' values of texts, shape (texts, targets)."""
        return self.predict_split(split_windows([rated_window(text) for text in texts]))

    def predict_split(self, batch: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Return the models' values of texts that ``split_windows`` has split, shape (texts, targets)."""
        return self.predict(self.count_split(batch))

    def count_split(self, batch: Sequence[Sequence[str]]) -> WordCounts:
        """Return how often the known words stand in texts that ``split_windows`` has split."""
        return _count(batch, self._column_of_raw.__getitem__, len(self.words))

    def predict(self, counts: WordCounts) -> NDArray[np.float64]:
        """Return the models' values.

        Parameters
        ----------
        counts : WordCounts
            Counts of this model's words.

        Returns
        -------
        ndarray (texts, targets) float64
            Bit-equal for any number and order of texts.
        """
        weights = word_weights(counts, self.rarity)
        # Summed text by text in the order of the words: a matrix product could round by batch.
        columns = [
            np.bincount(counts.text, weights=weights * column[counts.word], minlength=counts.shape[0])
            for column in self.coefficients.T.astype(np.float64)
        ]
        return np.stack(columns, axis=1) + self.intercepts


def word_weights(counts: WordCounts, rarity: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the weight of each entry: log(1 + count) times rarity, of unit L2 norm a text."""
    weights = np.log1p(counts.count) * rarity[counts.word]
    norms = np.sqrt(np.bincount(counts.text, weights=weights * weights, minlength=counts.shape[0]))
    scaled: NDArray[np.float64] = weights / norms[counts.text]
    return scaled


def choose_words(batch: Sequence[Sequence[str]], groups: Sequence[Hashable], min_groups: int) -> tuple[str, ...]:
    """Return the words that stand in texts of at least ``min_groups`` groups, sorted."""
    seen: set[tuple[Hashable, str]] = set()
    for text, group in zip(batch, groups, strict=True):
        seen.update((group, word) for word in text)
    spread = Counter(word for _, word in seen)
    return tuple(sorted(word for word, count in spread.items() if count >= min_groups))
