"""How far the tasks of a run are, noted in small files that a display can read."""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

__all__ = ["Progress", "ProgressFile", "read_progress"]

SECONDS_BETWEEN_NOTES = 0.5


@dataclass(slots=True)
class Progress:
    """How much has been read: records and bytes of the input files."""

    records: int = 0
    size: int = 0


class ProgressFile:
    """One task's note of how far it is; a context manager. With no folder it does nothing.

    Progress is a courtesy: a full disk must not end a run here, where it would not say what was being written.
    """

    def __init__(self, folder: str | Path | None, rank: int) -> None:
        self._path = None if folder is None else Path(folder) / f"{rank:05d}.json"
        self._progress = Progress()
        self._noted = 0.0

    def __enter__(self) -> Self:
        self._note()
        return self

    def __exit__(self, *_: object) -> None:
        self._note()

    def add(self, *, records: int = 0, size: int = 0) -> None:
        """Count what was read and note it if the last note is old enough."""
        self._progress.records += records
        self._progress.size += size
        if time.monotonic() - self._noted > SECONDS_BETWEEN_NOTES:
            self._note()

    def _note(self) -> None:
        self._noted = time.monotonic()
        if self._path is None:
            return
        note = {"records": self._progress.records, "size": self._progress.size, "pid": os.getpid()}
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps(note))


def read_progress(folder: Path) -> dict[int, tuple[Progress, int]]:
    """Return, for every task that has begun, how far it is and the process that runs it."""
    notes: dict[int, tuple[Progress, int]] = {}
    for file in folder.glob("*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # being written at this moment
            note = json.loads(file.read_text())
            notes[int(file.stem)] = Progress(note["records"], note["size"]), note["pid"]
    return notes
