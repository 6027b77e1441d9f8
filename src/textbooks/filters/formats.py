"""What a document's text is written in, and who judges it."""

from __future__ import annotations

from typing import Final

from datatrove.data import Document

__all__ = ["PYTHON", "TEXT_FORMAT", "format_of"]

TEXT_FORMAT: Final = "text_format"
"""The entry of a document's metadata that says what its text is written in; without one it is Python."""

PYTHON: Final = "python"

_LESSONS: Final = frozenset({"markdown", "html", "notebook"})


def format_of(document: Document) -> str:
    """Return what the text of a document is written in, by its metadata.

    Returns
    -------
    str
        ``"markdown"``, ``"html"`` or ``"notebook"``, where `TEXT_FORMAT` says so; ``"python"`` in every other case.
    """
    named = document.metadata.get(TEXT_FORMAT)
    return named if isinstance(named, str) and named in _LESSONS else PYTHON
