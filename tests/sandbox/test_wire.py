"""Messages arrive whole and in order, however the stream is cut; one that does not is an error."""

from __future__ import annotations

import socket
import threading
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.sandbox.inside.codec import MAX_BYTES, DataError
from textbooks.sandbox.inside.wire import Channel, ClosedError, framed, receive, send

READERS = {"a buffer": lambda end: Channel(end).receive, "a call for each part": lambda end: lambda: receive(end)}


def read_all(reader, pieces):
    """Return the messages that come of a stream sent in these pieces, and the error at its end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:

        def write():
            for piece in pieces:
                ours.sendall(piece)
            ours.shutdown(socket.SHUT_WR)

        writer = threading.Thread(target=write)
        writer.start()
        take, found = READERS[reader](theirs), []
        try:
            while True:
                found.append(take())
        except (ClosedError, DataError) as error:
            return found, type(error)
        finally:
            theirs.close()
            writer.join()


@given(st.lists(st.binary(max_size=40) | st.just(b"x" * 40_000), max_size=6), st.lists(st.integers(0, 300), max_size=8))
def test_messages_arrive_whole_however_the_stream_is_cut(messages, cuts):
    stream = b"".join(map(framed, messages))
    pieces = [
        stream[start:end] for start, end in pairwise(sorted({0, len(stream), *(c % (len(stream) + 1) for c in cuts)}))
    ]
    for reader in READERS:
        assert read_all(reader, pieces) == (messages, ClosedError)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("rest", [b"", b"\0", b"\0\0\0", b"\0\0\0\5", b"\0\0\0\5half"])
def test_a_stream_that_ends_in_the_middle_is_closed(reader, rest):
    assert read_all(reader, [framed(b"one"), rest]) == ([b"one"], ClosedError)


@pytest.mark.parametrize("reader", READERS)
def test_a_message_that_says_it_is_too_long_is_not_read(reader):
    assert read_all(reader, [framed(b"one"), (MAX_BYTES + 1).to_bytes(4, "big")]) == ([b"one"], DataError)


def test_a_short_message_takes_one_call_of_the_system():
    class Counting:
        calls = 0

        def recv(self, size):
            self.calls += 1
            return framed(b"short")

    stream = Counting()
    channel = Channel(stream)
    assert [channel.receive(), channel.receive()] == [b"short", b"short"]
    assert stream.calls == 2


def test_a_channel_sends_what_the_other_side_receives():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        Channel(ours).send(b"there")
        assert receive(theirs) == b"there"
        send(theirs, b"and back")
        assert Channel(ours).receive() == b"and back"
        theirs.close()
        with pytest.raises(ClosedError):
            Channel(ours).send(b"x" * (1 << 20))
