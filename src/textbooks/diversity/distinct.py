"""Distinct-n: how many of the n-grams of a set of texts are different."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from textbooks.diversity.checks import check_texts, check_whole
from textbooks.diversity.runs import Runs, grams, tokens_of

__all__ = ["distinct_n", "distinct_share"]


def distinct_n(texts: Sequence[str], n: int = 2, *, max_tokens: int | None = None) -> float:
    """Return the different n-grams of all texts over all their n-grams (Li et al. 2016, arXiv 1510.03055).

    The share falls with the number of tokens, whatever the texts: words run out, sentences do not. So two sets are
    compared at the same `max_tokens`, which both must reach.

    Parameters
    ----------
    texts : sequence of str
        N-grams of code-aware tokens (words and operators); none crosses from one text into the next.
    n : int, default=2
        Tokens of a gram, at least 1.
    max_tokens : int, optional
        Read the texts in order up to this many tokens, at least 1; the last one is cut. All by default.

    Returns
    -------
    float
        Above 0 to 1; higher is more diverse. NaN where there is no n-gram.

    Raises
    ------
    TypeError
        If `texts` is a single string, or holds what is none.
    ValueError
        If `n` or `max_tokens` is out of range.
    """
    valid = check_texts(texts)
    check_whole("n", n, 1)
    tokens = tokens_of(valid)
    limit = len(tokens.value) if max_tokens is None else check_whole("max_tokens", max_tokens, 1)
    return distinct_share(tokens, grams(tokens, n), np.arange(len(valid)), n, limit)


def distinct_share(tokens: Runs, of_order: Runs, texts: NDArray[np.int64], n: int, limit: int) -> float:
    """Return distinct-n of some texts read in order up to `limit` tokens; `of_order` holds the n-grams."""
    lengths = tokens.lengths[texts]
    left = limit - (np.cumsum(lengths) - lengths)
    read = np.clip(left, 0, lengths)
    found = of_order.of(texts, np.maximum(read - n + 1, 0))
    if not len(found):
        return float("nan")
    return np.count_nonzero(np.bincount(found, minlength=of_order.kinds)) / len(found)
