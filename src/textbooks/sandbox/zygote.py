"""The parent's handle of a zygote: starts it, asks it for confined processes, ends it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from textbooks.errors import SandboxError
from textbooks.sandbox.inside.wire import ClosedError, receive, send

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
_ROLES = {"program": b"P", "calls": b"L", "candidate": b"C", "tests": b"T", "host": b"H"}


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
        self.last_key: object = None
        self._control, theirs = socket.socketpair()
        self._control.settimeout(_PATIENCE)
        # No -I: it would ignore the seed of the hashes, without which the order of a set differs between runs.
        command = [sys.executable, "-P", "-s", "-S", "-B", "-X", "utf8", "-c", _START, str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                [*command, str(Path(__file__).parent)],
                env={"PYTHONHASHSEED": "0"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                cwd="/",
                start_new_session=True,
            )
        try:
            self._ask(json.dumps({"limits": limits, "namespaces": namespaces, "filtered": True}).encode())
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

    def _ask(self, message: bytes) -> None:
        send(self._control, message)

    def start(self, role: str, descriptors: list[int]) -> None:
        """Fork a confined process with these descriptors: output, control, and where it has one its channel."""
        try:
            socket.send_fds(self._control, [_ROLES[role]], descriptors)
        except OSError as error:
            msg = f"the process that starts confined programs is gone: {error}"
            raise SandboxError(msg) from error

    def finish(self, *, hung_up: bool = False) -> list[dict[str, Any]]:
        """End what was started since the last time; return what each process used, in the order of their start.

        One that hung up is given a tenth of a second to end by itself.
        """
        try:
            self._control.sendall(b"G" if hung_up else b"F")
            return list(json.loads(receive(self._control)))
        except OSError as error:
            msg = f"the process that starts confined programs is gone: {error}"
            raise SandboxError(msg) from error

    def host_of(self, key: object) -> socket.socket | None:
        """Return the socket of the process that holds these tests, if there is one."""
        return self._host[1] if self._host is not None and self._host[0] == key else None

    def start_host(self, key: object, message: bytes) -> socket.socket:
        """Fork a process that holds tests for many samples, in place of the one before."""
        self.end_host()
        ours, theirs = socket.socketpair()
        null = os.open(os.devnull, os.O_WRONLY)
        with theirs:
            self.start("host", [null, theirs.fileno()])
        os.close(null)
        self._host = key, ours
        with contextlib.suppress(ClosedError):
            send(ours, message)
        return ours

    def end_host(self) -> None:
        """End the process that holds tests, if there is one."""
        if self._host is not None:
            self._host[1].close()
            self._host = None
            with contextlib.suppress(OSError):
                self._control.sendall(b"X")

    def close(self) -> None:
        """End it, and all that it started."""
        self.end_host()
        self._control.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def abandon(self) -> None:
        """Let go of it in a forked process: it belongs to the process that started it."""
        if self._host is not None:
            self._host[1].close()
        self._control.close()
        self._process.returncode = 0  # not ours to wait for
