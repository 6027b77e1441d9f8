"""The embedder for machines without a GPU: a table of vectors for words and shapes of code."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from textbooks.embedders.static_table import FeatureRows, sum_rows, unit_rows
from textbooks.errors import ModelFormatError
from textbooks.modelfile import read_model_file, write_model_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from numpy.typing import NDArray

    from textbooks.embedders.static_training import Teacher

__all__ = ["StaticEmbedder"]

FORMAT = "textbooks.static-embedder"
FORMAT_VERSION = 1

_LARGEST = 127
_TEXTS_AT_ONCE = 1024
_LARGEST_VOCABULARY = 50_000
# Values beyond this many standard deviations are cut, so that the others keep more levels.
_CUT_AT_DEVIATIONS = 8.0
_LEVELS_PER_DEVIATION = 8.0


class _Table:
    """The rows, the vectors, and what they were learnt from."""

    def __init__(self, rows: FeatureRows, vectors: NDArray[np.int8], training: Mapping[str, Any]) -> None:
        if vectors.ndim != 2 or len(vectors) != len(rows) or vectors.shape[1] < 1:
            msg = f"{len(rows)} rows need as many vectors, got an array of shape {vectors.shape}"
            raise ValueError(msg)
        self.rows, self.vectors, self.training = rows, vectors, dict(training)
        digest = hashlib.sha256(rows.keys.tobytes() + vectors.tobytes()).hexdigest()[:16]
        kind = f"textbooks.StaticEmbedder format={FORMAT_VERSION}"
        self.identity = f"{kind} dimensions={vectors.shape[1]} sha256={digest}"


class StaticEmbedder:
    """Embeds texts as sums of the vectors of their words and shapes, with numpy alone.

    Ours. A text's features are the parts of its names and prose (``parseHTTPHeader`` is parse, http, header), its
    operators, and every run of three tokens of code in which all names are one but keywords, builtins and common
    methods, so that renaming changes little. Each feature has a vector; a text's is their sum, weighted by
    ``log2(1 + occurrences)``, at unit length. The vectors were learnt by telling pairs of views of one function
    (docstring and code, two halves, a renamed copy) apart from others.

    Every byte of a text is read, in pieces of 32 KiB, so that memory stays flat; time grows with the length. All sums
    are of whole numbers and exact: a row is bit-equal for any batch, order or process.

    Parameters
    ----------
    model : path or None, default=None
        A file of ``save``; None for the one that ships.

    Raises
    ------
    ModelFormatError
        On first use, if the file is foreign, damaged or of another version.
    OSError
        On first use, if it cannot be read.
    """

    def __init__(self, *, model: str | PathLike[str] | None = None) -> None:
        self.model = model
        self._table: _Table | None = None

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._loaded().vectors.shape[1])

    @property
    def identity(self) -> str:
        """Kind, version of the format, and a digest of the vectors, as one line."""
        return self._loaded().identity

    @property
    def training(self) -> dict[str, Any]:
        """What the vectors were learnt from and how, for the record."""
        return dict(self._loaded().training)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector a text.

        Parameters
        ----------
        texts : sequence of str
            Any texts: empty, broken, with lone surrogates or NUL characters.

        Returns
        -------
        ndarray (n, dimensions) float32
            Of unit L2 norm; a text without a word, operator or shape that is known gives the zero vector.
        """
        table = self._loaded()
        vectors = np.empty((len(texts), table.vectors.shape[1]), dtype=np.float32)
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            some = texts[start : start + _TEXTS_AT_ONCE]
            vectors[start : start + len(some)] = unit_rows(sum_rows(some, table.rows, table.vectors))
        return vectors

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        *,
        dimensions: int = 384,
        vocabulary: int = 27_000,
        steps: int = 600,
        seed: int = 0,
        teacher: Teacher | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> Self:
        """Train an embedder on code. Needs scipy, which comes with scikit-learn.

        Parameters
        ----------
        texts : sequence of str
            Functions, best of all; a few thousand at least for vectors of use.
        dimensions : int, default 384
            Length of a vector, at least 1. Longer finds more, takes more space, and is slower.
        vocabulary : int, default 27000
            Features with a vector of their own, 3 to 50,000: two thirds words, one third shapes of code. Words beyond
            them share further rows, a seventh as many.
        steps : int, default 600
            Batches of training, at least 0; 0 leaves random vectors, which compare words and shapes as they stand.
        seed : int, default 0
            The same texts, options and seed give the same bytes on one machine.
        teacher : Teacher or None, default=None
            Texts with vectors of a larger embedder to learn from besides.
        about : mapping or None, default=None
            What else to write down in ``training``; what JSON can hold.

        Returns
        -------
        StaticEmbedder
            Ready to embed and to save.

        Raises
        ------
        ValueError
            If there is no text or an option is out of range.
        """
        _check_options(len(texts), dimensions, vocabulary, steps)
        from textbooks.embedders.static_training import TrainingOptions, train_vectors

        shapes = vocabulary // 3
        options = TrainingOptions(
            dimensions=dimensions,
            words=vocabulary - shapes,
            shapes=shapes,
            buckets=vocabulary // 7,
            steps=steps,
            seed=seed,
        )
        rows, vectors, losses = train_vectors(texts, options, teacher)
        rounded = {name: round(loss, 4) for name, loss in losses.items()}
        training = {"texts": len(texts), "options": asdict(options), "losses": rounded, **(about or {})}
        embedder = cls()
        embedder._table = _Table(rows, _quantise(vectors), training)
        return embedder

    def save(self, path: str | PathLike[str]) -> None:
        """Write the embedder to one .npz file, replaced where it stands: the same embedder gives the same bytes."""
        table = self._loaded()
        header = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "buckets": table.rows.buckets,
            "identity": table.identity,
            "training": table.training,
        }
        write_model_file(Path(path), header, {"keys": table.rows.keys, "vectors": table.vectors})

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Read a file of ``save``, at once.

        Raises
        ------
        ModelFormatError
            If the file is foreign, damaged or of another version.
        OSError
            If it cannot be read.
        """
        embedder = cls(model=path)
        embedder._loaded()
        return embedder

    def _loaded(self) -> _Table:
        if self._table is None:
            self._table = _bundled() if self.model is None else _read(Path(self.model))
        return self._table

    def __getstate__(self) -> dict[str, Any]:
        """Leave the table behind where it can be read again: a worker loads its own."""
        again = self._table is None or self.model is not None or self._table is _bundled()
        return {"model": self.model, "_table": None if again else self._table}

    def __repr__(self) -> str:
        """Show the constructor call."""
        return f"StaticEmbedder(model={self.model!r})"


def _check_options(texts: int, dimensions: int, vocabulary: int, steps: int) -> None:
    for name, value, least in (("dimensions", dimensions, 1), ("vocabulary", vocabulary, 3), ("steps", steps, 0)):
        if value < least:
            msg = f"{name} must be at least {least}, got {value}"
            raise ValueError(msg)
    if vocabulary > _LARGEST_VOCABULARY:
        msg = f"vocabulary must be at most {_LARGEST_VOCABULARY}, got {vocabulary}"
        raise ValueError(msg)
    if not texts:
        msg = "texts must hold at least one text, got none"
        raise ValueError(msg)


def _quantise(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Round to whole numbers of one scale: the error of a sum is the same whichever features it holds."""
    deviation = float(np.sqrt(np.mean(np.square(vectors, dtype=np.float64)))) or 1.0
    cut = np.clip(vectors / deviation, -_CUT_AT_DEVIATIONS, _CUT_AT_DEVIATIONS) * _LEVELS_PER_DEVIATION
    levels: NDArray[np.int8] = np.clip(np.rint(cut), -_LARGEST, _LARGEST).astype(np.int8)
    return levels


@cache
def _bundled() -> _Table:
    with as_file(files("textbooks.embedders") / "data" / "static.npz") as path:
        return _read(path)


def _read(path: Path) -> _Table:
    header, arrays = read_model_file(path)
    found = header.get("format"), header.get("version")
    if found != (FORMAT, FORMAT_VERSION):
        msg = f"{path} holds {found[0]} {found[1]}, not {FORMAT} {FORMAT_VERSION}"
        raise ModelFormatError(msg)
    try:
        keys, vectors = arrays["keys"], arrays["vectors"]
        if keys.dtype != np.uint64 or vectors.dtype != np.int8 or keys.ndim != 1:
            msg = f"keys are {keys.dtype}, vectors {vectors.dtype}"
            raise ValueError(msg)
        table = _Table(FeatureRows(keys, int(header["buckets"])), vectors, header["training"])
        if table.identity != header["identity"]:
            msg = "its content does not match its checksum"
            raise ValueError(msg)
    except (KeyError, TypeError, ValueError) as problem:
        msg = f"{path} is a damaged static embedder: {problem}"
        raise ModelFormatError(msg) from problem
    return table
