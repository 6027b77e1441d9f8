"""What the reading of a file gives, and what it is told: documents, damaged records, parameters."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

from datatrove.data import Document

from textbooks.readers.kinds import is_url
from textbooks.verdicts import Reason

__all__ = ["MAX_BYTES", "SHOWN_BYTES", "Damaged", "Found", "Reading", "open_input", "read_bounded", "shown"]

MAX_BYTES = 64_000_000
SHOWN_BYTES = 100_000  # of what goes to quarantine: enough to see what it is


@dataclass(frozen=True, slots=True)
class Damaged:
    """A record that is there but cannot become a document.

    Attributes
    ----------
    source : str
        The file, and ``#row`` where it has rows.
    reason : Reason
        Why, as a fixed slug.
    detail : str
        The same in words.
    text : str or None
        What is there, as far as it can be shown.
    metadata : dict
        What is known of it.
    """

    source: str
    reason: Reason
    detail: str
    text: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


Found: TypeAlias = Document | Damaged


@dataclass(frozen=True, slots=True)
class Reading:
    """The parameters of `CorpusReader` that the formats heed; see there.

    Attributes
    ----------
    counts : Counter
        What the formats count by the way: ``rows``, ``rows_with_text_column``.
    """

    text_key: str = "text"
    id_key: str = "id"
    max_bytes: int = MAX_BYTES
    notebook_outputs: int = 0
    blobs: str = ""
    changes: str = "diff"
    max_change_bytes: int = 100_000
    min_score: int = 1
    max_answers: int = 3
    counts: Counter[str] = field(default_factory=Counter)


def open_input(path: str) -> contextlib.AbstractContextManager[IO[bytes]]:
    """Return the file or URL as a context manager, to be entered for its stream of bytes."""
    if not is_url(path):
        return Path(path).open("rb")
    import fsspec

    # to be entered, not only opened: an archive is closed as soon as nobody holds its file system
    return cast("contextlib.AbstractContextManager[IO[bytes]]", fsspec.open(path, "rb"))


def read_bounded(stream: IO[bytes], expected: int, max_bytes: int) -> bytes:
    """Return the bytes of a stream; one more than `max_bytes` when there are more.

    Parameters
    ----------
    stream : binary file
        At its start.
    expected : int
        Its size as the file system says; it may be wrong.
    max_bytes : int
        No more is read, but for one byte.
    """
    data = stream.read(min(expected, max_bytes) + 1)
    if len(data) > expected:  # it grew, or its file system does not tell sizes
        data += stream.read(max_bytes + 1 - len(data))
    return data


def shown(data: bytes) -> str:
    """Return the beginning of damaged bytes as a person may read it."""
    return data[:SHOWN_BYTES].decode("utf-8", "replace")
