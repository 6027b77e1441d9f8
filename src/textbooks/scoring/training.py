"""Fitting the educational-value model: word models, forest, cuts, all held out from the texts that they judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from textbooks.scoring.calibration import MAX_SCORE, OrdinalCuts
from textbooks.scoring.features import extract_features
from textbooks.scoring.forest import Forest
from textbooks.scoring.forest_blend import blend_forests, boosted_forest
from textbooks.scoring.word_model import (
    WordCounts,
    WordModel,
    choose_words,
    count_words,
    split_words,
    word_weights,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

MIN_TEXTS = 20
"""Fewest texts that a model is fitted on."""

MIN_GROUPS = 3
"""Fewest groups: one is held out for the cuts, one of the others for the word models."""

_FOLDS = 5
_MIN_GROUPS_PER_WORD = 3
_RIDGE_PENALTY = 1.5
_LEARNING_RATES_SUM = 12.5
_MAX_LEARNING_RATE = 0.25


@dataclass(frozen=True, slots=True)
class FittedParts:
    """What fitting yields.

    Attributes
    ----------
    words : WordModel
        Linear models over words.
    forest : Forest
        The forest over features and word models.
    cuts : OrdinalCuts
        Class cuts on the forest's scale.
    held_out : ndarray (n,) float64
        Scores that the texts get from models which have not seen their group.
    """

    words: WordModel
    forest: Forest
    cuts: OrdinalCuts
    held_out: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Corpus:
    """Labelled texts, measured once."""

    features: NDArray[np.float32]
    counts: WordCounts
    words: tuple[str, ...]
    targets: NDArray[np.float64]
    group: NDArray[np.int64]


def check_labels(labels: Sequence[float], texts: int) -> NDArray[np.float64]:
    """Return the labels as numbers.

    Parameters
    ----------
    labels : sequence of float
        One score a text, 0 to 5.
    texts : int
        Number of texts.

    Returns
    -------
    ndarray (texts,) float64
        The labels.

    Raises
    ------
    ValueError
        If there are fewer than 20, not one a text, all the same, or any outside [0, 5] or not a number.
    """
    values = np.asarray(labels, dtype=np.float64)
    if values.shape != (texts,):
        msg = f"labels must be one number a text, got shape {values.shape} for {texts} texts"
        raise ValueError(msg)
    if texts < MIN_TEXTS:
        msg = f"at least {MIN_TEXTS} labelled texts are needed, got {texts}"
        raise ValueError(msg)
    wrong = values[~((values >= 0) & (values <= MAX_SCORE))]
    if len(wrong):
        msg = f"labels must be in [0, {MAX_SCORE}], got {wrong[0]}"
        raise ValueError(msg)
    if np.all(values == values[0]):
        msg = f"labels must differ, got {values[0]} for every text"
        raise ValueError(msg)
    return values


def check_groups(groups: Sequence[Hashable] | None, texts: int) -> Sequence[Hashable]:
    """Return the group of each text, its own where ``groups`` is None.

    Raises
    ------
    ValueError
        If there is not one a text, or fewer than three different ones.
    """
    if groups is None:
        return range(texts)
    if len(groups) != texts:
        msg = f"groups must be one a text, got {len(groups)} for {texts} texts"
        raise ValueError(msg)
    if (different := len(set(groups))) < MIN_GROUPS:
        msg = f"at least {MIN_GROUPS} different groups are needed to hold some out twice, got {different}"
        raise ValueError(msg)
    return groups


def fit_parts(
    texts: Sequence[str],
    labels: NDArray[np.float64],
    groups: Sequence[Hashable],
    *,
    seed: int,
    trees: int,
) -> FittedParts:
    """Fit every part of the model.

    The forest reads the word models' values for each text as predicted by word models that have not seen the text's
    group, and the cuts are chosen on held-out values of the forest: otherwise both would trust words too much.

    Parameters
    ----------
    texts : sequence of str
        The labelled texts.
    labels : ndarray (n,) float64
        Their scores, 0 to 5 (``check_labels``).
    groups : sequence of hashable
        What the texts belong to (``check_groups``): texts of one group are held out together.
    seed : int
        Seeds the folds and the trees.
    trees : int
        Size of the forest.

    Returns
    -------
    FittedParts
        The parts.
    """
    corpus = _measure(texts, labels, groups)
    every = np.arange(len(texts))
    held_out = np.empty(len(texts))
    for training, testing in _split(corpus.group, seed):
        held_out[testing] = _fit_and_predict(corpus, training, testing, seed, trees)
    cuts = OrdinalCuts.fit(held_out, np.rint(labels).astype(np.int64))
    words = _fit_words(corpus, every)
    forest = _fit_forest(corpus, every, seed, trees)
    return FittedParts(words=words, forest=forest, cuts=cuts, held_out=cuts.scores(held_out))


def _measure(texts: Sequence[str], labels: NDArray[np.float64], groups: Sequence[Hashable]) -> _Corpus:
    codes: dict[Hashable, int] = {}
    group = np.array([codes.setdefault(name, len(codes)) for name in groups], dtype=np.int64)
    batch = [split_words(text) for text in texts]
    # Texts without words still need a column: one that no text has.
    words = choose_words(batch, groups, _MIN_GROUPS_PER_WORD) or ("",)
    at_least = [labels >= k - 0.5 for k in range(1, MAX_SCORE + 1)]
    return _Corpus(
        features=extract_features(texts),
        counts=count_words(batch, {word: column for column, word in enumerate(words)}),
        words=words,
        targets=np.stack([labels, *at_least], axis=1).astype(np.float64),
        group=group,
    )


def _split(group: NDArray[np.int64], seed: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return folds that keep each group on one side."""
    from sklearn.model_selection import GroupKFold

    splitter = GroupKFold(min(_FOLDS, len(np.unique(group))), shuffle=True, random_state=seed)
    return [(training, testing) for training, testing in splitter.split(group, groups=group)]


def _rows(counts: WordCounts, rows: NDArray[np.int64]) -> WordCounts:
    """Return the counts of some texts, in the order given."""
    place = np.full(counts.shape[0], -1)
    place[rows] = np.arange(len(rows))
    kept = place[counts.text] >= 0
    text = place[counts.text[kept]]
    order = np.argsort(text, kind="stable")
    columns = (text[order], counts.word[kept][order], counts.count[kept][order])
    return WordCounts(*columns, shape=(len(rows), counts.shape[1]))


def _fit_words(corpus: _Corpus, rows: NDArray[np.int64]) -> WordModel:
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
    from sklearn.linear_model import Ridge

    counts = _rows(corpus.counts, rows)
    texts_with_word = np.bincount(counts.word, minlength=len(corpus.words))
    rarity = (np.log((len(rows) + 1) / (texts_with_word + 1)) + 1).astype(np.float32)
    weights = csr_matrix((word_weights(counts, rarity), (counts.text, counts.word)), shape=counts.shape)
    ridge = Ridge(_RIDGE_PENALTY, solver="sparse_cg", tol=1e-4).fit(weights, corpus.targets[rows])
    return WordModel(
        words=corpus.words,
        rarity=rarity,
        coefficients=np.ascontiguousarray(ridge.coef_.T, dtype=np.float32),
        intercepts=np.asarray(ridge.intercept_, dtype=np.float64),
    )


def _samples(corpus: _Corpus, rows: NDArray[np.int64], word_values: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.concatenate((corpus.features[rows], word_values.astype(np.float32)), axis=1)


def _fit_forest(corpus: _Corpus, rows: NDArray[np.int64], seed: int, trees: int) -> Forest:
    from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor

    word_values = np.empty((len(rows), corpus.targets.shape[1]))
    for training, testing in _split(corpus.group[rows], seed + 1):
        model = _fit_words(corpus, rows[training])
        word_values[testing] = model.predict(_rows(corpus.counts, rows[testing]))
    samples, targets = _samples(corpus, rows, word_values), corpus.targets[rows, 0]
    averaged: Any = ExtraTreesRegressor(trees, min_samples_leaf=3, max_features=0.3, random_state=seed, n_jobs=1)
    boosted: Any = GradientBoostingRegressor(
        learning_rate=min(_MAX_LEARNING_RATE, _LEARNING_RATES_SUM / trees),
        n_estimators=trees,
        max_depth=5,
        max_features=0.1,
        min_samples_leaf=min(8, len(rows) // 4),
        subsample=0.6,
        random_state=seed,
    )
    averaged.fit(samples, targets)
    boosted.fit(samples, targets)
    return blend_forests([Forest.from_sklearn(averaged), boosted_forest(boosted)], [0.5, 0.5])


def _fit_and_predict(
    corpus: _Corpus, training: NDArray[np.int64], testing: NDArray[np.int64], seed: int, trees: int
) -> NDArray[np.float64]:
    words = _fit_words(corpus, training)
    forest = _fit_forest(corpus, training, seed, trees)
    return forest.predict(_samples(corpus, testing, words.predict(_rows(corpus.counts, testing))))
