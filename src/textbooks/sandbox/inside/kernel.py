"""The system calls that Python's standard library lacks, by ctypes; Linux alone."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
import struct

__all__ = ["CLONE", "MS", "clone", "drop_capabilities", "mount", "pivot_root", "prctl", "unmount", "unshare"]

# PyDLL keeps the lock of the interpreter, as a fork must.
_libc = ctypes.PyDLL(None, use_errno=True)

CLONE = {"mount": 0x20000, "ipc": 0x8000000, "user": 0x10000000, "pid": 0x20000000, "network": 0x40000000}
MS = {"rdonly": 1, "nosuid": 2, "nodev": 4, "noexec": 8, "remount": 32, "bind": 4096, "rec": 16384, "private": 1 << 18}
_DETACH = 2
_CALLS = {  # clone, pivot_root, capset
    "x86_64": (56, 155, 126),
    "aarch64": (220, 41, 91),
}
_CAPABILITY_VERSION_3 = 0x20080522
_NO_CAPABILITIES = struct.pack("Ii", _CAPABILITY_VERSION_3, 0), bytes(24)
_CLONE_CALL, _PIVOT_CALL, _CAPSET_CALL = _CALLS.get(platform.machine(), (0, 0, 0))


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _known(call: int) -> None:
    if not call:
        raise OSError(errno.ENOSYS, f"the numbers of system calls on {platform.machine()} are not known here")


def unshare(flags: int) -> None:
    """Move this process into new namespaces."""
    _checked(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount, bind or remount."""
    arguments = (source.encode(), target.encode(), kind.encode() or None)
    _checked(_libc.mount(*arguments, ctypes.c_ulong(flags), options.encode() or None), f"mount {target}")


def unmount(target: str) -> None:
    """Take a mount out of the tree, also while it is in use."""
    _checked(_libc.umount2(target.encode(), _DETACH), f"umount {target}")


def pivot_root(new: str, old: str) -> None:
    """Exchange the root."""
    _known(_PIVOT_CALL)
    _checked(_libc.syscall(_PIVOT_CALL, new.encode(), old.encode()), "pivot_root")


def prctl(option: int, value: int = 0) -> None:
    """Set an attribute of this process."""
    _checked(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0), f"prctl {option}")


def clone(flags: int) -> int:
    """Fork into new namespaces, in one step; returns like `os.fork`."""
    if not flags:
        return os.fork()
    _known(_CLONE_CALL)
    python = ctypes.pythonapi
    python.PyOS_BeforeFork()
    pid = int(_libc.syscall(_CLONE_CALL, ctypes.c_ulong(flags | signal.SIGCHLD), 0, 0, 0, 0))
    number = ctypes.get_errno()
    (python.PyOS_AfterFork_Child if pid == 0 else python.PyOS_AfterFork_Parent)()
    if pid < 0:
        raise OSError(number, f"clone: {os.strerror(number)}")
    return pid


def drop_capabilities() -> None:
    """Give up every capability, for good: no program that is started gives one back after PR_SET_NO_NEW_PRIVS."""
    if _CAPSET_CALL:
        _checked(_libc.syscall(_CAPSET_CALL, _NO_CAPABILITIES[0], _NO_CAPABILITIES[1]), "capset")
