"""What the stages of near-deduplication leave for each other, each file with the scheme that it was made by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from textbooks.dedup.greedy import FlatSets
from textbooks.dedup.scheme import Scheme
from textbooks.errors import InputError, ParametersChangedError
from textbooks.storage import publish

__all__ = [
    "Shards",
    "common_scheme",
    "read_header",
    "read_table",
    "same_scheme",
    "signature_file",
    "write_sets",
    "write_table",
]

_HEADER = b"textbooks_minhash"
Numbers = NDArray[np.int64]


def signature_file(folder: str | Path, shard: int) -> Path:
    """Return where the signatures of a shard stand."""
    return Path(folder) / "signatures" / f"{shard:05d}.parquet"


class Described(Protocol):
    """What files are made by."""

    def as_dict(self) -> dict[str, Any]:
        """Return everything that bears on them by name, as plain JSON types."""
        ...


def write_table(path: Path, columns: Mapping[str, Any], scheme: Described, **more: Any) -> None:  # noqa: ANN401
    """Publish columns with a header: the scheme, and further facts of plain JSON types."""
    header = json.dumps({"scheme": scheme.as_dict(), **more}, sort_keys=True).encode()
    table = pa.table(dict(columns)).replace_schema_metadata({_HEADER: header})
    with publish(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def read_header(path: Path) -> dict[str, Any]:
    """Return the header of a file.

    Raises
    ------
    InputError
        If the file is not there, is damaged, or is none of ours.
    """
    try:
        header: dict[str, Any] = json.loads(pq.read_schema(path).metadata[_HEADER])
    except (OSError, pa.ArrowInvalid, TypeError, KeyError, ValueError) as error:
        msg = f"{path} is no file of near-deduplication, or an earlier stage did not finish: {error}"
        raise InputError(msg) from error
    return header


def read_table(path: Path, columns: Iterable[str] | None = None) -> pa.Table:
    """Return some or all columns of a file."""
    return pq.read_table(path, columns=None if columns is None else list(columns))


def write_sets(folder: str | Path, shard: int, hashes: NDArray[np.uint64]) -> None:
    """Publish the sets of a shard, one after the other, so that they can be mapped into memory."""
    with publish(_sets_file(folder, shard)) as temporary, temporary.open("wb") as file:
        np.save(file, hashes, allow_pickle=False)


def same_scheme(schemes: Mapping[Path, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the scheme of files.

    Raises
    ------
    ParametersChangedError
        If two files were made by different ones; the message names each difference.
    """
    [(first, expected), *others] = schemes.items()
    for path, other in others:
        names = sorted({*expected, *other})
        differences = [
            f"{n} {expected.get(n)!r} and {other.get(n)!r}" for n in names if expected.get(n) != other.get(n)
        ]
        if differences:
            msg = f"{first} and {path} were made by different schemes and cannot be mixed: {', '.join(differences)}"
            raise ParametersChangedError(msg)
    return expected


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


@dataclass(frozen=True, slots=True)
class Shards:
    """All signatures in a folder.

    Attributes
    ----------
    folder : Path
    numbers : list of int
        The shards there are, ascending.
    offsets : ndarray of int64, shape (n_shards + 1,)
        Documents before each shard: a document's number is the offset of its shard plus its row.
    scheme : Scheme
    fingerprints : list of str
        Of the texts and ranks of each shard.
    """

    folder: Path
    numbers: list[int]
    offsets: Numbers
    scheme: Scheme
    fingerprints: list[str]

    @property
    def fingerprint(self) -> str:
        """That of all shards together."""
        return hashlib.blake2b("".join(self.fingerprints).encode(), digest_size=16).hexdigest()

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
        files = sorted((Path(folder) / "signatures").glob("*.parquet"), key=lambda file: int(file.stem))
        if not files:
            msg = f"no signatures in {folder}: run MinHashSignature first"
            raise InputError(msg)
        headers = {file: read_header(file) for file in files}
        scheme = common_scheme({file: header["scheme"] for file, header in headers.items()})
        fingerprints = [header["fingerprint"] for header in headers.values()]
        rows = [pq.read_metadata(file).num_rows for file in files]
        return cls(Path(folder), [int(file.stem) for file in files], np.cumsum([0, *rows]), scheme, fingerprints)

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
