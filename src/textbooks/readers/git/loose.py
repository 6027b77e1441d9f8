"""Loose objects of a repository, read with care: libgit2 itself never ends on one that is cut off."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

__all__ = ["safe_objects"]

_TYPES = {b"commit": 1, b"tree": 2, b"blob": 3, b"tag": 4}
_LONGEST_HEADER = 32
_HASH_DIGITS = 40
MOST_BYTES = 1 << 30
"""A loose object that unfolds to more is as good as missing."""


def safe_objects(objects: Path) -> Any:  # noqa: ANN401
    """Return an object store of pygit2: its packs by libgit2, its loose objects by `zlib`, and no alternates.

    Parameters
    ----------
    objects : Path
        The folder ``objects`` of a repository.
    """
    import pygit2

    class Loose(pygit2.OdbBackend):
        """The loose objects of one folder; one that is missing or damaged is a KeyError."""

        def read_cb(self, oid: Any) -> tuple[int, bytes]:  # noqa: ANN401
            """Return type and content."""
            return _read(objects, str(oid))

        def read_prefix_cb(self, short_id: Any) -> tuple[int, bytes, Any]:  # noqa: ANN401
            """Return type, content and hash of the one object that begins so."""
            oid = self._only(short_id)
            return *self.read_cb(oid), oid

        def read_header_cb(self, oid: Any) -> tuple[int, int]:  # noqa: ANN401
            """Return type and size, as the header states them."""
            return _read_header(objects, str(oid))[:2]

        def exists_cb(self, oid: Any) -> bool:  # noqa: ANN401
            """Whether there is such a file, sound or not."""
            return _path(objects, str(oid)).is_file()

        def exists_prefix_cb(self, short_id: Any) -> Any:  # noqa: ANN401
            """Return the hash that begins so."""
            return self._only(short_id)

        def refresh_cb(self) -> None:
            """Do nothing: no list is kept."""

        def _only(self, short_id: Any) -> Any:  # noqa: ANN401
            if self.exists_cb(short_id):
                return short_id
            return pygit2.Oid(hex=_only_name(objects, str(short_id)))

    store = pygit2.Odb()
    store.add_backend(pygit2.OdbBackendPack(str(objects)), 2)
    store.add_backend(Loose(), 1)
    return store


def _only_name(objects: Path, prefix: str) -> str:
    """Return the one hash that begins so."""
    if len(prefix) == _HASH_DIGITS:  # the whole hash of an object that is in a pack or nowhere
        raise KeyError(prefix)
    found = [f"{file.parent.name}{file.name}" for file in objects.glob(f"{prefix[:2]}*/*")]
    hits = [name for name in found if name.startswith(prefix) and len(name) == _HASH_DIGITS]
    if len(hits) != 1:
        raise KeyError(prefix)
    return hits[0]


def _path(objects: Path, name: str) -> Path:
    return objects / name[:2] / name[2:]


def _read_header(objects: Path, name: str) -> tuple[int, int, bytes]:
    """Return type, size, and the packed bytes."""
    try:
        packed = _path(objects, name).read_bytes()
        head = zlib.decompressobj().decompress(packed, _LONGEST_HEADER)
        kind, size = head[: head.index(b"\0")].split(b" ")
        return _TYPES[kind], int(size), packed
    except (OSError, ValueError, zlib.error) as error:
        raise KeyError(name) from error


def _read(objects: Path, name: str) -> tuple[int, bytes]:
    kind, size, packed = _read_header(objects, name)
    stream = zlib.decompressobj()
    try:
        whole = stream.decompress(packed, min(size, MOST_BYTES) + _LONGEST_HEADER)
    except zlib.error as error:
        raise KeyError(name) from error
    data = whole[whole.index(b"\0") + 1 :]
    if len(data) != size or not stream.eof:
        raise KeyError(name)
    return kind, data
