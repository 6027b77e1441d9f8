"""Whole files: Python, as the interpreter would decode it, and Markdown, as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from datatrove.data import Document

from textbooks.readers.decode import UndecodableError, decode_source
from textbooks.readers.found import Damaged, Found, Reading, open_input, read_bounded, shown
from textbooks.readers.inputs import InputFile
from textbooks.readers.rows import without_surrogates
from textbooks.verdicts import Reason

__all__ = ["MARKDOWN", "decode_utf8", "read_markdown", "read_python", "read_whole"]

MARKDOWN = {"text_format": "markdown"}
"""Metadata that tell the filters of lessons from Python."""


def read_python(file: InputFile, reading: Reading) -> Iterator[Found]:
    """Yield one file of source code: byte-order mark, encoding comment, else UTF-8."""
    found = read_whole(file, reading, decode_source)
    yield found if isinstance(found, Damaged) else _document(file, found, {})


def read_markdown(file: InputFile, reading: Reading) -> Iterator[Found]:
    """Yield one file of Markdown, which is UTF-8."""
    found = read_whole(file, reading, decode_utf8)
    yield found if isinstance(found, Damaged) else _document(file, found, MARKDOWN)


def _document(file: InputFile, text: str, more: dict[str, str]) -> Document:
    source = without_surrogates(file.path)
    return Document(text=text, id=source, metadata={**file.metadata, **more, "source": source})


def read_whole(file: InputFile, reading: Reading, decode: Callable[[bytes], str]) -> str | Damaged:
    """Return the text of a file, or what is wrong with it.

    Parameters
    ----------
    file : InputFile
        What to read.
    reading : Reading
        Its `max_bytes` bound the file.
    decode : callable
        Bytes to text; raises `UndecodableError`.
    """
    source, metadata = without_surrogates(file.path), dict(file.metadata)
    with open_input(file.path) as stream:
        data = read_bounded(stream, file.size, reading.max_bytes)
    if len(data) > reading.max_bytes:
        return Damaged(source, Reason.TOO_LARGE, f"more than {reading.max_bytes} bytes", shown(data), metadata)
    try:
        return decode(data)
    except UndecodableError as error:
        return Damaged(source, Reason.INVALID_UNICODE, str(error), shown(data), metadata)


def decode_utf8(data: bytes) -> str:
    """Return UTF-8 as text, without a byte-order mark.

    Raises
    ------
    UndecodableError
        If it is no UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UndecodableError(str(error)) from error
