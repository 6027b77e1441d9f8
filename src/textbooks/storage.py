"""Files that appear under their name only when they are whole."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["TEMPORARY_SUFFIX", "file_digest", "publish", "remove_leftovers", "write_atomically"]

TEMPORARY_SUFFIX = ".tmp"


@contextlib.contextmanager
def publish(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success what was written there becomes `path`, else it is removed.

    The bytes are on the disk before the name is, so that a crash leaves either nothing or the whole file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY_SUFFIX}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all."""
    with publish(path) as temporary:
        temporary.write_bytes(data)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files that a killed run left below `folder`."""
    for leftover in folder.rglob(f".*{TEMPORARY_SUFFIX}"):
        leftover.unlink(missing_ok=True)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits, as ``sha256sum`` prints it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
