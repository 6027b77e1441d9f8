"""Files, JSON lines and parquet to documents, one shard a task; what cannot be read is counted and set aside."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

import orjson
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.writers.disk_base import DiskWriter

from textbooks.readers.decode import UndecodableError, decode_source
from textbooks.readers.inputs import InputFile, is_url
from textbooks.readers.lines import DamagedStreamError, read_lines
from textbooks.readers.plan import load_shard
from textbooks.readers.progress import ProgressFile
from textbooks.records import why_unjudgeable
from textbooks.verdicts import Reason, Verdict

__all__ = ["CorpusReader"]

MAX_BYTES = 64_000_000
SHOWN_BYTES = 100_000  # of what goes to quarantine: enough to see what it is
PARQUET_BATCH = 128


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
        super().__init__()
        self.plan = plan
        self.text_key = text_key
        self.id_key = id_key
        self.max_bytes = max_bytes
        self.quarantine_writer = quarantine_writer
        self.progress = progress

    def run(self, data: Iterable[Document] | None = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield the documents of shard `rank`, after those of any step before."""
        del world_size
        yield from data or ()
        with contextlib.ExitStack() as stack:
            if self.quarantine_writer:
                stack.enter_context(self.quarantine_writer)
            progress = stack.enter_context(ProgressFile(self.progress, rank))
            for file in load_shard(Path(self.plan), rank):
                for found in self.read_file(file):
                    self.stat_update("read")
                    if isinstance(found, Document):
                        size = len(found.text)
                        self.stat_update("bytes", value=size if found.text.isascii() else len(found.text.encode()))
                        progress.add(records=1)
                        yield found
                    else:
                        progress.add(records=1)
                        self._quarantine(found, rank)
                progress.add(size=file.size)

    def read_file(self, file: InputFile) -> Iterator[Found]:
        """Yield what is in one file; any failure to read ends it with one damaged record."""
        rows = 0
        try:
            with _open(file.path) as stream:
                for found in self._read_stream(file, stream):
                    rows += 1
                    yield found
        except Exception as error:
            reason = Reason.TRUNCATED if rows or isinstance(error, DamagedStreamError) else Reason.UNREADABLE
            yield Damaged(_clean(file.path), reason, f"{type(error).__name__}: {error}", metadata=dict(file.metadata))

    def _read_stream(self, file: InputFile, stream: IO[bytes]) -> Iterator[Found]:
        if file.kind == "jsonl":
            return self._read_jsonl(file, stream)
        return self._read_parquet(file, stream) if file.kind == "parquet" else self._read_text(file, stream)

    def _read_text(self, file: InputFile, stream: IO[bytes]) -> Iterator[Found]:
        source, metadata = _clean(file.path), dict(file.metadata)
        data = stream.read(self.max_bytes + 1)
        shown = data[:SHOWN_BYTES].decode("utf-8", "replace")
        if len(data) > self.max_bytes:
            yield Damaged(source, Reason.TOO_LARGE, f"more than {self.max_bytes} bytes", shown, metadata)
            return
        try:
            text = decode_source(data)
        except UndecodableError as error:
            yield Damaged(source, Reason.INVALID_UNICODE, str(error), shown, metadata)
            return
        yield Document(text=text, id=source, metadata={**metadata, "source": source})

    def _read_jsonl(self, file: InputFile, stream: IO[bytes]) -> Iterator[Found]:
        for number, line in read_lines(stream, file.path, max_bytes=self.max_bytes):
            source = f"{_clean(file.path)}#{number}"
            if line is None:
                yield Damaged(source, Reason.TOO_LARGE, f"a line of more than {self.max_bytes} bytes")
                continue
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                row = error
            if isinstance(row, dict):
                yield self._from_row(row, source, file)
            else:
                shown = line[:SHOWN_BYTES].decode("utf-8", "replace")
                detail = str(row) if isinstance(row, Exception) else f"a JSON {type(row).__name__}, not an object"
                yield Damaged(source, Reason.MALFORMED_ROW, detail, shown, dict(file.metadata))

    def _read_parquet(self, file: InputFile, stream: IO[bytes]) -> Iterator[Found]:
        import pyarrow.parquet as pq

        number = 0
        with pq.ParquetFile(stream, pre_buffer=False) as parquet:
            for batch in parquet.iter_batches(batch_size=PARQUET_BATCH):
                for row in batch.to_pylist():
                    number += 1
                    yield self._from_row(row, f"{_clean(file.path)}#{number}", file)

    def _from_row(self, row: dict[str, Any], source: str, file: InputFile) -> Found:
        self.stat_update("rows")
        if self.text_key in row:
            self.stat_update("rows_with_text_column")
        text, given_id = row.pop(self.text_key, None), row.pop(self.id_key, None)
        metadata = {**file.metadata, **row}
        reason = why_unjudgeable(text)
        if reason is not None:
            columns = ", ".join(map(str, row)) or "none"
            detail = f"column {self.text_key!r} holds {text!r:.200}; other columns: {columns:.300}"
            return Damaged(source, reason, detail, metadata=metadata)
        return Document(
            text=cast(str, text),
            id=source if given_id is None else _clean(str(given_id)),
            metadata={**metadata, "source": source},
        )

    def _quarantine(self, found: Damaged, rank: int) -> None:
        self.stat_update("quarantined", f"quarantined_{found.reason.value}")
        if self.quarantine_writer:
            verdict = Verdict.quarantined(found.reason, detail=_clean(found.detail))
            metadata = {**found.metadata, **verdict.as_metadata("reader"), "source": found.source}
            metadata["filter_reason"] = found.reason.value
            self.quarantine_writer.write(Document(text=found.text, id=found.source, metadata=metadata), rank)

    def __str__(self) -> str:
        return f"{self.type}: {self.name}"


def _open(path: str) -> IO[bytes]:
    if not is_url(path):
        return Path(path).open("rb")
    import fsspec

    return cast("IO[bytes]", fsspec.open(path, "rb").open())


def _clean(text: str) -> str:
    """Return `text` with a question mark for what has no UTF-8 form, such as the raw bytes of a file name."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
