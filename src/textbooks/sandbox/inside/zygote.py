"""The zygote: a bare interpreter behind its own namespaces, which forks confined processes and ends them.

It never sees a program or a test: those go from the parent straight to the process that needs them, so nothing of the
tests lies in the memory that a candidate inherits.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from typing import Any

from . import seccomp, worker
from .cell import CONTROL, SLACK, Limits, confine, limit_all_below
from .cells import Cell, report, sweep
from .isolate import FRESH, enter, filter_works
from .kernel import CLONE, clone, prctl
from .root import scratch_folder
from .wire import ClosedError, receive, send

__all__ = ["main"]

_LOOK_EVERY = 0.05  # seconds between looks at the clocks of confined processes
_MOMENT = 0.1  # seconds
_TOGETHER = 0.05  # seconds on one core: two that only ever wait for each other need no second one
_PROCESSES, _PROCESSES_UNFILTERED = 64, 8  # with the filter these are threads; without it each may hold its own memory
_PRELOADED = (
    "abc array bisect cmath collections collections.abc copy datetime enum functools heapq itertools "
    "json math operator random re string typing"
)


class _Zygote:
    """What is forked at the parent's word.

    A word is a letter and a number. S: make so many confined processes ready. C: those that begin next do so on the
    core of that number. B: the time of so many of them begins; b: the same, beside others. H: one of them stays and
    holds tests. X: that one is to end. F and G: all whose time began are to end.
    """

    def __init__(self, control: socket.socket, config: dict[str, Any]) -> None:
        self._control = control
        self._namespaces: list[str] = config["namespaces"]
        filtered: bool = config["filtered"]
        self._limits = Limits(**config["limits"], processes=_PROCESSES if filtered else _PROCESSES_UNFILTERED)
        self._call_filter = seccomp.prepare(signals="pid" in self._namespaces) if filtered else None
        self._flags = sum(CLONE[name] for name in FRESH if name in self._namespaces)
        if "network" in self._namespaces and not filtered:
            self._flags |= CLONE["network"]  # without the filter two of them could talk in the one they share
        self._mounted = scratch_folder() if "mount" in self._namespaces else None
        self._ready: list[Cell] = []
        self._cells: list[Cell] = []
        self._host: Cell | None = None
        self._cores: set[int] = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
        self._core = -1
        self._part_at = 0.0
        self._poll = select.poll()
        self._poll.register(control.fileno(), select.POLLIN)

    def serve(self) -> None:
        """Answer the parent until it is gone."""
        with contextlib.suppress(ClosedError, OSError):  # a parent that is gone, in the middle of a word or not
            while True:
                if self._poll.poll(_LOOK_EVERY * 1000 if self._cells else None):
                    words = self._control.recv(64)
                    if not words:
                        break
                    for letter, number in zip(words[::2], words[1::2], strict=False):
                        self._answer(chr(letter), number)
                self._look()
        self._end_host()
        self._cells += self._ready
        self._finish()

    def _answer(self, letter: str, number: int) -> None:
        if letter == "S":
            self._make_ready(number)
        elif letter == "C":
            self._core = number
        elif letter in "Bb":
            self._begin(number, self._limits.cpu_seconds * (SLACK if letter == "b" else 1))
        elif letter == "H":
            self._end_host()
            self._host = self._ready.pop(0)
        elif letter == "X":
            self._end_host()
        else:
            if letter == "G":
                self._await_ends()
            send(self._control, json.dumps(self._finish()).encode())

    def _make_ready(self, number: int) -> None:
        """Fork processes that give everything up and wait for work, and send the parent a socket to each."""
        made: list[socket.socket] = []
        try:
            for _ in range(number):
                made.append(self._fork())
            socket.send_fds(self._control, [b"S"], [ours.fileno() for ours in made])
        except OSError as error:
            message = f"{error}"[:200].encode()
            self._control.sendall(b"E" + bytes([len(message)]) + message)
        finally:
            for ours in made:
                ours.close()

    def _fork(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            scratch = None if self._mounted else _temporary_folder()
            pid = clone(self._flags)
            if pid == 0:
                try:
                    self._become(theirs.fileno(), scratch)
                finally:
                    os._exit(0)
        self._ready.append(Cell(pid, scratch))
        return ours

    def _become(self, control: int, scratch: str | None) -> None:
        self._control.detach()
        if scratch is not None:
            os.chdir(scratch)
        confine(control, self._limits.processes, self._mounted, self._call_filter)
        worker.work(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, CONTROL), self._limits.cpu_seconds)

    def _begin(self, number: int, seconds: float) -> None:
        """Start the clocks of the processes that were made ready first."""
        now = time.monotonic()
        begun, self._ready = self._ready[:number], self._ready[number:]
        for role, cell in zip(("", "tests"), begun, strict=False):
            cell.role, cell.deadline = role, now + self._limits.wall_seconds
            cell.start_clock(seconds)
        if self._host is not None:
            self._host.start_clock(seconds)
        self._cells += begun
        if self._core in self._cores and len(self._cores) > 1:
            self._part_at = now + _TOGETHER
            for cell in self._living():
                cell.keep_to({self._core})

    def _living(self) -> list[Cell]:
        return [*self._cells, self._host] if self._host is not None else self._cells

    def _end_host(self) -> None:
        if self._host is not None:
            self._host.kill()
            report(self._host)
            self._host = None

    def _look(self) -> None:
        """End what is over a limit of time."""
        now = time.monotonic()
        for cell in self._living():
            if cell.bound and now > self._part_at:
                cell.keep_to(self._cores)  # one that computes may need a core that is free
        for cell in self._cells:
            if not cell.pid or cell.reason:
                continue
            if now > cell.deadline:
                cell.end("wall")
            elif cell.is_over:
                cell.end("cpu")
        staying = self._host  # its time is limited for each sample
        if staying and self._cells and not staying.reason and staying.is_over:
            staying.end("cpu")
            self._cells.append(Cell(0, None, role="tests", reason="cpu"))

    def _await_ends(self) -> None:
        """Give the first of them, which hung up, a moment to end by itself: how it ends is worth knowing."""
        until = time.monotonic() + _MOMENT
        while self._cells and time.monotonic() < until and not self._cells[0].has_ended():
            time.sleep(0.0005)

    def _finish(self) -> list[dict[str, Any]]:
        """End every confined process whose time began, and return what each used."""
        for cell in self._cells:
            cell.kill()
        reports = [report(cell) for cell in self._cells]
        self._cells = []
        if "pid" not in self._namespaces:
            sweep({cell.pid for cell in self._ready})
        return reports


def _temporary_folder() -> str:
    import tempfile

    return tempfile.mkdtemp(prefix="textbooks-sandbox-")


def _watch(child: int, parent: int) -> int:
    """Wait for the zygote; end it when the process that started us is gone, whatever still holds our socket."""
    descriptor = os.pidfd_open(child)
    ready = select.poll()
    ready.register(descriptor, select.POLLIN)
    ready.register(parent, select.POLLIN)
    ready.poll()
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    os.waitpid(child, 0)
    return 0


def main() -> int:
    """Enter the namespaces that the parent asks for, say what is in force, and serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    config = json.loads(receive(control))
    parent = os.pidfd_open(os.getppid()) if hasattr(os, "pidfd_open") else -1
    for name in (*_PRELOADED.split(), f"{__package__}.probing", f"{__package__}.surveying"):
        importlib.import_module(name)
    try:
        config["filtered"] = config["filtered"] and filter_works()
        enter(config["namespaces"])
    except (OSError, StopIteration) as error:
        send(control, json.dumps({"failed": str(error)}).encode())
        return 1
    if parent >= 0:
        if child := os.fork():
            control.close()
            return _watch(child, parent)
        os.close(parent)
        prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        prctl(36, 1)  # PR_SET_CHILD_SUBREAPER
    zygote = _Zygote(control, config)
    limit_all_below(Limits(**config["limits"], processes=0))
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    worker.rehearse()
    gc.collect()
    gc.disable()
    gc.freeze()
    send(control, json.dumps({"filtered": config["filtered"]}).encode())
    zygote.serve()
    return 0
