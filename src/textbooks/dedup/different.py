"""The different ones of some texts, and the verdicts on all texts that follow from a decision on those."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from textbooks.dedup.exact_stages import DIGEST, first_of_equals
from textbooks.dedup.minhash.scheme import best_first
from textbooks.verdicts import Reason, Verdict

__all__ = ["Different", "Distinct", "distinct_by_rank", "join_equal", "refuse_below", "verdicts_of"]


class Different(NamedTuple):
    """The different ones of some texts, the best first.

    Attributes
    ----------
    texts : list of str
    positions : ndarray of int64, shape (n_different,)
        Where the first of each stands among all texts, by rank.
    number_of : ndarray of int64, shape (n,)
        Which of the different texts stands at each position.
    """

    texts: list[str]
    positions: NDArray[np.int64]
    number_of: NDArray[np.int64]


def join_equal(texts: Sequence[str], order: NDArray[np.int64]) -> Different:
    """Return the different ones of some texts, in the order of their ranks.

    Parameters
    ----------
    texts : sequence of str
    order : ndarray of int64
        Positions from the best text to the worst; see `best_first`.
    """
    numbers: dict[str, int] = {}
    number_of = np.empty(len(texts), dtype=np.int64)
    positions: list[int] = []
    for position in order.tolist():
        number = numbers.setdefault(texts[position], len(positions))
        number_of[position] = number
        if number == len(positions):
            positions.append(position)
    return Different(list(numbers), np.array(positions, dtype=np.int64), number_of)


class Distinct(NamedTuple):
    """The different ones of some texts that are known by their digests, the best first.

    Attributes
    ----------
    order : ndarray of int64, shape (n,)
        All texts from the best to the worst.
    different : ndarray of int64, shape (n_different,)
        The first of each in that order.
    number_of : ndarray of int64, shape (n,)
        Which of the different texts stands at each place of the order.
    """

    order: NDArray[np.int64]
    different: NDArray[np.int64]
    number_of: NDArray[np.int64]


def distinct_by_rank(
    ranks: NDArray[np.float64], sizes: NDArray[np.int64], high: NDArray[np.uint64], low: NDArray[np.uint64]
) -> Distinct:
    """Return the different ones of some texts, as `join_equal` does where the texts themselves are at hand.

    Parameters
    ----------
    ranks, sizes : ndarray, shape (n,)
        See `best_first`.
    high, low : ndarray of uint64, shape (n,)
        The halves of the digests.
    """
    digests = np.empty(len(ranks), dtype=DIGEST)
    digests["high"], digests["low"] = high, low
    order = best_first(ranks, sizes, digests)
    firsts = first_of_equals(high[order], low[order])
    is_first = firsts == np.arange(len(order))
    return Distinct(order, order[is_first], (np.cumsum(is_first) - 1)[firsts])


def verdicts_of(
    different: Different, kept: NDArray[np.int64], similarity: NDArray[np.float64], *, reason: Reason, name: str
) -> list[Verdict]:
    """Return the verdict on each of all texts, given the decision on the different ones.

    Parameters
    ----------
    different : Different
    kept : ndarray of int64, shape (n_different,)
        The number of the text that stays for each: another, or itself.
    similarity : ndarray of float64, shape (n_different,)
        Their similarity.
    reason : Reason
        Of a text that goes.
    name : str
        What its evidence calls the similarity.
    """
    stays = kept[different.number_of]
    sizes = np.bincount(stays, minlength=len(kept))[stays]
    originals = different.positions[stays].tolist()
    rows = zip(originals, similarity[different.number_of].tolist(), sizes.tolist(), strict=True)
    verdicts = []
    for position, (original, value, size) in enumerate(rows):
        evidence = {"duplicate_of": original, name: value, "cluster_size": size}
        is_kept = original == position
        verdicts.append(Verdict.kept(cluster_size=size) if is_kept else Verdict.dropped(reason, value, **evidence))
    return verdicts


def refuse_below(threshold: float, fitted: float) -> None:
    """Raise when a threshold is below that of the fit, for too many pairs were not looked at.

    Raises
    ------
    ValueError
        The message shows both.
    """
    if threshold < fitted:
        msg = f"threshold must be at least {fitted:g}, that of the fit, got {threshold!r}: fit again with the lower one"
        raise ValueError(msg)
