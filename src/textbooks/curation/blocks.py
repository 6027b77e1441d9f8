"""A task in blocks: what a kill costs is one block, not the task."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Self, cast

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from textbooks.curation.markers import BlockMarker, Markers, Part
from textbooks.curation.shard_writer import ShardWriter
from textbooks.errors import InputError
from textbooks.ranges import check_range

__all__ = ["BLOCK_RECORDS", "Blocks", "DamagedInbox"]

BLOCK_RECORDS: Final = 1_000
"""Records of a block. Ours: no dearer than one block for all, measured in benchmarks/curation/blocks.py."""


class DamagedInbox:
    """Stands as the reader's quarantine writer: it hands damaged records to the block in which they were read.

    Parameters
    ----------
    writer : ShardWriter or like
        Where they go while a block is judged; while a finished block is read again they go nowhere.
    """

    def __init__(self, writer: Any) -> None:  # noqa: ANN401
        self.writer = writer
        self.count = 0
        self.is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def write(self, document: Document, rank: int = 0, **_: Any) -> None:  # noqa: ANN401
        """Count one record, and write it unless its block is finished."""
        self.count += 1
        if self.is_open:
            self.writer.write(document, rank)


class Blocks(PipelineStep):  # type: ignore[misc]
    """Cut what the reader before it yields into blocks, and run the steps within on each block to its end.

    A block is `block_records` consecutive records, more only where damaged records follow without a document between:
    it ends before the next document. Its files get their names one after another, and then its marker is written: a
    block without a marker does not count, and is judged again in the next run. One with a marker is read again and
    not judged again. So the files depend neither on the workers nor on where a run was interrupted.

    The steps within are any datatrove steps; a batch of theirs never crosses a block. One that has a method
    ``start_at`` is told the number of the first document of each block, and one with ``check_documents`` the number of
    documents in the end (see `textbooks.dedup.listed.ListedFilter`).

    Parameters
    ----------
    steps : sequence of PipelineStep
        Run on each block, in order; the last one usually writes.
    writers : sequence of ShardWriter
        All that the steps and the reader write to: a record that reaches none of them is an error.
    markers : Markers
        Where finished blocks are noted.
    damaged : DamagedInbox, optional
        The reader's quarantine writer; None when the reader has none.
    block_records : int, default=1000
        Records of a block, at least 1.
    """

    name = "blocks"
    type = "BLOCKS"

    def __init__(
        self,
        steps: Sequence[PipelineStep],
        writers: Sequence[ShardWriter],
        markers: Markers,
        *,
        damaged: DamagedInbox | None = None,
        block_records: int = BLOCK_RECORDS,
    ) -> None:
        check_range("block_records", block_records, 1)
        super().__init__()
        self.steps = list(steps)
        self.writers = list(writers)
        self.markers = markers
        self.damaged = DamagedInbox(None) if damaged is None else damaged
        self.block_records = block_records

    def run(self, data: Iterable[Document] | None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Judge and publish the blocks of task `rank` that are not finished; yields nothing.

        Raises
        ------
        InputError
            If a finished block does not have as many records as when it was judged.
        RuntimeError
            If a record is neither kept nor dropped nor quarantined.
        """
        stream = _Stream(data or (), self.block_records, self.damaged)
        number = 0
        while not stream.ended:
            marker = self.markers.read(rank, number)
            if marker is None:
                with self.track_time("block"):
                    marker = self._judge(stream, rank, number, world_size)
            else:
                _pass_by(stream, marker)
                self.stat_update("finished_before")
            self._count(marker)
            number += 1
        yield from ()

    def _judge(self, stream: _Stream, rank: int, number: int, world_size: int) -> BlockMarker:
        before = [_counted(step) for step in self.steps]
        self._tell("start_at", stream.position)
        with contextlib.ExitStack() as stack:
            for writer in self.writers:
                writer.begin_block(rank, number)
                stack.enter_context(writer)
            self.damaged.is_open = True
            stack.callback(setattr, self.damaged, "is_open", False)
            documents: Iterable[Document] = stream.block()
            for step in self.steps:
                documents = step.run(documents, rank, world_size)
            for _ in documents:
                pass
            if stream.ended:
                self._tell("check_documents", rank, stream.position)
        marker = self._marker(stream, rank, number, before)
        self.markers.write(marker)
        return marker

    def _marker(self, stream: _Stream, rank: int, number: int, before: Sequence[Counter[str]]) -> BlockMarker:
        """Return the marker of the block whose files have their names now."""
        written = [file for writer in self.writers for file in writer.published]
        if (rows := sum(rows for _, rows in written)) != stream.records:
            msg = f"block {number} of task {rank}: {stream.records} records were read but {rows} written"
            raise RuntimeError(msg)
        return BlockMarker(
            rank=rank,
            number=number,
            records=stream.records,
            documents=stream.documents,
            size=stream.size,
            is_last=stream.ended,
            parts=tuple(Part.of(path, rows, self.markers.out) for path, rows in written),
            counters=self._counters(before),
        )

    def _counters(self, before: Sequence[Counter[str]]) -> dict[str, dict[str, int]]:
        """Return what the steps have counted since `before`, by name; steps of one name are added up."""
        found: dict[str, Counter[str]] = {}
        for step, then in zip(self.steps, before, strict=True):
            found.setdefault(str(step.name), Counter()).update(_counted(step) - then)
        return {name: dict(sorted(counted.items())) for name, counted in found.items()}

    def _tell(self, method: str, *arguments: int) -> None:
        for step in self.steps:
            if tell := cast("Callable[..., None] | None", getattr(step, method, None)):
                tell(*arguments)

    def _count(self, marker: BlockMarker) -> None:
        """Add a block, judged now or before, to the statistics of this task."""
        self.stat_update("blocks")
        self.stat_update("read", value=marker.records)
        for part in marker.parts:
            self.stat_update(Path(part.folder).name, value=part.rows)
        for step, counted in marker.counters.items():
            for label, value in counted.items():
                self.stat_update(f"{step}/{label}", value=value)


class _Stream:
    """The reader's documents, handed out block by block.

    Attributes
    ----------
    position : int
        Documents handed out.
    records, documents, size : int
        Of the block that was handed out last; the size is that of the texts, in bytes.
    ended : bool
        Whether nothing follows.
    """

    def __init__(self, data: Iterable[Document], size: int, damaged: DamagedInbox) -> None:
        self._data = iter(data)
        self._size = size
        self._damaged = damaged
        self._ahead: Document | None = None
        self._begun = False
        self.ended = False
        self.position = self.documents = self.size = 0

    @property
    def records(self) -> int:
        return self.documents + self._damaged.count

    def block(self) -> Iterator[Document]:
        """Yield the documents of the next block; one is read ahead, to know where the block ends."""
        self.documents = self.size = self._damaged.count = 0
        if not self._begun:
            self._begun = True
            self._advance()
        while self._ahead is not None and self.records < self._size:
            document = self._ahead
            self.documents += 1
            self.position += 1
            text = document.text
            if isinstance(text, str):
                self.size += len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
            yield document
            self._advance()

    def _advance(self) -> None:
        self._ahead = next(self._data, None)
        self.ended = self._ahead is None


def _pass_by(stream: _Stream, marker: BlockMarker) -> None:
    """Read a finished block again, for what follows it."""
    for _ in stream.block():
        pass
    if (stream.records, stream.ended) != (marker.records, marker.is_last):
        msg = (
            f"block {marker.number} of task {marker.rank} has {stream.records} records, but had {marker.records} when "
            "it was judged: its input has changed. Add --restart to judge all of it again"
        )
        raise InputError(msg)


def _counted(step: PipelineStep) -> Counter[str]:
    """Return what a step has counted in this task."""
    return Counter({label: int(metric.total) for label, metric in step.stats.stats.items()})
