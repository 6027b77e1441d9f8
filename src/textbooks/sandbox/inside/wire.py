"""Frames over a stream socket: four bytes of length, then the message."""

from __future__ import annotations

import socket
import struct

from .codec import MAX_BYTES, DataError

__all__ = ["Channel", "ClosedError", "framed", "receive", "send"]

_LENGTH = struct.Struct("!I")
_READ = 1 << 14


class ClosedError(ConnectionError):
    """The other side is gone."""


def framed(message: bytes) -> bytes:
    """Return a message as it goes over the wire."""
    return _LENGTH.pack(len(message)) + message


def send(to: socket.socket, message: bytes) -> None:
    """Send one message; raises `ClosedError` when nobody reads it."""
    try:
        to.sendall(framed(message))
    except (BrokenPipeError, ConnectionResetError) as error:
        raise ClosedError(str(error)) from None


def receive(source: socket.socket) -> bytes:
    """Return the next message.

    Raises
    ------
    ClosedError
        If the other side is gone, also in the middle of a message.
    DataError
        If the message says that it is longer than any may be.
    """
    (length,) = _LENGTH.unpack(_exactly(source, _LENGTH.size))
    return _exactly(source, _allowed(length))


class Channel:
    """A stream of short messages both ways: each is mostly read by one call of the system, as far as it goes.

    Parameters
    ----------
    stream : socket
        Connected; nobody else reads from it.
    """

    __slots__ = ("_rest", "_stream")

    def __init__(self, stream: socket.socket) -> None:
        self._stream, self._rest = stream, b""

    def send(self, message: bytes) -> None:
        """Send one message, as `send` does."""
        send(self._stream, message)

    def receive(self) -> bytes:
        """Return the next message, as `receive` does."""
        content = self._rest
        while len(content) < _LENGTH.size:
            content += _some(self._stream, _READ)
        (length,) = _LENGTH.unpack_from(content)
        end = _LENGTH.size + _allowed(length)
        if len(content) < end:
            content += _exactly(self._stream, end - len(content))
        self._rest = content[end:]
        return content[_LENGTH.size : end]


def _allowed(length: int) -> int:
    if length > MAX_BYTES:
        msg = f"the message has {length:,} bytes; at most {MAX_BYTES:,} are read"
        raise DataError(msg)
    return length


def _some(source: socket.socket, size: int) -> bytes:
    try:
        chunk = source.recv(size)
    except ConnectionResetError:
        chunk = b""
    if not chunk:
        msg = "the other side is gone"
        raise ClosedError(msg)
    return chunk


def _exactly(source: socket.socket, size: int) -> bytes:
    content = bytearray()
    while len(content) < size:
        content += _some(source, min(size - len(content), 1 << 20))
    return bytes(content)
