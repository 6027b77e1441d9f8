"""Training of the static embedder: rows of features moved until two views of the same code lie close together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textbooks.embedders.static_features import KINDS, blocks
from textbooks.embedders.static_table import FeatureRows, slots_of
from textbooks.embedders.static_views import MOST_CHARS, PAIRS, collect_names, make_views

FloatArray = NDArray[np.float32]

_KIND_WEIGHTS = {"words": 1.0, "operators": 1.0, "shapes": 0.5}
_BUCKET_WEIGHT = 0.7
_FEWEST_TEXTS_OF_A_FEATURE = 3
_MOST_OPERATORS = 1_000
_RENAMING_POOL = 5_000
_MEMORY_OF_GRADIENTS = 0.98


@dataclass(frozen=True, slots=True)
class Teacher:
    """Texts and the vectors that a larger embedder gives them.

    Attributes
    ----------
    texts : sequence of str
        The texts.
    vectors : ndarray (texts, any) float32
        Of unit norm; only the cosines between them are learnt from.
    """

    texts: Sequence[str]
    vectors: FloatArray


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How to train.

    Attributes
    ----------
    dimensions : int
        Length of a vector.
    words, shapes, buckets : int
        Rows for words, for shapes of code, and for words that are not known; up to 1,000 operators have one besides.
    steps : int
        Batches.
    batch : int
        Pairs in a batch; the others of the batch are what a text is told apart from.
    rate : float
        How far a row moves in the first step, relative to the mean length of a row; falls to 0.
    temperature : float
        What cosines are divided by in the loss.
    teaching : float
        Share of the batches that learn from the teacher, if there is one.
    seed : int
        The same texts, options and seed give the same vectors.
    """

    dimensions: int = 384
    words: int = 18_000
    shapes: int = 9_000
    buckets: int = 4_000
    steps: int = 600
    batch: int = 1024
    rate: float = 0.05
    temperature: float = 0.05
    teaching: float = 0.5
    seed: int = 0


def choose_rows(texts: Sequence[str], options: TrainingOptions) -> tuple[FeatureRows, FloatArray]:
    """Choose the features that stand in most texts, and what each weighs at first.

    Returns
    -------
    rows : FeatureRows
        Rows of words, operators and shapes, then buckets.
    weights : ndarray (rows,) float32
        Inverse document frequency, halved for shapes.
    """
    seen: list[list[NDArray[np.uint64]]] = [[] for _ in KINDS]
    for text in texts:
        for block in blocks([text]):
            for found, (_, key) in zip(seen, block.features, strict=True):
                found.append(np.unique(key))
    keys, weights = [], []
    for kind, parts, most in zip(KINDS, seen, (options.words, _MOST_OPERATORS, options.shapes), strict=True):
        key, count = np.unique(np.concatenate(parts), return_counts=True)
        key, count = key[count >= _FEWEST_TEXTS_OF_A_FEATURE], count[count >= _FEWEST_TEXTS_OF_A_FEATURE]
        first = np.argsort(-count, kind="stable")[:most]
        keys.append(key[first])
        weights.append(np.log((len(texts) + 1) / count[first]) * _KIND_WEIGHTS[kind])
    all_keys, all_weights = np.concatenate(keys), np.concatenate(weights)
    alone = np.sort(np.unique(slots_of(all_keys), return_index=True)[1])
    rarest = np.log((len(texts) + 1) / _FEWEST_TEXTS_OF_A_FEATURE) * _BUCKET_WEIGHT
    buckets = np.full(options.buckets, max(rarest, 0.0))
    return FeatureRows(all_keys[alone], options.buckets), np.append(all_weights[alone], buckets).astype(np.float32)


def count_rows(texts: Sequence[str], rows: FeatureRows) -> Any:  # noqa: ANN401
    """Return the weighted rows of texts as a scipy matrix (texts, rows) of compressed rows."""
    from scipy import sparse  # type: ignore[import-untyped, unused-ignore]

    found = [(block.text_of_piece, rows.entries(block)) for block in blocks(texts)]
    text = np.concatenate([owners[entries.piece] for owners, entries in found] or [np.zeros(0, np.int64)])
    row = np.concatenate([entries.row for _, entries in found] or [np.zeros(0, np.int64)])
    weight = np.concatenate([entries.weight for _, entries in found] or [np.zeros(0, np.float32)])
    return sparse.csr_matrix((weight, (text, row)), shape=(len(texts), len(rows)))


def train_vectors(
    texts: Sequence[str], options: TrainingOptions, teacher: Teacher | None = None
) -> tuple[FeatureRows, FloatArray, dict[str, float]]:
    """Train the vectors of the rows.

    A contrastive loss (InfoNCE, van den Oord et al. 2018, with the other pairs of a batch as negatives) over pairs of
    views of the same code; with a teacher, also the divergence between its softmax over a batch's cosines and ours
    (relational distillation, Park et al. 2019).

    Parameters
    ----------
    texts : sequence of str
        Functions, best of all.
    options : TrainingOptions
        How to train.
    teacher : Teacher or None
        What to learn from besides.

    Returns
    -------
    rows : FeatureRows
        The features.
    vectors : ndarray (rows, dimensions) float32
        Their vectors; longer counts for more.
    losses : dict
        Mean loss of the last tenth of the batches of each pair.
    """
    random = np.random.default_rng(options.seed)
    rows, weights = choose_rows([text[:MOST_CHARS] for text in texts], options)
    names = collect_names(texts, _RENAMING_POOL)
    views = [make_views(text, names, random) for text in texts]
    counted = {name: count_rows([getattr(view, name) for view in views], rows) for name in _view_names()}
    pairs = [_complete_pairs(counted[a], counted[b]) for a, b, _ in PAIRS]
    usable = np.array([share if len(pair) > 1 else 0.0 for pair, (_, _, share) in zip(pairs, PAIRS, strict=True)])
    start = random.standard_normal((len(rows), options.dimensions)) * weights[:, None]
    descent = _Descent(start.astype(np.float32), options)
    lessons: Any = count_rows(teacher.texts, rows) if teacher is not None else None
    losses: dict[str, list[float]] = {}
    for step in range(options.steps if usable.any() else 0):
        rate = options.rate * (1 - step / options.steps)
        if teacher is not None and random.random() < options.teaching:
            chosen = _draw(random, np.arange(len(teacher.texts)), options.batch)
            name, loss = "teacher", descent.imitate(lessons[chosen], teacher.vectors[chosen], rate)
        else:
            which = int(random.choice(len(PAIRS), p=usable / usable.sum()))
            (a, b, _), chosen = PAIRS[which], _draw(random, pairs[which], options.batch)
            name, loss = f"{a} and {b}", descent.tell_apart(counted[a][chosen], counted[b][chosen], rate)
        if step >= 0.9 * options.steps:
            losses.setdefault(name, []).append(loss)
    return rows, descent.vectors, {name: float(np.mean(some)) for name, some in sorted(losses.items())}


def _view_names() -> list[str]:
    return sorted({name for a, b, _ in PAIRS for name in (a, b)})


def _complete_pairs(first: Any, second: Any) -> NDArray[np.int64]:  # noqa: ANN401
    """Return the texts that have both views."""
    found: NDArray[np.int64] = np.flatnonzero((np.diff(first.indptr) > 0) & (np.diff(second.indptr) > 0))
    return found


def _draw(random: np.random.Generator, numbers: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    return np.sort(random.choice(numbers, size=min(most, len(numbers)), replace=False))


class _Descent:
    """Stochastic gradient descent in which each row has a step size of its own (row-wise RMSProp)."""

    def __init__(self, vectors: FloatArray, options: TrainingOptions) -> None:
        self.vectors = vectors
        self._temperature = options.temperature
        self._length = float(np.sqrt((vectors * vectors).sum(axis=1)).mean())
        self._squares = np.zeros(len(vectors), dtype=np.float32)

    def tell_apart(self, first: Any, second: Any, rate: float) -> float:  # noqa: ANN401
        """Move the two views of a pair together and apart from those of the other pairs; return the loss."""
        from scipy import sparse

        both = sparse.vstack([first, second]).tocsr()
        unit, norms = self._embed(both)
        count = first.shape[0]
        cosines = unit[:count] @ unit[count:].T / self._temperature
        forward, backward = _softmax(cosines), _softmax(cosines.T).T
        matched = np.arange(count)
        loss = float(-np.log(forward[matched, matched] + 1e-12).mean())
        slope = (forward + backward) / 2
        slope[matched, matched] -= 1
        slope /= self._temperature * count
        self._move(both, np.vstack([slope @ unit[count:], slope.T @ unit[:count]]), unit, norms, rate)
        return loss

    def imitate(self, counted: Any, taught: FloatArray, rate: float) -> float:  # noqa: ANN401
        """Bring the cosines within a batch nearer to the teacher's; return the divergence."""
        unit, norms = self._embed(counted)
        ours, theirs = unit @ unit.T / self._temperature, taught @ taught.T / self._temperature
        np.fill_diagonal(ours, -1e4)
        np.fill_diagonal(theirs, -1e4)
        ours, theirs = _softmax(ours), _softmax(theirs)
        slope = (ours - theirs) / (self._temperature * len(unit))
        self._move(counted, (slope + slope.T) @ unit, unit, norms, rate)
        return float((theirs * (np.log(theirs + 1e-9) - np.log(ours + 1e-9))).sum(axis=1).mean())

    def _embed(self, counted: Any) -> tuple[FloatArray, FloatArray]:  # noqa: ANN401
        sums = counted @ self.vectors
        norms = np.sqrt((sums * sums).sum(axis=1, keepdims=True)) + np.float32(1e-9)
        return sums / norms, norms

    def _move(self, counted: Any, slope: FloatArray, unit: FloatArray, norms: FloatArray, rate: float) -> None:  # noqa: ANN401
        """Take a step down: from the slope by unit vectors to that by rows."""
        slope = ((slope - (slope * unit).sum(axis=1, keepdims=True) * unit) / norms).astype(np.float32)
        touched = np.unique(counted.indices)
        gradient = counted[:, touched].T.tocsr() @ slope
        squares = (gradient * gradient).sum(axis=1)
        before = self._squares[touched]
        mixed = _MEMORY_OF_GRADIENTS * before + (1 - _MEMORY_OF_GRADIENTS) * squares
        self._squares[touched] = np.where(before == 0, squares, mixed)
        size = rate * self._length / np.sqrt(self._squares[touched] + np.float32(1e-20))
        self.vectors[touched] -= (size[:, None] * gradient).astype(np.float32)


def _softmax(rows: FloatArray) -> FloatArray:
    powers = np.exp(rows - rows.max(axis=1, keepdims=True))
    share: FloatArray = powers / powers.sum(axis=1, keepdims=True)
    return share
