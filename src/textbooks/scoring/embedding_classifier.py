"""The paper's filter: a random forest on the embedding of the code."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from textbooks.errors import ModelFormatError
from textbooks.modelfile import read_model_file, write_model_file
from textbooks.scoring.calibration import MAX_SCORE
from textbooks.scoring.class_forest import ClassForest, expected_class, fit_class_forest, held_out_scores
from textbooks.scoring.labelled_corpus import check_groups, check_labels

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from os import PathLike

    from numpy.typing import NDArray

    from textbooks.embedders.base import Embedder

__all__ = ["EmbeddingClassifier"]

FORMAT = "textbooks.embedding-classifier"
FORMAT_VERSION = 1


class EmbeddingClassifier:
    """A random forest on embeddings, as in the paper's section 2.1: code to embedding to educational value.

    The paper trains a random forest classifier on "the output embedding of a pretrained codegen model", with labels of
    a language model, and says nothing of the forest's settings: ours are scikit-learn's, that is 100 trees grown until
    their leaves are pure. Any `textbooks.embedders.Embedder` does; `TransformersEmbedder` is the paper's.

    Make one with ``fit`` or ``load``. A score depends on the text's vector alone.

    Parameters
    ----------
    forest : ClassForest
        Reads vectors of the embedder.
    classes : sequence of int
        What the forest's columns stand for, increasing: classes of the rubric, or 0 and 1 for "is it useful".
    embedder : Embedder
        Of the identity that the forest was trained with.
    training : dict
        Figures of the training, for the record; what JSON can hold.

    Raises
    ------
    ValueError
        If the parts do not fit together.
    """

    def __init__(
        self, forest: ClassForest, classes: Sequence[int], embedder: Embedder, training: dict[str, Any]
    ) -> None:
        if forest.features != embedder.dimensions:
            msg = f"the forest reads vectors of length {forest.features}, the embedder gives {embedder.dimensions}"
            raise ValueError(msg)
        rising = all(low < high for low, high in pairwise(classes))
        if len(classes) != forest.classes or not rising or classes[0] < 0 or classes[-1] > MAX_SCORE:
            msg = f"{forest.classes} increasing classes in 0 to {MAX_SCORE} are needed, got {list(classes)}"
            raise ValueError(msg)
        self.classes = tuple(int(one) for one in classes)
        self.embedder = embedder
        self.training = training
        self._forest = forest

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        scores: Sequence[float],
        *,
        embedder: Embedder,
        groups: Sequence[Hashable] | None = None,
        useful_from: float | None = None,
        seed: int = 0,
        trees: int = 100,
    ) -> Self:
        """Train on labelled texts.

        Parameters
        ----------
        texts : sequence of str
            At least 20 texts.
        scores : sequence of float
            Their educational value, 0 to 5, by a person or a language model; rounded, they are the classes.
        embedder : Embedder
            Turns texts into vectors.
        groups : sequence of hashable, optional
            The repository or package of each text. When given, the error on groups that are held out is measured too
            (five more forests), and noted in ``training``.
        useful_from : float, optional
            Learn two classes alone, as a filter needs: 1 where the score is *at least* this, in (0, 5], else 0.
        seed : int, default=0
            The same vectors, scores and seed give the same forest.
        trees : int, default=100
            Trees of the forest, at least 1: scikit-learn's default.

        Returns
        -------
        EmbeddingClassifier
            The classifier.

        Raises
        ------
        ValueError
            If there are fewer than 20 texts, scores outside [0, 5] or all of one class, lengths that differ, fewer than
            three groups, or an argument is out of range.
        """
        wanted = _classes_of(scores, len(texts), useful_from, trees)
        training = {"texts": len(texts), "seed": seed, "trees": trees, "useful_from": useful_from}
        names = None if groups is None else check_groups(groups, len(texts))
        vectors = embedder.embed(texts)
        if names is not None:
            held_out = held_out_scores(vectors, wanted, names, seed=seed, trees=trees, folds=5)
            training["held_out_mean_absolute_error"] = round(float(np.abs(held_out - wanted).mean()), 4)
        forest, classes = fit_class_forest(vectors, wanted, seed=seed, trees=trees)
        return cls(forest, classes, embedder, training)

    @staticmethod
    def held_out_scores(
        texts: Sequence[str],
        scores: Sequence[float],
        *,
        embedder: Embedder,
        groups: Sequence[Hashable],
        useful_from: float | None = None,
        seed: int = 0,
        trees: int = 100,
        folds: int = 5,
    ) -> NDArray[np.float64]:
        """Score each text by a classifier that has not seen its group: cross-validation, embedding once.

        Parameters
        ----------
        texts, scores, embedder, groups, useful_from, seed, trees
            As of ``fit``.
        folds : int, default=5
            Parts, at least 2; a group is in one part. Fewer where there are fewer groups.

        Returns
        -------
        ndarray (n,) float64
            What ``score`` would say, for figures of agreement with `scores`.

        Raises
        ------
        ValueError
            As of ``fit``.
        """
        wanted = _classes_of(scores, len(texts), useful_from, trees)
        if folds < 2:
            msg = f"folds must be at least 2, got {folds!r}"
            raise ValueError(msg)
        names = check_groups(groups, len(texts))
        return held_out_scores(embedder.embed(texts), wanted, names, seed=seed, trees=trees, folds=folds)

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the probability of each class.

        Parameters
        ----------
        texts : sequence of str
            Any texts.

        Returns
        -------
        ndarray (n, classes) float64
            Columns in the order of ``classes``; rows add up to 1, up to rounding. Bit-equal to scikit-learn's forest on
            the same vectors.
        """
        return self._forest.predict_proba(self.embedder.embed(texts))

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Score texts.

        Parameters
        ----------
        texts : sequence of str
            Any texts.

        Returns
        -------
        ndarray (n,) float64
            The expected class: in [0, 5], or with `useful_from` the probability of being useful, in [0, 1].
        """
        return expected_class(self.predict_proba(texts), self.classes)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the classifier to one file, without the embedder's model: the same bytes for the same classifier.

        Parameters
        ----------
        path : str or path-like
            The file, by convention ``.npz``.
        """
        header = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "embedder": self.embedder.identity,
            "classes": list(self.classes),
            "training": self.training,
        }
        arrays = self._forest.to_arrays()
        write_model_file(Path(path), {**header, "sha256": _checksum(header, arrays)}, arrays)

    @classmethod
    def load(cls, path: str | PathLike[str], *, embedder: Embedder) -> Self:
        """Read a classifier that ``save`` wrote.

        Parameters
        ----------
        path : str or path-like
            The file.
        embedder : Embedder
            One of the same identity as in training.

        Returns
        -------
        EmbeddingClassifier
            A classifier that gives the same scores for the same vectors, bitwise.

        Raises
        ------
        ModelFormatError
            If the file is no such classifier, is damaged, of another version, or was trained with another embedder.
        OSError
            If the file cannot be read.
        """
        header, arrays = read_model_file(Path(path))
        _check_header(header, arrays, Path(path))
        if header["embedder"] != embedder.identity:
            msg = f"{path} was trained with the embedder {header['embedder']!r}, got {embedder.identity!r}"
            raise ModelFormatError(msg)
        try:
            return cls(ClassForest.from_arrays(arrays), header["classes"], embedder, dict(header["training"]))
        except (KeyError, TypeError, ValueError, IndexError) as problem:
            msg = f"{path} is a damaged classifier: {problem}"
            raise ModelFormatError(msg) from problem


def _classes_of(scores: Sequence[float], texts: int, useful_from: float | None, trees: int) -> NDArray[np.int64]:
    if trees < 1:
        msg = f"trees must be at least 1, got {trees!r}"
        raise ValueError(msg)
    if useful_from is not None and not 0 < useful_from <= MAX_SCORE:
        msg = f"useful_from must be above 0 and at most {MAX_SCORE}, got {useful_from!r}"
        raise ValueError(msg)
    values = check_labels(scores, texts)
    # Halves go up: a score of at least 2.5 is of class 3.
    classes = np.floor(values + 0.5) if useful_from is None else values >= useful_from
    if np.all(classes == classes[0]):
        msg = f"scores must be of two classes at least, got {classes[0]:g} for every text"
        raise ValueError(msg)
    return classes.astype(np.int64)


def _checksum(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> str:
    content = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        content.update(f"{name} {array.dtype.str} {array.shape}".encode())
        content.update(np.ascontiguousarray(array).tobytes())
    return content.hexdigest()


def _check_header(header: dict[str, Any], arrays: Mapping[str, NDArray[Any]], path: Path) -> None:
    if header.get("format") != FORMAT:
        msg = f"{path} is not a classifier on embeddings: its format is {header.get('format')!r}"
        raise ModelFormatError(msg)
    if header.get("version") != FORMAT_VERSION:
        msg = f"{path} has format version {header.get('version')!r}, this release reads {FORMAT_VERSION}"
        raise ModelFormatError(msg)
    written = header.pop("sha256", None)
    if written != _checksum(header, arrays) or "embedder" not in header:
        msg = f"{path} is a damaged classifier: its checksum is not that of its content"
        raise ModelFormatError(msg)
