"""What every filter is as a step of a datatrove pipeline."""

from __future__ import annotations

import contextlib
import inspect
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Self

from datatrove.data import Document
from datatrove.pipeline.filters.base_filter import BaseFilter
from datatrove.pipeline.writers.disk_base import DiskWriter
from datatrove.utils.batching import batched

from textbooks.ranges import check_range
from textbooks.verdicts import Status, Verdict

__all__ = ["Learned", "Step"]


class Learned:
    """What `fit` learned, by attribute name; opaque on purpose.

    datatrove writes the attributes of every step to ``executor.json`` and takes dataclasses, dicts and tuples apart
    for it: an index of a benchmark would be written out whole, or break the run where its keys are no strings.
    """

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}

    def __copy__(self) -> Self:
        other = type(self)()
        other.state = dict(self.state)
        return other

    def __repr__(self) -> str:
        return f"<learned: {', '.join(self.state) or 'nothing'}>"


class Step(BaseFilter):  # type: ignore[misc]
    """What the filters share as datatrove steps: parameters, counters, and where the records go that are not kept.

    Parameters
    ----------
    exclusion_writer : DiskWriter, optional
        Takes the documents that are dropped, with ``filter_reason`` in their metadata, as in datatrove. A writer of
        datatrove's serves one step: the first that is done with it closes it for all.
    quarantine_writer : DiskWriter, optional
        Takes those that could not be judged; without one they go to `exclusion_writer`.
    batch_size : int, default=64
        Documents judged together in a pipeline. It has no influence on any verdict.
    """

    name: str = "step"
    _bookkeeping: ClassVar[frozenset[str]] = frozenset({"exclusion_writer", "quarantine_writer", "batch_size"})

    def __init__(
        self,
        *,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        check_range("batch_size", batch_size, 1)
        super().__init__(exclusion_writer=exclusion_writer, batch_size=batch_size)
        self.quarantine_writer = quarantine_writer

    @abstractmethod
    def judge_documents(self, documents: Sequence[Document]) -> list[Verdict]:
        """Return one verdict a document, and write nothing."""

    def __setattr__(self, name: str, value: object) -> None:
        """Store an attribute; what `fit` learned (``name_``, as in scikit-learn) goes to `Learned`."""
        if name.endswith("_") and not name.startswith("_"):
            self.__dict__.setdefault("_learned", Learned()).state[name] = value
        else:
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Return what `fit` learned under this name."""
        learned = self.__dict__.get("_learned")
        if learned is None or name not in learned.state:
            msg = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(msg)
        return learned.state[name]

    def get_params(self) -> dict[str, Any]:
        """Return the constructor's arguments that bear on the verdicts, by name."""
        names = inspect.signature(type(self).__init__).parameters
        return {name: getattr(self, name) for name in names if name not in {"self", *self._bookkeeping}}

    def filter(self, doc: Document) -> bool | tuple[bool, str]:
        """Judge one document: True when it is kept, else False and the reason; writes its metadata."""
        return self.filter_batch([doc])[0]

    def filter_batch(self, batch: Sequence[Document]) -> list[bool | tuple[bool, str]]:
        """Judge documents and write ``<name>_score``, ``_reason`` and ``_evidence`` to their metadata.

        Returns
        -------
        list
            True for a document that is kept, else False and the reason's slug; the text is never touched.
        """
        verdicts = self.judge_documents(batch)
        for document, verdict in zip(batch, verdicts, strict=True):
            document.metadata.update(verdict.as_metadata(self.name))
        return [True if verdict.reason is None else (False, verdict.reason.value) for verdict in verdicts]

    def run(self, data: Iterable[Document] | None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield the documents that are kept; count all of them and hand the others to the writers."""
        del world_size
        with contextlib.ExitStack() as stack:
            for writer in {id(w): w for w in (self.exclusion_writer, self.quarantine_writer) if w is not None}.values():
                stack.enter_context(writer)
            for batch in batched(data or (), self.batch_size):
                with self.track_time("batch"):
                    verdicts = self.judge_documents(batch)
                for document, verdict in zip(batch, verdicts, strict=True):
                    document.metadata.update(verdict.as_metadata(self.name))
                    if self._route(document, verdict, rank):
                        yield document

    def _route(self, document: Document, verdict: Verdict, rank: int) -> bool:
        self.stat_update("total")
        if verdict.reason is None:
            self.stat_update("forwarded")
            self.update_doc_stats(document)
            return True
        status = verdict.status.value
        self.stat_update(status, f"{status}_{verdict.reason.value}")
        writer = self.exclusion_writer
        if verdict.status is Status.QUARANTINED:
            writer = writer if self.quarantine_writer is None else self.quarantine_writer
        if writer is not None:
            document.metadata["filter_reason"] = verdict.reason.value
            writer.write(document, rank)
        return False

    def __str__(self) -> str:
        return f"{self.type}: {self.name}"

    def __repr__(self) -> str:
        try:
            shown = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        except AttributeError:  # datatrove asks before the constructor is done
            return str(self)
        return f"{type(self).__name__}({shown})"
