"""The educational-value model: texts in, scores from 0 to 5 out."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from textbooks.errors import ModelFormatError
from textbooks.scoring.calibration import MAX_SCORE, OrdinalCuts
from textbooks.scoring.features import FEATURE_NAMES, extract_features
from textbooks.scoring.forest import Forest
from textbooks.scoring.model_file import read_model_file, write_model_file
from textbooks.scoring.training import check_groups, check_labels, fit_parts
from textbooks.scoring.word_model import WordModel

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from os import PathLike

    from numpy.typing import NDArray

FORMAT = "textbooks.edu-value"
FORMAT_VERSION = 1

WORD_FEATURE_NAMES: tuple[str, ...] = (
    "words_score",
    *(f"words_at_least_{k}" for k in range(1, MAX_SCORE + 1)),
)
"""Names of the columns that the word models add to ``FEATURE_NAMES``."""

_TEXTS_AT_ONCE = 256


class EduValueModel:
    """A model of the educational value of Python files: a forest over features and word models, on arrays alone.

    Ours, after section 2.1 of the paper: a random forest, trained on ratings of a language model, predicts a file's
    educational value for a student whose goal is to learn basic coding concepts. The paper's forest reads the output
    embedding of a pretrained code model; this one reads structure, names, prose and words, and needs numpy and
    tree-sitter only.

    Make one with ``bundled``, ``load`` or ``fit``. Every text gets a score, broken code too. A score depends on its
    text alone: bitwise the same in any batch, order or process.
    """

    def __init__(self, words: WordModel, forest: Forest, cuts: OrdinalCuts, training: dict[str, Any]) -> None:
        """Put a model together from its parts.

        Parameters
        ----------
        words : WordModel
            Gives the columns ``WORD_FEATURE_NAMES``.
        forest : Forest
            Reads ``FEATURE_NAMES`` and then ``WORD_FEATURE_NAMES``.
        cuts : OrdinalCuts
            Maps the forest's values to scores.
        training : dict
            Figures of the training, for the record; what JSON can hold.

        Raises
        ------
        ValueError
            If the parts do not fit together.
        """
        columns = len(FEATURE_NAMES) + len(WORD_FEATURE_NAMES)
        if forest.features != columns or len(words.intercepts) != len(WORD_FEATURE_NAMES):
            msg = f"the forest must read {columns} columns, got {forest.features}"
            raise ValueError(msg)
        self.training = training
        self._words = words
        self._forest = forest
        self._cuts = cuts

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        labels: Sequence[float],
        *,
        groups: Sequence[Hashable] | None = None,
        seed: int = 0,
        trees: int = 200,
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
        seed : int, default 0
            The same texts, labels and seed give the same model.
        trees : int, default 200
            Trees of the forest, at least 1; more are slower, larger and slightly better.

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
        parts = fit_parts(texts, values, check_groups(groups, len(texts)), seed=seed, trees=trees)
        error = float(np.abs(parts.held_out - values).mean())
        training = {"texts": len(texts), "seed": seed, "trees": trees, "held_out_mean_absolute_error": round(error, 4)}
        return cls(parts.words, parts.forest, parts.cuts, training)

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
            samples = self._samples(texts[start : start + _TEXTS_AT_ONCE])
            scores[start : start + _TEXTS_AT_ONCE] = self._cuts.scores(self._forest.predict(samples))
        return scores

    def explain(self, text: str, top: int = 8) -> list[tuple[str, float]]:
        """Tell which features raised and lowered the score of a text.

        Parameters
        ----------
        text : str
            Any text.
        top : int, default 8
            Number of features to name, at least 0.

        Returns
        -------
        list of (str, float)
            The features of the largest contributions, largest first, then "other features", "average text" (what the
            forest says before it has seen anything) and "calibration" (from the forest's scale to the rubric's). The
            numbers add up to the score.

        Raises
        ------
        ValueError
            If ``top`` is negative.

        Notes
        -----
        Contributions follow the paths through the trees (Saabas, 2014): they explain what the model did, not why the
        text is good.
        """
        if top < 0:
            msg = f"top must be at least 0, got {top}"
            raise ValueError(msg)
        samples = self._samples([text])
        raw = self._forest.predict(samples)
        base, shares = self._forest.contributions(samples[0])
        order = np.argsort(-np.abs(shares), kind="stable")
        names = (*FEATURE_NAMES, *WORD_FEATURE_NAMES)
        named = [(names[column], float(shares[column])) for column in order[:top]]
        calibration = float(self._cuts.scores(raw)[0] - raw[0])
        other = float(shares[order[top:]].sum())
        return [*named, ("other features", other), ("average text", base), ("calibration", calibration)]

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model to one file, the same bytes for the same model.

        Parameters
        ----------
        path : str or path-like
            The file, by convention ``.npz``.
        """
        header = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "features": [*FEATURE_NAMES, *WORD_FEATURE_NAMES],
            "words": list(self._words.words),
            "training": self.training,
        }
        arrays: dict[str, NDArray[Any]] = {
            "word_rarity": self._words.rarity,
            "word_coefficients": self._words.coefficients,
            "word_intercepts": self._words.intercepts,
            **self._forest.to_arrays(),
            "cuts": self._cuts.cuts,
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
            words = WordModel(
                words=tuple(header["words"]),
                rarity=arrays["word_rarity"],
                coefficients=arrays["word_coefficients"],
                intercepts=arrays["word_intercepts"],
            )
            return cls(words, Forest.from_arrays(arrays), OrdinalCuts(arrays["cuts"]), dict(header["training"]))
        except (KeyError, TypeError, ValueError, IndexError) as problem:
            msg = f"{path} is a damaged educational-value model: {problem}"
            raise ModelFormatError(msg) from problem

    def _samples(self, texts: Sequence[str]) -> NDArray[np.float32]:
        word_values = self._words.predict_texts(texts).astype(np.float32)
        return np.concatenate((extract_features(texts), word_values), axis=1)


def _check_header(header: dict[str, Any], path: Path) -> None:
    if header.get("format") != FORMAT:
        msg = f"{path} is not an educational-value model: its format is {header.get('format')!r}"
        raise ModelFormatError(msg)
    if header.get("version") != FORMAT_VERSION:
        msg = f"{path} has format version {header.get('version')!r}, this release reads {FORMAT_VERSION}"
        raise ModelFormatError(msg)
    if header.get("features") != [*FEATURE_NAMES, *WORD_FEATURE_NAMES]:
        msg = f"{path} was written for other features than this release measures"
        raise ModelFormatError(msg)


@cache
def _bundled() -> EduValueModel:
    with as_file(files("textbooks.scoring") / "data" / "edu_value.npz") as path:
        return EduValueModel.load(path)
