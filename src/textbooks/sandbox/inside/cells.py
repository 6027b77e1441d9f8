"""What a zygote knows of a confined process: its clocks, its end, what it used."""

# The bare interpreter does without pathlib.
# ruff: noqa: PTH123
from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from typing import Any

__all__ = ["Cell", "report", "sweep"]


class Cell:
    """A confined process that waits for work, lives, or did.

    Parameters
    ----------
    pid : int
        Its process id; 0 for one that is gone.
    scratch : str or None
        Its folder, which goes with it, where it has no mounts of its own.
    role, reason : str
        ``"tests"`` or nothing; which limit it passed: ``"cpu"``, ``"wall"`` or none.

    Attributes
    ----------
    seconds, deadline : float
        Processor time that it may use; when it is to end by the clock.
    bound : bool
        Whether it is kept on one core.
    """

    __slots__ = ("_before", "bound", "deadline", "pid", "reason", "role", "scratch", "seconds")

    def __init__(self, pid: int, scratch: str | None, *, role: str = "", reason: str = "") -> None:
        self.pid, self.scratch, self.role, self.reason = pid, scratch, role, reason
        self.deadline = self.seconds = 0.0
        self._before = 0.0
        self.bound = False

    def start_clock(self, seconds: float) -> None:
        """Allow so much processor time from now on."""
        self.seconds, self._before = seconds, self._cpu_seconds()

    def keep_to(self, cores: set[int]) -> None:
        """Have it run on these cores; threads that it started before stay where they are."""
        self.bound = len(cores) == 1
        with contextlib.suppress(OSError):
            os.sched_setaffinity(self.pid, cores)

    @property
    def is_over(self) -> bool:
        """Whether it used more than it was allowed."""
        return self._cpu_seconds() - self._before > self.seconds

    def _cpu_seconds(self) -> float:
        """Return its processor time; 0 where the system cannot say, and its own limit has to do."""
        try:
            return time.clock_gettime((~self.pid << 3) | 2)
        except OSError:
            return 0.0

    def has_ended(self) -> bool:
        """Whether it ended, by itself or not; it is not waited for. Where the system cannot say, it has not."""
        if not hasattr(os, "waitid"):  # macOS
            return False
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def end(self, reason: str) -> None:
        """End it for passing a limit."""
        self.reason = reason
        self.kill()

    def kill(self) -> None:
        """End it, and without namespaces its process group too."""
        if not self.pid:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        if self.scratch is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)


def report(cell: Cell) -> dict[str, Any]:
    """Wait for the end of a process, remove its folder, and return what it used."""
    found: dict[str, Any] = {"role": cell.role, "reason": cell.reason, "status": 0, "cpu": 0.0, "memory": 0}
    if cell.pid:
        _, status, usage = os.wait4(cell.pid, 0)
        unit = 1 if sys.platform == "darwin" else 1024
        found |= {"status": status, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss * unit}
    if cell.scratch is not None:
        import shutil

        shutil.rmtree(cell.scratch, ignore_errors=True)
    return found


def sweep(kept: set[int]) -> None:
    """End what confined processes left behind: without a namespace of process ids they become our children."""
    while True:
        try:
            with open(f"/proc/self/task/{os.getpid()}/children") as file:
                left = {int(pid) for pid in file.read().split()} - kept
        except OSError:
            return
        for pid in left:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        if not left:
            return
