"""One job, from start to outcome: foreign data is only ever counted and decoded here, never run."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from textbooks.errors import SandboxError
from textbooks.sandbox.inside.codec import MAX_BYTES, DataError, dump, load
from textbooks.sandbox.inside.wire import framed
from textbooks.sandbox.outcome import CallJob, CheckJob, Outcome, RunJob, Status
from textbooks.sandbox.zygote import Zygote

__all__ = ["MAX_SOURCE", "Performed", "perform"]

MAX_SOURCE = 4 << 20
"""Programs and tests of more bytes than this are refused."""

_GRACE = 10.0  # seconds beyond the wall limit after which the zygote itself is in doubt
_SPOILED = (b'["gone"', b'["memory"')  # after these the tests of other samples start in a fresh process
_LENGTH = struct.Struct("!I")


class _Listener:
    """Collects one message from a control socket, and the output, without ever waiting for more than the limit."""

    def __init__(self, control: socket.socket, output: int, output_bytes: int) -> None:
        self._control, self._output, self._limit = control, output, output_bytes
        self._message, self._written = bytearray(), bytearray()
        control.setblocking(False)
        os.set_blocking(output, False)
        self._open = {control.fileno(), output}

    def wait(self, seconds: float) -> bytes | None:
        """Return the message, or None when the other side is gone or the time is over."""
        deadline = time.monotonic() + seconds
        ready = select.poll()
        for descriptor in self._open:
            ready.register(descriptor, select.POLLIN)
        while (left := deadline - time.monotonic()) > 0:
            for descriptor, _ in ready.poll(left * 1000):
                if descriptor == self._output:
                    if not self._read_output():
                        ready.unregister(descriptor)
                elif self._read_message():
                    return self._complete()
        return None

    def _read_message(self) -> bool:
        """Read what is there; return whether nothing more is to come."""
        try:
            chunk = self._control.recv(1 << 18)
        except BlockingIOError:
            return False
        except ConnectionResetError:
            return True
        self._message += chunk
        return not chunk or self._complete() is not None or len(self._message) > MAX_BYTES + _LENGTH.size

    def _complete(self) -> bytes | None:
        if len(self._message) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack(self._message[: _LENGTH.size])
        whole = len(self._message) - _LENGTH.size == length
        return bytes(self._message[_LENGTH.size :]) if whole else None

    def _read_output(self) -> bool:
        """Read what is there, and keep what the limit allows; return whether more may come."""
        try:
            chunk = os.read(self._output, 1 << 16)
        except BlockingIOError:
            return True
        self._written += chunk[: max(0, self._limit - len(self._written))]
        return bool(chunk)

    def output(self) -> str:
        """Return the output, once its writers are gone."""
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self._output, 1 << 16):
                self._written += chunk[: max(0, self._limit - len(self._written))]
        return self._written.decode("utf-8", "replace")


class Performed(NamedTuple):
    """An outcome, and whether the job is to be done again, alone, before it counts."""

    outcome: Outcome
    doubtful: bool


def perform(
    zygote: Zygote,
    job: CheckJob | CallJob | RunJob,
    *,
    cpu_seconds: float,
    wall_seconds: float,
    output_bytes: int,
    alone: bool,
) -> Performed:
    """Do one job in confined processes of the zygote, and end them.

    What passed the wall limit is in doubt: it may have waited for others. So is what ended beyond its processor time,
    but within the slack that it has beside others; what used that up too would have been too slow alone.

    Raises
    ------
    SandboxError
        If the zygote does not answer.
    """
    try:
        program = _source(job.program, "program")
        first = _first_messages(job, program)
    except ValueError as error:
        return Performed(Outcome(Status.REFUSED, detail=str(error)), doubtful=False)
    with contextlib.ExitStack() as stack:
        host = _host(zygote, job, first)
        readable, writable = os.pipe()
        stack.callback(os.close, readable)
        deciding = _start(zygote, stack, job, writable, first, host=host, alone=alone)
        listener = _Listener(deciding, readable, output_bytes)
        message = listener.wait(wall_seconds + _GRACE)
        reports = zygote.finish(hung_up=message is None or message.startswith(b'["gone"'))
        if host is not None and (message is None or message.startswith(_SPOILED)):
            zygote.end_host()
        status, value, detail = _judged(job, message, reports)
        if status is Status.REFUSED:
            zygote.last_key = None  # tests that do not compile are for no process to keep
        late = any(not report["reason"] and report["cpu"] > cpu_seconds for report in reports)
        if late and alone:
            status, value, detail = Status.TIMEOUT, None, "it used more than the limit of processor time"
        used = reports[0]
        outcome = Outcome(status, value, listener.output(), used["cpu"], used["memory"], detail)
        return Performed(outcome, late or any(report["reason"] == "wall" for report in reports))


def _host(zygote: Zygote, job: object, first: list[list[bytes]]) -> socket.socket | None:
    """Return the socket of the process that holds the tests of this job, from the second job in a row that has them."""
    if not isinstance(job, CheckJob) or not zygote.can_share:
        return None
    key = (job.tests, job.entry_point, job.call_check)
    again, zygote.last_key = zygote.last_key == key, key
    host = zygote.host_of(key)
    if host is None and again:
        host = zygote.start_host(key, first[1][0])
    return host


def _start(
    zygote: Zygote,
    stack: contextlib.ExitStack,
    job: CheckJob | CallJob | RunJob,
    output: int,
    first: Sequence[Sequence[bytes]],
    *,
    host: socket.socket | None,
    alone: bool,
) -> socket.socket:
    """Give the processes of a job their roles and what they need; return the socket that brings the result."""
    with contextlib.ExitStack() as theirs:
        theirs.callback(os.close, output)
        controls = zygote.begin(1 if host is not None else len(first), alone=alone)
        for control in controls:
            stack.enter_context(control)
        if not isinstance(job, CheckJob):
            _give(controls[0], b"L" if isinstance(job, CallJob) else b"P", first[0], [output])
            return controls[0]
        one, other = (theirs.enter_context(end) for end in socket.socketpair())
        _give(controls[0], b"C", first[0], [one.fileno(), output])
        if host is None:
            _give(controls[1], b"T", first[1], [other.fileno()])  # what tests print is nobody's business
        else:
            _give(host, b"S", (), [other.fileno()])
    return host or controls[-1]


def _give(control: socket.socket, role: bytes, messages: Sequence[bytes], descriptors: list[int]) -> None:
    content = role + b"".join(map(framed, messages))
    try:
        sent = socket.send_fds(control, [content], descriptors)
        # To send nothing would fail where a quick job is done already and its process gone.
        if rest := content[sent:]:
            control.sendall(rest)
    except OSError as error:  # no foreign code runs in it yet
        msg = f"a confined process was ended before it began: {error}"
        raise SandboxError(msg) from error


def _source(text: str, what: str) -> bytes:
    if "\0" in text:
        msg = f"the {what} holds a null character"
        raise ValueError(msg)
    source = text.encode("utf-8", "surrogatepass")
    if len(source) > MAX_SOURCE:
        msg = f"the {what} has {len(source):,} bytes; at most {MAX_SOURCE:,} are run"
        raise ValueError(msg)
    return source


@lru_cache(maxsize=8)  # many samples in a row share their tests
def _message_of_tests(tests: str, entry_point: str, call_check: bool) -> bytes:
    _source(tests, "tests")
    return json.dumps({"tests": tests, "entry_point": entry_point, "call_check": call_check}).encode()


def _first_messages(job: CheckJob | CallJob | RunJob, program: bytes) -> list[list[bytes]]:
    """Return what each process of the job is sent at its start."""
    if isinstance(job, CheckJob):
        return [[program], [_message_of_tests(job.tests, job.entry_point, job.call_check)]]
    if isinstance(job, CallJob):
        inputs = [(tuple(args), dict(kwargs)) for args, kwargs in job.inputs]
        return [[program, job.entry_point.encode("utf-8", "surrogatepass"), dump(inputs)]]
    return [[program]]


def _judged(job: object, message: bytes | None, reports: list[dict[str, Any]]) -> tuple[Status, Any, str]:
    """Return status, value and detail."""
    for report in reports:
        if report["reason"] not in ("", "cpu", "wall"):
            return Status.REFUSED, None, report["reason"]
    if message is not None:
        try:
            found = _said(job, load(message))
        except (DataError, ValueError, TypeError, IndexError) as error:
            return Status.KILLED, None, f"it sent no result ({error})"
        if found is not None:
            return found
    return _ended(reports)


def _said(job: object, answer: Any) -> tuple[Status, Any, str] | None:  # noqa: ANN401
    """Return what a result says; None when it says that the candidate is gone."""
    if isinstance(job, CallJob) and not (isinstance(answer, list) and answer[:1] == ["exception"]):
        return Status.PASSED, [tuple(entry) for entry in answer], ""
    kind, *rest = map(str, answer)
    if kind == "gone":
        return None
    if kind == "exception" and isinstance(job, CallJob | RunJob):
        rest = [": ".join(rest)]
    status = Status.MEMORY if rest and rest[0].startswith("MemoryError:") else Status(kind)
    return status, None, rest[0] if rest else ""


def _ended(reports: list[dict[str, Any]]) -> tuple[Status, Any, str]:
    """Return why there is no result: the first process that ended by itself says it, else the limits."""
    for report in reports:
        whose = "the tests" if report["role"] == "tests" else "it"
        if report["reason"]:
            limit = {"cpu": "processor time", "wall": "wall time"}[report["reason"]]
            return Status.TIMEOUT, None, f"{whose} used up the limit of {limit}"
        if os.WIFSIGNALED(report["status"]) and os.WTERMSIG(report["status"]) == signal.SIGXCPU:
            return Status.TIMEOUT, None, f"{whose} used up the kernel's limit of processor time"
    report = reports[0]
    if os.WIFSIGNALED(report["status"]):
        return Status.KILLED, None, f"ended by {signal.Signals(os.WTERMSIG(report['status'])).name}"
    return Status.KILLED, None, f"ended with exit code {os.waitstatus_to_exitcode(report['status'])} and no result"
