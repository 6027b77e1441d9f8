"""The zygote: a bare interpreter behind its own namespaces, which forks confined processes and ends them.

It never sees a program or a test: those go from the parent straight to the process that needs them, so nothing of the
tests lies in the memory that a candidate inherits.
"""

# The bare interpreter does without pathlib.
# ruff: noqa: PTH123
from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import Any

from . import seccomp, worker
from .cell import CHANNEL, CONTROL, Limits, confine, prepare_limits
from .host import host
from .isolate import FRESH, enter, filter_works
from .kernel import CLONE, clone, prctl
from .root import scratch_folder
from .wire import ClosedError, receive, send

__all__ = ["main"]

_LOOK_EVERY = 0.05  # seconds between looks at the clocks of confined processes
_MOMENT = 0.1  # seconds
_PROCESSES, _PROCESSES_UNFILTERED = 64, 8  # with the filter these are threads; without it each may hold its own memory
_PRELOADED = (
    "abc bisect cmath collections collections.abc copy datetime enum functools heapq itertools "
    "json math operator random re string typing"
)


@dataclass
class _Cell:
    """A confined process that lives, or did."""

    role: str
    pid: int
    deadline: float
    scratch: str | None
    reason: str = ""


class _Zygote:
    def __init__(self, control: socket.socket, config: dict[str, Any]) -> None:
        self._control = control
        self._namespaces: list[str] = config["namespaces"]
        self._filtered: bool = config["filtered"]
        processes = _PROCESSES if self._filtered else _PROCESSES_UNFILTERED
        self._limits = Limits(**config["limits"], processes=processes)
        self._prepared = prepare_limits(self._limits)
        signals = "pid" in self._namespaces
        self._call_filter = seccomp.prepare(signals=signals) if self._filtered else None
        # Tests that stay for many samples: their processor time is limited for each sample, by the zygote alone.
        self._host_limits = [limit for limit in self._prepared if limit[0] != resource.RLIMIT_CPU]
        self._host: _Cell | None = None
        self._host_before = 0.0
        self._flags = sum(CLONE[name] for name in FRESH if name in self._namespaces)
        if "network" in self._namespaces and not self._filtered:
            self._flags |= CLONE["network"]  # without the filter two of them could talk in the one they share
        self._scratch = scratch_folder() if "mount" in self._namespaces else None
        self._cells: list[_Cell] = []
        self._poll = select.poll()
        self._poll.register(control.fileno(), select.POLLIN)

    def serve(self) -> None:
        """Answer the parent until it is gone."""
        with contextlib.suppress(ClosedError):
            while True:
                if self._poll.poll(_LOOK_EVERY * 1000 if self._cells else None):
                    self._answer()
                self._look()
        self._end_host()
        self._finish()

    def _answer(self) -> None:
        head, descriptors, _, _ = socket.recv_fds(self._control, 1, 3)
        if not head:
            raise ClosedError
        if head in (b"F", b"G"):
            if head == b"G":
                self._await_ends()
            send(self._control, json.dumps(self._finish()).encode())
            return
        if head in (b"H", b"X"):
            self._end_host()
        if head == b"X":
            return
        if self._host is not None:
            self._host_before = _cpu_seconds(self._host.pid)
        role = {b"P": "program", b"L": "calls", b"C": "candidate", b"T": "tests", b"H": "host"}[head]
        try:
            self._start(role, descriptors)
        except OSError as error:
            self._cells.append(_Cell(role, 0, 0.0, None, f"it could not be started: {error}"))
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _start(self, role: str, descriptors: list[int]) -> None:
        scratch = None if self._scratch else tempfile.mkdtemp(prefix="textbooks-sandbox-")
        pid = clone(self._flags)
        if pid == 0:
            try:
                self._become(role, descriptors, scratch)
            except BaseException as error:
                with contextlib.suppress(BaseException):
                    os.write(2, f"{type(error).__name__}: {error}\n".encode())
            finally:
                os._exit(0)
        deadline = time.monotonic() + self._limits.wall_seconds
        cell = _Cell(role, pid, deadline, scratch)
        if role == "host":
            self._host = cell
        else:
            self._cells.append(cell)

    def _end_host(self) -> None:
        if self._host is not None:
            self._kill(self._host)
            _report(self._host)
            self._host = None

    def _become(self, role: str, descriptors: list[int], scratch: str | None) -> None:
        null = os.open(os.devnull, os.O_RDWR)
        output = descriptors[0]
        kept = {0: null, 1: output, 2: output, CONTROL: descriptors[1]}
        if len(descriptors) > 2:
            kept[CHANNEL] = descriptors[2]
        self._control.detach()
        os.setsid()  # a signal to one's own group would else reach the zygote, in whatever namespace
        if scratch is not None:
            os.chdir(scratch)
        limits = self._host_limits if role == "host" else self._prepared
        confine(limits, kept, self._scratch, self._call_filter)
        if role == "host":
            host()
        else:
            worker.work(role)

    def _look(self) -> None:
        """End what is over a limit of time."""
        for cell in self._cells:
            if cell.pid and not cell.reason:
                if time.monotonic() > cell.deadline:
                    cell.reason = "wall"
                elif _cpu_seconds(cell.pid) > self._limits.cpu_seconds:
                    cell.reason = "cpu"
                if cell.reason:
                    self._kill(cell)
        self._look_at_host()

    def _look_at_host(self) -> None:
        """End tests that stay for many samples when one sample takes them too long."""
        staying = self._host
        if staying is None or staying.reason or not self._cells:
            return
        if _cpu_seconds(staying.pid) - self._host_before > self._limits.cpu_seconds:
            staying.reason = "cpu"
            self._kill(staying)
            self._cells.append(_Cell("tests", 0, 0.0, None, "cpu"))

    def _kill(self, cell: _Cell) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(cell.pid, signal.SIGKILL)
        if cell.scratch is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(cell.pid, signal.SIGKILL)

    def _await_ends(self) -> None:
        """Give the first of them, which hung up, a moment to end by itself: how it ends is worth knowing."""
        until = time.monotonic() + _MOMENT
        pid = self._cells[0].pid if self._cells else 0
        while pid and time.monotonic() < until:
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                return
            time.sleep(0.002)

    def _finish(self) -> list[dict[str, Any]]:
        """End every confined process, and return what each used."""
        for cell in self._cells:
            if cell.pid:
                self._kill(cell)
        reports = [_report(cell) for cell in self._cells]
        self._cells = []
        if "pid" not in self._namespaces:
            _sweep()
        return reports


def _report(cell: _Cell) -> dict[str, Any]:
    report: dict[str, Any] = {"role": cell.role, "reason": cell.reason, "status": 0, "cpu": 0.0, "memory": 0}
    if cell.pid:
        _, status, usage = os.wait4(cell.pid, 0)
        unit = 1 if sys.platform == "darwin" else 1024
        report |= {"status": status, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss * unit}
    if cell.scratch is not None:
        shutil.rmtree(cell.scratch, ignore_errors=True)
    return report


def _cpu_seconds(pid: int) -> float:
    """Return the processor time of a process; 0 where the system cannot say, and its own limit has to do."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def _sweep() -> None:
    """End what confined processes left behind: without a namespace of process ids they become our children."""
    while True:
        try:
            with open(f"/proc/self/task/{os.getpid()}/children") as file:
                left = [int(pid) for pid in file.read().split()]
        except OSError:
            return
        for pid in left:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        if not left:
            return


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
    for name in _PRELOADED.split():
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
    gc.collect()
    gc.disable()
    gc.freeze()
    send(control, json.dumps({"filtered": config["filtered"]}).encode())
    _Zygote(control, config).serve()
    return 0
