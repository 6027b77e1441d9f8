"""What the stages of near-deduplication leave for each other, each file with the scheme that it was made by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from textbooks.dedup.minhash.scheme import Scheme
from textbooks.dedup.semantic.greedy import FlatSets
from textbooks.dedup.shards import ShardSet
from textbooks.dedup.tables import read_table, same_scheme
from textbooks.errors import ParametersChangedError
from textbooks.storage import publish

__all__ = ["Shards", "common_scheme", "signature_file", "write_sets"]

Numbers = NDArray[np.int64]


def signature_file(folder: str | Path, shard: int) -> Path:
    """Return where the signatures of a shard stand."""
    return Path(folder) / "signatures" / f"{shard:05d}.parquet"


def write_sets(folder: str | Path, shard: int, hashes: NDArray[np.uint64]) -> None:
    """Publish the sets of a shard, one after the other, so that they can be mapped into memory."""
    with publish(_sets_file(folder, shard)) as temporary, temporary.open("wb") as file:
        np.save(file, hashes, allow_pickle=False)


def common_scheme(schemes: Mapping[Path, Mapping[str, Any]]) -> Scheme:
    """Return the scheme of files of signatures.

    Raises
    ------
    ParametersChangedError
        See `same_scheme`; also if it is one of another version.
    """
    expected = same_scheme(schemes)
    try:
        return Scheme(**expected)
    except TypeError as error:
        msg = f"{next(iter(schemes))} was made by another version of textbooks: {error}"
        raise ParametersChangedError(msg) from error


@dataclass(frozen=True)
class Shards(ShardSet):
    """All signatures in a folder.

    Attributes
    ----------
    scheme : Scheme
    """

    scheme: Scheme

    @classmethod
    def open(cls, folder: str | Path) -> Shards:
        """Find the signatures.

        Raises
        ------
        InputError
            If there are none.
        ParametersChangedError
            If they were made by different schemes, or by another version.
        """
        found, schemes = cls.find(folder, "signatures", missing="no signatures in {}: run MinHashSignature first")
        return cls(*found, common_scheme(schemes))

    def columns(self, *names: str) -> pa.Table:
        """Return columns of all documents, by number."""
        return pa.concat_tables(read_table(signature_file(self.folder, shard), names) for shard in self.numbers)

    def take(self, documents: Numbers, *names: str) -> pa.Table:
        """Return columns of some documents, ascending by number; one shard is read at a time."""
        edges = np.searchsorted(documents, self.offsets)
        parts = [
            read_table(signature_file(self.folder, shard), names).take(
                documents[edges[place] : edges[place + 1]] - self.offsets[place]
            )
            for place, shard in enumerate(self.numbers)
        ]
        return pa.concat_tables(parts)

    def sets(self, documents: Numbers, begins: Numbers, sizes: Numbers) -> FlatSets:
        """Return the sets of some documents.

        Parameters
        ----------
        documents, begins, sizes : ndarray of int64, shape (n,)
            Their numbers, where their sets begin in the files of their shards, and how many hashes they have.
        """
        bounds = np.cumsum([0, *sizes.tolist()], dtype=np.int64)
        hashes = np.empty(bounds[-1], dtype=np.uint64)
        places = np.searchsorted(self.offsets, documents, side="right") - 1
        for place in np.unique(places).tolist():
            stored = np.load(_sets_file(self.folder, self.numbers[place]), mmap_mode="r", allow_pickle=False)
            for row in np.flatnonzero(places == place).tolist():
                hashes[bounds[row] : bounds[row + 1]] = stored[begins[row] : begins[row] + sizes[row]]
        return FlatSets(hashes, bounds)


def _sets_file(folder: str | Path, shard: int) -> Path:
    return Path(folder) / "sets" / f"{shard:05d}.npy"
