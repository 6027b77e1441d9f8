"""Rows of JSON Lines and parquet, one document each."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator
from typing import Any, cast

from datatrove.data import Document

from textbooks.readers.found import SHOWN_BYTES, Damaged, Found, Reading, open_input, shown
from textbooks.readers.inputs import InputFile
from textbooks.readers.kinds import name_of
from textbooks.readers.lines import read_lines
from textbooks.readers.parquet import read_parquet_rows
from textbooks.readers.rows import MalformedRowError, parse_row, set_aside_reserved, without_surrogates
from textbooks.records import why_unjudgeable
from textbooks.verdicts import Reason

__all__ = ["from_row", "read_jsonl", "read_parquet"]


def read_jsonl(file: InputFile, reading: Reading) -> Iterator[Found]:
    """Yield one document a line; a line that is too long or no JSON object is damaged."""
    path = without_surrogates(file.path)
    with open_input(file.path) as stream:
        for number, line in read_lines(stream, name_of(file.path), max_bytes=reading.max_bytes):
            source = f"{path}#{number}"
            if line is None:
                detail = f"a line of more than {reading.max_bytes} bytes"
                yield Damaged(source, Reason.TOO_LARGE, detail, metadata=dict(file.metadata))
                continue
            try:
                row = parse_row(line, text_key=reading.text_key)
            except MalformedRowError as error:
                yield Damaged(source, error.reason, str(error), shown(line), dict(file.metadata))
            else:
                yield from_row(row, source, file, reading)


def read_parquet(file: InputFile, reading: Reading) -> Iterator[Found]:
    """Yield one document a row."""
    path = without_surrogates(file.path)
    with open_input(file.path) as stream:
        for number, row in enumerate(read_parquet_rows(stream, text_key=reading.text_key), 1):
            yield from_row(row, f"{path}#{number}", file, reading)


def from_row(row: dict[str, Any], source: str, file: InputFile, reading: Reading) -> Found:
    """Return a row as a document, or what is wrong with its text.

    Parameters
    ----------
    row : dict
        Its columns; the text and the id are taken out.
    source : str
        File and row.
    file : InputFile
        Where it stands; its metadata go to the document's.
    reading : Reading
        Names of the columns, and the size that a text may have.
    """
    key = reading.text_key
    reading.counts["rows"] += 1
    reading.counts["rows_with_text_column"] += key in row
    text = row.pop(key, None)
    reason = why_unjudgeable(text)
    if reason is not None:
        columns = ", ".join(map(str, row)) or "none"
        detail = f"column {key!r} holds {reprlib.repr(text)}; other columns: {columns:.300}"
        return Damaged(source, reason, detail, metadata={**file.metadata, **row})
    if 4 * len(text) > reading.max_bytes and len(text.encode()) > reading.max_bytes:
        detail = f"a text of more than {reading.max_bytes} bytes"
        return Damaged(source, Reason.TOO_LARGE, detail, text[:SHOWN_BYTES], {**file.metadata, **row})
    given_id = row.pop(reading.id_key, None)
    return Document(
        text=cast(str, text),
        id=source if given_id is None else without_surrogates(str(given_id)),
        metadata={**file.metadata, **set_aside_reserved(row), "source": source},
    )
