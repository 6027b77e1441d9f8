"""Lines of plain and compressed files, in bounded memory, up to where a damaged file breaks off."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any, Protocol

__all__ = ["DamagedStreamError", "read_lines"]

CHUNK = 1 << 20
COMPRESSED_CHUNK = 1 << 12  # small, so that what lies before the damage is not lost, and a bomb unfolds piecewise
GZIP = 31  # zlib's window size for gzip members


class DamagedStreamError(Exception):
    """A compressed stream is cut off or corrupt; the lines before that were yielded."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def _zstd() -> Any:  # noqa: ANN401
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj()


def _gzip() -> Any:  # noqa: ANN401
    return zlib.decompressobj(GZIP)


def _chunks(file: IO[bytes], path: str) -> Iterator[bytes]:
    new: Callable[[], _Decompressor] | None = {"gz": _gzip, "zst": _zstd}.get(path.lower().rsplit(".", 1)[-1])
    if new is None:
        yield from iter(lambda: file.read(CHUNK), b"")
        return
    stream, begun = new(), False
    try:
        while data := file.read(COMPRESSED_CHUNK):
            while data:  # a file may hold several members one after another
                if stream.eof:
                    stream, begun = new(), False
                if not begun and not data.strip(b"\0"):
                    break  # gzip files may be padded with zeros
                begun = True
                yield stream.decompress(data)
                data = stream.unused_data if stream.eof else b""
    except Exception as error:
        msg = f"{type(error).__name__}: {error}"
        raise DamagedStreamError(msg) from error
    if begun and not stream.eof:
        msg = "the compressed stream ends too early"
        raise DamagedStreamError(msg)


def read_lines(file: IO[bytes], path: str, *, max_bytes: int) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines of a file with their numbers from 1; decompresses by the path's suffix (.gz, .zst).

    Parameters
    ----------
    file : binary file
        Opened for reading, not decompressed.
    path : str
        Its name.
    max_bytes : int
        A longer line is given as None and not held in memory.

    Yields
    ------
    (int, bytes or None)
        Without line ending. Blank lines are counted but not yielded.

    Raises
    ------
    DamagedStreamError
        Where a compressed stream breaks off, after the whole lines before; the piece of a line there is lost.
    """
    number, pending, length = 1, [], 0  # type: int, list[bytes], int
    for chunk in _chunks(file, path):
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            if length + end - start > max_bytes:
                yield number, None
            elif line := b"".join([*pending, chunk[start:end]]).strip():
                yield number, line
            number, pending, length, start = number + 1, [], 0, end + 1
        length += len(chunk) - start
        pending = [*pending, chunk[start:]] if length <= max_bytes else []
    if length > max_bytes:
        yield number, None
    elif line := b"".join(pending).strip():
        yield number, line
