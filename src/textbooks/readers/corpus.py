"""Files, JSON lines and parquet to documents, one shard a task; what cannot be read is counted and set aside."""

from __future__ import annotations

import contextlib
import reprlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.writers.disk_base import DiskWriter

from textbooks.readers.decode import UndecodableError, decode_source
from textbooks.readers.inputs import InputFile, is_url, name_of
from textbooks.readers.lines import TruncatedStreamError, read_lines
from textbooks.readers.parquet import read_parquet_rows
from textbooks.readers.plan import load_shard
from textbooks.readers.progress import ProgressFile
from textbooks.readers.rows import MalformedRowError, parse_row, set_aside_reserved, without_surrogates
from textbooks.records import why_unjudgeable
from textbooks.verdicts import Reason, Verdict

__all__ = ["CorpusReader"]

MAX_BYTES = 64_000_000
SHOWN_BYTES = 100_000  # of what goes to quarantine: enough to see what it is
SHOWN_DETAIL = 500  # characters


@dataclass(frozen=True, slots=True)
class Damaged:
    """A record that is there but cannot become a document."""

    source: str
    reason: Reason
    detail: str
    text: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


Found: TypeAlias = Document | Damaged


class CorpusReader(PipelineStep):  # type: ignore[misc]
    """Read the files that a plan gives to this task, as datatrove's first step.

    A text file is one document; each line of a JSONL file and each row of a parquet file is one. The metadata
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
        quarantine_writer: DiskWriter | None = None,
        progress: str | Path | None = None,
    ) -> None:
        if max_bytes < 1:
            msg = f"max_bytes must be at least 1, got {max_bytes!r}"
            raise ValueError(msg)
        super().__init__()
        self.plan = plan
        self.text_key = text_key
        self.id_key = id_key
        self.max_bytes = max_bytes
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
            with _open(file.path) as stream:
                for found in self._read_stream(file, stream):
                    rows += 1
                    yield found
        except Exception as error:
            is_cut = rows > 0 or isinstance(error, TruncatedStreamError)
            detail = f"{type(error).__name__}: {error}" + (f", after {rows} records" if rows else "")
            reason = Reason.TRUNCATED if is_cut else Reason.UNREADABLE
            yield Damaged(without_surrogates(file.path), reason, detail, metadata=dict(file.metadata))

    def _read_stream(self, file: InputFile, stream: IO[bytes]) -> Iterator[Found]:
        if file.kind == "jsonl":
            return self._read_jsonl(file, stream)
        return self._read_parquet(file, stream) if file.kind == "parquet" else self._read_text(file, stream)

    def _read_text(self, file: InputFile, stream: IO[bytes]) -> Iterator[Found]:
        source, metadata = without_surrogates(file.path), dict(file.metadata)
        data = stream.read(min(file.size, self.max_bytes) + 1)
        if len(data) > file.size:  # it grew, or its file system does not tell sizes
            data += stream.read(self.max_bytes + 1 - len(data))
        if len(data) > self.max_bytes:
            yield Damaged(source, Reason.TOO_LARGE, f"more than {self.max_bytes} bytes", _shown(data), metadata)
            return
        try:
            text = decode_source(data)
        except UndecodableError as error:
            yield Damaged(source, Reason.INVALID_UNICODE, str(error), _shown(data), metadata)
            return
        yield Document(text=text, id=source, metadata={**metadata, "source": source})

    def _read_jsonl(self, file: InputFile, stream: IO[bytes]) -> Iterator[Found]:
        path = without_surrogates(file.path)
        for number, line in read_lines(stream, name_of(file.path), max_bytes=self.max_bytes):
            source = f"{path}#{number}"
            if line is None:
                detail = f"a line of more than {self.max_bytes} bytes"
                yield Damaged(source, Reason.TOO_LARGE, detail, metadata=dict(file.metadata))
                continue
            try:
                row = parse_row(line, text_key=self.text_key)
            except MalformedRowError as error:
                yield Damaged(source, error.reason, str(error), _shown(line), dict(file.metadata))
            else:
                yield self._from_row(row, source, file)

    def _read_parquet(self, file: InputFile, stream: IO[bytes]) -> Iterator[Found]:
        path = without_surrogates(file.path)
        for number, row in enumerate(read_parquet_rows(stream, text_key=self.text_key), 1):
            yield self._from_row(row, f"{path}#{number}", file)

    def _from_row(self, row: dict[str, Any], source: str, file: InputFile) -> Found:
        self._counts["rows"] += 1
        if self.text_key in row:
            self._counts["rows_with_text_column"] += 1
        text = row.pop(self.text_key, None)
        reason = why_unjudgeable(text)
        if reason is not None:
            columns = ", ".join(map(str, row)) or "none"
            detail = f"column {self.text_key!r} holds {reprlib.repr(text)}; other columns: {columns:.300}"
            return Damaged(source, reason, detail, metadata={**file.metadata, **row})
        if 4 * len(text) > self.max_bytes and len(text.encode()) > self.max_bytes:
            detail = f"a text of more than {self.max_bytes} bytes"
            return Damaged(source, Reason.TOO_LARGE, detail, text[:SHOWN_BYTES], {**file.metadata, **row})
        given_id = row.pop(self.id_key, None)
        return Document(
            text=cast(str, text),
            id=source if given_id is None else without_surrogates(str(given_id)),
            metadata={**file.metadata, **set_aside_reserved(row), "source": source},
        )

    def _quarantine(self, found: Damaged, rank: int) -> None:
        self._counts.update(("quarantined", f"quarantined_{found.reason.value}"))
        if self.quarantine_writer is not None:
            verdict = Verdict.quarantined(found.reason, detail=without_surrogates(found.detail)[:SHOWN_DETAIL])
            metadata = {**set_aside_reserved(found.metadata), **verdict.as_metadata("reader"), "source": found.source}
            metadata["filter_reason"] = found.reason.value
            self.quarantine_writer.write(Document(text=found.text, id=found.source, metadata=metadata), rank)

    def __str__(self) -> str:
        return f"{self.type}: {self.name}"


def _open(path: str) -> contextlib.AbstractContextManager[IO[bytes]]:
    if not is_url(path):
        return Path(path).open("rb")
    import fsspec

    # to be entered, not only opened: an archive is closed as soon as nobody holds its file system
    return cast("contextlib.AbstractContextManager[IO[bytes]]", fsspec.open(path, "rb"))


def _shown(data: bytes) -> str:
    return data[:SHOWN_BYTES].decode("utf-8", "replace")
