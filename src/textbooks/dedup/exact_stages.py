"""Exact duplicates across shards, as three datatrove steps; the decision is that of `ExactDeduplicator`.

1. `ExactDedupSignature` (one task a shard, after the reader) writes a digest of each text.
2. `ExactDedupBuckets` (one task a bucket, no reader) finds the digests that occur more than once.
3. `ExactDedupFilter` (same reader and tasks as the first) drops what the second found.

The first document by shard and position stays, so the outcome does not depend on the number of workers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep
from numpy.typing import NDArray

from textbooks.dedup.listed import Listed, ListedFilter
from textbooks.ranges import check_range
from textbooks.storage import publish
from textbooks.verdicts import Reason, Verdict

__all__ = ["ExactDedupBuckets", "ExactDedupFilter", "ExactDedupSignature", "buckets_for"]

DIGEST = np.dtype([("high", "<u8"), ("low", "<u8")])
SHARDS_A_BUCKET = 64  # of 8 MB: the digests of one bucket are some tens of MB even when documents are short


def buckets_for(shards: int) -> int:
    """Return how many buckets keep the memory of a bucket's task flat, whatever the number of shards."""
    return max(1, -(-shards // SHARDS_A_BUCKET))


def digest(text: str) -> bytes:
    """Return 16 bytes of BLAKE2b: no two different texts are known, or can be made, to share it."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class ExactDedupSignature(PipelineStep):  # type: ignore[misc]
    """First stage: write the digest, position and source of every document, spread over buckets by digest.

    Parameters
    ----------
    folder : path
        Where the signatures go, on a file system that all tasks share.
    buckets : int, default=1
        See `buckets_for`.
    """

    name = "exact dedup signature"
    type = "DEDUP"

    def __init__(self, folder: str | Path, *, buckets: int = 1) -> None:
        super().__init__()
        check_range("buckets", buckets, 1)
        self.folder = folder
        self.buckets = buckets

    def run(self, data: Iterable[Document] | None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Consume the documents of one shard; yields nothing."""
        del world_size
        digests, sources = [], []
        for document in data or ():
            self.stat_update("total")
            digests.append(digest(document.text))
            sources.append(str(document.metadata.get("source", document.id)))
        keys = np.frombuffer(b"".join(digests), dtype=DIGEST)
        bucket_of = keys["high"] % np.uint64(self.buckets)
        for bucket in range(self.buckets):
            positions = np.flatnonzero(bucket_of == bucket)
            table = pa.table(
                {
                    "high": keys["high"][positions],
                    "low": keys["low"][positions],
                    "position": positions,
                    "source": pa.array([sources[position] for position in positions], pa.string()),
                }
            )
            with publish(_signatures(self.folder, bucket) / f"{rank:05d}.parquet") as path:
                pq.write_table(table, path, compression="zstd")
        yield from ()


class ExactDedupBuckets(PipelineStep):  # type: ignore[misc]
    """Second stage: list the duplicates of one bucket, for each shard that has some.

    Parameters
    ----------
    folder : path
        That of the first stage.
    """

    name = "exact dedup buckets"
    type = "DEDUP"

    def __init__(self, folder: str | Path) -> None:
        super().__init__()
        self.folder = folder

    def run(self, data: Iterable[Document] | None = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Find the duplicates of bucket `rank`; yields nothing."""
        del data, world_size
        files = sorted(_signatures(self.folder, rank).glob("*.parquet"), key=lambda file: int(file.stem))
        tables = [pq.read_table(file) for file in files]
        if not tables:
            return iter(())
        shards = np.repeat(np.arange(len(files)), [len(table) for table in tables])
        table = pa.concat_tables(tables)
        originals = first_of_equals(table["high"].to_numpy(), table["low"].to_numpy())
        is_duplicate = originals != np.arange(len(originals))
        for shard, file in enumerate(files):
            rows = np.flatnonzero(is_duplicate & (shards == shard))
            self.stat_update("duplicates", value=len(rows))
            found = pa.table(
                {"position": table["position"].take(rows), "duplicate_of": table["source"].take(originals[rows])}
            )
            with publish(_duplicates(self.folder, int(file.stem)) / f"{rank:05d}.parquet") as path:
                pq.write_table(found, path, compression="zstd")
        return iter(())


class ExactDedupFilter(ListedFilter):
    """Third stage: drop the documents that the second stage listed, with reason ``exact_duplicate``.

    It counts the documents it sees, so it must stand right behind the same reader, over the same shards, as the
    first stage did. The evidence is ``duplicate_of``, the source of the document that stays.

    Parameters
    ----------
    folder : path
        That of the first stage.
    exclusion_writer, quarantine_writer, batch_size
        See `Step`.
    """

    name = "exact_duplicate"

    def _judge(self, document: Document, listed: Any) -> Verdict:  # noqa: ANN401
        del document
        return Verdict.kept() if listed is None else Verdict.dropped(Reason.EXACT_DUPLICATE, duplicate_of=listed)

    def _load(self, rank: int) -> Listed:
        listed: dict[int, str] = {}
        for file in _duplicates(self.folder, rank).glob("*.parquet"):
            found: dict[str, list[Any]] = pq.read_table(file).to_pydict()
            listed.update(zip(found["position"], found["duplicate_of"], strict=True))
        return Listed(listed)


def first_of_equals(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return for each key the index of its first occurrence, by a stable sort."""
    order = np.lexsort((low, high))
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = (high[order][1:] != high[order][:-1]) | (low[order][1:] != low[order][:-1])
    heads = order[np.flatnonzero(is_new)]  # lexsort is stable: the first of a run came first in the input
    originals = np.empty(len(order), dtype=np.int64)
    originals[order] = heads[np.cumsum(is_new) - 1]
    return cast("NDArray[np.int64]", originals)


def _signatures(folder: str | Path, bucket: int) -> Path:
    return Path(folder) / "signatures" / f"{bucket:05d}"


def _duplicates(folder: str | Path, shard: int) -> Path:
    return Path(folder) / "duplicates" / f"{shard:05d}"
