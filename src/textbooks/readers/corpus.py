"""Files, JSON lines and parquet to documents, one shard a task; what cannot be read is counted and set aside."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.writers.disk_base import DiskWriter

from textbooks.errors import TextbooksError
from textbooks.readers.formats import READERS
from textbooks.readers.found import MAX_BYTES, Damaged, Found, Reading
from textbooks.readers.git.commits import CHANGES
from textbooks.readers.inputs import InputFile
from textbooks.readers.lines import TruncatedStreamError
from textbooks.readers.plan import load_shard
from textbooks.readers.progress import ProgressFile
from textbooks.readers.rows import set_aside_reserved, without_surrogates
from textbooks.verdicts import Reason, Verdict

__all__ = ["CorpusReader"]

SHOWN_DETAIL = 500  # characters


class CorpusReader(PipelineStep):  # type: ignore[misc]
    """Read the files that a plan gives to this task, as datatrove's first step.

    A file of Python, Markdown or a notebook is one document; each line of a JSONL file and each row of a parquet file
    is one. Notebooks become Markdown, and what is Markdown has ``text_format="markdown"`` in its metadata. The metadata
    hold ``source`` (path, and ``#row`` counted from 1), the file's own (package, licence) and the other columns.
    A column whose name the pipeline uses itself, such as ``source`` or ``edu_value_score``, is kept under
    ``<name>_input``.

    Every record counts as ``read``. One that cannot become a document counts as ``quarantined`` and goes to
    `quarantine_writer`: an unreadable file is one record, a file that breaks off gives the records before
    that plus one, a row whose text is missing or no string is one.

    Parameters
    ----------
    plan : path
        The folder that `write_plan` filled; the number of tasks is its number of shards.
    text_key, id_key : str
        Columns of the text and of the id; without an id the source is the id.
    max_bytes : int, default=64,000,000
        A larger text file or line is quarantined as ``too_large`` and never held whole in memory.
    notebook_outputs : int, default=0
        Characters of a cell's text outputs that follow its code; with 0 none do.
    blobs : path or URL, optional
        Where the contents lie to which rows of The Stack v2 point; see `textbooks.readers.formats.blobs`.
    changes : {"diff", "before_after"}
        How commits show what they change.
    max_change_bytes : int, default=100,000
        A commit that changes more is quarantined as ``too_large``.
    min_score : int, default=1
        Answers of Stack Exchange below this score are left out, unless they are accepted.
    max_answers : int, default=3
        Answers a question: the accepted one, then the best.
    quarantine_writer : DiskWriter, optional
        Takes what cannot become a document.
    progress : path, optional
        A folder where the task notes how far it is, twice a second.
    """

    name = "corpus"
    type = "READER"

    def __init__(
        self,
        plan: str | Path,
        *,
        text_key: str = "text",
        id_key: str = "id",
        max_bytes: int = MAX_BYTES,
        notebook_outputs: int = 0,
        blobs: str = "",
        changes: str = "diff",
        max_change_bytes: int = 100_000,
        min_score: int = 1,
        max_answers: int = 3,
        quarantine_writer: DiskWriter | None = None,
        progress: str | Path | None = None,
    ) -> None:
        if changes not in CHANGES:
            msg = f"changes must be one of {', '.join(CHANGES)}, got {changes!r}"
            raise ValueError(msg)
        for name, value, least in (
            ("max_bytes", max_bytes, 1),
            ("notebook_outputs", notebook_outputs, 0),
            ("max_change_bytes", max_change_bytes, 1),
            ("max_answers", max_answers, 1),
        ):
            if value < least:
                msg = f"{name} must be at least {least}, got {value!r}"
                raise ValueError(msg)
        super().__init__()
        self.plan = plan
        self.text_key = text_key
        self.id_key = id_key
        self.max_bytes = max_bytes
        self.notebook_outputs = notebook_outputs
        self.blobs = blobs
        self.changes = changes
        self.max_change_bytes = max_change_bytes
        self.min_score = min_score
        self.max_answers = max_answers
        self.quarantine_writer = quarantine_writer
        self.progress = progress
        self._counts: Counter[str] = Counter()  # one update of the statistics a shard: they cost more than the reading

    def run(self, data: Iterable[Document] | None = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield the documents of shard `rank`, after those of any step before."""
        del world_size
        yield from data or ()
        self._counts.clear()
        try:
            with contextlib.ExitStack() as stack:
                if self.quarantine_writer is not None:
                    stack.enter_context(self.quarantine_writer)
                progress = stack.enter_context(ProgressFile(self.progress, rank))
                for file in load_shard(Path(self.plan), rank):
                    yield from self._documents(file, progress, rank)
                    progress.add(size=file.size)
        finally:
            for name, count in self._counts.items():
                self.stat_update(name, value=count)
            self._counts.clear()

    def _documents(self, file: InputFile, progress: ProgressFile, rank: int) -> Iterator[Document]:
        for found in self.read_file(file):
            self._counts["read"] += 1
            progress.add(records=1)
            if isinstance(found, Document):
                text = found.text
                self._counts["bytes"] += len(text) if text.isascii() else len(text.encode())
                yield found
            else:
                self._quarantine(found, rank)

    def read_file(self, file: InputFile) -> Iterator[Found]:
        """Yield what is in one file; any failure to read ends it with one damaged record."""
        rows = 0
        try:
            for found in READERS[file.kind](file, self._reading):
                rows += 1
                yield found
        except TextbooksError:  # a missing extra: the fault of no file
            raise
        except Exception as error:
            is_cut = rows > 0 or isinstance(error, TruncatedStreamError)
            detail = f"{type(error).__name__}: {error}" + (f", after {rows} records" if rows else "")
            reason = Reason.TRUNCATED if is_cut else Reason.UNREADABLE
            yield Damaged(without_surrogates(file.path), reason, detail, metadata=dict(file.metadata))

    @property
    def _reading(self) -> Reading:
        names = {field.name for field in fields(Reading)} - {"counts"}
        return Reading(**{name: getattr(self, name) for name in names}, counts=self._counts)

    def _quarantine(self, found: Damaged, rank: int) -> None:
        self._counts.update(("quarantined", f"quarantined_{found.reason.value}"))
        if self.quarantine_writer is not None:
            verdict = Verdict.quarantined(found.reason, detail=without_surrogates(found.detail)[:SHOWN_DETAIL])
            metadata = {**set_aside_reserved(found.metadata), **verdict.as_metadata("reader"), "source": found.source}
            metadata["filter_reason"] = found.reason.value
            self.quarantine_writer.write(Document(text=found.text, id=found.source, metadata=metadata), rank)

    def __str__(self) -> str:
        return f"{self.type}: {self.name}"
