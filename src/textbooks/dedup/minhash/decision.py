"""The last stages of near-deduplication across shards: what goes, and that it goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep
from numpy.typing import NDArray

from textbooks.dedup.different import distinct_by_rank, refuse_below
from textbooks.dedup.listed import Listed, RepresentedFilter
from textbooks.dedup.minhash.bands import check_threshold
from textbooks.dedup.minhash.files import Shards, signature_file
from textbooks.dedup.minhash.stages import bucket_file
from textbooks.dedup.semantic.greedy import FlatSets, candidates_of, decide
from textbooks.dedup.tables import read_header, read_table, write_table
from textbooks.errors import InputError
from textbooks.verdicts import Reason

__all__ = ["MinHashClusters", "MinHashFilter"]

Numbers = NDArray[np.int64]

FACTS = ("rank", "characters", "high", "low", "begin", "shingles", "source")


class MinHashClusters(PipelineStep):  # type: ignore[misc]
    """Third stage: decide on the documents that agree in a band, and list those that go for each shard.

    The tasks share the components of linked documents among themselves. Each reads all buckets; memory grows with
    the documents that have candidates, and with the sets of the largest component.

    Parameters
    ----------
    folder : path
        That of the first stage.
    threshold : float, optional
        Drops at this similarity or above; not below that of the first stage, which it is when None.
    """

    name = "minhash clusters"
    type = "DEDUP"

    def __init__(self, folder: str | Path, *, threshold: float | None = None) -> None:
        super().__init__()
        if threshold is not None:
            check_threshold(threshold)
        self.folder = folder
        self.threshold = threshold

    def run(self, data: Iterable[Document] | None = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Decide on the components of one task; yields nothing.

        Raises
        ------
        InputError
            If an earlier stage is not complete.
        ParametersChangedError
            If files were made by different schemes.
        ValueError
            If the threshold is below that of the first stage.
        """
        del data
        shards = Shards.open(self.folder)
        threshold = shards.scheme.threshold if self.threshold is None else self.threshold
        refuse_below(threshold, shards.scheme.threshold)
        documents, keys = _candidates(shards)
        facts = shards.take(documents, *FACTS)
        decision = _decide(shards, documents, keys, facts, threshold, rank, world_size)
        edges = np.searchsorted(documents[decision.listed], shards.offsets)
        for place, shard in enumerate(shards.numbers):
            rows = decision.listed[edges[place] : edges[place + 1]]
            goes = decision.kept[rows] != rows
            self.stat_update("duplicates", value=int(goes.sum()))
            columns = {
                "position": documents[rows] - shards.offsets[place],
                "duplicate_of": pa.array(
                    facts["source"].take(decision.kept[rows]).to_pylist(), pa.string(), mask=~goes
                ),
                "jaccard": decision.jaccard[rows],
                "cluster_size": decision.sizes[rows],
            }
            facts_of_shard = {
                "documents": int(shards.offsets[place + 1] - shards.offsets[place]),
                "fingerprint": shards.fingerprints[place],
                "threshold": float(threshold),
            }
            path = _duplicates(self.folder, shard) / f"{rank:05d}-of-{world_size:05d}.parquet"
            write_table(path, columns, shards.scheme, **facts_of_shard)
        yield from ()


class Decision(NamedTuple):
    """What becomes of documents that have candidates, by their row.

    Attributes
    ----------
    kept : ndarray of int64, shape (n,)
        The row that stays for each; its own where it stays.
    jaccard : ndarray of float64, shape (n,)
        Their similarity.
    sizes : ndarray of int64, shape (n,)
        Documents that one stands for.
    listed : ndarray of int64
        The rows that are this task's to decide on and that are part of a cluster, ascending.
    """

    kept: Numbers
    jaccard: NDArray[np.float64]
    sizes: Numbers
    listed: Numbers


def _candidates(shards: Shards) -> tuple[Numbers, NDArray[np.uint64]]:
    """Return the documents that agree in a band, and the keys of all bands: one of its own where they do not agree."""
    found = []
    for band in range(shards.scheme.bands):
        path = bucket_file(shards.folder, band)
        if read_header(path)["fingerprint"] != shards.fingerprint:
            msg = f"{path} was made from other signatures than those in {shards.folder}: run MinHashBuckets again"
            raise InputError(msg)
        table = read_table(path)
        found.append((table["document"].to_numpy(), table["key"].to_numpy()))
    documents = np.unique(np.concatenate([numbers for numbers, _ in found]))
    keys = np.empty((len(found), len(documents)), dtype=np.uint64)
    for band, (numbers, values) in enumerate(found):
        alone = np.ones(len(documents), dtype=np.bool_)
        rows = np.searchsorted(documents, numbers)
        alone[rows] = False
        keys[band, rows] = np.unique(values, return_inverse=True)[1]
        keys[band, alone] = len(values) + np.arange(int(alone.sum()), dtype=np.uint64)
    return documents, keys


def _decide(
    shards: Shards,
    documents: Numbers,
    keys: NDArray[np.uint64],
    facts: pa.Table,
    threshold: float,
    rank: int,
    tasks: int,
) -> Decision:
    """Decide as in memory: join equal texts, and take the others from the best to the worst."""
    high, low, begin, shingles = (facts[name].to_numpy() for name in ("high", "low", "begin", "shingles"))
    order, different, number_of = distinct_by_rank(facts["rank"].to_numpy(), facts["characters"].to_numpy(), high, low)

    def sets_of(numbers: Numbers) -> FlatSets:
        rows = different[numbers]
        return shards.sets(documents[rows], begin[rows], shingles[rows])

    candidates = candidates_of(keys[:, different])
    mine = candidates.components % tasks == rank
    components = np.where(mine, candidates.components, np.arange(len(different)))
    partners = decide(replace(candidates, components=components), threshold, 8 * shingles[different], sets_of)
    kept, jaccard, is_mine = np.empty_like(order), np.empty(len(order)), np.empty(len(order), dtype=np.bool_)
    kept[order] = different[partners.kept[number_of]]
    jaccard[order] = partners.jaccard[number_of]
    is_mine[order] = mine[number_of]
    sizes = np.bincount(kept, minlength=len(order))[kept]
    return Decision(kept, jaccard, sizes, np.flatnonzero(is_mine & (sizes > 1)))


class MinHashFilter(RepresentedFilter):
    """Fourth stage: drop the documents that the third stage listed, with reason ``near_duplicate``.

    It counts the documents it sees, so it must stand right behind the same reader, over the same shards, as the
    first stage did. Score and evidence are those of `MinHashDeduplicator`; ``duplicate_of`` is the source of the
    document that stays.

    Parameters
    ----------
    folder : path
        That of the first stage.
    exclusion_writer, quarantine_writer, batch_size
        See `Step`.
    """

    name = "near_duplicate"
    _reason = Reason.NEAR_DUPLICATE
    _similarity = "jaccard"

    def _load(self, rank: int) -> Listed:
        folder = _duplicates(self.folder, rank)
        files = sorted(folder.glob("*.parquet"))
        tasks = {int(file.stem.partition("-of-")[2]) for file in files}
        if len(tasks) != 1 or len(files) != next(iter(tasks)):
            msg = (
                f"{folder} holds {[file.name for file in files]}: MinHashClusters did not finish, or ran with "
                "different numbers of tasks; remove the folder above and run it again"
            )
            raise InputError(msg)
        headers = [read_header(file) for file in files]
        current = read_header(signature_file(self.folder, rank))["fingerprint"]
        if any(header["fingerprint"] != current or header != headers[0] for header in headers):
            msg = f"{folder} was made from other signatures than those in {self.folder}: run MinHashClusters again"
            raise InputError(msg)
        listed: dict[int, dict[str, Any]] = {}
        for file in files:
            listed.update((row.pop("position"), row) for row in read_table(file).to_pylist())
        return Listed(listed, int(headers[0]["documents"]))


def _duplicates(folder: str | Path, shard: int) -> Path:
    return Path(folder) / "near_duplicates" / f"{shard:05d}"
