"""Posts on disk, to be read again question by question, however far apart they stand in the dump."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import orjson

from textbooks.readers.formats.posts import Post

__all__ = ["PostStore"]

_BATCH = 1_000
_CACHE_KB = 16_000


class PostStore:
    """A temporary SQLite file of posts; memory does not grow with their number. A context manager.

    The file lies where `tempfile` puts it (``TMPDIR``) and takes about as much room as the dump unpacked.
    """

    def __init__(self) -> None:
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Self:
        folder = self._closing.enter_context(tempfile.TemporaryDirectory(prefix="textbooks-posts-"))
        self._file = sqlite3.connect(Path(folder) / "posts.sqlite", isolation_level=None)
        self._closing.callback(self._file.close)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KB}", "temp_store=FILE"):
            self._file.execute(f"PRAGMA {pragma}")
        self._file.execute("CREATE TABLE posts (question INT, is_answer INT, worst INT, id INT, line INT, post BLOB)")
        self._file.execute("BEGIN")
        self._waiting: list[tuple[int, bool, int, int, int, bytes]] = []
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def add(self, post: Post, line: int) -> None:
        """Take a post, and the line of the dump where it stands."""
        packed = orjson.dumps(tuple(post))
        self._waiting.append((post.question, not post.is_question, -post.score, post.id, line, packed))
        if len(self._waiting) >= _BATCH:
            self._write()

    def _write(self) -> None:
        self._file.executemany("INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?)", self._waiting)
        self._waiting.clear()

    def in_threads(self) -> Iterator[tuple[Post, int]]:
        """Yield the posts with their lines by question; of each question first itself, then its answers, best first."""
        self._write()
        order = "question, is_answer, worst, id, line"
        self._file.execute("COMMIT")
        self._file.execute(f"CREATE INDEX thread ON posts ({order})")
        for line, packed in self._file.execute(f"SELECT line, post FROM posts ORDER BY {order}"):
            yield Post(*orjson.loads(packed)), line
