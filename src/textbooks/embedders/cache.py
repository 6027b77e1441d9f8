"""Vectors on the disk, by the content that they were made from."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sqlite3
import threading
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from textbooks.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["EmbeddingCache", "cache_key"]

_LOG = logging.getLogger(__name__)
_TABLE = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
_KEYS_AT_ONCE = 500
_SECONDS_TO_WAIT = 60.0
_CHECKSUM_BYTES = 4


def cache_key(identity: str, text: str) -> bytes:
    """Return the key of a text under an embedder: SHA-256 over the embedder's identity and the text, 32 bytes."""
    content = f"{identity}\0{text}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).digest()


class EmbeddingCache:
    """Keeps vectors in one SQLite file.

    Several processes may use a file at once, and any of them may be killed: each write is one transaction. A vector
    carries a checksum; one that is damaged counts as missing. A file that is no database is set aside under its name
    with ``.damaged`` added, and a new one is begun. A cache that can no longer be read or written (a full disk) is
    noted in the log and does without.

    Parameters
    ----------
    path : path-like
        The file, made when it is missing. It opens on first use, anew in each process.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, object]:
        """Return what travels to another process: the path."""
        return {"path": self.path}

    def __setstate__(self, state: dict[str, object]) -> None:
        """Begin unopened."""
        self.__init__(state["path"])  # type: ignore[misc]

    def get(self, keys: Sequence[bytes], dimensions: int) -> dict[bytes, NDArray[np.float32]]:
        """Return the vectors that are known.

        Parameters
        ----------
        keys : sequence of bytes
            Of `cache_key`.
        dimensions : int
            Length of a vector; one of another length counts as missing.

        Returns
        -------
        dict of bytes to ndarray (dimensions,) float32
            By key; keys that are not known are left out.

        Raises
        ------
        OutputError
            If the file cannot be opened.
        """
        with self._lock:
            try:
                return self._read(keys, dimensions)
            except sqlite3.OperationalError as problem:
                _LOG.warning("the cache %s cannot be read, going on without: %s", self.path, problem)
            except sqlite3.DatabaseError as problem:
                self._set_aside(problem)
            return {}

    def put(self, vectors: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Add vectors, all or none; those whose key is known are left as they are.

        Raises
        ------
        OutputError
            If the file cannot be opened.
        """
        rows = [(key, _pack(vector)) for key, vector in vectors.items()]
        with self._lock:
            try:
                with self._open() as transaction:
                    transaction.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
            except sqlite3.OperationalError as problem:
                _LOG.warning("the cache %s cannot be written, going on without: %s", self.path, problem)
            except sqlite3.DatabaseError as problem:
                self._set_aside(problem)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        if self._connection is not None and self._process == os.getpid():
            self._connection.close()
        self._connection = None

    def _read(self, keys: Sequence[bytes], dimensions: int) -> dict[bytes, NDArray[np.float32]]:
        connection, found = self._open(), {}
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            wanted = keys[start : start + _KEYS_AT_ONCE]
            query = f"SELECT key, vector FROM vectors WHERE key IN ({', '.join('?' * len(wanted))})"
            for key, packed in connection.execute(query, wanted):
                vector = _unpack(packed, dimensions)
                if vector is not None:
                    found[key] = vector
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
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(_TABLE)
        except sqlite3.OperationalError:
            connection.close()
            raise
        except sqlite3.DatabaseError as problem:
            connection.close()
            self._set_aside(problem)
            return self._connect(path)
        return connection

    def _set_aside(self, problem: sqlite3.DatabaseError) -> None:
        self.close()
        path = Path(self.path)
        _LOG.warning("the cache %s is damaged (%s): it is set aside as %s.damaged", path, problem, path.name)
        # Another process may have done so already. An old journal must not be played into the new file.
        with contextlib.suppress(FileNotFoundError):
            path.replace(path.with_name(f"{path.name}.damaged"))
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)


def _pack(vector: NDArray[np.float32]) -> bytes:
    content = np.ascontiguousarray(vector, dtype="<f4").tobytes()
    return content + zlib.crc32(content).to_bytes(_CHECKSUM_BYTES, "little")


def _unpack(packed: object, dimensions: int) -> NDArray[np.float32] | None:
    if not isinstance(packed, bytes) or len(packed) != dimensions * 4 + _CHECKSUM_BYTES:
        return None
    content, checksum = packed[:-_CHECKSUM_BYTES], packed[-_CHECKSUM_BYTES:]
    if zlib.crc32(content).to_bytes(_CHECKSUM_BYTES, "little") != checksum:
        return None
    return np.frombuffer(content, dtype="<f4").astype(np.float32)
