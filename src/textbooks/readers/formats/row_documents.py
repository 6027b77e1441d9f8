"""One row to one document, whatever file it stands in."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import Any, cast

from datatrove.data import Document

from textbooks.readers.found import SHOWN_BYTES, Damaged, Found, Reading
from textbooks.readers.inputs import InputFile
from textbooks.readers.rows import set_aside_reserved, without_surrogates
from textbooks.records import why_unjudgeable
from textbooks.verdicts import Reason

__all__ = ["document_of", "from_row"]


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
    given_id = row.pop(reading.id_key, None)
    return document_of(cast(str, text), given_id, row, source, file, reading)


def document_of(
    text: str, given_id: object, columns: Mapping[str, Any], source: str, file: InputFile, reading: Reading
) -> Found:
    """Return a valid text as a document, unless it is too large.

    Parameters
    ----------
    text : str
        Valid Unicode.
    given_id : object
        Its id; None where it has none: then `source` is the id.
    columns : mapping
        Its metadata; names that the pipeline uses itself are set aside.
    source : str
        File and row.
    file, reading
        As for `from_row`.
    """
    if 4 * len(text) > reading.max_bytes and len(text.encode()) > reading.max_bytes:
        detail = f"a text of more than {reading.max_bytes} bytes"
        return Damaged(source, Reason.TOO_LARGE, detail, text[:SHOWN_BYTES], {**file.metadata, **columns})
    return Document(
        text=text,
        id=source if given_id is None else without_surrogates(str(given_id)),
        metadata={**file.metadata, **set_aside_reserved(columns), "source": source},
    )
