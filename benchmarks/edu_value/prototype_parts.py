"""Parts that the educational-value model might be blended from, each fitted on the folds of a cross-validation.

What a part predicts for the files that a fold holds out is kept in a folder, one file a part and fold, so that blends
of parts cost nothing. Unlabelled files of the names that a fold holds out are left out of the fold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from labelled import LabelledFiles
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.model_selection import GroupKFold
from sklearn.neural_network import MLPRegressor
from sklearn.svm import SVR

from textbooks.embedders import StaticEmbedder
from textbooks.scoring.features import extract_features
from textbooks.scoring.kernel_model import KernelModel
from textbooks.scoring.labelled_corpus import LabelledCorpus
from textbooks.scoring.training import _fit_first_level, _second_level_samples, kernel_inputs
from textbooks.scoring.window import rated_window
from textbooks.scoring.word_model import choose_words, count_words, split_words
from textbooks.scoring.word_vectors import WordVectors

FOLDS = 5
Floats = NDArray[np.float64]
ThreeSets = tuple[Floats, Floats, Floats]
"""Rows of the training files, of those held out, and of the unlabelled ones."""

_CLIP = 4.0
_COPIES_OF_LABELLED, _MOST_UNLABELLED = 3, 8_000


@dataclass(frozen=True)
class Corpus:
    """The labelled files and, behind them, those without a label.

    Attributes
    ----------
    labelled : LabelledFiles
        Labels and texts.
    texts : list of str
        All texts.
    group : ndarray (n,) int64
        Number of each text's repository or package.
    keep : Path
        Folder for what is not to be computed twice.
    """

    labelled: LabelledFiles
    texts: list[str]
    group: NDArray[np.int64]
    keep: Path

    @classmethod
    def read(cls, labelled: LabelledFiles, unlabelled: Path, keep: Path) -> Corpus:
        """Put the rows of ``unlabelled_texts.py`` behind the labelled files."""
        rows = [json.loads(line) for line in unlabelled.read_text("utf-8").splitlines()]
        names = labelled.groups + [row["name"] for row in rows]
        code = {name: number for number, name in enumerate(dict.fromkeys(names))}
        keep.mkdir(parents=True, exist_ok=True)
        texts = labelled.texts + [row["text"] for row in rows]
        return cls(labelled, texts, np.array([code[name] for name in names]), keep)

    @property
    def scores(self) -> Floats:
        """The labels."""
        return np.array(self.labelled.scores)

    @cached_property
    def words(self) -> list[list[str]]:
        """The words of every text."""
        return [split_words(text) for text in self.texts]

    @cached_property
    def measured(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Features of every text, and the vectors of the rated windows."""
        path = self.keep / "measured.npz"
        if not path.exists():
            windows = [rated_window(text) for text in self.texts]
            np.savez(path, features=extract_features(self.texts), vectors=StaticEmbedder().embed(windows))
        with np.load(path) as kept:
            return kept["features"], kept["vectors"]

    def folds(self, repeat: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Return (training, held out) of each fold, the folds of ``cross_validate``."""
        group = self.group[: len(self.labelled.texts)]
        splitter = GroupKFold(FOLDS, shuffle=True, random_state=repeat) if repeat else GroupKFold(FOLDS)
        return list(splitter.split(group, groups=group))


@dataclass(frozen=True)
class Fold:
    """One fold of one repeat."""

    corpus: Corpus
    repeat: int
    number: int

    @cached_property
    def rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Rows of the training files, of those held out, and of the unlabelled ones of other names."""
        training, held_out = self.corpus.folds(self.repeat)[self.number]
        labelled = len(self.corpus.labelled.texts)
        other = ~np.isin(self.corpus.group[labelled:], self.corpus.group[held_out])
        return training, held_out, np.flatnonzero(other) + labelled

    @property
    def scores(self) -> Floats:
        """Labels of the training files."""
        return self.corpus.scores[self.rows[0]]

    def predictions(self, part: str) -> tuple[Floats, Floats]:
        """Return what a part says of the files held out and of the unlabelled ones, computed once."""
        path = self.corpus.keep / f"{part}_{self.repeat}_{self.number}.npz"
        if not path.exists():
            held_out, unlabelled = PARTS[part](self)
            np.savez(path, held_out=held_out, unlabelled=unlabelled)
            print(f"repeat {self.repeat}, fold {self.number}: {part}", flush=True)
        with np.load(path) as kept:
            return kept["held_out"], kept["unlabelled"]

    def columns(self, *, broad: bool) -> ThreeSets:
        """Return what the forests read: features and the first level's columns."""
        level = self.first_level(broad=broad)
        features = self.corpus.measured[0]
        return _three(np.concatenate((features[rows], level[k][0]), axis=1) for k, rows in enumerate(self.rows))

    def kernel_columns(self, *, broad: bool, vectors: bool = False) -> tuple[ThreeSets, Floats]:
        """Return what the support vectors read, and the importance of each column."""
        level, (features, embedded) = self.first_level(broad=broad), self.corpus.measured
        blocks = [kernel_inputs(features[rows], level[k][1]) for k, rows in enumerate(self.rows)]
        sizes = [features.shape[1], blocks[0].shape[1] - features.shape[1]]
        shares = [0.5, 0.5]
        if vectors:
            blocks = [
                np.concatenate((block, embedded[rows]), axis=1) for block, rows in zip(blocks, self.rows, strict=True)
            ]
            sizes, shares = [*sizes, embedded.shape[1]], [0.4, 0.4, 0.2]
        importance = [np.full(size, share / size) for size, share in zip(sizes, shares, strict=True)]
        return _three(blocks), np.concatenate(importance)

    def first_level(self, *, broad: bool) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Return columns and mean vectors of the three sets; word vectors of unlabelled files too if broad."""
        name = "broad" if broad else "labelled"
        path = self.corpus.keep / f"level_{name}_{self.repeat}_{self.number}.npz"
        if not path.exists():
            np.savez(path, **_first_level(self, broad=broad))
        with np.load(path) as kept:
            return [(kept[f"columns_{k}"], kept[f"pooled_{k}"]) for k in range(3)]


def _three(blocks: Any) -> ThreeSets:  # noqa: ANN401
    training, held_out, unlabelled = blocks
    return training, held_out, unlabelled


def _first_level(fold: Fold, *, broad: bool) -> dict[str, NDArray[np.float32]]:
    """Fit the first level; a training file's columns come from models that have not seen its group."""
    corpus, (training, held_out, unlabelled) = fold.corpus, fold.rows
    batch = [corpus.words[row] for row in training]
    words = choose_words(batch, corpus.group[training].tolist(), 3)
    column = {word: number for number, word in enumerate(words)}
    read = batch + [corpus.words[row] for row in unlabelled] if broad else batch
    at_least = [fold.scores >= k - 0.5 for k in range(1, 6)]
    labelled = LabelledCorpus(
        features=corpus.measured[0][training],
        counts=count_words(batch, column),
        words=words,
        meaning=corpus.measured[1][training],
        vectors=WordVectors.fit(read, count_words(read, column), words, dimensions=96, seed=0),
        targets=np.stack([fold.scores, *at_least], axis=1).astype(np.float64),
        group=np.unique(corpus.group[training], return_inverse=True)[1],
    )
    level = _fit_first_level(labelled, np.arange(len(training)))
    samples = _second_level_samples(labelled, level, 0)
    features = labelled.features.shape[1]
    found = {"columns_0": samples.columns[:, features:], "pooled_0": samples.kernel[:, features:]}
    for k, rows in ((1, held_out), (2, unlabelled)):
        counts = count_words([corpus.words[row] for row in rows], column)
        found[f"pooled_{k}"] = labelled.vectors.pool(counts, level.words.rarity)
        found[f"columns_{k}"] = level.columns(counts, found[f"pooled_{k}"])
    return found


def project(sets: ThreeSets, importance: Floats, dimensions: int, fitted_on: Sequence[int]) -> ThreeSets:
    """Standardise and project on the principal axes of some of the sets, as ``KernelModel.fit`` does."""
    seen = np.concatenate([sets[k] for k in fitted_on]).astype(np.float64)
    center, spread = seen.mean(axis=0), seen.std(axis=0)
    scale = np.where(spread > 0, 1.0 / np.maximum(spread, 1e-9), 0.0)
    placed = [np.clip((rows - center) * scale, -_CLIP, _CLIP) * np.sqrt(importance) for rows in sets]
    standard = np.concatenate([placed[k] for k in fitted_on])
    axes = np.linalg.eigh(standard.T @ standard)[1][:, ::-1][:, :dimensions]
    return _three(rows @ axes for rows in placed)


def trees(fold: Fold, *, broad: bool) -> tuple[Floats, Floats]:
    """Averaged trees, as the model has them."""
    columns = fold.columns(broad=broad)
    fitted = ExtraTreesRegressor(100, min_samples_leaf=3, max_features=0.3, random_state=0, n_jobs=1)
    fitted.fit(columns[0], fold.scores)
    return fitted.predict(columns[1]), fitted.predict(columns[2])


def boosted(fold: Fold, *, broad: bool) -> tuple[Floats, Floats]:
    """Boosted trees, as the model has them."""
    columns = fold.columns(broad=broad)
    options = {"max_depth": 5, "max_features": 0.1, "min_samples_leaf": 8, "subsample": 0.6, "random_state": 0}
    fitted = GradientBoostingRegressor(learning_rate=0.03, n_estimators=400, **options)
    fitted.fit(columns[0], fold.scores)
    return fitted.predict(columns[1]), fitted.predict(columns[2])


def near(fold: Fold, *, broad: bool, dimensions: int, vectors: bool = False) -> tuple[Floats, Floats]:
    """Support vectors; if broad, scaling and axes are those of the unlabelled files too."""
    sets, importance = fold.kernel_columns(broad=broad, vectors=vectors)
    places = project(sets, importance, dimensions, (0, 2) if broad else (0,))
    fitted = SVR(C=2.0, gamma=0.6, epsilon=0.2, cache_size=500).fit(places[0], fold.scores)
    return fitted.predict(places[1]), fitted.predict(places[2])


def near_vectors(fold: Fold) -> tuple[Floats, Floats]:
    """Support vectors on ``StaticEmbedder``'s vectors of the rated windows."""
    training, held_out, unlabelled = (fold.corpus.measured[1][rows] for rows in fold.rows)
    fitted = SVR(C=2.0, gamma=1.0, epsilon=0.2, cache_size=500).fit(training, fold.scores)
    return fitted.predict(held_out), fitted.predict(unlabelled)


def meaning(fold: Fold) -> tuple[Floats, Floats]:
    """Do the same with vectors that are standardised and projected to 128 axes: what the model has."""
    training, held_out, unlabelled = (fold.corpus.measured[1][rows] for rows in fold.rows)
    importance = np.full(training.shape[1], 1.0 / training.shape[1])
    fitted = KernelModel.fit(training, fold.scores, importance=importance, dimensions=128, gamma=1.0)
    return fitted.predict(held_out), fitted.predict(unlabelled)


def useful(fold: Fold) -> tuple[Floats, Floats]:
    """Logit of class 3 or higher by boosted trees that learn that alone."""
    columns = fold.columns(broad=True)
    options = {"max_depth": 5, "max_features": 0.1, "min_samples_leaf": 8, "subsample": 0.6, "random_state": 1}
    fitted = GradientBoostingClassifier(learning_rate=0.04, n_estimators=250, **options)
    fitted.fit(columns[0], fold.scores >= 3)
    return fitted.decision_function(columns[1]), fitted.decision_function(columns[2])


def student(fold: Fold) -> tuple[Floats, Floats]:
    """Two small networks on what the support vectors read: of labels thrice, and of what a blend says of others."""
    sets, _ = fold.kernel_columns(broad=True)
    seen = np.concatenate((sets[0], sets[2]))
    center, spread = seen.mean(axis=0), seen.std(axis=0) + 1e-9
    places = [np.clip((rows - center) / spread, -_CLIP, _CLIP).astype(np.float32) for rows in sets]
    taught = sum(share * fold.predictions(part)[1] for part, share in TEACHER.items())
    chosen = np.random.default_rng(0).permutation(len(places[2]))[:_MOST_UNLABELLED]
    inputs = np.concatenate([places[0]] * _COPIES_OF_LABELLED + [places[2][chosen]])
    targets = np.concatenate([fold.scores] * _COPIES_OF_LABELLED + [taught[chosen]]).astype(np.float32)
    said = []
    for seed in range(2):
        options = {"alpha": 0.3, "learning_rate_init": 0.001, "max_iter": 12, "batch_size": 128, "random_state": seed}
        fitted = MLPRegressor(hidden_layer_sizes=(96,), **options).fit(inputs, targets)
        said.append((fitted.predict(places[1]), fitted.predict(places[2])))
    return (said[0][0] + said[1][0]) / 2, (said[0][1] + said[1][1]) / 2


TEACHER = {"trees_broad": 0.3, "boosted_broad": 0.4, "near_broad_128": 0.3}
"""The blend that rates unlabelled files for the student."""

PARTS: dict[str, Callable[[Fold], tuple[Floats, Floats]]] = {
    "trees": lambda fold: trees(fold, broad=False),
    "boosted": lambda fold: boosted(fold, broad=False),
    "near": lambda fold: near(fold, broad=False, dimensions=64),
    "trees_broad": lambda fold: trees(fold, broad=True),
    "boosted_broad": lambda fold: boosted(fold, broad=True),
    "near_broad_64": lambda fold: near(fold, broad=True, dimensions=64),
    "near_broad_128": lambda fold: near(fold, broad=True, dimensions=128),
    "near_all": lambda fold: near(fold, broad=True, dimensions=192, vectors=True),
    "near_vectors": near_vectors,
    "meaning": meaning,
    "useful": useful,
    "student": student,
}
"""By name; each returns what it says of the files held out and of the unlabelled ones."""
