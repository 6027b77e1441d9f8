"""One confined process: its descriptors, limits and privileges, all given up before foreign code runs."""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import sys
from typing import NamedTuple

from . import seccomp
from .kernel import drop_capabilities, prctl
from .root import SCRATCH_BYTES, mount_scratch

__all__ = ["CONTROL", "SLACK", "Limits", "confine", "limit_all_below", "limit_cpu", "set_limit"]

CONTROL = 3
"""Descriptor of a confined process to the parent; it has no other but its output, at 0 to 2."""

SLACK = 1.5
"""How much more processor time a process may use beside others: they slow it down, as caches and cores are shared."""

_OPEN_FILES = 64
_BEYOND_CPU = 2  # seconds: the kernel counts whole ones, and the zygote ends a process before


class Limits(NamedTuple):
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


def limit_all_below(limits: Limits) -> None:
    """Confine this zygote and all it forks, in what needs no renewal after a fork."""
    os.umask(0o077)
    os.environ.clear()
    wanted = {
        "RLIMIT_AS": limits.memory_bytes,
        "RLIMIT_FSIZE": SCRATCH_BYTES,
        "RLIMIT_NOFILE": _OPEN_FILES,
        "RLIMIT_CORE": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_MEMLOCK": 0,
    }
    for name, value in wanted.items():
        set_limit(name, value)
    if sys.platform == "linux":
        prctl(38, 1)  # PR_SET_NO_NEW_PRIVS
        prctl(4, 0)  # PR_SET_DUMPABLE: also closes /proc/PID to others of the same user


def set_limit(name: str, value: int) -> None:
    """Lower a limit of this process, if this system has it; it can never be raised again."""
    which = getattr(resource, name, None)
    if which is None:
        return
    with contextlib.suppress(OSError, ValueError):  # macOS takes no limit of the address space
        ceiling = resource.getrlimit(which)[1]
        value = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        resource.setrlimit(which, (value, value))


def limit_cpu(seconds: float) -> None:
    """Have the kernel end this process a little after the zygote should have done so."""
    set_limit("RLIMIT_CPU", int(seconds * SLACK) + _BEYOND_CPU)


def confine(control: int, processes: int, scratch: str | None, call_filter: bytes | None) -> None:
    """Turn this process, freshly forked by a zygote below `limit_all_below`, into a confined one.

    Parameters
    ----------
    control : int
        The descriptor to the parent, above 2; standard streams and this one are kept, all others closed.
    processes : int
        How many processes and threads it may have.
    scratch : str or None
        Where to mount its scratch folder; None when mounts are not in force, and the current folder is its scratch.
    call_filter : bytes or None
        The filter of system calls, from `seccomp.prepare`, if it is in force.
    """
    if control != CONTROL:
        os.dup2(control, CONTROL)
    os.closerange(CONTROL + 1, 1 << 16)
    os.setsid()  # a signal to one's own group would else reach the zygote, in whatever namespace
    if scratch is not None:
        mount_scratch(scratch)
        os.chdir(scratch)
    set_limit("RLIMIT_NPROC", processes)
    if sys.platform == "linux":
        drop_capabilities()
        prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: the second line where there is no pid namespace
        if call_filter is not None:
            seccomp.install(call_filter)
    gc.enable()
