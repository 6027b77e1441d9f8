"""One confined process: its descriptors, limits and privileges, all given up before foreign code runs."""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import sys
from dataclasses import dataclass

from . import seccomp
from .kernel import drop_privileges, prctl
from .root import SCRATCH_BYTES, mount_scratch

__all__ = ["CHANNEL", "CONTROL", "Limits", "confine", "prepare_limits"]

CONTROL, CHANNEL = 3, 4
"""Descriptors of a confined process: to the parent, and to the process on the other side of a check."""

_OPEN_FILES = 64


@dataclass(frozen=True)
class Limits:
    """What one confined process may use.

    Attributes
    ----------
    cpu_seconds : float
        Processor time; the kernel's own limit, whole seconds above it, is the second line.
    wall_seconds : float
        Time by the clock.
    memory_bytes : int
        Address space.
    processes : int
        Processes and threads together.
    """

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    processes: int


def confine(
    limits: list[tuple[int, tuple[int, int]]],
    descriptors: dict[int, int],
    scratch: str | None,
    call_filter: bytes | None,
) -> None:
    """Turn this freshly forked process into a confined one.

    Parameters
    ----------
    limits : list
        What it may use, from `prepare_limits`.
    descriptors : dict
        The descriptors it keeps: what they are to be, and what they are now.
    scratch : str or None
        Where to mount its scratch folder; None when mounts are not in force, and the current folder is its scratch.
    call_filter : bytes or None
        The filter of system calls, from `seccomp.prepare`, if it is in force.
    """
    _keep(descriptors)
    if scratch is not None:
        mount_scratch(scratch)
        os.chdir(scratch)
    os.umask(0o077)
    os.environ.clear()
    for which, pair in limits:
        with contextlib.suppress(OSError, ValueError):  # macOS takes no limit of the address space
            resource.setrlimit(which, pair)
    if sys.platform == "linux":
        drop_privileges()
        prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: the second line where there is no pid namespace
        prctl(4, 0)  # PR_SET_DUMPABLE
        if call_filter is not None:
            seccomp.install(call_filter)
    gc.enable()


def _keep(descriptors: dict[int, int]) -> None:
    """Give the descriptors their numbers, and close all others."""
    high = [os.dup(now) for now in descriptors.values()]
    while min(high) <= CHANNEL:  # not where they would be overwritten
        high = [os.dup(now) for now in high]
    for wanted, now in zip(descriptors, high, strict=True):
        os.dup2(now, wanted)
    kept = sorted(descriptors)
    for low, following in zip(kept, [*kept[1:], 1 << 16], strict=True):
        if low + 1 < following:
            os.closerange(low + 1, following)


def prepare_limits(limits: Limits) -> list[tuple[int, tuple[int, int]]]:
    """Return the limits in the form that `confine` sets, as far as this system knows them."""
    seconds = int(limits.cpu_seconds) + 2
    wanted = {
        "RLIMIT_CPU": seconds,
        "RLIMIT_AS": limits.memory_bytes,
        "RLIMIT_FSIZE": SCRATCH_BYTES,
        "RLIMIT_NOFILE": _OPEN_FILES,
        "RLIMIT_NPROC": limits.processes,
        "RLIMIT_CORE": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_MEMLOCK": 0,
    }
    prepared = []
    for name, value in wanted.items():
        if (which := getattr(resource, name, None)) is not None:
            ceiling = resource.getrlimit(which)[1]
            value = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
            prepared.append((which, (value, value)))
    return prepared
