"""The files of a tree as documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from datatrove.data import Document

from textbooks.readers.decode import UndecodableError, decode_source
from textbooks.readers.formats.notebook import NotANotebookError, notebook_to_markdown
from textbooks.readers.formats.text import MARKDOWN, decode_utf8
from textbooks.readers.found import Damaged, Found, Reading, shown
from textbooks.readers.git.repository import PygitObject, object_of, open_repository, parse_git_path
from textbooks.readers.inputs import InputFile
from textbooks.readers.kinds import kind_of
from textbooks.readers.rows import without_surrogates
from textbooks.verdicts import Reason

__all__ = ["read_git_files"]


def read_git_files(file: InputFile, reading: Reading) -> Iterator[Found]:
    """Yield the files of one part of a tree; each that is missing, damaged or no text is one damaged record."""
    repository = open_repository(parse_git_path(file.path).folder)
    place = without_surrogates(file.path)
    page = file.metadata.get("url")
    for path, object_id in file.part["entries"]:
        metadata = {**file.metadata, "path": path}
        if page:
            metadata["url"] = f"{page}/blob/{file.metadata['revision']}/{path}"
        yield _read(repository, object_id, f"{place}:{path}", metadata, reading)


def _read(repository: PygitObject, object_id: str, source: str, metadata: dict[str, Any], reading: Reading) -> Found:
    try:
        size = repository.odb.read_header(object_id)[1] if object_id else 0
        if size > reading.max_bytes:
            return Damaged(source, Reason.TOO_LARGE, f"{size} bytes", metadata=metadata)
        data = bytes(object_of(repository, object_id).data)
    except Exception as error:
        detail = f"the object {object_id or 'of the folder'} is missing or damaged: {type(error).__name__}: {error}"
        return Damaged(source, Reason.UNREADABLE, detail, metadata=metadata)
    try:
        text, more = _text_of(data, kind_of(metadata["path"]), reading)
    except UndecodableError as error:
        return Damaged(source, Reason.INVALID_UNICODE, str(error), shown(data), metadata)
    except NotANotebookError as error:
        return Damaged(source, error.reason, str(error), shown(data), metadata)
    return Document(text=text, id=source, metadata={**metadata, **more, "source": source})


def _text_of(data: bytes, kind: str, reading: Reading) -> tuple[str, Mapping[str, str]]:
    if kind == "notebook":
        return notebook_to_markdown(decode_utf8(data), outputs=reading.notebook_outputs), MARKDOWN
    return (decode_utf8(data), MARKDOWN) if kind == "markdown" else (decode_source(data), {})
