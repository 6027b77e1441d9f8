"""Hostile programs: none passes, writes outside, reads the environment, or outlives its verdict."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from textbooks.sandbox import CheckJob, Sandbox, Status

sys.path.insert(0, str(Path(__file__).parent))
import hostile

sys.path.pop(0)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="confinement needs Linux")

FEW_SLOW = {name: hostile.SLOW[name] for name in ("ignores every signal", "floods its output", "stops itself")}
PROGRAMS = {**hostile.CHEATS, **hostile.HARM, **FEW_SLOW}


def descendants():
    """Return the processes below this one, as `ps` shows them, without `ps` itself."""
    shown = subprocess.run(["ps", "-eo", "pid=,ppid=,stat=,comm="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 3) for line in shown.splitlines()]
    found, before = {str(os.getpid())}, 0
    while len(found) != before:
        before = len(found)
        found |= {pid for pid, parent, _, _ in rows if parent in found}
    return [row for row in rows if row[0] in found and row[0] != str(os.getpid()) and row[3] != "ps"]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outside")
    marker = folder / "marker"
    folder.chmod(0o777)
    Path(f"{marker}.secret").write_text("secret")
    os.environ["SANDBOX_MARKER"] = "here"
    before = descendants()
    listening, abstract = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)
    abstract.bind("\0sandbox-marker")
    abstract.listen()
    with listening, abstract, Sandbox(cpu_seconds=0.3, wall_seconds=1.0) as sandbox:
        port = str(listening.getsockname()[1])
        sources = [text.replace("MARKER", str(marker)).replace("PORT", port) for text in PROGRAMS.values()]
        sources = [text.replace(f"SANDBOX_{marker}", "SANDBOX_MARKER") for text in sources]
        jobs = [CheckJob(source, hostile.TESTS, hostile.ENTRY_POINT, True) for source in sources]
        found = dict(zip(PROGRAMS, sandbox.map(jobs, workers=2), strict=True))
        alive = descendants()
        # Two processes of each zygote, one that holds tests, and those that wait for a job to come: each is known.
        known = sum(2 + (one._host is not None) + len(one._ready) for one in sandbox._pool._idle)
    del os.environ["SANDBOX_MARKER"]
    return found, marker, before, alive, known


def test_there_are_enough_of_them():
    assert len(hostile.ALL) >= 60


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_does_not_pass(outcomes, name):
    assert outcomes[0][name].status not in (Status.PASSED, Status.REFUSED), outcomes[0][name]


def test_nothing_is_written_outside(outcomes):
    _, marker, *_ = outcomes
    assert [path.name for path in marker.parent.iterdir()] == ["marker.secret"]


def test_nothing_outlives_its_verdict_and_no_zombie_is_left(outcomes):
    _, _, before, alive, known = outcomes
    assert len(alive) - len(before) == known <= 2 * (2 + 1 + 5)
    assert [row for row in alive if row[2].startswith("Z")] == [row for row in before if row[2].startswith("Z")]
    assert [row[0] for row in descendants()] == [row[0] for row in before]


def test_memory_is_a_status_of_its_own(outcomes):
    assert outcomes[0]["takes all the memory at import"].status in (Status.MEMORY, Status.TIMEOUT)


def test_loops_are_timeouts(outcomes):
    assert {outcomes[0][name].status for name in FEW_SLOW} == {Status.TIMEOUT}


def test_output_is_capped(outcomes):
    assert len(outcomes[0]["floods its output"].output) == 64_000


@pytest.mark.parametrize("how", ["kill", "terminate"])
def test_nothing_is_left_when_the_parent_is_killed(how, tmp_path):
    program = (
        "import os, sys\nfrom textbooks.sandbox import Sandbox\n"
        "s = Sandbox(cpu_seconds=60, wall_seconds=60)\ns.run('')\nprint('ready', flush=True)\n"
        "s.run('import time\\nwhile True: time.sleep(0.01)')\n"
    )
    others = {row[0] for row in descendants()}  # of tests before this one, such as multiprocessing's fork server
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env={**os.environ, "PROBE": how})
    with parent:
        assert parent.stdout.readline() == b"ready\n"
        time.sleep(0.3)
        below = [row[0] for row in descendants() if row[0] not in {str(parent.pid), *others}]
        assert len(below) >= 3
        getattr(parent, how)()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and any(Path(f"/proc/{pid}").exists() for pid in below):
        time.sleep(0.02)
    assert [pid for pid in below if Path(f"/proc/{pid}").exists()] == []


def test_a_temporary_folder_is_as_it_was():
    def left():
        return list(Path(tempfile.gettempdir()).glob("textbooks-sandbox-*"))

    before = left()
    with Sandbox() as sandbox:
        sandbox.run("open('a', 'w').write('a')")
    assert left() == before
