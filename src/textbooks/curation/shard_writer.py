"""One parquet file a task, or a block of it: there when that is done and not before."""

from __future__ import annotations

import builtins
import contextlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from textbooks.errors import DamagedRecordError
from textbooks.storage import publish

__all__ = ["ShardWriter", "StrictQuarantine"]

ROW_GROUP_ROWS = 1_000
ROW_GROUP_CHARS = 16_000_000


class ShardWriter(PipelineStep):  # type: ignore[misc]
    """Write the documents of a task to ``<folder>/<rank>.parquet``, which appears whole or not at all.

    It stands where datatrove's own writers would, which give a file its name before it is whole. It serves as a step
    (and then writes a file even when no document comes) and as the writer of any number of
    filters of one pipeline at once: the file is published when the last of them is done, and thrown away when
    any of them fails or is interrupted.

    Within `textbooks.curation.blocks.Blocks` the file is one of a block, ``<folder>/<rank>-<block><suffix>.parquet``,
    and there is none when the block has no document for it.

    Parameters
    ----------
    folder : path
        A local folder.
    schema : pyarrow.Schema
        `KEPT_SCHEMA` or `REJECTED_SCHEMA`.
    score_key : str, default="edu_value_score"
        The metadata field that becomes the column ``score``.
    suffix : str, default=""
        Ends the names of the files, where two stages write to one folder.

    Attributes
    ----------
    published : list of (Path, int)
        The files that got their names, and their rows; who looks at it empties it.
    """

    name = "shard"
    type = "WRITER"

    def __init__(
        self, folder: str | Path, schema: pa.Schema, *, score_key: str = "edu_value_score", suffix: str = ""
    ) -> None:
        super().__init__()
        self.folder = folder
        self.schema = schema
        self.score_key = score_key
        self.suffix = suffix
        self.published: list[tuple[Path, int]] = []
        self._block: int | None = None
        self._users = 0
        self._open: dict[int, _OpenShard] = {}

    def write(self, document: Document, rank: int = 0, **_: Any) -> None:  # noqa: ANN401
        """Add one document to the file of task `rank`."""
        self._shard(rank).add(row_of(document, self.schema, self.score_key))
        self.stat_update("total")

    def run(self, data: Iterable[Document] | None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Write every document and pass it on."""
        del world_size
        with self:
            if self._block is None:
                self._shard(rank)
            for document in data or ():
                self.write(document, rank)
                yield document

    def begin_block(self, rank: int, block: int) -> None:
        """Write to the file of a block from now on; what an unfinished attempt at that block left is removed."""
        self._block = block
        self.published.clear()
        self._path(rank).unlink(missing_ok=True)

    def _path(self, rank: int) -> Path:
        block = "" if self._block is None else f"-{self._block:05d}"
        return Path(self.folder) / f"{rank:05d}{block}{self.suffix}.parquet"

    def _shard(self, rank: int) -> _OpenShard:
        if rank not in self._open:
            self._open[rank] = _OpenShard(self._path(rank), self.schema)
        return self._open[rank]

    def __enter__(self) -> Self:
        self._users += 1
        return self

    def __exit__(
        self, kind: builtins.type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._users -= 1
        if kind is not None:
            self._close(kind, error, trace)
        elif self._users == 0:
            self._close(None, None, None)

    def _close(self, *how: Any) -> None:  # noqa: ANN401
        while self._open:
            shard = self._open.popitem()[1]
            shard.close(*how)
            if how[0] is None:
                self.published.append((shard.path, shard.rows))


class _OpenShard:
    """A file being written under a temporary name."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.rows = 0
        self._stack = contextlib.ExitStack()
        self._schema = schema
        temporary = self._stack.enter_context(publish(path))
        try:
            self._writer = self._stack.enter_context(pq.ParquetWriter(temporary, schema, compression="zstd"))
        except BaseException as error:
            self._stack.__exit__(type(error), error, error.__traceback__)
            raise
        self._rows: list[dict[str, Any]] = []
        self._chars = 0

    def add(self, row: dict[str, Any]) -> None:
        """Add a row; it is written with some others."""
        self._rows.append(row)
        self.rows += 1
        self._chars += len(row["text"] or "")
        if len(self._rows) >= ROW_GROUP_ROWS or self._chars >= ROW_GROUP_CHARS:
            self._flush()

    def _flush(self) -> None:
        self._writer.write_batch(pa.RecordBatch.from_pylist(self._rows, schema=self._schema))
        self._rows, self._chars = [], 0

    def close(self, kind: Any, error: Any, trace: Any) -> None:  # noqa: ANN401
        """Publish the file, or throw it away after an error."""
        try:
            if kind is None and self._rows:
                self._flush()
        except BaseException as failure:
            self._stack.__exit__(type(failure), failure, failure.__traceback__)
            raise
        self._stack.__exit__(kind, error, trace)


class StrictQuarantine:
    """Stands where a quarantine writer would and raises on the first record: strict mode."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def write(self, document: Document, rank: int = 0) -> NoReturn:
        """Raise `DamagedRecordError` with the record's file and row."""
        del rank
        source = document.metadata.get("source", document.id)
        msg = f"{source}: {document.metadata.get('filter_reason')}: {_evidence(document.metadata)}"
        raise DamagedRecordError(msg)


def row_of(document: Document, schema: pa.Schema, score_key: str) -> dict[str, Any]:
    """Return the columns of one document: see `textbooks.schema`."""
    metadata = dict(document.metadata)
    evidence = _evidence(metadata)
    reason = metadata.pop("filter_reason", None)
    score = metadata.get(score_key)
    source = metadata.pop("source", document.id)
    for step in _steps(document.metadata):
        for suffix in ("score", "reason", "evidence"):
            metadata.pop(f"{step}_{suffix}", None)
    row = {
        "id": document.id,
        "text": document.text,
        "score": score if score is not None and score == score else None,  # NaN is no score
        "reasons": [reason] if reason else [],
        "evidence": to_json(evidence),
        "source": source,
        "metadata": to_json(metadata),
        "reason": reason,
    }
    return {name: row[name] for name in schema.names}


def _steps(metadata: dict[str, Any]) -> list[str]:
    """Return the names of the steps that left their three fields."""
    names = [key.removesuffix("_evidence") for key in metadata if key.endswith("_evidence")]
    return [name for name in names if f"{name}_score" in metadata and f"{name}_reason" in metadata]


def _evidence(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return what each step noted, without the steps that noted nothing."""
    noted = {step: _parsed(metadata[f"{step}_evidence"]) for step in _steps(metadata)}
    return {step: evidence for step, evidence in noted.items() if evidence}


def _parsed(evidence: object) -> object:
    """Return parsed evidence; a step of somebody else's may have left what is no JSON, and that stays as it is."""
    try:
        return json.loads(evidence) if isinstance(evidence, str) else evidence
    except ValueError:
        return evidence


def to_json(value: object) -> str:
    """Return JSON of anything that a parquet column or a JSON line can hold; what has no JSON form becomes a string."""
    options = orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS
    try:
        return orjson.dumps(value, default=str, option=options).decode()
    except (orjson.JSONEncodeError, RecursionError):  # integers beyond 64 bits, lone surrogates, deep nesting
        pass
    try:
        return json.dumps(value, default=str, skipkeys=True)
    except (ValueError, RecursionError) as error:
        return json.dumps({"not_json": f"{type(error).__name__}: {error}"})
