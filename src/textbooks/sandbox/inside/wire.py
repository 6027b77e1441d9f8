"""Frames over a stream socket: four bytes of length, then the message."""

from __future__ import annotations

import socket
import struct

from .codec import MAX_BYTES, DataError

__all__ = ["ClosedError", "framed", "receive", "send"]

_LENGTH = struct.Struct("!I")


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
    if length > MAX_BYTES:
        msg = f"the message has {length:,} bytes; at most {MAX_BYTES:,} are read"
        raise DataError(msg)
    return _exactly(source, length)


def _exactly(source: socket.socket, size: int) -> bytes:
    content = bytearray()
    while len(content) < size:
        try:
            chunk = source.recv(min(size - len(content), 1 << 20))
        except ConnectionResetError:
            chunk = b""
        if not chunk:
            msg = "the other side is gone"
            raise ClosedError(msg)
        content += chunk
    return bytes(content)
