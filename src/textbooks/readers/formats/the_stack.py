"""The Stack, versions 1 and 2, told by its columns: content, licence and origin under the names that we use."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, cast

from textbooks.readers.formats.blobs import BlobError, read_blob
from textbooks.readers.formats.notebook import NotANotebookError, notebook_to_markdown
from textbooks.readers.formats.row_documents import document_of
from textbooks.readers.formats.text import MARKDOWN
from textbooks.readers.found import SHOWN_BYTES, Damaged, Found, Reading
from textbooks.readers.inputs import InputFile
from textbooks.readers.rows import without_surrogates
from textbooks.records import why_unjudgeable
from textbooks.verdicts import Reason

__all__ = ["LEFT_AS_IT_IS", "join_licences", "read_stack_row", "shape_of"]

Shape = Literal["content", "pointer", "repository"]

LEFT_AS_IT_IS: Final = ("content", "files")
"""Columns that may hold texts of The Stack, in which lone surrogates must stay to be found."""

_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "repository": ("max_stars_repo_name", "repository_name", "repo_name"),
    "path": ("max_stars_repo_path", "path"),
    "revision": ("max_stars_repo_head_hexsha", "revision_id"),
    "stars": ("max_stars_count", "star_events_count"),
    "language": ("lang", "language"),
}
_LICENCES = ("max_stars_repo_licenses", "licenses", "detected_licenses")
_REPOSITORY_LICENCE = "gha_license_id"
_IDS = ("hexsha", "blob_id")


def shape_of(columns: Mapping[str, Any], text_key: str) -> Shape | None:
    """Return how a row of The Stack holds its text; None for any other row, and where `text_key` is a column.

    Returns
    -------
    {"content", "pointer", "repository"} or None
        In the column ``content`` (v1, its samples and StarCoder's data; v2 with contents joined); by ``blob_id`` (v2);
        or in ``files``, a list for a whole repository (the training ids of v2).
    """
    if text_key in columns and text_key != "content":
        return None
    if "content" in columns:
        of_v1 = "max_stars_repo_name" in columns or ("repository_name" in columns and "licenses" in columns)
        return "content" if of_v1 or "blob_id" in columns else None
    if "blob_id" in columns and "src_encoding" in columns:
        return "pointer"
    return "repository" if "files" in columns and "repo_name" in columns and "revision_id" in columns else None


def join_licences(found: object) -> str | None:
    """Return the licences that were detected for a file as one SPDX expression, None where there are none.

    They are joined by AND. The detectors behind The Stack list the licence texts that they find in a repository, and
    rather one too many than one too few; none of them says that one may choose. AND never grants more than is true.
    The price: a repository that does offer a choice ("MIT OR GPL") counts by its stricter licence.
    """
    names = found if isinstance(found, list | tuple) else [found]
    unique = sorted({name.strip() for name in names if isinstance(name, str) and name.strip()})
    whole = [f"({name})" if " " in name and len(unique) > 1 else name for name in unique]
    return " AND ".join(whole) or None


def read_stack_row(
    row: Mapping[str, Any], shape: Shape, source: str, file: InputFile, reading: Reading
) -> Iterator[Found]:
    """Yield the documents of a row: one, or one a file of its repository.

    Parameters
    ----------
    row : mapping
        Its columns. Licence, repository, path, revision, stars and language come under these names, the others as
        they are; those without a value are left out.
    shape : {"content", "pointer", "repository"}
        What `shape_of` says.
    source : str
        File and row; a file of a repository adds ``:number``.
    file, reading
        What is read, and how.
    """
    reading.counts["rows"] += 1
    reading.counts["rows_with_text_column"] += 1
    if shape != "repository":
        yield _document(row, source, file, reading)
        return
    files = row["files"]
    shared = {name: value for name, value in row.items() if name not in ("files", "num_files")}
    if not isinstance(files, list) or not files:
        reason = Reason.MALFORMED_ROW if files else Reason.TEXT_MISSING
        yield Damaged(source, reason, f"column 'files' holds {reprlib.repr(files)}", metadata={**file.metadata})
        return
    for number, entry in enumerate(files, 1):
        if isinstance(entry, dict):
            yield _document({**shared, **entry}, f"{source}:{number}", file, reading)
        else:
            detail = f"file {number} of the repository is a {type(entry).__name__}, not an object"
            yield Damaged(f"{source}:{number}", Reason.MALFORMED_ROW, detail, metadata={**file.metadata})


def _document(row: Mapping[str, Any], source: str, file: InputFile, reading: Reading) -> Found:
    about = _normalised(row)
    text = row.get("content")
    if "content" not in row:
        try:
            text = read_blob(reading.blobs, row.get("blob_id"), row.get("src_encoding"), max_bytes=reading.max_bytes)
        except BlobError as error:
            return Damaged(source, error.reason, str(error), metadata={**file.metadata, **about})
    reason = why_unjudgeable(text)
    if reason is not None:
        detail = f"column 'content' holds {reprlib.repr(text)}"
        return Damaged(source, reason, detail, metadata={**file.metadata, **about})
    text = cast(str, text)
    try:
        text, text_format = _as_lesson(text, str(about.get("path", "")), str(row.get("ext", "")), reading)
    except NotANotebookError as error:
        return Damaged(source, error.reason, str(error), text[:SHOWN_BYTES], {**file.metadata, **about})
    given = (row.get(name) for name in (*_IDS, reading.id_key))
    given_id = next((value for value in given if value is not None), None)
    return document_of(text, given_id, {**about, **text_format}, source, file, reading)


def _as_lesson(text: str, path: str, extension: str, reading: Reading) -> tuple[str, Mapping[str, str]]:
    """Return a notebook as Markdown, and what tells Markdown from Python; anything else stays as it is."""
    name = f"{path}.{extension}".lower()
    if name.endswith(".ipynb") or path.lower().endswith(".ipynb"):
        if text.lstrip("\ufeff \t\r\n").startswith("{"):  # else a script or Markdown that somebody made of it
            return notebook_to_markdown(text, outputs=reading.notebook_outputs), MARKDOWN
    elif name.endswith((".md", ".markdown")) or path.lower().endswith((".md", ".markdown")):
        return text, MARKDOWN
    return text, {}


def _normalised(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns but for the text, under the names that every reader uses."""
    aliases = {alias for names in _ALIASES.values() for alias in names}
    apart = {*aliases, *_LICENCES, *LEFT_AS_IT_IS}
    about = {name: without_surrogates(v) for name, v in row.items() if name not in apart and v is not None}
    for name, names in _ALIASES.items():
        value = _first(row, names)
        value = _stars(value) if name == "stars" else value
        if value is not None:
            about[name] = without_surrogates(value)
    if isinstance(about.get("path"), str):
        about["path"] = about["path"].lstrip("/")
    licence = join_licences(_first(row, _LICENCES)) or join_licences(row.get(_REPOSITORY_LICENCE))
    if licence is not None:
        about["license"] = without_surrogates(licence)
    where = [about.get(name) for name in ("repository", "revision", "path")]
    if all(isinstance(part, str) and part for part in where):
        about["url"] = "https://github.com/{}/blob/{}/{}".format(*where)
    return about


def _first(row: Mapping[str, Any], names: Sequence[str]) -> Any:  # noqa: ANN401
    return next((row[name] for name in names if row.get(name) is not None), None)


def _stars(value: object) -> int | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return int(cast(float, value)) if is_number else None
