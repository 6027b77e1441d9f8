"""Runs a foreign program piece by piece, then makes calls of its functions: each piece and call is limited."""

from __future__ import annotations

import builtins
import importlib
import random
from collections.abc import Callable
from functools import partial
from typing import Any

from .codec import load
from .limited import Clock, Stream, value_message
from .statements import run_text

__all__ = ["Replies", "probe"]

_LOST = b'["lost"]'


class Replies:
    """The replies of one process: kept for its end, and handed out at once.

    Parameters
    ----------
    stream : Stream
        Where they go at once.
    clock : Clock
        Limits each call.
    """

    def __init__(self, stream: Stream, clock: Clock) -> None:
        self._stream, self._clock = stream, clock
        self.lines: list[bytes] = []

    def call(self, action: Callable[[], bytes], seconds: float) -> bytes:
        """Do something limited, note its reply, and return it."""
        if self._clock.is_over:
            reply = _LOST
        else:
            reply = self._clock.run(action, seconds, lambda: self._stream.write(b'["timeout"]'))
        self.lines.append(reply)
        self._stream.write(reply)
        return reply

    def text(self) -> str:
        """Return all replies, one a line."""
        return b"\n".join(self.lines).decode("ascii")


def _resolve(target: str, names: dict[str, Any]) -> Any:  # noqa: ANN401
    """Return what a dotted name stands for: in the program, among the built-ins, or in a module.

    Raises
    ------
    NameError
        If it stands for nothing.
    """
    first, *rest = target.split(".")
    if first in names and first != "__builtins__":
        found = names[first]
    elif hasattr(builtins, first):
        found = getattr(builtins, first)
    else:
        try:
            found = importlib.import_module(first)
        except ImportError:
            msg = f"name {first!r} is not defined"
            raise NameError(msg) from None
    for name in rest:
        found = getattr(found, name)
    return found


def probe(program: str, calls: list[list[str]], seconds_per_call: float, seconds: float, stream_bytes: int) -> str:
    """Run a program piece by piece, make each call, and return the replies, one a line.

    Parameters
    ----------
    program : str
        Source text.
    calls : list of [target, arguments]
        A dotted name, and the message of ``[args, kwargs]``.
    seconds_per_call, seconds : float
        Processor time of one call, and of all together with the program.
    stream_bytes : int
        How much of the output is read.
    """
    clock = Clock(seconds)
    replies = Replies(Stream(stream_bytes), clock)
    names = run_text(program, clock)

    def make(target: str, arguments: str) -> bytes:
        function = _resolve(target, names)
        args, kwargs = load(arguments.encode("ascii"))
        random.seed(0)
        return value_message(function(*args, **kwargs))

    for target, arguments in calls:
        replies.call(partial(make, target, arguments), seconds_per_call)
    clock.stop()
    return replies.text()
