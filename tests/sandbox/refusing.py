"""Run a script in a process to which the kernel refuses what hardened systems and containers refuse."""

from __future__ import annotations

import json
import os
import platform
import struct
import subprocess
import sys
from pathlib import Path

NUMBERS = {  # unshare, mount, prctl
    "x86_64": {"unshare": 272, "mount": 165, "prctl": 157},
    "aarch64": {"unshare": 97, "mount": 40, "prctl": 167},
}
_LOAD, _EQUAL, _RETURN, _ALLOW, _ERRNO = 0x20, 0x15, 0x06, 0x7FFF0000, 0x00050000
_PR_SET_SECCOMP, _EPERM, _EINVAL = 22, 1, 22

_BEFORE = """
import ctypes, json, struct, sys, warnings
code = bytes.fromhex(sys.argv[1])
libc, kept = ctypes.CDLL(None, use_errno=True), ctypes.create_string_buffer(code, len(code))
assert libc.prctl(38, 1, 0, 0, 0) == 0
if code:
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(kept))
    assert libc.prctl(22, 2, ctypes.c_char_p(program), 0, 0) == 0
def run():
    from textbooks.errors import SandboxError
    from textbooks.sandbox import Sandbox
    programs, tests, strict = json.loads(sys.argv[2])
    limits = {"cpu_seconds": 0.3, "wall_seconds": 0.8, "memory_bytes": 256 << 20, "strict": strict}
    with warnings.catch_warnings(record=True) as caught, Sandbox(**limits) as sandbox:
        warnings.simplefilter("always")
        try:
            outcomes = [sandbox.check(p, tests, "add_one", call_check=True) for p in programs]
        except SandboxError as error:
            return {"refused": str(error)}
        missing = list(sandbox.isolation.missing)
    found = [[str(outcome.status), outcome.detail] for outcome in outcomes]
    return {"outcomes": found, "missing": missing, "warnings": [str(one.message) for one in caught]}
print(json.dumps(run()))
"""


def refusal(names):
    """Return a filter that answers these calls with EPERM, and for prctl the installing of a filter with EINVAL."""
    numbers = NUMBERS[platform.machine()]
    steps = [(_LOAD, 0, 0, 0)]
    for name in sorted(names, key=lambda name: name == "prctl"):
        if name == "prctl":
            steps += [(_EQUAL, 0, 3, numbers[name]), (_LOAD, 0, 0, 16), (_EQUAL, 0, 1, _PR_SET_SECCOMP)]
            steps += [(_RETURN, 0, 0, _ERRNO | _EINVAL)]
        else:
            steps += [(_EQUAL, 0, 1, numbers[name]), (_RETURN, 0, 0, _ERRNO | _EPERM)]
    steps += [(_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps) if names else b""


def check_refusing(names, programs, tests, *, strict=False):
    """Check the programs where the kernel refuses these calls; return outcomes, what is missing, and the warnings."""
    source = str(Path(__file__).resolve().parents[2] / "src")
    arguments = [refusal(names).hex(), json.dumps([programs, tests, strict])]
    path = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")]))
    run = subprocess.run(
        [sys.executable, "-c", _BEFORE, *arguments],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)
