"""Bytes on the disk by what they were made from: one SQLite file, safe from kills, damage and neighbours."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from textbooks.errors import OutputError

__all__ = ["CacheFile"]

_LOG = logging.getLogger(__name__)
_KEYS_AT_ONCE = 500
_SECONDS_TO_WAIT = 60.0
_CHECKSUM_BYTES = 4
_COMPANIONS = ("-journal", "-wal", "-shm")


class CacheFile:
    """Keeps values by key in one SQLite file.

    Several processes may use a file at once, and any of them may be killed: each write is one transaction. A value
    carries a checksum; one that is damaged counts as missing. A file that is no database is set aside under its name
    with ``.damaged`` added, and a new one is begun.

    Parameters
    ----------
    path : path-like
        The file, made when it is missing. It opens on first use, anew in each process.
    table, column : str
        Names of the table and of the column of values; the keys are in ``key``.
    precious : bool, default=False
        Whether the values cost more than time. Then a value that cannot be read or written raises, and what `write`
        has returned from survives a loss of power; the file keeps a write-ahead log, which needs a local disk. If
        False, trouble is noted in the log and the cache does without.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, table: str = "entries", column: str = "value", precious: bool = False
    ) -> None:
        self.path = path
        self.table, self.column, self.precious = table, column, precious
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._file = 0
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, object]:
        """Return what travels to another process: the arguments."""
        return {"path": self.path, "table": self.table, "column": self.column, "precious": self.precious}

    def __setstate__(self, state: dict[str, object]) -> None:
        """Begin unopened."""
        self.__init__(**state)  # type: ignore[misc]

    def read(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the values that are known, by key; those that are missing or damaged are left out.

        Raises
        ------
        OutputError
            If the file cannot be opened, or, if it is precious, read.
        """
        with self._lock:
            try:
                return self._read(keys)
            except sqlite3.OperationalError as problem:
                self._complain("read", problem)
            except sqlite3.DatabaseError as problem:
                self._set_aside(problem)
            return {}

    def write(self, values: Mapping[bytes, bytes]) -> None:
        """Add values, all or none; those whose key is known are replaced.

        Raises
        ------
        OutputError
            If the file cannot be opened, or, if it is precious, written.
        """
        rows = [(key, value + _checksum(value)) for key, value in values.items()]
        self._change(f"INSERT OR REPLACE INTO {self.table} VALUES (?, ?)", rows)

    def remove(self, keys: Iterable[bytes]) -> None:
        """Forget values, all or none.

        Raises
        ------
        OutputError
            If the file cannot be opened, or, if it is precious, written.
        """
        self._change(f"DELETE FROM {self.table} WHERE key = ?", [(key,) for key in keys])

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        if self._connection is not None and self._process == os.getpid():
            self._connection.close()
        self._connection = None

    def _change(self, statement: str, rows: Sequence[tuple[bytes, ...]]) -> None:
        with self._lock:
            try:
                self._run(statement, rows)
            except sqlite3.OperationalError as problem:
                self._complain("written", problem)
            except sqlite3.DatabaseError as problem:
                self._set_aside(problem)
                if self.precious:
                    self._run(statement, rows)

    def _run(self, statement: str, rows: Sequence[tuple[bytes, ...]]) -> None:
        with self._open() as transaction:
            transaction.executemany(statement, rows)

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        connection, found = self._open(), {}
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            wanted = keys[start : start + _KEYS_AT_ONCE]
            marks = ", ".join("?" * len(wanted))
            query = f"SELECT key, {self.column} FROM {self.table} WHERE key IN ({marks})"
            for key, packed in connection.execute(query, wanted):
                value = _unpack(packed)
                if value is not None:
                    found[key] = value
        return found

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and self._process == os.getpid():
            return self._connection
        path = Path(self.path)  # a connection must not be used on the other side of a fork: each process has its own
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection, self._process = self._connect(path), os.getpid()
        except (OSError, sqlite3.OperationalError) as problem:
            msg = f"the cache {str(path)!r} cannot be opened: {problem}; give a path in a folder that can be written"
            raise OutputError(msg) from problem
        return self._connection

    def _connect(self, path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, timeout=_SECONDS_TO_WAIT, check_same_thread=False)
        self._file = path.stat().st_ino
        try:
            if self.precious:
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {'FULL' if self.precious else 'NORMAL'}")
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS {self.table} "
                f"(key BLOB PRIMARY KEY, {self.column} BLOB NOT NULL) WITHOUT ROWID"
            )
        except sqlite3.OperationalError:
            connection.close()
            raise
        except sqlite3.DatabaseError as problem:
            connection.close()
            self._set_aside(problem)
            return self._connect(path)
        return connection

    def _complain(self, what: str, problem: sqlite3.OperationalError) -> None:
        if self.precious:
            msg = f"the cache {os.fspath(self.path)!r} cannot be {what}: {problem}"
            raise OutputError(msg) from problem
        _LOG.warning("the cache %s cannot be %s, going on without: %s", self.path, what, problem)

    def _set_aside(self, problem: sqlite3.DatabaseError) -> None:
        self.close()
        path = Path(self.path)
        _LOG.warning("the cache %s is damaged (%s): it is set aside as %s.damaged", path, problem, path.name)
        # Another process may have done so already, and have begun a new file. An old journal must not be played into
        # the new file; a log that others still write to goes along with the file that it belongs to.
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_ino != self._file:
                return
            path.replace(path.with_name(f"{path.name}.damaged"))
        for companion in _COMPANIONS:
            with contextlib.suppress(FileNotFoundError):
                old = path.with_name(path.name + companion)
                old.replace(path.with_name(f"{path.name}.damaged{companion}"))


def _checksum(value: bytes) -> bytes:
    return zlib.crc32(value).to_bytes(_CHECKSUM_BYTES, "little")


def _unpack(packed: object) -> bytes | None:
    if not isinstance(packed, bytes) or len(packed) < _CHECKSUM_BYTES:
        return None
    value = packed[:-_CHECKSUM_BYTES]
    return value if _checksum(value) == packed[-_CHECKSUM_BYTES:] else None
