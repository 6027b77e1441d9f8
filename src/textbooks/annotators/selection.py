"""Which texts to have rated next."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from textbooks.annotators.annotation import HIGHEST_SCORE
from textbooks.annotators.farthest import farthest_first
from textbooks.records import as_records, why_unjudgeable

if TYPE_CHECKING:
    from textbooks.embedders import Embedder
    from textbooks.scoring import EduValueModel

__all__ = ["Selection", "Strategy", "select_for_annotation"]

Strategy = Literal["mixed", "uncertain", "high_score", "diverse", "stratified", "random"]
"""How to choose: by one reason, or mixed."""

_MIXED = ("random", "uncertain", "random", "high_score", "random", "diverse")
"""Whose turn it is, over and over. Ours: half at random, so that what sets the scale stays a fair sample."""

_NEEDS_SCORES = ("mixed", "uncertain", "high_score", "stratified")


@dataclass(frozen=True, slots=True)
class Selection:
    """A text to have rated.

    Attributes
    ----------
    index : int
        Where the text stands among those given.
    reason : str
        Why: the name of a strategy but ``mixed``.
    score : float or None
        The model's score, 0 to 5; None where the strategy needs none and none was given.
    uncertainty : float or None
        Entropy of the model's class probabilities in bits, 0 to log2(6) = 2.58; None as `score`.
    """

    index: int
    reason: str
    score: float | None
    uncertainty: float | None

    @property
    def representative(self) -> bool:
        """Whether it was drawn at random: what `EduValueModel.fit` calls representative."""
        return self.reason == "random"


def select_for_annotation(
    texts: Sequence[str],
    n: int,
    *,
    model: EduValueModel | None = None,
    strategy: Strategy = "mixed",
    scored: ArrayLike | None = None,
    seed: int = 0,
    embedder: Embedder | None = None,
) -> list[Selection]:
    """Return which texts to have rated next.

    ``random`` draws without a model; ``uncertain`` takes those whose class the model is least sure of; ``high_score``
    those it rates highest; ``stratified`` as many of each class as there are, or all of a class that has fewer;
    ``diverse`` those that lie farthest from each other (`farthest_first`); ``mixed`` takes turns: half at random, a
    sixth each uncertain, high and diverse.

    The choice depends on the texts, the seed and the model, and not on the order of the texts. Of equal texts the first
    may be chosen and the others are not; what cannot be read as text is never chosen. Memory beside the texts: some
    hundred bytes a text, and with ``mixed`` and ``diverse`` a vector (1.5 KB with the default embedder).

    Parameters
    ----------
    texts : sequence of str
        Texts without a rating.
    n : int
        How many to choose, at least 0; all, where there are no more.
    model : EduValueModel, optional
        Scores the texts and says how sure it is; None for the bundled one.
    strategy : str, default="mixed"
        See above.
    scored : array-like of float, shape (texts,), optional
        Scores by that model that are known already, 0 to 5.
    seed : int, default=0
        Seeds what is drawn at random, and what decides between equals.
    embedder : Embedder, optional
        Vectors for ``diverse``; None for ``StaticEmbedder()``.

    Returns
    -------
    list of Selection
        In the order of choice: the first k are what a choice of k would be.

    Raises
    ------
    ValueError
        If `n` is negative, the strategy is unknown, or `scored` has another shape or is no number from 0 to 5.
    TypeError
        If `texts` is a single string.
    """
    _check_arguments(n, strategy)
    pool = _Pool.of(as_records(texts), seed)
    if not pool.texts:
        return []
    known = None if scored is None else _checked(scored, len(texts))[pool.index]
    if known is None and strategy in _NEEDS_SCORES:
        known = _model(model).score(pool.texts)
    sure = None if known is None else entropy(_model(model).class_probabilities(known))
    turns = _MIXED if strategy == "mixed" else (strategy,)
    orders = {turn: _order(turn, pool, n, known, sure, embedder) for turn in dict.fromkeys(turns)}
    rows = islice(_taken_in_turns(orders, turns, len(pool.texts)), n)
    return [
        Selection(int(pool.index[row]), reason, *(None if one is None else float(one[row]) for one in (known, sure)))
        for row, reason in rows
    ]


@dataclass(frozen=True, slots=True)
class _Pool:
    """The texts that may be chosen, in an order that a seed and the texts alone decide."""

    index: NDArray[np.int64]
    texts: list[str]

    @classmethod
    def of(cls, texts: Sequence[str], seed: int) -> _Pool:
        """Return the texts that can be judged, each once."""
        places: dict[bytes, int] = {}
        for place, text in enumerate(texts):
            if why_unjudgeable(text) is None:
                digest = hashlib.blake2b(text.encode(), digest_size=16, key=str(seed).encode()).digest()
                places.setdefault(digest, place)
        index = [places[digest] for digest in sorted(places)]
        return cls(np.array(index, dtype=np.int64), [texts[place] for place in index])


def _check_arguments(n: int, strategy: str) -> None:
    if n < 0:
        msg = f"n must be at least 0, got {n!r}"
        raise ValueError(msg)
    if strategy not in get_args(Strategy):
        msg = f"strategy must be one of {', '.join(get_args(Strategy))}, got {strategy!r}"
        raise ValueError(msg)


def _checked(scored: ArrayLike, texts: int) -> NDArray[np.float64]:
    values = np.asarray(scored, dtype=np.float64)
    if values.shape != (texts,):
        msg = f"scored must be one score a text, got shape {values.shape} for {texts} texts"
        raise ValueError(msg)
    wrong = values[~((values >= 0) & (values <= HIGHEST_SCORE))]
    if len(wrong):
        msg = f"scored must be numbers from 0 to {HIGHEST_SCORE}, got {wrong[0]}"
        raise ValueError(msg)
    return values


def _model(model: EduValueModel | None) -> EduValueModel:
    from textbooks.scoring import EduValueModel

    return EduValueModel.bundled() if model is None else model


def entropy(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the entropy of each row of probabilities, in bits; shape (n,)."""
    logarithms = np.log2(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0)
    found: NDArray[np.float64] = np.abs((probabilities * logarithms).sum(axis=1))
    return found


def _order(
    strategy: str,
    pool: _Pool,
    n: int,
    scores: NDArray[np.float64] | None,
    uncertainty: NDArray[np.float64] | None,
    embedder: Embedder | None,
) -> Sequence[int]:
    """Return the rows of the pool that a strategy wants, best first."""
    if strategy == "random":
        return range(len(pool.texts))
    if strategy == "diverse":
        return farthest_first(_vectors(pool.texts, embedder), n)
    assert scores is not None
    assert uncertainty is not None
    if strategy == "stratified":
        return _stratified(np.rint(scores).astype(np.int64))
    wanted = uncertainty if strategy == "uncertain" else scores
    order: list[int] = np.argsort(-wanted, kind="stable").tolist()
    return order


def _vectors(texts: list[str], embedder: Embedder | None) -> NDArray[np.float32]:
    from textbooks.embedders import StaticEmbedder

    return (embedder or StaticEmbedder()).embed(texts)


def _stratified(classes: NDArray[np.int64]) -> list[int]:
    """Return all rows, the classes taking turns as long as they have any."""
    members = [np.flatnonzero(classes == k).tolist() for k in range(HIGHEST_SCORE + 1)]
    return [rows[turn] for turn in range(max(map(len, members))) for rows in members if turn < len(rows)]


def _taken_in_turns(orders: Mapping[str, Sequence[int]], turns: Sequence[str], size: int) -> Iterator[tuple[int, str]]:
    """Yield rows with the name of the order that they come from, each row once; an order that ends is passed over."""
    waiting = {name: iter(order) for name, order in orders.items()}
    taken: set[int] = set()
    while len(taken) < size and waiting:
        for name in turns:
            row = next((row for row in waiting.get(name, ()) if row not in taken), None)
            if row is None:
                waiting.pop(name, None)
                continue
            taken.add(row)
            yield row, name
