"""Rows of JSON Lines and parquet: one document each, or as The Stack has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from textbooks.readers.formats.row_documents import from_row
from textbooks.readers.formats.the_stack import LEFT_AS_IT_IS, read_stack_row, shape_of
from textbooks.readers.found import Damaged, Found, Reading, open_input, shown
from textbooks.readers.inputs import InputFile
from textbooks.readers.kinds import name_of
from textbooks.readers.lines import read_lines
from textbooks.readers.parquet import read_parquet_rows
from textbooks.readers.rows import MalformedRowError, parse_row, without_surrogates
from textbooks.verdicts import Reason

__all__ = ["read_jsonl", "read_parquet"]


def read_jsonl(file: InputFile, reading: Reading) -> Iterator[Found]:
    """Yield the documents of each line; a line that is too long or no JSON object is damaged."""
    path = without_surrogates(file.path)
    with open_input(file.path) as stream:
        for number, line in read_lines(stream, name_of(file.path), max_bytes=reading.max_bytes):
            source = f"{path}#{number}"
            if line is None:
                detail = f"a line of more than {reading.max_bytes} bytes"
                yield Damaged(source, Reason.TOO_LARGE, detail, metadata=dict(file.metadata))
                continue
            try:
                row = parse_row(line, text_key=reading.text_key, keep=LEFT_AS_IT_IS)
            except MalformedRowError as error:
                yield Damaged(source, error.reason, str(error), shown(line), dict(file.metadata))
            else:
                yield from _documents(row, source, file, reading)


def read_parquet(file: InputFile, reading: Reading) -> Iterator[Found]:
    """Yield the documents of each row."""
    path = without_surrogates(file.path)
    with open_input(file.path) as stream:
        rows = read_parquet_rows(stream, text_key=reading.text_key, keep=LEFT_AS_IT_IS)
        for number, row in enumerate(rows, 1):
            yield from _documents(row, f"{path}#{number}", file, reading)


def _documents(row: dict[str, Any], source: str, file: InputFile, reading: Reading) -> Iterator[Found]:
    shape = shape_of(row, reading.text_key)
    if shape is not None:
        yield from read_stack_row(row, shape, source, file, reading)
        return
    for name in LEFT_AS_IT_IS:
        if name in row and name != reading.text_key:
            row[name] = without_surrogates(row[name])
    yield from_row(row, source, file, reading)
