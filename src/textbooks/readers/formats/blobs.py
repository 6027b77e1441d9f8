"""Contents that lie apart from their rows, one file each, under the name of their hash."""

from __future__ import annotations

import re
import zlib

from textbooks.readers.decode import UndecodableError, decode_as
from textbooks.readers.found import open_input
from textbooks.verdicts import Reason

__all__ = ["BlobError", "read_blob"]

_ID = re.compile(r"[0-9a-fA-F]{40,64}")  # it becomes a part of a path: nothing else may stand in it
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 31


class BlobError(ValueError):
    """A content cannot be had; `reason` says which kind of damage it is."""

    def __init__(self, detail: str, reason: Reason) -> None:
        super().__init__(detail)
        self.reason = reason


def read_blob(folder: str, blob_id: object, encoding: object, *, max_bytes: int) -> str:
    """Return a content of The Stack v2 as text.

    Parameters
    ----------
    folder : str
        A path or fsspec URL; the content lies in it as ``<blob_id>`` or ``<blob_id>.gz``, plain or gzip.
    blob_id : object
        Hexadecimal, 40 to 64 digits.
    encoding : object
        The row's ``src_encoding``; None stands for UTF-8.
    max_bytes : int
        What the content may have, compressed and unfolded.

    Raises
    ------
    BlobError
        `MALFORMED_ROW` for an id that is none, `TEXT_MISSING` where there is no such content or nowhere to look,
        `UNREADABLE` and `TRUNCATED` for damage, `TOO_LARGE`, and `INVALID_UNICODE` for what its encoding does not fit.
    """
    if not isinstance(blob_id, str) or not _ID.fullmatch(blob_id):
        msg = f"blob_id {blob_id!r} is no hash"
        raise BlobError(msg, Reason.MALFORMED_ROW)
    if not folder:
        msg = f"the row holds no text and points to the blob {blob_id}: tell the reader where blobs lie (blobs=...)"
        raise BlobError(msg, Reason.TEXT_MISSING)
    data = _unfolded(_bytes_of(folder, blob_id, max_bytes), max_bytes)
    if len(data) > max_bytes:
        msg = f"the blob {blob_id} has more than {max_bytes} bytes"
        raise BlobError(msg, Reason.TOO_LARGE)
    try:
        return decode_as(data, encoding if isinstance(encoding, str) else "utf-8")
    except UndecodableError as error:
        msg = f"the blob {blob_id}: {error}"
        raise BlobError(msg, Reason.INVALID_UNICODE) from error


def _bytes_of(folder: str, blob_id: str, max_bytes: int) -> bytes:
    for name in (blob_id, f"{blob_id}.gz"):
        try:
            with open_input(f"{folder.rstrip('/')}/{name}") as stream:
                return stream.read(max_bytes + 1)
        except FileNotFoundError:
            continue
        except Exception as error:
            msg = f"the blob {blob_id}: {type(error).__name__}: {error}"
            raise BlobError(msg, Reason.UNREADABLE) from error
    msg = f"there is no blob {blob_id} in {folder}"
    raise BlobError(msg, Reason.TEXT_MISSING)


def _unfolded(data: bytes, max_bytes: int) -> bytes:
    if not data.startswith(_GZIP_MAGIC) or len(data) > max_bytes:
        return data
    stream = zlib.decompressobj(_GZIP_WINDOW)
    try:
        unfolded = stream.decompress(data, max_bytes + 1)
    except zlib.error as error:
        msg = f"broken gzip: {error}"
        raise BlobError(msg, Reason.UNREADABLE) from error
    if not stream.eof and len(unfolded) <= max_bytes:
        msg = "the gzip stream ends too early"
        raise BlobError(msg, Reason.TRUNCATED)
    return unfolded
