"""What a confined process does, by its role, once everything is given up."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
from typing import Any

from .candidate import answer_calls, described, execute, run_calls
from .cell import CHANNEL, CONTROL
from .codec import dump
from .tests import Tests
from .wire import ClosedError, receive, send

__all__ = ["work"]


def work(role: str) -> None:
    """Do the work of a role; what it is comes over the control socket, and the result goes back there."""
    control = socket.socket(fileno=CONTROL)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    with contextlib.suppress(ClosedError):
        if role == "tests":
            send(control, dump(_decide(control)))
        elif role == "candidate":
            channel, program = socket.socket(fileno=CHANNEL), receive(control).decode("utf-8", "surrogatepass")
            answer_calls(channel, lambda: execute(program, "candidate"))
        else:
            send(control, (_program if role == "program" else _calls)(control))
    _flush()


def _decide(control: socket.socket) -> list[str]:
    job = json.loads(receive(control))
    channel = socket.socket(fileno=CHANNEL)
    try:
        tests = Tests(job["tests"], job["entry_point"], call_check=job["call_check"])
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return ["refused", f"the tests do not compile: {type(error).__name__}: {error}"]
    return tests.decide(channel)


def _program(control: socket.socket) -> bytes:
    program = receive(control).decode("utf-8", "surrogatepass")
    try:
        execute(program, "__main__")
        _end_as_an_interpreter_does()
    except SystemExit as error:
        if error.code not in (None, 0):
            return dump(["exception", "SystemExit", str(error.code)[:2000]])
    except BaseException as error:
        return dump(["exception", *described(error)])
    return dump(["passed"])


def _end_as_an_interpreter_does() -> None:
    import atexit

    if threading := sys.modules.get("threading"):
        threading._shutdown()
    atexit._run_exitfuncs()


def _calls(control: socket.socket) -> bytes:
    program, entry_point, inputs = (receive(control) for _ in range(3))
    try:
        names = execute(program.decode("utf-8", "surrogatepass"), "candidate")
        function: Any = names.get(entry_point.decode("utf-8", "surrogatepass"))
        if function is None:
            return dump(["exception", "NameError", f"name {entry_point.decode()!r} is not defined"])
        return run_calls(function, inputs)
    except BaseException as error:
        return dump(["exception", *described(error)])


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):
            stream.flush()
