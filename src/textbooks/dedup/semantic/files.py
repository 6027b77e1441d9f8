"""What the stages of semantic deduplication leave for each other, each file with what it was made by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from textbooks.dedup.semantic.vectors import Vectors
from textbooks.dedup.shards import ShardSet
from textbooks.dedup.tables import read_table, same_scheme
from textbooks.errors import InputError, ParametersChangedError
from textbooks.storage import publish

__all__ = ["VectorScheme", "VectorShards", "cells_file", "facts_file", "frame_file", "read_arrays", "write_arrays"]

Numbers = NDArray[np.int64]


def facts_file(folder: str | Path, shard: int) -> Path:
    """Return where ranks, digests and sources of a shard stand; its vectors stand beside."""
    return Path(folder) / "vectors" / f"{shard:05d}.parquet"


def frame_file(folder: str | Path) -> Path:
    """Return where centres and basis stand."""
    return Path(folder) / "frame.npz"


def cells_file(folder: str | Path, shard: int) -> Path:
    """Return where the cells and sketches of a shard stand."""
    return Path(folder) / "cells" / f"{shard:05d}.npz"


def write_arrays(path: Path, header: Mapping[str, Any], **arrays: NDArray[Any]) -> None:
    """Publish arrays with a header of plain JSON types."""
    text = np.array(json.dumps(dict(header), sort_keys=True))
    with publish(path) as temporary, temporary.open("wb") as file:
        np.savez(file, header=text, **arrays)  # type: ignore[arg-type]


def read_arrays(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the header of a file and its arrays by name.

    Raises
    ------
    InputError
        If the file is not there, is damaged, or is none of ours.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return json.loads(str(arrays.pop("header"))), arrays
    except (OSError, KeyError, ValueError, BadZipFile, EOFError) as error:
        msg = f"{path} is no file of semantic deduplication, or an earlier stage did not finish: {error}"
        raise InputError(msg) from error


@dataclass(frozen=True)
class VectorScheme:
    """Everything that bears on vectors and ranks: they can be compared only where all of it is the same.

    Attributes
    ----------
    embedder : str
        Its identity.
    dimensions : int
    key : str or None
        What documents are ranked by: the name of an entry of their metadata, ``"(a function)"``, or None.
    precision : str
    version : int
        Of the files.
    """

    embedder: str
    dimensions: int
    key: str | None
    precision: str = "float16"
    version: int = 1

    def as_dict(self) -> dict[str, Any]:
        """Return the attributes by name."""
        return asdict(self)


@dataclass(frozen=True)
class VectorShards(ShardSet):
    """All vectors in a folder; the fingerprints are of texts, ranks and vectors.

    Attributes
    ----------
    scheme : VectorScheme
    """

    scheme: VectorScheme
    _maps: dict[int, Vectors] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def open(cls, folder: str | Path) -> VectorShards:
        """Find the vectors.

        Raises
        ------
        InputError
            If there are none.
        ParametersChangedError
            If they were made by different embedders, ranked by different keys, or made by another version.
        """
        found, schemes = cls.find(folder, "vectors", missing="no vectors in {}: run SemanticEmbeddings first")
        try:
            scheme = VectorScheme(**same_scheme(schemes))
        except TypeError as error:
            msg = f"{next(iter(schemes))} was made by another version of textbooks: {error}"
            raise ParametersChangedError(msg) from error
        return cls(*found, scheme)

    def facts(self, *names: str) -> pa.Table:
        """Return columns of all documents, by number."""
        return pa.concat_tables(read_table(facts_file(self.folder, shard), names) for shard in self.numbers)

    def vectors(self, place: int) -> Vectors:
        """Return the vectors of a shard, mapped into memory."""
        if place not in self._maps:
            path = facts_file(self.folder, self.numbers[place]).with_suffix(".npy")
            self._maps[place] = np.load(path, mmap_mode="r", allow_pickle=False)
        return self._maps[place]

    def rows_of(self, documents: Numbers) -> Vectors:
        """Return the vectors of some documents, by number, in any order."""
        rows = np.empty((len(documents), self.scheme.dimensions), dtype=np.float16)
        places = np.searchsorted(self.offsets, documents, side="right") - 1
        for place in np.unique(places).tolist():
            mine = places == place
            rows[mine] = self.vectors(place)[documents[mine] - self.offsets[place]]
        return rows
