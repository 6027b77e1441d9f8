"""The last stage of every deduplication across shards: drop what an earlier one listed by position."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from datatrove.data import Document
from datatrove.pipeline.writers.disk_base import DiskWriter

from textbooks.errors import InputError
from textbooks.filters.base import Step
from textbooks.ranges import check_range
from textbooks.records import why_unjudgeable
from textbooks.verdicts import Reason, Verdict

__all__ = ["Listed", "ListedFilter", "RepresentedFilter"]


class Listed(NamedTuple):
    """What an earlier stage says of one shard.

    Attributes
    ----------
    rows : mapping of int to anything
        What was listed of a document, by its position in the shard; others are not listed.
    documents : int or None
        How many documents the shard had then; None where that was not written down.
    """

    rows: Mapping[int, Any]
    documents: int | None = None


class ListedFilter(Step):
    """Drops the documents of a shard that an earlier stage listed.

    It counts the documents it sees, so it must stand right behind the same reader, over the same shards, as the
    first stage did.

    Parameters
    ----------
    folder : path
        That of the first stage.
    exclusion_writer, quarantine_writer, batch_size
        See `Step`.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        self.folder = folder
        self._start: int | None = None
        self._position = 0
        self._rank = -1
        self._listed = Listed({})

    @abstractmethod
    def _load(self, rank: int) -> Listed:
        """Read what was listed of a shard."""

    @abstractmethod
    def _judge(self, document: Document, listed: Any) -> Verdict:  # noqa: ANN401
        """Return the verdict on a document, given what was listed of it: None where it is not listed."""

    def start_at(self, position: int) -> None:
        """Let the next `run` begin at a later document of its shard, as a run in blocks does.

        Such a run sees a part of the shard and cannot tell whether it is whole: see `check_documents`.

        Parameters
        ----------
        position : int
            Documents of the shard before those of the next `run`, at least 0.
        """
        check_range("position", position, 0)
        self._start = position

    def run(self, data: Iterable[Document] | None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield the documents of the shard that stay.

        Raises
        ------
        InputError
            If an earlier stage is not complete, or the shard has another number of documents than it had then.
        """
        start, self._start = self._start, None
        self._position = start or 0
        if not start or self._rank != rank:  # the blocks of one shard share what was listed of it
            self._rank, self._listed = rank, self._load(rank)
        yield from super().run(data, rank, world_size)
        if start is None:
            self._refuse_change(rank, self._position, self._listed.documents)

    def check_documents(self, rank: int, documents: int) -> None:
        """Raise `InputError` if a shard had another number of documents when it was listed."""
        self._refuse_change(rank, documents, self._load(rank).documents)

    def _refuse_change(self, rank: int, documents: int, expected: int | None) -> None:
        if expected not in (None, documents):
            msg = f"shard {rank} has {documents} documents, but had {expected} when its signatures were made"
            raise InputError(msg)

    def judge_documents(self, documents: Sequence[Document]) -> list[Verdict]:
        """Judge the next documents of the shard, by position."""
        start = self._position
        self._position += len(documents)
        rows = self._listed.rows
        return [self._judge(document, rows.get(position)) for position, document in enumerate(documents, start)]


class RepresentedFilter(ListedFilter):
    """Drops the documents that another one stands for.

    What is listed are rows with ``duplicate_of`` (the source of the document that stays, None for that one itself),
    ``cluster_size`` and the similarity; a document that is not listed stands for itself alone.
    """

    _reason: ClassVar[Reason]
    _similarity: ClassVar[str]
    """Name of the similarity, in the rows and in the evidence."""

    def _judge(self, document: Document, listed: Any) -> Verdict:  # noqa: ANN401
        why = why_unjudgeable(document.text)
        if why is not None:
            return Verdict.quarantined(why, type=type(document.text).__name__)
        if listed is None:
            return Verdict.kept(cluster_size=1)
        if listed["duplicate_of"] is None:
            return Verdict.kept(cluster_size=listed["cluster_size"])
        evidence = {name: listed[name] for name in ("duplicate_of", self._similarity, "cluster_size")}
        return Verdict.dropped(self._reason, listed[self._similarity], **evidence)
