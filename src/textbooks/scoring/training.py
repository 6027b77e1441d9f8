"""Fitting the educational-value model: words, forest, kernel and cuts, each held out from the texts it is read for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from textbooks.scoring.class_probabilities import ClassProbabilities
from textbooks.scoring.cut_choice import choose_cuts
from textbooks.scoring.first_level import FirstLevel
from textbooks.scoring.forest import Forest
from textbooks.scoring.forest_blend import blend_forests, boosted_forest
from textbooks.scoring.kernel_model import KernelModel
from textbooks.scoring.labelled_corpus import LabelledCorpus, split_groups
from textbooks.scoring.mark_model import MarkModel
from textbooks.scoring.word_model import WordModel, word_weights
from textbooks.scoring.word_vectors import inverse_document_frequencies

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    from textbooks.scoring.calibration import OrdinalCuts

_RIDGE_PENALTY = 1.5
_LEARNING_RATES_SUM = 12.0
_MAX_LEARNING_RATE = 0.25
_AVERAGED_SHARE = 4  # one averaged tree for so many boosted ones: they are large
_NEAR_GAMMA = 0.3
_KERNEL_GAMMA, _KERNEL_DIMENSIONS = 0.6, 64
_MEANING_GAMMA, _MEANING_DIMENSIONS = 1.0, 128

FOREST_WEIGHT, KERNEL_WEIGHT, MEANING_WEIGHT = 0.7, 0.15, 0.15
"""Weights in the score before calibration: of the forest, and of the two models of support vectors."""


@dataclass(frozen=True, slots=True)
class FittedParts:
    """What fitting yields.

    Attributes
    ----------
    words : FirstLevel
        What reads the words.
    forest : Forest
        The forest over features and the first level's columns.
    kernel : KernelModel
        The support vectors over features and mean vectors.
    meaning : KernelModel
        The support vectors over what ``StaticEmbedder`` makes of a text.
    cuts : OrdinalCuts
        Class cuts on the scale of all three together.
    probabilities : ClassProbabilities
        Of each class at a score.
    marks : MarkModel
        Forests for yes-or-no marks; empty without any.
    held_out : ndarray (n,) float64
        Scores that the texts get from models which have not seen their group.
    """

    words: FirstLevel
    forest: Forest
    kernel: KernelModel
    meaning: KernelModel
    cuts: OrdinalCuts
    probabilities: ClassProbabilities
    marks: MarkModel
    held_out: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Samples:
    """What the second level reads of the texts, and what it shall say."""

    columns: NDArray[np.float32]
    kernel: NDArray[np.float32]
    meaning: NDArray[np.float32]
    importance: NDArray[np.float64]
    targets: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _SecondLevel:
    """What gives the score before calibration."""

    forest: Forest
    kernel: KernelModel
    meaning: KernelModel

    def predict(self, samples: _Samples, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the raw scores of some texts."""
        return blend(
            self.forest.predict(samples.columns[rows]),
            self.kernel.predict(samples.kernel[rows]),
            self.meaning.predict(samples.meaning[rows]),
        )


def kernel_inputs(features: NDArray[np.float32], pooled: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the kernel model reads: features, their tails squashed by a signed square root, and mean vectors."""
    squashed = np.sign(features) * np.sqrt(np.abs(features))
    return np.concatenate((squashed, pooled), axis=1)


def fit_parts(
    texts: Sequence[str],
    labels: NDArray[np.float64],
    groups: Sequence[Hashable],
    *,
    representative: NDArray[np.bool_],
    marks: Mapping[str, NDArray[np.bool_]],
    seed: int,
    trees: int,
) -> FittedParts:
    """Fit every part of the model.

    The forest reads the first level's columns for each text as predicted by models that have not seen the text's
    group, and cuts and probabilities are learned on held-out scores: otherwise they would trust what they read too
    much.

    Parameters
    ----------
    texts : sequence of str
        The labelled texts.
    labels : ndarray (n,) float64
        Their scores, 0 to 5 (``check_labels``).
    groups : sequence of hashable
        What the texts belong to (``check_groups``): texts of one group are held out together.
    representative : ndarray (n,) bool
        Texts that set the cuts and the probabilities (``check_representative``).
    marks : mapping of str to ndarray (n,) bool
        Yes-or-no marks to learn too.
    seed : int
        Seeds the folds and the trees.
    trees : int
        Boosted trees of the forest; it has a quarter as many averaged ones.

    Returns
    -------
    FittedParts
        The parts.
    """
    corpus = LabelledCorpus.measure(texts, labels, groups, seed)
    every = np.arange(len(texts))
    words = _fit_first_level(corpus, every)
    samples = _second_level_samples(corpus, words, seed)
    raw = np.empty(len(texts))
    for training, testing in split_groups(corpus.group, seed):
        raw[testing] = _fit_second_level(samples, training, seed, trees).predict(samples, testing)
    classes = np.rint(labels).astype(np.int64)
    cuts = choose_cuts(raw[representative], classes[representative])
    held_out = cuts.scores(raw)
    second = _fit_second_level(samples, every, seed, trees)
    return FittedParts(
        words=words,
        forest=second.forest,
        kernel=second.kernel,
        meaning=second.meaning,
        cuts=cuts,
        probabilities=ClassProbabilities.fit(held_out[representative], classes[representative]),
        marks=MarkModel.fit(samples.columns, marks, seed=seed),
        held_out=held_out,
    )


def blend(
    forest: NDArray[np.float64], kernel: NDArray[np.float64], meaning: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the raw score of texts from their values by each part."""
    return FOREST_WEIGHT * forest + KERNEL_WEIGHT * kernel + MEANING_WEIGHT * meaning


def _fit_first_level(corpus: LabelledCorpus, rows: NDArray[np.int64]) -> FirstLevel:
    words = _fit_words(corpus, rows)
    pooled = corpus.vectors.pool(corpus.counts_of(rows), words.rarity)
    dimensions = pooled.shape[1]
    importance = np.full(dimensions, 1.0 / dimensions)
    near = KernelModel.fit(
        pooled, corpus.targets[rows, 0], importance=importance, dimensions=dimensions, gamma=_NEAR_GAMMA
    )
    return FirstLevel(words, corpus.vectors, near)


def _fit_words(corpus: LabelledCorpus, rows: NDArray[np.int64]) -> WordModel:
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
    from sklearn.linear_model import Ridge

    counts = corpus.counts_of(rows)
    rarity = inverse_document_frequencies(counts)
    weights = csr_matrix((word_weights(counts, rarity), (counts.text, counts.word)), shape=counts.shape)
    ridge = Ridge(_RIDGE_PENALTY, solver="sparse_cg", tol=1e-4).fit(weights, corpus.targets[rows])
    return WordModel(
        words=corpus.words,
        rarity=rarity,
        coefficients=np.ascontiguousarray(ridge.coef_.T, dtype=np.float32),
        intercepts=np.asarray(ridge.intercept_, dtype=np.float64),
    )


def _second_level_samples(corpus: LabelledCorpus, words: FirstLevel, seed: int) -> _Samples:
    """Return what the second level is fitted on: the first level's columns from models that did not see the group."""
    parts = []
    for training, testing in split_groups(corpus.group, seed + 1):
        model = _fit_first_level(corpus, training)
        counts = corpus.counts_of(testing)
        parts.append((testing, model.columns(counts, model.vectors.pool(counts, model.words.rarity))))
    order = np.argsort(np.concatenate([testing for testing, _ in parts]))
    held_out = np.concatenate([columns for _, columns in parts])[order]
    pooled = corpus.vectors.pool(corpus.counts, words.words.rarity)
    return _Samples(
        columns=np.concatenate((corpus.features, held_out), axis=1),
        kernel=kernel_inputs(corpus.features, pooled),
        meaning=corpus.meaning,
        # Half of the distance between two texts is that of their features, half that of their words.
        importance=np.repeat([0.5, 0.5], [corpus.features.shape[1], pooled.shape[1]])
        / np.repeat([corpus.features.shape[1], pooled.shape[1]], [corpus.features.shape[1], pooled.shape[1]]),
        targets=corpus.targets[:, 0],
    )


def _fit_second_level(samples: _Samples, rows: NDArray[np.int64], seed: int, trees: int) -> _SecondLevel:
    from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor

    columns, targets = samples.columns[rows], samples.targets[rows]
    averaged: Any = ExtraTreesRegressor(
        max(trees // _AVERAGED_SHARE, 1), min_samples_leaf=3, max_features=0.3, random_state=seed, n_jobs=1
    )
    boosted: Any = GradientBoostingRegressor(
        learning_rate=min(_MAX_LEARNING_RATE, _LEARNING_RATES_SUM / trees),
        n_estimators=trees,
        max_depth=5,
        max_features=0.1,
        min_samples_leaf=min(8, len(rows) // 4),
        subsample=0.6,
        random_state=seed,
    )
    averaged.fit(columns, targets)
    boosted.fit(columns, targets)
    forest = blend_forests([Forest.from_sklearn(averaged), boosted_forest(boosted)], [0.5, 0.5])
    kernel = KernelModel.fit(
        samples.kernel[rows],
        targets,
        importance=samples.importance,
        dimensions=_KERNEL_DIMENSIONS,
        gamma=_KERNEL_GAMMA,
    )
    inputs = samples.meaning.shape[1]
    meaning = KernelModel.fit(
        samples.meaning[rows],
        targets,
        importance=np.full(inputs, 1.0 / inputs),
        dimensions=_MEANING_DIMENSIONS,
        gamma=_MEANING_GAMMA,
    )
    return _SecondLevel(forest, kernel, meaning)
