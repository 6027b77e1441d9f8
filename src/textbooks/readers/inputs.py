"""Which files a run reads: found in a fixed order, whatever the file system says first."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from textbooks.errors import InputError

__all__ = ["FOLDER_SUFFIXES", "InputFile", "find_inputs", "kind_of"]

ROW_SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".jsonl.zst", ".ndjson.zst")
FOLDER_SUFFIXES = (".py", ".parquet", *ROW_SUFFIXES)
"""What is read from a folder; a file that is named itself is read whatever its suffix."""

SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to read.

    Attributes
    ----------
    path : str
        A local path or an fsspec URL.
    kind : str
        ``"text"`` (the whole file is one record), ``"jsonl"`` or ``"parquet"``.
    size : int
        Bytes on disk; 0 where the file system does not say.
    stamp : str
        Changes when the file does: modification time, or the store's own tag.
    metadata : mapping
        Goes to the metadata of every record of the file.
    """

    path: str
    kind: str
    size: int
    stamp: str
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON types."""
        return asdict(self)


def kind_of(path: str) -> str:
    """Return how to read a file, by its name: ``"jsonl"``, ``"parquet"`` or, for all others, ``"text"``."""
    lowered = path.lower()
    if lowered.endswith(ROW_SUFFIXES):
        return "jsonl"
    return "parquet" if lowered.endswith(".parquet") else "text"


def is_url(path: str) -> bool:
    """Whether `path` names a file system of fsspec, as in ``s3://bucket/folder``."""
    return "://" in path


def find_inputs(paths: Sequence[str], *, exclude: Path | None = None) -> Iterator[InputFile]:
    """Yield the files to read, in the order of `paths` and by name within each folder.

    Parameters
    ----------
    paths : sequence of str
        Files, folders and fsspec URLs. From a folder come the files with one of `FOLDER_SUFFIXES`, at any depth,
        but nothing from hidden folders, ``__pycache__`` and ``node_modules``. Links to folders are not followed.
    exclude : Path, optional
        A folder to leave out: the run's own output.

    Raises
    ------
    InputError
        If a path does not exist or its file system cannot be reached.
    """
    for path in paths:
        yield from _find_remote(path) if is_url(path) else _find_local(path, exclude)


def _find_local(path: str, exclude: Path | None) -> Iterator[InputFile]:
    root = Path(path).expanduser()
    if root.is_dir():
        yield from _walk(root, exclude.resolve() if exclude else None)
    elif root.exists():
        yield _local_file(root)
    else:
        msg = f"there is no file or folder {path!r}: check the path"
        raise InputError(msg)


def _walk(root: Path, exclude: Path | None) -> Iterator[InputFile]:
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = sorted(
            name
            for name in subfolders
            if not name.startswith(".")
            and name not in SKIPPED_FOLDERS
            and (exclude is None or Path(folder, name).resolve() != exclude)
        )
        for name in sorted(files):
            if name.lower().endswith(FOLDER_SUFFIXES) and not name.startswith("."):
                file = Path(folder, name)
                if not _is_special(file):
                    yield _local_file(file)


def _is_special(file: Path) -> bool:
    """Whether this is a pipe, socket or device, which could block or never end; a broken link is not."""
    try:
        mode = file.stat().st_mode
    except OSError:
        return False  # the reader will find it unreadable and say so
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _local_file(file: Path) -> InputFile:
    try:
        status = file.stat()
        size, stamp = status.st_size, str(status.st_mtime_ns)
    except OSError:
        size, stamp = 0, ""
    return InputFile(str(file), kind_of(file.name), size, stamp)


def _find_remote(url: str) -> Iterator[InputFile]:
    from fsspec.core import url_to_fs

    try:
        filesystem, path = url_to_fs(url)
        if not filesystem.exists(path):
            msg = f"there is no file or folder {url!r}: check the URL and your access to it"
            raise InputError(msg)
        found = filesystem.find(path, detail=True) if filesystem.isdir(path) else {path: filesystem.info(path)}
    except InputError:
        raise
    except Exception as error:
        msg = f"cannot list {url!r}: {type(error).__name__}: {error}"
        raise InputError(msg) from error
    for name, info in sorted(found.items()):
        if name == path or name.lower().endswith(FOLDER_SUFFIXES):
            stamp = str(info.get("ETag") or info.get("mtime") or info.get("created") or info.get("LastModified") or "")
            yield InputFile(filesystem.unstrip_protocol(name), kind_of(name), int(info.get("size") or 0), stamp)
