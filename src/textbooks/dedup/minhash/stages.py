"""Near-duplicates across shards, as four datatrove steps; the decision is that of `MinHashDeduplicator`.

1. `MinHashSignature` (one task a shard, after the reader) writes the bands, the rank and the set of each document.
2. `MinHashBuckets` (any number of tasks, no reader) finds the documents that agree in a band.
3. `MinHashClusters` (any number of tasks, no reader) compares them and decides.
4. `MinHashFilter` (same reader and tasks as the first) drops what the third found.

The outcome depends neither on the number of tasks nor on that of workers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep
from datatrove.utils.batching import batched
from numpy.typing import NDArray

from textbooks.dedup.minhash.bands import band_keys
from textbooks.dedup.minhash.files import Shards, signature_file, write_sets
from textbooks.dedup.minhash.scheme import Key, Scheme, scheme_for
from textbooks.dedup.minhash.shingles import SHINGLE_SIZE
from textbooks.dedup.shards import ShardFacts
from textbooks.dedup.tables import write_table

__all__ = ["MinHashBuckets", "MinHashSignature", "band_name", "bucket_file"]

_BLOCK = 4096  # documents whose signatures are held at a time


class MinHashSignature(PipelineStep):  # type: ignore[misc]
    """First stage: write the bands of the signature, the rank, the digest and the set of shingles of every document.

    Parameters
    ----------
    folder : path
        Where the files go, on a file system that all tasks share. They take about the room of the texts.
    threshold, key, shingle_size, num_perm, bands, rows, seed
        See `MinHashDeduplicator`; `key` is given documents, and a name is that of an entry of their metadata. All
        shards must have the same.
    """

    name = "minhash signature"
    type = "DEDUP"

    def __init__(
        self,
        folder: str | Path,
        *,
        threshold: float = 0.7,
        key: Key = None,
        shingle_size: int = SHINGLE_SIZE,
        num_perm: int = 128,
        bands: int | None = None,
        rows: int | None = None,
        seed: int = 1,
    ) -> None:
        super().__init__()
        scheme_for(threshold, shingle_size=shingle_size, num_perm=num_perm, seed=seed, bands=bands, rows=rows)
        self.folder = folder
        self.threshold = threshold
        self.key = key
        self.shingle_size = shingle_size
        self.num_perm = num_perm
        self.bands = bands
        self.rows = rows
        self.seed = seed

    def run(self, data: Iterable[Document] | None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Consume the documents of one shard; yields nothing."""
        del world_size
        scheme = scheme_for(
            self.threshold, shingle_size=self.shingle_size, num_perm=self.num_perm, seed=self.seed,
            bands=self.bands, rows=self.rows,
        )  # fmt: skip
        rows = ShardRows(scheme, self.key)
        for batch in batched(data or (), _BLOCK):
            self.stat_update("total", value=len(batch))
            rows.add(batch)
        write_sets(self.folder, rank, np.concatenate([np.empty(0, np.uint64), *rows.sets]))
        write_table(signature_file(self.folder, rank), rows.columns(), scheme, fingerprint=rows.fingerprint())
        yield from ()


class ShardRows(ShardFacts):
    """The bands and sets of one shard, as they come."""

    def __init__(self, scheme: Scheme, key: Key) -> None:
        super().__init__(key)
        self.scheme = scheme
        self.sets: list[NDArray[np.uint64]] = []
        self.keys = [np.empty((0, scheme.bands), dtype=np.uint64)]
        self.shingles: list[int] = []

    def add(self, documents: Sequence[Document]) -> None:
        """Add documents; one whose text cannot be judged takes part in nothing."""
        texts = self.note(documents)
        signatures = self.scheme.shingler.signatures(texts)
        self.keys.append(band_keys(signatures, self.scheme.bands, self.scheme.rows))
        hashes, bounds = self.scheme.shingler.sets(texts)
        self.sets.append(hashes)
        self.shingles += np.diff(bounds).tolist()

    def columns(self) -> dict[str, object]:
        """Return what is written of them, by name."""
        keys = np.concatenate(self.keys)
        sizes = np.array(self.shingles, dtype=np.int64)
        return {
            **{band_name(band): keys[:, band] for band in range(self.scheme.bands)},
            **self.facts(),
            "begin": np.cumsum(sizes) - sizes,
            "shingles": sizes,
        }


class MinHashBuckets(PipelineStep):  # type: ignore[misc]
    """Second stage: list for each band the documents that agree in it with another.

    Parameters
    ----------
    folder : path
        That of the first stage.
    """

    name = "minhash buckets"
    type = "DEDUP"

    def __init__(self, folder: str | Path) -> None:
        super().__init__()
        self.folder = folder

    def run(self, data: Iterable[Document] | None = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Sort the bands `rank`, `rank` + `world_size` and so on; yields nothing.

        Raises
        ------
        InputError, ParametersChangedError
            See `Shards.open`.
        """
        del data
        shards = Shards.open(self.folder)
        valid = np.flatnonzero(shards.columns("valid")["valid"].to_numpy())
        for band in range(rank, shards.scheme.bands, world_size):
            keys = shards.columns(band_name(band))[band_name(band)].to_numpy()[valid]
            order = np.argsort(keys, kind="stable")
            same = keys[order][1:] == keys[order][:-1]
            shared = np.append(same, False) | np.append(False, same) if len(order) else np.empty(0, dtype=np.bool_)
            found = np.sort(order[shared])
            self.stat_update("candidates", value=len(found))
            columns = {"document": valid[found], "key": keys[found]}
            write_table(bucket_file(self.folder, band), columns, shards.scheme, fingerprint=shards.fingerprint)
        yield from ()


def band_name(band: int) -> str:
    """Return the column of a band."""
    return f"band_{band:03d}"


def bucket_file(folder: str | Path, band: int) -> Path:
    """Return where the buckets of a band stand."""
    return Path(folder) / "buckets" / f"{band:03d}.parquet"
