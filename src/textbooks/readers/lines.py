"""Lines of plain and compressed files, in bounded memory, up to where a damaged file breaks off."""

from __future__ import annotations

import bz2
import codecs
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any, Protocol

__all__ = ["DamagedStreamError", "TruncatedStreamError", "read_lines"]

CHUNK = 1 << 20
# Compressed pieces are small, so that what lies before the damage is not lost and a bomb unfolds piecewise: deflate
# makes at most 1032 bytes of one (4 MB a piece), a block of zstd 128 kB of four (17 MB a piece), xz some 7,000
# of one (14 MB a piece), bzip2 900 kB of 45 (10 MB a piece).
GZIP_CHUNK = 1 << 12
ZSTD_CHUNK = BZ2_CHUNK = 1 << 9
XZ_CHUNK = 1 << 11
XZ_MEMORY = 256_000_000  # the strongest setting of xz takes 65 MB
GZIP = 31  # zlib's window size for gzip members


class DamagedStreamError(Exception):
    """A compressed stream is cut off or corrupt; the lines before that were yielded."""


class TruncatedStreamError(DamagedStreamError):
    """A compressed stream is sound as far as it goes, but it has no end."""


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


def _bz2() -> Any:  # noqa: ANN401
    return bz2.BZ2Decompressor()


def _xz() -> Any:  # noqa: ANN401
    return lzma.LZMADecompressor(memlimit=XZ_MEMORY)


_PACKED: dict[str, tuple[Callable[[], _Decompressor], int]] = {
    ".gz": (_gzip, GZIP_CHUNK),
    ".zst": (_zstd, ZSTD_CHUNK),
    ".bz2": (_bz2, BZ2_CHUNK),
    ".xz": (_xz, XZ_CHUNK),
}


def _chunks(file: IO[bytes], path: str) -> Iterator[bytes]:
    lowered = path.lower()
    for suffix, (new, size) in _PACKED.items():
        if lowered.endswith(suffix):
            return _decompressed(file, new, size)
    return iter(lambda: file.read(CHUNK), b"")


def _decompressed(file: IO[bytes], new: Callable[[], _Decompressor], size: int) -> Iterator[bytes]:
    stream, begun = new(), True  # the first member must be there: an empty or zeroed file is no compressed file
    try:
        while data := file.read(size):
            while data:  # a file may hold several members one after another
                if stream.eof:
                    stream, begun = new(), False
                if not begun:
                    data = data.lstrip(b"\0")  # gzip files may be padded with zeros
                    begun = bool(data)
                if data:
                    yield stream.decompress(data)
                    data = stream.unused_data if stream.eof else b""
    except Exception as error:
        msg = f"{type(error).__name__}: {error}"
        raise DamagedStreamError(msg) from error
    if begun and not stream.eof:
        msg = "the compressed stream ends too early"
        raise TruncatedStreamError(msg)


def read_lines(file: IO[bytes], path: str, *, max_bytes: int) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines of a file with their numbers from 1; decompresses by the path's suffix (.gz, .zst, .bz2, .xz).

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
        Without line ending and surrounding white space; the first without byte-order mark. Blank lines are counted
        but not yielded.

    Raises
    ------
    DamagedStreamError
        Where a compressed stream breaks off, after the whole lines before; the piece of a line there is lost.
        It is a `TruncatedStreamError` where the stream merely lacks its end. An empty file lacks it, too.
    """
    for number, line in _raw_lines(_chunks(file, path), max_bytes):
        if line is None:
            yield number, None
        elif stripped := (line.removeprefix(codecs.BOM_UTF8) if number == 1 else line).strip():
            yield number, stripped


def _raw_lines(chunks: Iterator[bytes], max_bytes: int) -> Iterator[tuple[int, bytes | None]]:
    number, length = 1, 0
    pending: list[bytes] = []
    for chunk in chunks:
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            if length + end - start > max_bytes:
                yield number, None
            elif pending:
                yield number, b"".join([*pending, chunk[start:end]])
            else:
                yield number, chunk[start:end]
            pending.clear()
            number, length, start = number + 1, 0, end + 1
        length += len(chunk) - start
        if length > max_bytes:
            pending.clear()
        elif start < len(chunk):
            pending.append(chunk[start:])
    yield number, (None if length > max_bytes else b"".join(pending))
