"""The educational-value model: texts in, scores from 0 to 5 out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from threadpoolctl import threadpool_limits

from textbooks.embedders.static import StaticEmbedder
from textbooks.errors import ModelFormatError
from textbooks.modelfile import read_model_file, write_model_file
from textbooks.scoring.calibration import OrdinalCuts
from textbooks.scoring.class_probabilities import ClassProbabilities
from textbooks.scoring.cut_choice import choose_cuts
from textbooks.scoring.explanation import Contribution, Explanation
from textbooks.scoring.features import FEATURE_NAMES, measure
from textbooks.scoring.first_level import WORD_FEATURE_NAMES, FirstLevel
from textbooks.scoring.forest import Forest
from textbooks.scoring.kernel_model import KernelModel
from textbooks.scoring.labelled_corpus import check_groups, check_labels, check_representative
from textbooks.scoring.mark_model import MarkModel, check_marks
from textbooks.scoring.training import (
    FOREST_WEIGHT,
    KERNEL_WEIGHT,
    MEANING_WEIGHT,
    FittedParts,
    blend,
    fit_parts,
    kernel_inputs,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from os import PathLike

    from numpy.typing import NDArray

FORMAT = "textbooks.edu-value"
FORMAT_VERSION = 3

COLUMN_NAMES: tuple[str, ...] = (*FEATURE_NAMES, *WORD_FEATURE_NAMES)
"""Names of the columns that the forests read."""

_TEXTS_AT_ONCE = 256
_LABELS_FOR_CUTS = 300


class _Readings(NamedTuple):
    """What the second level reads of some texts."""

    columns: NDArray[np.float32]
    kernel: NDArray[np.float32]
    meaning: NDArray[np.float32]


class EduValueModel:
    """A model of the educational value of Python files: forests and support vectors as arrays.

    Ours, after section 2.1 of the paper: a random forest, trained on ratings of a language model, predicts a file's
    educational value for a student whose goal is to learn basic coding concepts. The paper's forest reads the output
    embedding of a pretrained code model; this one reads structure, style, names, prose and words, blends a forest
    with support vectors over features, word vectors and the vectors of ``StaticEmbedder``, and needs numpy and
    tree-sitter only.

    Make one with ``bundled``, ``load`` or ``fit``. Every text gets a score, broken code too. A score depends on its
    text alone: bitwise the same in any batch, order or process.
    """

    def __init__(self, parts: FittedParts, training: dict[str, Any]) -> None:
        """Put a model together from its parts.

        Parameters
        ----------
        parts : FittedParts
            Its forests read ``COLUMN_NAMES``.
        training : dict
            Figures of the training, for the record; what JSON can hold.

        Raises
        ------
        ValueError
            If the parts do not fit together.
        """
        forests = (parts.forest, *parts.marks.forests.values())
        self._embedder = StaticEmbedder()
        inputs = [len(FEATURE_NAMES) + parts.words.vectors.inputs, self._embedder.dimensions]
        given = [len(parts.kernel.center), len(parts.meaning.center)]
        if {forest.features for forest in forests} != {len(COLUMN_NAMES)} or given != inputs:
            msg = f"the forests must read {len(COLUMN_NAMES)} columns and the support vectors {inputs} inputs"
            raise ValueError(msg)
        self.training = training
        self._parts = parts

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        labels: Sequence[float],
        *,
        groups: Sequence[Hashable] | None = None,
        representative: Sequence[bool] | None = None,
        marks: Mapping[str, Sequence[bool]] | None = None,
        seed: int = 0,
        trees: int = 400,
    ) -> Self:
        """Train a model on labelled texts. Needs scikit-learn.

        Parameters
        ----------
        texts : sequence of str
            At least 20 texts.
        labels : sequence of float
            Their educational value, 0 to 5.
        groups : sequence of hashable, optional
            The repository or package of each text: texts of one group resemble each other and are held out
            together where parts of the model are chosen. Default: each text is its own group.
        representative : sequence of bool, optional
            Which texts are a fair sample of what will be judged: they alone set where classes begin and how likely
            they are. Texts that were picked because they seemed good should be False. Default: all.
        marks : mapping of str to sequence of bool, optional
            Yes-or-no marks of the texts, by name, to be told by `explain`.
        seed : int, default 0
            The same texts, labels and seed give the same model.
        trees : int, default 400
            Boosted trees of the forest, at least 1, beside a quarter as many averaged ones; more are slower, larger
            and slightly better.

        Returns
        -------
        EduValueModel
            The model; ``training`` holds the number of texts and the held-out mean absolute error.

        Raises
        ------
        ValueError
            If there are fewer than 20 texts, labels outside [0, 5] or all equal, lengths that differ, fewer than
            three groups, or no tree.
        """
        values = check_labels(labels, len(texts))
        if trees < 1:
            msg = f"trees must be at least 1, got {trees}"
            raise ValueError(msg)
        named, counted = check_groups(groups, len(texts)), check_representative(representative, len(texts))
        told = check_marks(marks, len(texts))
        # Threads change how sums round, and slow these small products down.
        with threadpool_limits(limits=1):
            parts = fit_parts(texts, values, named, representative=counted, marks=told, seed=seed, trees=trees)
        error = float(np.abs(parts.held_out - values).mean())
        training = {"texts": len(texts), "seed": seed, "trees": trees, "held_out_mean_absolute_error": round(error, 4)}
        return cls(parts, training)

    @classmethod
    def bundled(cls) -> EduValueModel:
        """Return the model that ships with the package, read once in each process.

        Returns
        -------
        EduValueModel
            Trained on 4,100 files rated by a language model (``data/RUBRIC.md``).
        """
        return _bundled()

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Score texts.

        Parameters
        ----------
        texts : sequence of str
            Any texts; Python files are what the model was trained on.

        Returns
        -------
        ndarray (n,) float64
            Educational value in [0, 5], higher is better; rounded, it is the class of the rubric.
        """
        scores = np.empty(len(texts))
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            readings = self._read(texts[start : start + _TEXTS_AT_ONCE])
            scores[start : start + _TEXTS_AT_ONCE] = self._parts.cuts.scores(self._raw(readings))
        return scores

    def class_probabilities(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how likely each class of the rubric is at some scores.

        Parameters
        ----------
        scores : ndarray (n,) float64
            What `score` returned.

        Returns
        -------
        ndarray (n, 6) float64
            Rows of sum 1. Calibrated on held-out scores of the training: of the texts at a score, this share had the
            label.
        """
        return self._parts.probabilities.of(np.asarray(scores, dtype=np.float64))

    def marks(self, texts: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """Return how likely each yes-or-no mark of the training is.

        Parameters
        ----------
        texts : sequence of str
            Any texts.

        Returns
        -------
        dict of str to ndarray (n,) float64
            By the mark's name, in [0, 1]; empty where the model was trained without marks. The bundled model knows
            self_contained, boilerplate, algorithmic and documented.
        """
        found: dict[str, list[NDArray[np.float64]]] = {name: [] for name in self._parts.marks.forests}
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            columns, _, _ = self._measure(texts[start : start + _TEXTS_AT_ONCE])
            for name, likely in self._parts.marks.predict(columns).items():
                found[name].append(likely)
        return {name: np.concatenate([np.empty(0), *parts]) for name, parts in found.items()}

    def calibrate(self, texts: Sequence[str], labels: Sequence[float]) -> EduValueModel:
        """Return a model of the same forests whose classes begin where labels of one's own say.

        With fewer than 300 labels the scale is shifted and stretched; from 300 on each class gets a cut of its own.
        The order of texts by score stays as it is, but for ties. Needs scikit-learn.

        Parameters
        ----------
        texts : sequence of str
            At least 20 texts, drawn at random from the corpus that will be judged.
        labels : sequence of float
            Their educational value, 0 to 5, by a person or a language model.

        Raises
        ------
        ValueError
            If there are fewer than 20 texts, labels outside [0, 5] or all equal, or lengths that differ.
        """
        values = check_labels(labels, len(texts))
        raw = np.concatenate(
            [self._raw(self._read(texts[k : k + _TEXTS_AT_ONCE])) for k in range(0, len(texts), _TEXTS_AT_ONCE)]
        )
        classes = np.rint(values).astype(np.int64)
        few = len(texts) < _LABELS_FOR_CUTS
        cuts = self._parts.cuts.moved(raw, values) if few else choose_cuts(raw, classes)
        probabilities = ClassProbabilities.fit(cuts.scores(raw), classes)
        training = {**self.training, "calibrated_on": len(texts)}
        return EduValueModel(replace(self._parts, cuts=cuts, probabilities=probabilities), training)

    def explain(self, text: str, top: int = 8) -> Explanation:
        """Tell the score of a text, how likely each class is, its marks, and what moved the score most.

        Parameters
        ----------
        text : str
            Any text.
        top : int, default 8
            Number of features to name, at least 0.

        Returns
        -------
        Explanation
            Prints as plain text; a notebook shows it as a table.

        Raises
        ------
        ValueError
            If ``top`` is negative.
        """
        if top < 0:
            msg = f"top must be at least 0, got {top}"
            raise ValueError(msg)
        readings = self._read([text])
        raw = self._raw(readings)
        score = self._parts.cuts.scores(raw)
        marks = self._parts.marks.predict(readings.columns)
        return Explanation(
            score=float(score[0]),
            probabilities=tuple(self.class_probabilities(score)[0].tolist()),
            marks={name: float(values[0]) for name, values in marks.items()},
            contributions=(*self._contributions(readings, top), _rest("calibration", float(score[0] - raw[0]))),
        )

    def _contributions(self, readings: _Readings, top: int) -> list[Contribution]:
        base, shares = self._parts.forest.contributions(readings.columns[0])
        effects = FOREST_WEIGHT * shares
        order = np.argsort(-np.abs(effects), kind="stable")
        named = [
            Contribution(COLUMN_NAMES[column], float(readings.columns[0, column]), float(effects[column]))
            for column in order[:top]
        ]
        near = float(self._parts.kernel.predict(readings.kernel)[0])
        alike = float(self._parts.meaning.predict(readings.meaning)[0])
        return [
            *named,
            _rest("other features", float(effects[order[top:]].sum())),
            _rest("similar texts", KERNEL_WEIGHT * (near - base) + MEANING_WEIGHT * (alike - base)),
            _rest("average text", base),
        ]

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model to one file, the same bytes for the same model.

        Parameters
        ----------
        path : str or path-like
            The file, by convention ``.npz``.
        """
        parts = self._parts
        header = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "features": list(COLUMN_NAMES),
            "words": list(parts.words.words.words),
            "marks": list(parts.marks.forests),
            "embedder": self._embedder.identity,
            "training": self.training,
        }
        arrays: dict[str, NDArray[Any]] = {
            **parts.words.to_arrays(),
            **parts.forest.to_arrays(),
            **parts.kernel.to_arrays("kernel"),
            **parts.meaning.to_arrays("meaning"),
            **parts.marks.to_arrays(),
            "cuts": parts.cuts.cuts,
            "probabilities": parts.probabilities.at_least,
        }
        write_model_file(Path(path), header, arrays)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Read a model that ``save`` wrote.

        Parameters
        ----------
        path : str or path-like
            The file.

        Returns
        -------
        EduValueModel
            A model that gives the same scores, bitwise.

        Raises
        ------
        ModelFormatError
            If the file is no educational-value model, is damaged, or was written for other features. It is a
            ValueError.
        OSError
            If the file cannot be read.
        """
        header, arrays = read_model_file(Path(path))
        _check_header(header, Path(path))
        try:
            parts = FittedParts(
                words=FirstLevel.from_arrays(header["words"], arrays),
                forest=Forest.from_arrays(arrays),
                kernel=KernelModel.from_arrays("kernel", arrays),
                meaning=KernelModel.from_arrays("meaning", arrays),
                cuts=OrdinalCuts(arrays["cuts"]),
                probabilities=ClassProbabilities(arrays["probabilities"]),
                marks=MarkModel.from_arrays(header["marks"], arrays),
                held_out=np.empty(0),
            )
            return cls(parts, dict(header["training"]))
        except (KeyError, TypeError, ValueError, IndexError) as problem:
            msg = f"{path} is a damaged educational-value model: {problem}"
            raise ModelFormatError(msg) from problem

    def _read(self, texts: Sequence[str]) -> _Readings:
        columns, kernel, windows = self._measure(texts)
        return _Readings(columns, kernel, meaning=self._embedder.embed(windows))

    def _measure(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32], list[str]]:
        """Return what the forests read, what the kernel model reads, and the rated windows."""
        features, words, windows = measure(texts)
        columns, pooled = self._parts.words.predict_split(words)
        return np.concatenate((features, columns), axis=1), kernel_inputs(features, pooled), windows

    def _raw(self, readings: _Readings) -> NDArray[np.float64]:
        return blend(
            self._parts.forest.predict(readings.columns),
            self._parts.kernel.predict(readings.kernel),
            self._parts.meaning.predict(readings.meaning),
        )


def _rest(name: str, effect: float) -> Contribution:
    return Contribution(name, float("nan"), effect)


def _check_header(header: dict[str, Any], path: Path) -> None:
    if header.get("format") != FORMAT:
        msg = f"{path} is not an educational-value model: its format is {header.get('format')!r}"
        raise ModelFormatError(msg)
    if header.get("version") != FORMAT_VERSION:
        msg = f"{path} has format version {header.get('version')!r}, this release reads {FORMAT_VERSION}"
        raise ModelFormatError(msg)
    if header.get("features") != list(COLUMN_NAMES):
        msg = f"{path} was written for other features than this release measures"
        raise ModelFormatError(msg)
    if header.get("embedder") != (identity := StaticEmbedder().identity):
        msg = f"{path} was fitted on vectors of {header.get('embedder')!r}, this release has {identity!r}: train anew"
        raise ModelFormatError(msg)


@cache
def _bundled() -> EduValueModel:
    with as_file(files("textbooks.scoring") / "data" / "edu_value.npz") as path:
        return EduValueModel.load(path)
