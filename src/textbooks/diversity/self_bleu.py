"""Self-BLEU: how well the other texts of a set foretell a text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from textbooks.diversity.checks import check_texts, check_whole
from textbooks.diversity.runs import Runs, grams, tokens_of

__all__ = ["mean_self_bleu", "self_bleu"]

ORDERS = (1, 2, 3, 4)
"""Lengths of the n-grams of BLEU."""


def self_bleu(texts: Sequence[str], *, sample: int = 200, seed: int = 0) -> float:
    """Return the mean BLEU of each text against all others (Zhu et al. 2018, Texygen, arXiv 1802.01886).

    sacrebleu's sentence BLEU (up to 4-grams, effective order, exponential smoothing, the length of the nearest
    reference) over code-aware tokens. The counts are our own: the most that the others have of an n-gram is the most
    of all, or the second most where the text itself has the most. So the time grows with the number of texts and not
    with its square. The formula is sacrebleu's.

    Parameters
    ----------
    texts : sequence of str
        Those without a token are left out.
    sample : int, default=200
        Texts that are drawn, at least 2. More references mean a higher score: compare at equal numbers.
    seed : int, default=0
        For the draw.

    Returns
    -------
    float
        0 to 100, where 100 says that each text is put together from the others; lower is more diverse. NaN for
        fewer than two texts with tokens.

    Raises
    ------
    TypeError
        If `texts` is a single string, or holds what is none.
    ValueError
        If `sample` is out of range.
    """
    check_whole("sample", sample, 2)
    tokens = tokens_of(check_texts(texts))
    order = np.random.default_rng(seed).permutation(len(tokens.lengths))
    return mean_self_bleu([grams(tokens, n) for n in ORDERS], order, sample)


def mean_self_bleu(orders: Sequence[Runs], texts: NDArray[np.int64], sample: int) -> float:
    """Return self-BLEU of the first `sample` of some texts that have tokens; `orders` holds their 1- to 4-grams."""
    from sacrebleu.metrics.bleu import BLEU

    chosen = texts[orders[0].lengths[texts] > 0][:sample]
    if len(chosen) < 2:
        return float("nan")
    lengths = orders[0].lengths[chosen]
    correct = np.array([_matches(runs, chosen) for runs in orders])
    total = np.array([runs.lengths[chosen] for runs in orders])
    nearest = _nearest_lengths(lengths)
    scores = [
        BLEU.compute_bleu(
            correct[:, i].tolist(), total[:, i].tolist(), int(lengths[i]), int(nearest[i]), "exp", effective_order=True
        ).score
        for i in range(len(chosen))
    ]
    return float(np.mean(scores))


def _matches(runs: Runs, texts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many n-grams of each text stand in the others, each counted as often as one other text has it."""
    lengths = runs.lengths[texts]
    owner = np.repeat(np.arange(len(texts)), lengths)
    pairs, count = np.unique(runs.of(texts) * len(texts) + owner, return_counts=True)
    gram, text = np.divmod(pairs, len(texts))
    order = np.lexsort((-count, gram))
    gram, text, count = gram[order], text[order], count[order]
    first = np.flatnonzero(np.diff(gram, prepend=-1))
    group = np.cumsum(np.diff(gram, prepend=-1) != 0) - 1
    second = np.where(np.append(np.diff(gram) == 0, False)[first], count[np.minimum(first + 1, len(count) - 1)], 0)
    most = count[first][group]
    most[first] = second  # whoever has the most is compared with the next
    matched = np.bincount(text, np.minimum(count, most), minlength=len(texts))
    return matched.astype(np.int64)


def _nearest_lengths(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each text the length of another one that is nearest to its own; the shorter of two."""
    order = np.argsort(lengths, kind="stable")
    ordered = lengths[order]
    below = np.concatenate(([-1], ordered[:-1]))
    above = np.concatenate((ordered[1:], [-1]))
    take_below = (above < 0) | ((below >= 0) & (ordered - below <= above - ordered))
    nearest = np.empty_like(lengths)
    nearest[order] = np.where(take_below, below, above)
    return nearest
