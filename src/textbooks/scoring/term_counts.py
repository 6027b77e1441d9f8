"""Which terms of each topic occur in lists of words: single words, and two words in a row."""

from __future__ import annotations

from itertools import chain, repeat
from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.topic_terms import TOPICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_IN_NO_TERM = 0

# Words are whole numbers from 1, and a term is the number of its word, or that of its first word times a width plus
# that of its second.
_TERMS = sorted(term for term in frozenset().union(*TOPICS.values()) if term.count(" ") < 2)
_NUMBERS = {word: number for number, word in enumerate(sorted({word for t in _TERMS for word in t.split()}), start=1)}
_WIDTH = len(_NUMBERS) + 1
# All that a word can look like where texts are split: sort, Sort, SORT.
_NUMBER_OF_RAW = {raw: number for word, number in _NUMBERS.items() for raw in (word, word.capitalize(), word.upper())}


def _term_key(term: str) -> int:
    *first, last = (_NUMBERS[word] for word in term.split())
    return sum(first) * _WIDTH + last


_BY_KEY = sorted(_TERMS, key=_term_key)
_KEYS = np.array([_term_key(term) for term in _BY_KEY], dtype=np.int64)
_TOPICS_OF_TERM = np.array([[term in terms for terms in TOPICS.values()] for term in _BY_KEY], dtype=np.float64)


def count_terms(batch: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    """Count the distinct terms of each topic in texts.

    A pair of words is a term where nothing but punctuation and line ends stands between them.

    Parameters
    ----------
    batch : sequence of sequence of str
        The words of each text, from ``split_windows``.

    Returns
    -------
    ndarray (texts, topics) float64
        Whole numbers, in the order of ``TOPICS``.
    """
    raw = list(chain.from_iterable(batch))
    number = np.fromiter(map(_NUMBER_OF_RAW.get, raw, repeat(_IN_NO_TERM)), dtype=np.int64, count=len(raw))
    place = np.flatnonzero(number)
    owner = np.repeat(np.arange(len(batch)), [len(words) for words in batch])[place]
    single, single_known = _terms_at(number[place])
    pair, pair_known = _terms_at(number[place[:-1]] * _WIDTH + number[place[1:]])
    pair_known &= owner[1:] == owner[:-1]
    for index in np.flatnonzero(pair_known).tolist():
        pair_known[index] = not any(word[0].isalnum() for word in raw[place[index] + 1 : place[index + 1]])
    owner = np.concatenate((owner[single_known], owner[:-1][pair_known]))
    hits = np.unique(owner * len(_KEYS) + np.concatenate((single[single_known], pair[pair_known])))
    owner, term = np.divmod(hits, len(_KEYS))
    columns = [np.bincount(owner, weights=topic[term], minlength=len(batch)) for topic in _TOPICS_OF_TERM.T]
    return np.stack(columns, axis=1)


def _terms_at(key: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the place of each key among the terms, and whether it is there."""
    place = np.minimum(np.searchsorted(_KEYS, key), len(_KEYS) - 1)
    return place, _KEYS[place] == key
