"""The last stages of semantic deduplication across shards: what goes, and that it goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
from textbooks.dedup.semantic.cells import Cells
from textbooks.dedup.semantic.deduplicator import not_finite
from textbooks.dedup.semantic.engines import Engine, check_engine, engine_for
from textbooks.dedup.semantic.files import VectorShards, cells_file, facts_file, read_arrays
from textbooks.dedup.semantic.neighbourhoods import settle
from textbooks.dedup.tables import read_header, read_table, write_table
from textbooks.errors import InputError, ParametersChangedError
from textbooks.records import why_unjudgeable
from textbooks.verdicts import Reason, Verdict

__all__ = ["SemanticClusters", "SemanticFilter"]

Numbers = NDArray[np.int64]


class SemanticClusters(PipelineStep):  # type: ignore[misc]
    """Fourth stage: decide on all documents, and list those that go for each shard.

    One task, for whether a text stays depends on those that stay anywhere; further ones have nothing to do. It holds
    some 500 bytes a document (sketch, rank, digest, source) and a bit a cell and document; vectors are read from their
    files, a block at a time, so that a cell may have any size.

    Parameters
    ----------
    folder : path
        That of the first stage.
    threshold : float, optional
        Drops at this cosine or above; not below that of the third stage, which it is when None.
    engine
        See `SemanticDeduplicator`.
    """

    name = "semantic clusters"
    type = "DEDUP"

    def __init__(self, folder: str | Path, *, threshold: float | None = None, engine: str = "auto") -> None:
        super().__init__()
        if threshold is not None:
            check_threshold(threshold)
        check_engine(engine)
        self.folder = folder
        self.threshold = threshold
        self.engine = engine

    def run(self, data: Iterable[Document] | None = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Decide; yields nothing.

        Raises
        ------
        InputError
            If an earlier stage is not complete.
        ParametersChangedError
            If files were made by different embedders, keys, thresholds or frames.
        ValueError
            If the threshold is below that of the third stage.
        """
        del data, world_size
        if rank == 0:
            shards = VectorShards.open(self.folder)
            fitted, located = _located(shards)
            threshold = fitted if self.threshold is None else self.threshold
            refuse_below(threshold, fitted)
            facts = shards.facts("valid", "finite", "rank", "characters", "high", "low", "source")
            self._write(shards, facts, _decide(shards, facts, located, threshold, engine_for(self.engine)))
        yield from ()

    def _write(self, shards: VectorShards, facts: pa.Table, decision: Decision) -> None:
        """Publish what becomes of the documents of each shard that are part of a cluster, or cannot be compared."""
        broken = facts["valid"].to_numpy() & ~facts["finite"].to_numpy()
        listed = np.flatnonzero((decision.sizes > 1) | broken)
        edges = np.searchsorted(listed, shards.offsets)
        for place, shard in enumerate(shards.numbers):
            rows = listed[edges[place] : edges[place + 1]]
            goes = decision.kept[rows] != rows
            self.stat_update("duplicates", value=int(goes.sum()))
            sources = facts["source"].take(decision.kept[rows]).to_pylist()
            columns = {
                "position": rows - shards.offsets[place],
                "duplicate_of": pa.array(sources, pa.string(), mask=~goes),
                "similarity": decision.similarity[rows],
                "cluster_size": decision.sizes[rows],
                "finite": ~broken[rows],
            }
            documents = int(shards.offsets[place + 1] - shards.offsets[place])
            told = {"documents": documents, "fingerprint": shards.fingerprint, "shard": shards.fingerprints[place]}
            write_table(_duplicates(self.folder, shard), columns, shards.scheme, **told)


class Decision(NamedTuple):
    """What becomes of all documents, by number.

    Attributes
    ----------
    kept : ndarray of int64, shape (n,)
        The document that stays for each; its own number where it stays.
    similarity : ndarray of float64, shape (n,)
        Their cosine.
    sizes : ndarray of int64, shape (n,)
        Documents that one stands for.
    """

    kept: Numbers
    similarity: NDArray[np.float64]
    sizes: Numbers


def _located(shards: VectorShards) -> tuple[float, list[dict[str, NDArray[Any]]]]:
    """Return the threshold of the third stage, and what it wrote of each shard."""
    headers, found = {}, []
    for shard in shards.numbers:
        path = cells_file(shards.folder, shard)
        headers[path], arrays = read_arrays(path)
        found.append(arrays)
        if headers[path]["fingerprint"] != shards.fingerprint:
            msg = f"{path} was made from other vectors than those in {shards.folder}: run SemanticCells again"
            raise InputError(msg)
    [first, *others] = headers.values()
    if any(other != first for other in others):
        msg = f"the cells in {shards.folder} are of different thresholds or centres: run SemanticCells again"
        raise ParametersChangedError(msg)
    return float(first["threshold"]), found


def _cells_of(located: list[dict[str, NDArray[Any]]], documents: Numbers) -> Cells:
    """Return where some documents stand, in their order."""
    sizes = [len(one["cell"]) for one in located]
    cells = len(located[0]["reach"])
    reach = np.zeros((cells, -(-len(documents) // 8)), dtype=np.uint8)
    for cell in range(cells):
        bits = [np.unpackbits(one["reach"][cell], count=size) for one, size in zip(located, sizes, strict=True)]
        reach[cell] = np.packbits(np.concatenate(bits)[documents])
    cell_of, sketches = (np.concatenate([one[name] for one in located])[documents] for name in ("cell", "sketches"))
    return Cells(cell_of, reach, sketches)


def _decide(
    shards: VectorShards, facts: pa.Table, located: list[dict[str, NDArray[Any]]], threshold: float, engine: Engine
) -> Decision:
    """Decide as in memory: join equal texts, and take the others from the best to the worst."""
    usable = np.flatnonzero(facts["valid"].to_numpy())
    columns = (facts[name].to_numpy()[usable] for name in ("rank", "characters", "high", "low"))
    order, different, number_of = distinct_by_rank(*columns)
    documents = usable[different]
    cells = _cells_of(located, documents)
    found = settle(lambda numbers: shards.rows_of(documents[numbers]), cells, threshold, engine)
    count = len(facts)
    kept, similarity = np.arange(count), np.ones(count)
    kept[usable[order]] = documents[found.kept[number_of]]
    similarity[usable[order]] = found.similarity[number_of]
    return Decision(kept, similarity, np.bincount(kept, minlength=count)[kept])


class SemanticFilter(RepresentedFilter):
    """Fifth stage: drop the documents that the fourth stage listed, with reason ``semantic_duplicate``.

    It counts the documents it sees, so it must stand right behind the same reader, over the same shards, as the
    first stage did. Score and evidence are those of `SemanticDeduplicator`; ``duplicate_of`` is the source of the
    document that stays.

    Parameters
    ----------
    folder : path
        That of the first stage.
    exclusion_writer, quarantine_writer, batch_size
        See `Step`.
    """

    name = "semantic_duplicate"
    _reason = Reason.SEMANTIC_DUPLICATE
    _similarity = "similarity"

    def _judge(self, document: Document, listed: Any) -> Verdict:  # noqa: ANN401
        is_listed = listed is not None and why_unjudgeable(document.text) is None
        return not_finite() if is_listed and not listed["finite"] else super()._judge(document, listed)

    def _load(self, rank: int) -> Listed:
        path = _duplicates(self.folder, rank)
        header = read_header(path)
        if header["shard"] != read_header(facts_file(self.folder, rank))["fingerprint"]:
            msg = f"{path} was made from other vectors than those in {self.folder}: run SemanticClusters again"
            raise InputError(msg)
        rows = {row.pop("position"): row for row in read_table(path).to_pylist()}
        return Listed(rows, int(header["documents"]))


def _duplicates(folder: str | Path, shard: int) -> Path:
    return Path(folder) / "semantic_duplicates" / f"{shard:05d}.parquet"
