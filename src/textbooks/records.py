"""The one way in and out: a record of the caller's becomes a datatrove `Document`, and becomes the caller's again."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

from datatrove.data import Document

from textbooks.verdicts import Reason

__all__ = ["Record", "as_records", "from_document", "to_document", "why_unjudgeable"]

Record = str | Mapping[str, Any] | Document
R = TypeVar("R")


def to_document(record: Any, *, index: int = 0, text_key: str = "text", id_key: str = "id") -> Document:  # noqa: ANN401
    """Return `record` as a `Document`; anything goes in, for a bad record must not stop a run.

    Parameters
    ----------
    record : str, mapping, Document or anything
        A string is the text itself; a mapping holds it under `text_key`; a `Document` passes as it is.
        Whatever else becomes a document whose text is that object, which every filter quarantines.
    index : int, default=0
        The position of the record, used as id where it has none.
    text_key, id_key : str
        Where a mapping keeps its text and its id. A missing text becomes None.

    Returns
    -------
    Document
        With the mapping's other entries as metadata.
    """
    if isinstance(record, Document):
        return record
    if isinstance(record, Mapping):
        metadata = {key: value for key, value in record.items() if key not in (text_key, id_key)}
        return Document(text=record.get(text_key), id=str(record.get(id_key, index)), metadata=metadata)
    return Document(text=record, id=str(index))


def from_document(document: Document, like: R, *, text_key: str = "text", id_key: str = "id") -> R:
    """Return `document` in the type of `like`, the record that it came from.

    Parameters
    ----------
    document : Document
        A document that `to_document` made, perhaps with more metadata by now.
    like : str, mapping or Document
        The record it was made from; it is not changed.

    Returns
    -------
    The text for a string; for a mapping a dict with the metadata as entries; else the document.
    """
    if isinstance(like, Mapping):
        row = {**document.metadata, text_key: document.text}
        if id_key in like:
            row[id_key] = like[id_key]
        return cast(R, row)
    if isinstance(like, Document):
        return cast(R, copy.copy(document))
    return cast(R, document.text)


def as_records(records: Iterable[R]) -> list[R]:
    """Return the records as a list, and refuse what only looks like a list of records.

    Raises
    ------
    TypeError
        For a single string, mapping or document (it would be taken apart), and for a data frame (iterating it
        gives its column names).
    """
    if isinstance(records, str | bytes | Mapping | Document):
        msg = f"expected a list of records, got a single {type(records).__name__}: wrap it in a list"
        raise TypeError(msg)
    if hasattr(records, "columns") and hasattr(records, "iloc"):
        msg = "expected a list of records, got a data frame: pass a column (df['text']) or df.to_dict('records')"
        raise TypeError(msg)
    return list(records)


def why_unjudgeable(text: object) -> Reason | None:
    """Say why no filter can judge this object as a text, or None when it can.

    Returns
    -------
    Reason or None
        `TEXT_MISSING` for None, `NOT_TEXT` for what is not a string, `INVALID_UNICODE` for a string with lone
        surrogates (it has no UTF-8 form). NUL characters and empty strings are text.
    """
    if text is None:
        return Reason.TEXT_MISSING
    if not isinstance(text, str):
        return Reason.NOT_TEXT
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return Reason.INVALID_UNICODE
    return None
