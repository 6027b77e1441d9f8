"""Where less confinement is to be had: statuses stay right, a warning says so, strict mode refuses, nothing is left."""

from __future__ import annotations

import os
import platform
import resource
import sys
import tempfile
import threading
import warnings
from pathlib import Path

import pytest

from textbooks.sandbox import Sandbox
from textbooks.sandbox import pool as pools
from textbooks.sandbox import zygote as zygotes
from textbooks.sandbox.inside import cell, cells

sys.path.insert(0, str(Path(__file__).parent))
import refusing

sys.path.pop(0)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in refusing.NUMBERS, reason="refuses calls of the Linux kernel"
)

TESTS = "def check(candidate):\n    assert candidate(1) == 2\n"
RIGHT = "def add_one(x): return x + 1\n"
PROGRAMS = {
    RIGHT: "passed",
    "def add_one(x): return x\n": "wrong_answer",
    "def add_one(x): return x + 1 \n": "passed",  # the third: its tests may stay where that is safe
    "def add_one(x): raise KeyError\n": "exception",
    "def add_one(x):\n    while True: pass\n": "timeout",
    "def add_one(x): return bytearray(1 << 30)\n": "memory",
    "import os\ndef add_one(x): os._exit(3)\n": "killed",
    "import time\ndef add_one(x): time.sleep(60)\n": "timeout",
}
NAMESPACES = ["user", "mount", "pid", "network", "ipc"]
MODES = {
    "no mounts": ({"mount"}, ["mount"]),
    "no namespaces": ({"unshare", "mount"}, NAMESPACES),
    "no filter": ({"prctl"}, ["system_calls"]),
    "limits alone": ({"unshare", "mount", "prctl"}, [*NAMESPACES, "system_calls"]),
}


def folders():
    return set(Path(tempfile.gettempdir()).glob("textbooks-sandbox-*"))


@pytest.fixture(scope="module")
def can_all():
    with warnings.catch_warnings(), Sandbox() as sandbox:
        warnings.simplefilter("ignore")
        if sandbox.isolation.missing:
            pytest.skip("this machine refuses some of it already")


@pytest.mark.parametrize("mode", MODES)
def test_statuses_are_right_and_the_loss_is_told(can_all, mode):
    names, missing = MODES[mode]
    before = folders()
    found = refusing.check_refusing(names, list(PROGRAMS), TESTS)
    assert dict(zip(PROGRAMS, (status for status, _ in found["outcomes"]), strict=True)) == PROGRAMS
    assert found["missing"] == missing
    told = [text for text in found["warnings"] if "not fully confined here" in text]
    assert len(told) == (mode != "no filter")  # a second line, which `complete` does not ask for
    assert all(f"missing: {', '.join(missing)}" in text and "docs/sandbox.md" in text for text in told)
    assert folders() == before


@pytest.mark.parametrize("mode", MODES)
def test_strict_mode_refuses(can_all, mode):
    found = refusing.check_refusing(MODES[mode][0], [RIGHT], TESTS, strict=True)
    if mode == "no filter":
        assert found["outcomes"] == [["passed", ""]]
    else:
        assert "strict=False runs them all the same" in found["refused"]


def test_a_program_that_ends_its_zygote_is_killed_and_never_passes(can_all):
    program = "import os, signal\ndef add_one(x):\n    os.kill(os.getppid(), signal.SIGKILL)\n    return 2\n"
    found = refusing.check_refusing(MODES["limits alone"][0], [program, RIGHT], TESTS)
    (status, _), right = found["outcomes"]
    assert (status in ("killed", "exception", "timeout"), right) == (True, ["passed", ""])


class TestMacOS:
    """The zygote without what macOS lacks: no Linux calls, no pidfd, no waitid, no limit of the address space."""

    @pytest.fixture
    def sandbox(self, monkeypatch):
        lacking = (
            "import os, sys, resource; sys.platform = 'darwin'; del os.pidfd_open, os.waitid, resource.RLIMIT_AS; "
        )
        monkeypatch.setattr(zygotes, "_START", lacking + zygotes._START)
        monkeypatch.setattr(zygotes, "_CLOSE_ON_EXEC", 0)
        monkeypatch.setattr(pools, "LEVELS", ((),))
        with Sandbox(cpu_seconds=0.3, wall_seconds=0.8) as made:
            with pytest.warns(RuntimeWarning, match="not fully confined"):
                made.run("pass")
            yield made

    def test_statuses(self, sandbox):
        assert sandbox.isolation.missing == (*NAMESPACES, "system_calls")
        for program, status in PROGRAMS.items():
            if status != "memory":
                assert sandbox.check(program, TESTS, "add_one", call_check=True).status == status, program

    def test_no_descriptor_is_inherited_by_a_later_program(self, sandbox):
        sandbox.run("pass")
        (zygote,) = sandbox._pool._idle
        (ready,) = zygote.begin(1, alone=True)
        assert not ready.get_inheritable()
        ready.close()
        zygote.finish()


class TestLimits:
    def test_a_limit_that_the_system_lacks_is_passed_over(self):
        cell.set_limit("RLIMIT_OF_ANOTHER_SYSTEM", 1)

    @pytest.mark.parametrize("error", [ValueError("current limit exceeds maximum limit"), PermissionError()])
    def test_a_limit_that_the_system_refuses_is_passed_over(self, monkeypatch, error):
        def refuse(which, pair):
            raise error

        monkeypatch.setattr(resource, "setrlimit", refuse)
        cell.set_limit("RLIMIT_AS", 1 << 30)

    def test_a_limit_is_never_raised(self, monkeypatch):
        asked = []
        monkeypatch.setattr(resource, "getrlimit", lambda which: (5, 7))
        monkeypatch.setattr(resource, "setrlimit", lambda which, pair: asked.append(pair))
        cell.set_limit("RLIMIT_NOFILE", 64)
        cell.set_limit("RLIMIT_NOFILE", 6)
        assert asked == [(7, 7), (6, 6)]

    def test_a_process_is_not_asked_about_where_the_system_cannot_say(self, monkeypatch):
        monkeypatch.delattr(os, "waitid")
        assert not cells.Cell(os.getpid(), None).has_ended()


def test_a_warning_comes_once_for_a_sandbox(monkeypatch):
    monkeypatch.setattr(pools, "LEVELS", ((),))
    with Sandbox() as sandbox, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        threads = [threading.Thread(target=sandbox.run, args=("pass",)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(caught) == 1
