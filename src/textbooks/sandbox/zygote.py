"""The parent's handle of a zygote: starts it, asks it for confined processes, ends it."""

from __future__ import annotations

import contextlib
import ctypes
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from textbooks.errors import SandboxError
from textbooks.sandbox.inside.wire import ClosedError, framed, receive, send

__all__ = ["LEVELS", "Zygote"]

ALL = ("user", "mount", "pid", "network", "ipc")
LEVELS: tuple[tuple[str, ...], ...] = (
    (ALL, tuple(name for name in ALL if name != "mount"), ()) if sys.platform == "linux" else ((),)
)
"""Sets of namespaces to try, the best first."""

_START = (
    "import sys; sys.path.insert(0, sys.argv[2]); from inside.zygote import main; sys.path.pop(0); sys.exit(main())"
)
_PATIENCE = 30.0  # seconds that the zygote may take to answer: it never waits for foreign code
_AHEAD = 4  # processes made ready at a time: what the zygote writes to after a fork, it copies once for all of them
_CLOSE_ON_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)


_sched_getcpu = getattr(ctypes.PyDLL(None), "sched_getcpu", None) if sys.platform == "linux" else None


def _core() -> int | None:
    """Return the number of the core on which this thread runs; None where that is not known or no byte."""
    core = _sched_getcpu() if _sched_getcpu is not None else -1
    return core if 0 <= core < 256 else None


class Zygote:
    """A process that forks confined processes at our word.

    Parameters
    ----------
    limits : dict
        The arguments of `textbooks.sandbox.inside.cell.Limits`, as numbers.
    namespaces : tuple of str
        The namespaces it must enter.

    Raises
    ------
    SandboxError
        If it cannot be started, or cannot enter the namespaces.
    """

    def __init__(self, limits: dict[str, float], namespaces: tuple[str, ...]) -> None:
        self._host: tuple[object, socket.socket] | None = None
        self._ready: list[socket.socket] = []
        self._asked = 0
        self.last_key: object = None
        self._control, theirs = socket.socketpair()
        self._control.settimeout(_PATIENCE)
        # No -I: it would ignore the seed of the hashes, without which the order of a set differs between runs.
        command = [sys.executable, "-P", "-s", "-S", "-B", "-X", "utf8", "-c", _START, str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                [*command, str(Path(__file__).parent)],
                env={"PYTHONHASHSEED": "0", "LD_BIND_NOW": "1"},  # no fork has to bind a function again
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                cwd="/",
                start_new_session=True,
            )
        try:
            send(self._control, json.dumps({"limits": limits, "namespaces": namespaces, "filtered": True}).encode())
            answer = json.loads(receive(self._control))
        except (ClosedError, OSError) as error:
            self.close()
            msg = f"the process that starts confined programs did not start: {error}"
            raise SandboxError(msg) from error
        if "failed" in answer:
            self.close()
            raise SandboxError(answer["failed"])
        self.filtered = bool(answer["filtered"])
        self.can_share = "pid" in namespaces and "mount" in namespaces

    def begin(self, number: int, *, alone: bool) -> list[socket.socket]:
        """Return sockets to so many confined processes, which wait for a role, and start their clocks.

        They were made ready during a job before, where the kernel keeps processes out of each other's sight; and so
        are the next ones now, some at a time. Unless they run alone, they may use half as much processor time
        again. They begin on the core on which this thread runs, which is about to wait for them.

        Raises
        ------
        SandboxError
            If none can be started, or the zygote is gone.
        """
        self._need(number)
        taken, self._ready = self._ready[:number], self._ready[number:]
        most = _AHEAD if self.filtered else 0  # without the filter the limit of processes leaves no room for more
        ahead = max(number, most) if self.can_share and len(self._ready) < number else 0
        core = _core()
        words = bytes([ord("C"), core]) if core is not None else b""
        words += bytes([ord("B" if alone else "b"), number])
        words += bytes([ord("S"), ahead]) if ahead else b""
        self._say(words)
        self._asked = ahead
        return taken

    def finish(self, *, hung_up: bool = False) -> list[dict[str, Any]]:
        """End those whose time began since the last time; return what each used, in their order.

        One that hung up is given a tenth of a second to end by itself.
        """
        self._say(b"G\0" if hung_up else b"F\0")
        self._collect()
        try:
            return list(json.loads(receive(self._control)))
        except OSError as error:
            raise self._gone(error) from error

    def _need(self, number: int) -> None:
        """Have at least so many processes ready."""
        self._collect()
        if len(self._ready) < number:
            self._asked = number - len(self._ready)
            self._say(bytes([ord("S"), self._asked]))
            self._collect()

    def _collect(self) -> None:
        """Receive the processes that were asked for."""
        if not self._asked:
            return
        asked, self._asked = self._asked, 0
        try:
            head, descriptors, _, _ = socket.recv_fds(self._control, 1, asked, _CLOSE_ON_EXEC)
            made = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, descriptor) for descriptor in descriptors]
            self._ready += made
            if head == b"E":
                msg = f"no confined process could be started: {self._control.recv(256)[1:].decode()}"
                raise SandboxError(msg)
            if len(made) != asked:
                msg = f"the process that starts confined programs sent {len(made)} of {asked}"
                raise SandboxError(msg)
        except OSError as error:
            raise self._gone(error) from error
        for one in made if not _CLOSE_ON_EXEC else ():
            one.set_inheritable(False)

    def _say(self, words: bytes) -> None:
        try:
            self._control.sendall(words)
        except OSError as error:
            raise self._gone(error) from error

    @staticmethod
    def _gone(why: object) -> SandboxError:
        return SandboxError(f"the process that starts confined programs is gone: {why}")

    def host_of(self, key: object) -> socket.socket | None:
        """Return the socket of the process that holds these tests, if there is one."""
        return self._host[1] if self._host is not None and self._host[0] == key else None

    def start_host(self, key: object, message: bytes) -> socket.socket:
        """Let a confined process hold tests for many samples, in place of the one before."""
        self.end_host()
        self._need(1)
        ours = self._ready.pop(0)
        self._say(b"H\0")
        self._host = key, ours
        with contextlib.suppress(OSError):
            ours.sendall(b"H" + framed(message))
        return ours

    def end_host(self) -> None:
        """End the process that holds tests, if there is one."""
        if self._host is not None:
            self._host[1].close()
            self._host = None
            with contextlib.suppress(SandboxError):
                self._say(b"X\0")

    def close(self) -> None:
        """End it, and all that it started."""
        self._let_go()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def abandon(self) -> None:
        """Let go of it in a forked process: it belongs to the process that started it."""
        self._let_go()
        self._process.returncode = 0  # not ours to wait for

    def _let_go(self) -> None:
        for one in [*self._ready, *([self._host[1]] if self._host else []), self._control]:
            one.close()
        self._ready, self._host = [], None
