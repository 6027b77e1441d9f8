"""A filter of system calls: what a confined program has no use for is answered with EPERM."""

from __future__ import annotations

import ctypes
import platform
import struct

__all__ = ["install", "prepare"]

_libc = ctypes.PyDLL(None, use_errno=True)

# name: (x86_64, aarch64); -1 where the machine lacks it.
_DENIED = {
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202),
    "accept4": (288, 242), "fork": (57, -1), "vfork": (58, -1), "execve": (59, 221), "execveat": (322, 281),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "acct": (163, 89), "syslog": (103, 116), "quotactl": (179, 60), "personality": (135, 92),
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "fanotify_init": (300, 262), "mknod": (133, -1), "mknodat": (259, 33),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171), "sethostname": (170, 161),
}  # fmt: skip
_SIGNALS = {
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
}  # fmt: skip
_MACHINES = {"x86_64": (0, 0xC000003E, 56, 435), "aarch64": (1, 0xC00000B7, 220, 435)}  # audit number, clone, clone3
_LOAD, _EQUAL, _AT_LEAST, _BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_THREAD = 0x10000


def _program(machine: str, *, signals: bool) -> bytes:
    column, audit, clone, clone3 = _MACHINES[machine]
    names = _DENIED if signals else _DENIED | _SIGNALS
    denied = sorted(numbers[column] for numbers in names.values() if numbers[column] >= 0)
    code = [
        (_LOAD, 0, 0, 4),  # which machine's numbers are these
        (_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # which call
        (_AT_LEAST, 0, 1, 0x40000000),  # the numbers of x32 would slip through the list
        (_RETURN, 0, 0, _KILL),
        (_EQUAL, 0, 1, clone3),  # its flags lie in memory, out of reach: the C library then uses clone
        (_RETURN, 0, 0, _ERRNO | _ENOSYS),
        (_EQUAL, 0, 4, clone),
        (_LOAD, 0, 0, 16),  # its flags: threads may be started, processes not
        (_BITS, 0, 1, _THREAD),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERRNO | _EPERM),
        *_search(denied),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in code)


def _search(denied: list[int]) -> list[tuple[int, int, int, int]]:
    """Return a binary search: the kernel tries the filter on every call there is when it takes it in."""
    if len(denied) == 1:
        refused = (_RETURN, 0, 0, _ERRNO | _EPERM)
        return [(_EQUAL, 0, 1, denied[0]), refused, (_RETURN, 0, 0, _ALLOW)]
    middle = len(denied) // 2
    below, above = _search(denied[:middle]), _search(denied[middle:])
    return [(_AT_LEAST, len(below), 0, denied[middle]), *below, *above]


def prepare(*, signals: bool = True) -> bytes:
    """Return what `install` hands to the kernel, made once before any fork.

    Parameters
    ----------
    signals : bool
        Whether it may send signals: not without a namespace of process ids.

    Raises
    ------
    OSError
        If nobody wrote the numbers of this machine down here.
    """
    if platform.machine() not in _MACHINES:
        raise OSError(_ENOSYS, f"no table of system calls for {platform.machine()}")
    machine = platform.machine()
    code = _program(machine, signals=signals)
    kept = ctypes.create_string_buffer(code, len(code))
    _KEPT.append(kept)
    return struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(kept))


_KEPT: list[object] = []  # the kernel is told an address: what lies there must stay


def install(prepared: bytes) -> None:
    """Put the filter on this process and all it becomes; raises `OSError` if the kernel has no such filters."""
    if _libc.prctl(22, 2, ctypes.c_char_p(prepared), 0, 0):  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
        raise OSError(ctypes.get_errno(), "no filter of system calls")
