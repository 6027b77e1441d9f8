"""Which files a run reads: found in a fixed order, whatever the file system says first."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from textbooks.errors import InputError
from textbooks.readers.kinds import DEFAULT_FORMATS, check_formats, is_git, is_url, kind_of, name_of, suffixes_of

__all__ = ["InputFile", "find_inputs"]

STAMPS = ("ETag", "etag", "mtime", "created", "LastModified", "last_modified", "updated", "sha", "CRC", "date_time")
"""Where file systems note that a file has changed."""

SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to read.

    Attributes
    ----------
    path : str
        A local path or an fsspec URL.
    kind : str
        How it is read: ``"text"`` (Python, the whole file one record), or another of `textbooks.readers.kinds.FORMATS`.
    size : int
        Bytes on disk; 0 where the file system does not say.
    stamp : str
        Changes when the file does: modification time, or the store's own tag.
    metadata : mapping
        Goes to the metadata of every record of the file.
    part : mapping
        What of it is read, where that is not the whole: the objects of a git repository.
    """

    path: str
    kind: str
    size: int
    stamp: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    part: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON types."""
        return asdict(self)


def find_inputs(
    paths: Sequence[str], *, exclude: Path | None = None, formats: Collection[str] = DEFAULT_FORMATS
) -> Iterator[InputFile]:
    """Yield the files to read, in the order of `paths`; of each folder first its files by name, then its folders.

    Parameters
    ----------
    paths : sequence of str
        Files, folders and fsspec URLs. From a folder come the files of `formats`, at any depth,
        but nothing from hidden folders, ``__pycache__`` and ``node_modules``. Links to folders are not followed.
        What is named twice, by itself or by a folder that holds it, comes once. A file that is named itself is
        read by its suffix, as Python where that says nothing. ``git:PATH@REF`` gives the files of a repository
        and ``commits:PATH@REF`` its commits; see `textbooks.readers.git`.
    exclude : Path, optional
        A folder to leave out: the run's own output.
    formats : collection of str, default=("python", "jsonl", "parquet")
        What to take from folders: some of `textbooks.readers.kinds.FORMATS`.

    Yields
    ------
    InputFile
        A folder that cannot be listed comes as if it were a file, for the reader to count it as unreadable.

    Raises
    ------
    InputError
        If a path does not exist, is a pipe, socket or device, or its file system cannot be reached.
    ValueError
        If there is no such format.
    """
    check_formats(formats)
    suffixes = suffixes_of(formats)
    done: list[Path] = []
    for path in dict.fromkeys(paths):
        if is_git(path):
            from textbooks.readers.git import find_git

            yield from find_git(path, formats)
            continue
        root = _local_path(path)
        if root is None:
            yield from _find_remote(path, suffixes)
        else:
            yield from _find_local(root, None if exclude is None else exclude.resolve(), done, suffixes)
            done.append(root.resolve())


def _local_path(path: str) -> Path | None:
    """Return the path on this machine that is meant, or None for another file system."""
    if is_url(path):
        if "::" in path or not path.startswith(("file://", "local://")):
            return None
        path = path.split("://", 1)[1]
    try:
        local = Path(path).expanduser()
        mode = local.stat().st_mode
        local.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        is_missing = isinstance(error, FileNotFoundError)
        why = f"there is no file or folder {path!r}" if is_missing else f"cannot find {path!r}: {error}"
        msg = f"{why}: check the path"
        raise InputError(msg) from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        msg = f"{path!r} is a pipe, socket or device, and a run reads its input twice: save it to a file first"
        raise InputError(msg)
    return local


def _find_local(
    root: Path, exclude: Path | None, done: Sequence[Path], suffixes: tuple[str, ...]
) -> Iterator[InputFile]:
    real, is_folder = root.resolve(), root.is_dir()
    if exclude is not None and real.is_relative_to(exclude):
        return
    if any(_reaches(other, real, suffixes, is_folder=is_folder) for other in done):
        return
    if is_folder:
        yield from _walk(root, {*done, exclude}, suffixes)
    elif file := _local_file(str(root)):
        yield file


def _reaches(folder: Path, path: Path, suffixes: tuple[str, ...], *, is_folder: bool) -> bool:
    """Whether the walk through `folder` came by `path`; both are free of links."""
    if path == folder:
        return True
    if not path.is_relative_to(folder):
        return False
    *above, name = path.relative_to(folder).parts
    return all(map(_is_entered, above)) and (_is_entered(name) if is_folder else _is_read(name, suffixes))


def _is_entered(folder: str) -> bool:
    return not folder.startswith(".") and folder not in SKIPPED_FOLDERS


def _is_read(name: str, suffixes: tuple[str, ...]) -> bool:
    return name.lower().endswith(suffixes) and not name.startswith(".")


def _walk(root: Path, left_out: Collection[Path | None], suffixes: tuple[str, ...]) -> Iterator[InputFile]:
    real_root, shown_root = str(root.resolve()), str(root)
    paths_left_out = {str(path) for path in left_out}
    unlisted: list[InputFile] = []

    def note(error: OSError) -> None:
        unlisted.append(InputFile(str(error.filename), "text", 0, ""))

    def is_left_out(folder: str, name: str) -> bool:
        return real_root + folder.removeprefix(shown_root) + os.sep + name in paths_left_out

    for folder, subfolders, files in os.walk(root, onerror=note):
        yield from unlisted
        unlisted.clear()
        subfolders[:] = sorted(name for name in subfolders if _is_entered(name) and not is_left_out(folder, name))
        for name in sorted(files):
            if _is_read(name, suffixes) and not is_left_out(folder, name):
                file = _local_file(f"{folder}{os.sep}{name}")
                yield from () if file is None else (file,)
    yield from unlisted


def _local_file(path: str) -> InputFile | None:
    """Return the file, or None for a pipe, socket or device, which could block or never end.

    A broken link is a file of no size: the reader will find it unreadable and say so.
    """
    try:
        status = Path(path).stat()
    except OSError:
        return InputFile(path, kind_of(path), 0, "")
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return None
    return InputFile(path, kind_of(path), status.st_size, str(status.st_mtime_ns))


def _find_remote(url: str, suffixes: tuple[str, ...]) -> Iterator[InputFile]:
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
        *above, last = name.removeprefix(path).strip("/").split("/")
        if name == path or (all(map(_is_entered, above)) and _is_read(name_of(last), suffixes)):
            full = _url_of(filesystem.unstrip_protocol(name), url)
            stamp = " ".join(str(info[key]) for key in STAMPS if info.get(key))
            yield InputFile(full, kind_of(full), int(info.get("size") or 0), stamp)


def _url_of(file: str, url: str) -> str:
    """Return the URL of a file found below `url`, with the file systems that `url` chains by ``::``."""
    first, chained, rest = url.partition("::")
    if not chained:
        return file
    return f"{file}::{rest}" if "://" in first else f"{first}::{_url_of(file, rest)}"
