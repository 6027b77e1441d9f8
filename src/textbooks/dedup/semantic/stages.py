"""Semantic duplicates across shards, as five datatrove steps; the decision is that of `SemanticDeduplicator`.

1. `SemanticEmbeddings` (one task a shard, after the reader) writes the vector, rank and digest of each document.
2. `SemanticCentres` (one task, no reader) makes centres and basis from a sample.
3. `SemanticCells` (any number of tasks, no reader) places and sketches each vector.
4. `SemanticClusters` (one task, no reader) compares and decides.
5. `SemanticFilter` (same reader and tasks as the first) drops what the fourth found.

The outcome depends neither on the number of tasks nor on that of workers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep
from datatrove.utils.batching import batched

from textbooks.dedup.minhash.bands import check_threshold
from textbooks.dedup.minhash.scheme import Key
from textbooks.dedup.semantic.cells import Frame, cells_for, frame_of, locate, sample_size
from textbooks.dedup.semantic.deduplicator import DEFAULT_THRESHOLD, TEXTS_AT_ONCE, embed, usual_embedder
from textbooks.dedup.semantic.engines import check_engine, engine_for
from textbooks.dedup.semantic.files import (
    VectorScheme,
    VectorShards,
    cells_file,
    facts_file,
    frame_file,
    read_arrays,
    write_arrays,
)
from textbooks.dedup.semantic.vectors import Vectors
from textbooks.dedup.shards import ShardFacts
from textbooks.dedup.tables import write_table
from textbooks.errors import InputError
from textbooks.ranges import check_range
from textbooks.storage import publish

if TYPE_CHECKING:
    from textbooks.embedders.base import Embedder

__all__ = ["SemanticCells", "SemanticCentres", "SemanticEmbeddings"]


class SemanticEmbeddings(PipelineStep):  # type: ignore[misc]
    """First stage: write the vector, rank, digest and source of every document.

    Parameters
    ----------
    folder : path
        Where the files go, on a file system that all tasks share. They take 2 bytes a dimension and document.
    embedder : Embedder, optional
        None: `StaticEmbedder`. All shards must have one of the same identity.
    key : callable, str or None, default=None
        See `MinHashDeduplicator`; it is given documents, and a name is that of an entry of their metadata. All shards
        must have the same; two functions cannot be told apart.
    """

    name = "semantic embeddings"
    type = "DEDUP"

    def __init__(self, folder: str | Path, *, embedder: Embedder | None = None, key: Key = None) -> None:
        super().__init__()
        self.folder = folder
        self.embedder = embedder
        self.key = key

    def run(self, data: Iterable[Document] | None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Consume the documents of one shard; yields nothing."""
        del world_size
        embedder = usual_embedder() if self.embedder is None else self.embedder
        rows = ShardVectors(embedder, self.key)
        for batch in batched(data or (), TEXTS_AT_ONCE):
            self.stat_update("total", value=len(batch))
            rows.add(batch)
        vectors = np.concatenate(rows.vectors)
        path = facts_file(self.folder, rank)
        with publish(path.with_suffix(".npy")) as temporary, temporary.open("wb") as file:
            np.save(file, vectors, allow_pickle=False)
        key = "(a function)" if callable(self.key) else self.key
        scheme = VectorScheme(embedder.identity, embedder.dimensions, key)
        write_table(path, rows.columns(vectors), scheme, fingerprint=rows.fingerprint())
        yield from ()


class ShardVectors(ShardFacts):
    """The vectors of one shard, as they come."""

    def __init__(self, embedder: Embedder, key: Key) -> None:
        super().__init__(key)
        self.embedder = embedder
        self.vectors = [np.empty((0, embedder.dimensions), dtype=np.float16)]

    def add(self, documents: Sequence[Document]) -> None:
        """Add documents; one whose text cannot be judged takes part in nothing."""
        self.vectors.append(embed(self.embedder, self.note(documents)))

    def fingerprint(self) -> str:
        """Return a digest of texts, ranks and vectors in their order, by which later stages know the shard again."""
        content = self._content()
        for some in self.vectors:
            content.update(some.tobytes())
        return content.hexdigest()

    def columns(self, vectors: Vectors) -> dict[str, object]:
        """Return what is written of them besides the vectors, by name."""
        return {**self.facts(), "finite": np.isfinite(vectors).all(axis=1)}


class SemanticCentres(PipelineStep):  # type: ignore[misc]
    """Second stage: make centres and basis from a sample of the vectors. One task; further ones have nothing to do.

    Parameters
    ----------
    folder : path
        That of the first stage.
    cells, seed, engine
        See `SemanticDeduplicator`: they bear on the time alone.
    """

    name = "semantic centres"
    type = "DEDUP"

    def __init__(self, folder: str | Path, *, cells: int | None = None, seed: int = 0, engine: str = "auto") -> None:
        super().__init__()
        if cells is not None:
            check_range("cells", cells, 1)
        check_range("seed", seed, 0, 2**32 - 1)
        check_engine(engine)
        self.folder = folder
        self.cells = cells
        self.seed = seed
        self.engine = engine

    def run(self, data: Iterable[Document] | None = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Write the frame; yields nothing.

        Raises
        ------
        InputError, ParametersChangedError
            See `VectorShards.open`.
        """
        del data, world_size
        if rank == 0:
            shards = VectorShards.open(self.folder)
            facts = shards.facts("valid", "finite")
            usable = np.flatnonzero(facts["valid"].to_numpy() & facts["finite"].to_numpy())
            cells = self.cells or cells_for(len(usable))
            chosen = np.random.default_rng(self.seed).permutation(usable)[: sample_size(cells)]
            frame = frame_of(shards.rows_of(np.sort(chosen)), cells, self.seed, engine_for(self.engine))
            write_arrays(frame_file(self.folder), {"fingerprint": shards.fingerprint}, **frame._asdict())
        yield from ()


class SemanticCells(PipelineStep):  # type: ignore[misc]
    """Third stage: write for each vector its cell, the others that it reaches, and its sketch.

    Parameters
    ----------
    folder : path
        That of the first stage.
    threshold : float, default=0.9
        The least that the fourth stage can decide by.
    engine
        See `SemanticDeduplicator`.
    """

    name = "semantic cells"
    type = "DEDUP"

    def __init__(self, folder: str | Path, *, threshold: float = DEFAULT_THRESHOLD, engine: str = "auto") -> None:
        super().__init__()
        check_threshold(threshold)
        check_engine(engine)
        self.folder = folder
        self.threshold = threshold
        self.engine = engine

    def run(self, data: Iterable[Document] | None = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Place the vectors of the shards `rank`, `rank` + `world_size` and so on; yields nothing.

        Raises
        ------
        InputError
            If an earlier stage is not complete.
        """
        del data
        shards = VectorShards.open(self.folder)
        header, arrays = read_arrays(frame_file(self.folder))
        if header["fingerprint"] != shards.fingerprint:
            msg = f"{frame_file(self.folder)} was made from other vectors: run SemanticCentres again"
            raise InputError(msg)
        engine, frame = engine_for(self.engine), Frame(arrays["centres"], arrays["basis"])
        facts = {"fingerprint": shards.fingerprint, "threshold": float(self.threshold), "frame": _digest_of(frame)}
        for place in range(rank, len(shards.numbers), world_size):
            vectors = np.array(shards.vectors(place))
            vectors[~np.isfinite(vectors).all(axis=1)] = 0.0
            cells = locate(vectors.__getitem__, len(vectors), frame, self.threshold, engine)
            path = cells_file(self.folder, shards.numbers[place])
            write_arrays(path, facts, cell=cells.cell, reach=cells.reach, sketches=cells.sketches)
        yield from ()


def _digest_of(frame: Frame) -> str:
    return hashlib.blake2b(frame.centres.tobytes() + frame.basis.tobytes(), digest_size=16).hexdigest()
