"""What a deduplication over shards knows of documents (rank, length, digest, source), and which shards there are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
from datatrove.data import Document
from numpy.typing import NDArray

from textbooks.dedup.exact_stages import DIGEST, digest
from textbooks.dedup.minhash.scheme import Key, rank_of
from textbooks.dedup.tables import read_header
from textbooks.errors import InputError
from textbooks.records import why_unjudgeable

__all__ = ["ShardFacts", "ShardSet"]


class ShardFacts:
    """The documents of one shard, as they come.

    Parameters
    ----------
    key : callable, str or None
        See `textbooks.dedup.MinHashDeduplicator`.
    """

    def __init__(self, key: Key) -> None:
        self.key = key
        self.characters: list[int] = []
        self.ranks: list[float] = []
        self.digests: list[bytes] = []
        self.sources: list[str] = []
        self.valid: list[bool] = []

    def note(self, documents: Sequence[Document]) -> list[str]:
        """Note documents, and return their texts: an empty one for a document that cannot be judged."""
        valid = [why_unjudgeable(document.text) is None for document in documents]
        texts = [document.text if fits else "" for document, fits in zip(documents, valid, strict=True)]
        self.valid += valid
        self.characters += map(len, texts)
        self.digests += map(digest, texts)
        self.ranks += [rank_of(d, self.key) if fits else 0.0 for d, fits in zip(documents, valid, strict=True)]
        self.sources += [str(document.metadata.get("source", document.id)) for document in documents]
        return texts

    def fingerprint(self) -> str:
        """Return a digest of all texts and ranks in their order, by which the later stages know the shard again."""
        return self._content().hexdigest()

    def _content(self) -> hashlib.blake2b:
        ranks = np.array(self.ranks, dtype="<f8").tobytes()
        return hashlib.blake2b(b"".join(self.digests) + ranks, digest_size=16)

    def facts(self) -> dict[str, Any]:
        """Return what was noted, by name of column."""
        digests = np.frombuffer(b"".join(self.digests), dtype=DIGEST)
        return {
            "valid": np.array(self.valid, dtype=np.bool_),
            "rank": np.array(self.ranks, dtype=np.float64),
            "characters": np.array(self.characters, dtype=np.int64),
            "high": digests["high"],
            "low": digests["low"],
            "source": np.array(self.sources, dtype=object) if self.sources else np.array([], dtype="U1"),
        }


class Found(NamedTuple):
    """The shards in a folder: see `ShardSet`."""

    folder: Path
    numbers: list[int]
    offsets: NDArray[np.int64]
    fingerprints: list[str]


@dataclass(frozen=True)
class ShardSet:
    """All shards in a folder.

    Attributes
    ----------
    folder : Path
    numbers : list of int
        The shards there are, ascending.
    offsets : ndarray of int64, shape (n_shards + 1,)
        Documents before each shard: a document's number is the offset of its shard plus its row.
    fingerprints : list of str
        Of the texts and ranks of each shard.
    """

    folder: Path
    numbers: list[int]
    offsets: NDArray[np.int64]
    fingerprints: list[str]

    @property
    def fingerprint(self) -> str:
        """That of all shards together."""
        return hashlib.blake2b("".join(self.fingerprints).encode(), digest_size=16).hexdigest()

    @staticmethod
    def find(folder: str | Path, name: str, *, missing: str) -> tuple[Found, Mapping[Path, Mapping[str, Any]]]:
        """Return the shards below a folder, and the scheme of each file.

        Raises
        ------
        InputError
            If there are none; `missing` is the message, with ``{}`` for the folder.
        """
        files = sorted((Path(folder) / name).glob("*.parquet"), key=lambda file: int(file.stem))
        if not files:
            raise InputError(missing.format(folder))
        headers = {file: read_header(file) for file in files}
        rows = [pq.read_metadata(file).num_rows for file in files]
        fingerprints = [header["fingerprint"] for header in headers.values()]
        found = Found(Path(folder), [int(file.stem) for file in files], np.cumsum([0, *rows]), fingerprints)
        return found, {file: header["scheme"] for file, header in headers.items()}
