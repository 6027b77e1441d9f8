"""Runs a foreign text piece by piece, then calls what it defines, again and again: each piece and call is limited."""

from __future__ import annotations
import __future__

import ast
import builtins
import importlib
import random
import sys
import time
import types
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .codec import load
from .limited import Clock, OvertimeError, Stream, value_message

__all__ = ["FILE", "Replies", "probe", "run_text"]

FILE = "text.py"
"""The file that the code of a text says it comes from."""

NAME = "text"
"""The module that a text becomes: not ``"__main__"``, so that what it does as a script is left out."""

_PIECE_SECONDS = 0.5
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


def _flags(node: ast.stmt) -> int:
    """Return what an import from ``__future__`` asks of the compiler."""
    if not isinstance(node, ast.ImportFrom) or node.module != "__future__":
        return 0
    features = (getattr(__future__, alias.name, None) for alias in node.names)
    return sum(feature.compiler_flag for feature in features if feature is not None)


def pieces(text: str) -> Iterator[types.CodeType]:
    """Yield the statements at the top of a text, compiled one by one.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        If the text does not parse; a statement that does not compile is left out.
    """
    flags = 0
    for node in ast.parse(text, FILE).body:
        flags |= _flags(node)
        try:
            code = compile(ast.Module([node], []), FILE, "exec", flags=flags, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        yield code


def run_text(text: str, clock: Clock) -> dict[str, Any]:
    """Run the statements at the top of a text one by one, and return its names.

    A statement that raises or takes too long is left: an import that fails hides no function. Sleeping takes no time.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        If the text does not parse.
    """
    module = types.ModuleType(NAME)
    names = module.__dict__
    names["__builtins__"] = builtins
    sys.modules[NAME] = module
    sys.argv = [FILE]
    time.sleep = lambda _: None
    random.seed(0)

    def run(code: types.CodeType) -> bytes:
        exec(code, names)
        return b""

    for code in pieces(text):
        if clock.is_over:
            break
        clock.run(partial(run, code), _PIECE_SECONDS, lambda: None)
    sys.settrace(None)
    sys.setprofile(None)
    return names


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
    try:
        names = run_text(program, clock)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OvertimeError):
        names = {}

    def make(target: str, arguments: str) -> bytes:
        function = _resolve(target, names)
        args, kwargs = load(arguments.encode("ascii"))
        random.seed(0)
        return value_message(function(*args, **kwargs))

    for target, arguments in calls:
        replies.call(partial(make, target, arguments), seconds_per_call)
    return replies.text()
