"""Results of an evaluation that is under way, kept line by line so that a killed one goes on where it was."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import FileIO
from pathlib import Path
from typing import Any

from textbooks.errors import OutputError, ParametersChangedError
from textbooks.problems import Problem

__all__ = ["PartialResults", "digest", "evaluation_key", "partial_of", "partial_path"]


def partial_path(results: Path) -> Path:
    """Return where the unfinished results of a results file are kept: hidden, beside it."""
    return results.with_name(f".{results.name}.partial")


def evaluation_key(
    problems: Sequence[Problem], rows: Sequence[Mapping[str, Any]], limits: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what an evaluation's results depend on: digests of problems and completions, and the limits."""
    texts = ((p.id, p.prompt, p.tests, p.entry_point) for p in problems)
    completions = ((row["task_id"], row["completion"]) for row in rows)
    return {"problems": digest(texts), "completions": digest(completions), **limits}


def partial_of(results: Path, key: Mapping[str, Any]) -> PartialResults:
    """Return the unfinished results of a results file.

    Raises
    ------
    OutputError
        If the folder of the results file does not exist.
    """
    if not results.parent.is_dir():
        msg = f"cannot write {str(results)!r}: its folder does not exist"
        raise OutputError(msg)
    return PartialResults(partial_path(results), key)


def digest(items: Iterable[object]) -> str:
    """Return a digest of items of JSON types, as 16 hexadecimal digits."""
    hashed = hashlib.sha256()
    for item in items:
        hashed.update(json.dumps(item, default=repr).encode() + b"\n")
    return hashed.hexdigest()[:16]


class PartialResults:
    """The file of an evaluation under way: its key in the first line, then one line a sample.

    A line is appended by one write, so that a kill leaves at most one torn line, at the end; it is cut off on resume.

    Parameters
    ----------
    path : Path
        The file.
    key : mapping
        What the results depend on, as JSON types.

    Attributes
    ----------
    done : dict of int to str
        The result of every sample that is done, by the number of its row.
    """

    def __init__(self, path: Path, key: Mapping[str, Any]) -> None:
        self.path = path
        self.key = json.loads(json.dumps(key))
        self.done: dict[int, str] = {}
        self._file: FileIO | None = None

    @contextlib.contextmanager
    def opened(self, *, restart: bool = False) -> Iterator[PartialResults]:
        """Hold the file for this process, with what an earlier run left in it.

        Raises
        ------
        ParametersChangedError
            If it holds another evaluation's results and `restart` is False.
        OutputError
            If it cannot be written or another process holds it.
        """
        try:
            file = self.path.open("a+b", buffering=0)
        except OSError as error:
            msg = f"cannot write {str(self.path)!r}: {error.strerror}"
            raise OutputError(msg) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                msg = f"another evaluation is writing to {self.path}: wait for it, or stop it"
                raise OutputError(msg) from error
            self._file = file
            self._resume(file, restart=restart)
            yield self

    def add(self, row: int, result: str) -> None:
        """Note the result of a sample."""
        self._append({"row": row, "result": result})
        self.done[row] = result

    def remove(self) -> None:
        """Remove the file, once the results are published."""
        self.path.unlink(missing_ok=True)

    def _resume(self, file: FileIO, *, restart: bool) -> None:
        file.seek(0)
        lines = [] if restart else file.read().split(b"\n")[:-1]  # what follows the last newline is torn
        noted = [value for value in map(_read, lines) if value is not None]
        key = noted[0].get("key") if noted else None
        if not isinstance(key, dict):
            file.truncate(0)
            self._append({"key": self.key})
            return
        if key != self.key:
            changed = "; ".join(
                f"{name} was {key.get(name)!r}, now {self.key.get(name)!r}"
                for name in sorted({*key, *self.key})
                if key.get(name) != self.key.get(name)
            )
            msg = f"{self.path} holds an unfinished evaluation of another kind: {changed}. Add --restart to drop it"
            raise ParametersChangedError(msg)
        file.truncate(sum(len(line) + 1 for line in lines))
        for note in noted[1:]:
            row, result = note.get("row"), note.get("result")
            if isinstance(row, int) and isinstance(result, str):
                self.done[row] = result

    def _append(self, note: Mapping[str, Any]) -> None:
        assert self._file is not None
        line = json.dumps(note).encode() + b"\n"
        try:
            written = self._file.write(line)
        except OSError as error:
            msg = f"cannot write {str(self.path)!r}: {error.strerror}"
            raise OutputError(msg) from error
        if written != len(line):
            msg = f"cannot write {str(self.path)!r}: the disk took only a part of a line"
            raise OutputError(msg)


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
