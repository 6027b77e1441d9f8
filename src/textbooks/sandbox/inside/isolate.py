"""Entering the namespaces, once for a zygote; what it forks lives in them or in fresh ones below."""

# The bare interpreter does without pathlib.
# ruff: noqa: PTH120, PTH208
from __future__ import annotations

import contextlib
import os
import platform
import sys

from .kernel import CLONE, prctl, unshare
from .root import build_root

__all__ = ["FRESH", "enter", "filter_works"]

FRESH = ("mount", "pid", "ipc")
"""Namespaces that each confined process gets for itself; the others it shares with its zygote, not the machine."""

_INNER, _NOBODY = 1000, 65534


def enter(namespaces: list[str]) -> None:
    """Move this process into the namespaces; only its children enter the one of process ids.

    The superuser first shows the standard library, perhaps from a folder that is closed to others, and then becomes
    nobody: limits of processes do not bind the superuser, and nothing of the machine's belongs to nobody.

    Raises
    ------
    OSError
        If the kernel or the machine's policy refuses a step; this process is then of no more use.
    """
    if not namespaces:
        _become_nobody_if_that_can_read()
        return
    own = os.open("/proc/self", os.O_RDONLY | os.O_DIRECTORY)
    if os.geteuid() == 0 and "mount" in namespaces:
        with contextlib.suppress(PermissionError):
            unshare(CLONE["mount"])
            build_root()
            _become_nobody()
            namespaces = [name for name in namespaces if name != "mount"]
    uid, gid = os.geteuid(), os.getegid()
    first = ["user", *({"mount"} & set(namespaces))]
    unshare(sum(CLONE[name] for name in first))
    for name, content in (("setgroups", "deny"), ("uid_map", f"{_INNER} {uid} 1"), ("gid_map", f"{_INNER} {gid} 1")):
        handle = os.open(name, os.O_WRONLY, dir_fd=own)
        os.write(handle, content.encode())
        os.close(handle)
    os.close(own)
    if "mount" in namespaces:
        build_root()
    unshare(sum(CLONE[name] for name in namespaces if name not in first))


def _become_nobody() -> None:
    os.setgroups([])
    os.setresgid(_NOBODY, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    prctl(4, 1)  # PR_SET_DUMPABLE: the change of user cleared it, and the maps would be closed to us


def _become_nobody_if_that_can_read() -> None:
    if os.geteuid() != 0 or sys.platform != "linux":
        return
    with contextlib.suppress(OSError):
        os.setegid(_NOBODY)
        os.seteuid(_NOBODY)
        try:
            os.listdir(os.path.dirname(os.path.realpath(os.__file__)))
        except OSError:
            return
        finally:
            os.seteuid(0)
            os.setegid(0)
        _become_nobody()


def filter_works() -> bool:
    """Whether a filter of system calls can be installed here: tried in a process of its own."""
    from . import seccomp

    if sys.platform != "linux" or not platform.machine():
        return False
    pid = os.fork()
    if pid == 0:
        try:
            prctl(38, 1)
            seccomp.install(seccomp.prepare())
            os.getpid()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0
