"""The display of a run: what it prints, and that it tells a dead worker from a failed task."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time

import pytest
from rich.console import Console

from textbooks.curation import progress
from textbooks.curation.progress import Display
from textbooks.errors import WorkerDiedError


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LOOKS", 0.02)
    monkeypatch.setattr(progress, "SECONDS_UNTIL_DEAD", 0.3)


def note(folder, rank, *, pid, records=3, size=500):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{rank:05d}.json").write_text(json.dumps({"records": records, "size": size, "pid": pid}))


@pytest.fixture
def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def stage(display, tmp_path, **sizes):
    sizes = {"total": 1_000_000, "done": 0, **sizes}
    return display.stage("judging", **sizes, notes=tmp_path / "notes", logs=tmp_path / "logs")


def test_without_a_terminal_the_end_is_a_line_with_the_totals(tmp_path, impatient):
    out = io.StringIO()
    with stage(Display(Console(file=out, width=100)), tmp_path, done=400_000):
        note(tmp_path / "notes", 0, pid=1, records=7, size=500_000)
        (tmp_path / "logs" / "completions").mkdir(parents=True)
        (tmp_path / "logs" / "completions" / "00000").touch()
    assert out.getvalue().split() == ["judging", "90%", "7", "records,", "1", "MB", "0", "s"]


def test_a_terminal_gets_a_bar(tmp_path, impatient):
    out = io.StringIO()
    with stage(Display(Console(file=out, width=100, force_terminal=True)), tmp_path, total=500):
        note(tmp_path / "notes", 0, pid=1)
        (tmp_path / "logs" / "completions").mkdir(parents=True)
        (tmp_path / "logs" / "completions" / "00000").touch()
    assert "100%" in out.getvalue()
    assert "3 records" in out.getvalue()


def test_a_worker_that_is_gone_ends_the_run(tmp_path, impatient, dead_pid):
    note(tmp_path / "notes", 4, pid=dead_pid)

    def wait():
        with stage(Display(None), tmp_path):
            time.sleep(30)

    with pytest.raises(WorkerDiedError, match="the worker of shard 4 died"):
        wait()


def test_a_failed_task_is_reported_and_not_the_end_of_its_neighbours(tmp_path, impatient, dead_pid):
    """Workers of other tasks are ended when one fails: that race hid the failure behind "a worker died"."""
    note(tmp_path / "notes", 4, pid=dead_pid)

    def fail():
        with stage(Display(None), tmp_path):
            time.sleep(0.1)  # datatrove ends the other workers
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        fail()


def test_a_completed_task_may_lose_its_worker(tmp_path, impatient, dead_pid):
    note(tmp_path / "notes", 4, pid=dead_pid)
    (tmp_path / "logs" / "completions").mkdir(parents=True)
    (tmp_path / "logs" / "completions" / "00004").touch()
    with stage(Display(None), tmp_path):
        time.sleep(0.6)
