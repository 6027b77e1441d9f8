"""What a confined process does, by its role, once everything is given up."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

from .candidate import answer_calls, described, execute, run_calls
from .cell import limit_cpu
from .codec import dump, load
from .host import host
from .tests import Tests
from .wire import Channel, ClosedError, framed, receive, send

__all__ = ["rehearse", "work"]


def work(control: socket.socket, cpu_seconds: float) -> None:
    """Wait for a role and do its work; what it is comes over the control socket, and the result goes back there.

    With the role, one letter, come the descriptors that it needs: its channel, then where its output goes.
    """
    _warm_up()
    role, descriptors, _, _ = socket.recv_fds(control, 1, 2)
    if role == b"H":
        host(control)
    if role in (b"", b"H"):
        return
    limit_cpu(cpu_seconds)
    channel = _socket(descriptors.pop(0)) if role in (b"C", b"T") else control
    for output in descriptors:
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
    with contextlib.suppress(ClosedError):
        if role == b"T":
            send(control, dump(_decide(control, channel)))
        elif role == b"C":
            program = receive(control).decode("utf-8", "surrogatepass")
            answer_calls(Channel(channel), lambda: execute(program, "candidate"))
        else:
            send(control, (_program if role == b"P" else _calls)(control))
    _flush()


_WARMING = (
    "from typing import List\n\ndef f(xs: List[int]) -> int:\n    return [x + 1 for x in xs if x > 0]\n\nf([1])\n"
)


def _warm_up() -> None:
    """Do once what every role does: the memory shared with the zygote is copied now, while nobody waits."""
    execute(_WARMING, "candidate")
    del sys.modules["candidate"]
    load(dump(["value", [1, 2.5, "a", (1,), None]]))


_TESTS = "def check(candidate):\n    assert candidate(1) == [2]\n"
_ROUNDS = 10  # the interpreter makes code quicker that ran eight times


def rehearse() -> None:
    """Do in the zygote what its children will: what code leaves in memory at its first runs is then theirs at once."""
    for _ in range(_ROUNDS):
        _warm_up()
        ask = [["names", ["f"]], ["call", list, ((1,),), {}], ["get", int, "real"]]
        _hear([dump(request) for request in ask], lambda end: answer_calls(Channel(end), dict))
        answers = [dump(["value", {"f": print}], lambda _: ["object", 1, "function"]), dump(["value", [2]])]
        _hear(answers, Tests(_TESTS, "f", call_check=True).decide)
        del sys.modules["tests"]


def _hear(messages: list[bytes], listener: Callable[[socket.socket], object]) -> None:
    """Let it read these messages, then the end; what it answers is lost."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"".join(map(framed, messages)))
        ours.shutdown(socket.SHUT_WR)
        listener(theirs)


def _socket(descriptor: int) -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, descriptor)


def _decide(control: socket.socket, channel: socket.socket) -> list[str]:
    job = json.loads(receive(control))
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
