"""How a file is read, told by its name; and the formats that a folder can be searched for."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

__all__ = ["DEFAULT_FORMATS", "FORMATS", "check_formats", "is_git", "is_url", "kind_of", "name_of", "suffixes_of"]

ROW_SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".jsonl.zst", ".ndjson.zst")

FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    "python": (".py",),
    "jsonl": ROW_SUFFIXES,
    "parquet": (".parquet",),
    "notebook": (".ipynb",),
    "markdown": (".md", ".markdown"),
    "stack_exchange": tuple(f"posts.xml{packed}" for packed in ("", ".gz", ".bz2", ".xz", ".zst")),
}
"""How the names of the files of each format end, in lower case."""

DEFAULT_FORMATS: Final = ("python", "jsonl", "parquet")
"""What is read from a folder unless more is asked for."""

_KINDS = {suffix: name for name, suffixes in FORMATS.items() if name != "python" for suffix in suffixes}


def check_formats(formats: Collection[str]) -> None:
    """Raise unless every name is one of `FORMATS`.

    Raises
    ------
    TypeError
        For a single string, which would be taken apart.
    ValueError
        If there is no such format, or none is named.
    """
    if isinstance(formats, str):
        msg = f"formats must be a list of names, got the string {formats!r}"
        raise TypeError(msg)
    wrong = [name for name in formats if name not in FORMATS]
    if wrong or not formats:
        msg = f"formats must be some of {', '.join(FORMATS)}, got {wrong[0] if wrong else 'none'!r}"
        raise ValueError(msg)


def suffixes_of(formats: Collection[str]) -> tuple[str, ...]:
    """Return how the names of the files of some formats end."""
    return tuple(suffix for name in FORMATS if name in formats for suffix in FORMATS[name])


def kind_of(path: str) -> str:
    """Return how to read a file, by its name: a format's name, and ``"text"`` for Python and all that is not known."""
    lowered = name_of(path).lower()
    return next((kind for suffix, kind in _KINDS.items() if lowered.endswith(suffix)), "text")


def name_of(path: str) -> str:
    """Return the part of a path or URL that ends in the file's suffix: no query, no file system behind it."""
    first = path.split("::", 1)[0] if is_url(path) and "://" in path.split("::", 1)[0] else path
    return re.split(r"[?#]", first, maxsplit=1)[0] if first.startswith(("http://", "https://")) else first


def is_url(path: str) -> bool:
    """Whether `path` names a file system of fsspec, as in ``s3://bucket/folder``."""
    return "://" in path


def is_git(path: str) -> bool:
    """Whether a path asks for a repository's files or commits (``git://`` is a URL, and is not meant)."""
    return path.startswith(("git:", "commits:")) and "://" not in path.split("@")[0]
