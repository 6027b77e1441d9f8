"""After a kill, the same command goes on and ends with the same bytes; with other parameters it refuses."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.conftest import TEXTBOOK
from tests.curation.conftest import digest_of, start, textbooks

SHARDS, COPIES, UNIQUE = 12, 15, 60
KILLS = int(os.environ.get("TEXTBOOKS_KILLS", "4"))


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie that waits to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid: int) -> list[int]:
    """Return the processes below `pid`, from what Linux says of their parents."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(status.parent.name)] = int(status.read_text().rsplit(")", 1)[1].split()[1])
    found, pending = [], [pid]
    while pending:
        parent = pending.pop()
        children = [child for child, its_parent in parents.items() if its_parent == parent]
        found += children
        pending += children
    return found


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Some 50 MB in twelve shards, so that a kill falls into the middle of something; most are duplicates."""
    folder = tmp_path_factory.mktemp("large")
    for i in range(SHARDS):
        rows = [{"text": f"{TEXTBOOK}\n# {i} {j}\n" + "# padding\n" * 400, "id": f"{i}/{j}"} for j in range(UNIQUE)]
        rows.append({"text": None})
        (folder / f"{i:02d}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) * COPIES)
    return folder


@pytest.fixture(scope="module")
def reference(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("reference") / "out"
    run = textbooks("curate", corpus, "--out", out)
    assert run.returncode == 0, run.stderr
    stats = json.loads((out / "stats.json").read_text())
    assert stats["read"] == SHARDS * COPIES * (UNIQUE + 1)
    assert stats["reasons"]["exact_duplicate"] == SHARDS * (COPIES - 1) * UNIQUE
    assert stats["quarantined"] == SHARDS * COPIES
    assert stats["kept"] + stats["reasons"]["near_duplicate"] == SHARDS * UNIQUE
    assert len({file.name.split("-")[0] for file in (out / "dropped").iterdir()}) == SHARDS
    return digest_of(out)


def wait_for(path):
    deadline = time.monotonic() + 60
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def test_killed_at_random_it_resumes_to_the_same_bytes(corpus, reference, tmp_path):
    out = tmp_path / "out"
    randomness = random.Random(5)
    for _ in range(KILLS):
        process = start("curate", corpus, "--out", out)
        time.sleep(randomness.uniform(1.0, 5.0))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        for name, digest in digest_of(out).items():
            assert digest == reference[name], "a half-written file under a final name"
    run = textbooks("curate", corpus, "--out", out)
    assert run.returncode == 0, run.stderr
    assert digest_of(out) == reference


def test_a_killed_run_leaves_no_process(corpus, tmp_path):
    """datatrove's manager process used to stay for ever, its workers until their task was done."""
    out = tmp_path / "out"
    process = start("curate", corpus, "--out", out)
    wait_for(out / ".textbooks" / "logs" / "judge" / "logs")
    family = descendants(process.pid)
    assert len(family) >= 3
    process.send_signal(signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 10
    while any(map(is_running, family)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [pid for pid in family if is_running(pid)] == []


def test_interrupted_it_says_how_to_go_on_and_does(corpus, reference, tmp_path):
    out = tmp_path / "out"
    process = start("curate", corpus, "--out", out)
    wait_for(out / ".textbooks" / "logs" / "judge" / "logs")  # a fixed pause would outlast the run on a fast machine
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "run the same command again to resume" in stderr
    assert "Traceback" not in stderr
    assert textbooks("curate", corpus, "--out", out).returncode == 0
    assert digest_of(out) == reference


def test_a_killed_worker_ends_the_run_with_advice(corpus, reference, tmp_path):
    """datatrove would wait for ever for the task of a worker that the system killed; and so did a background job."""
    out = tmp_path / "out"
    process = start("curate", corpus, "--out", out, "--workers", "2", in_background=True)
    notes = out / ".textbooks" / "progress" / str(process.pid) / "judge"
    deadline = time.monotonic() + 60
    while not list(notes.glob("*.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.2)
    os.kill(json.loads(sorted(notes.glob("*.json"))[-1].read_text())["pid"], signal.SIGKILL)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "died, perhaps for want of memory: run again to resume" in " ".join(stderr.split())
    assert textbooks("curate", corpus, "--out", out).returncode == 0
    assert digest_of(out) == reference


@pytest.fixture
def small(tmp_path):
    source = tmp_path / "corpus"
    source.mkdir()
    (source / "search.py").write_text(TEXTBOOK)
    assert textbooks("curate", source, "--out", tmp_path / "out").returncode == 0
    return source, tmp_path / "out"


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [
        ("--min-score", "3.5", "parameters.min_score was 2.5, now 3.5"),
        ("--text-column", "content", "parameters.text_column was 'text', now 'content'"),
        ("--id-column", "key", "parameters.id_column was 'id', now 'key'"),
    ],
)
def test_other_parameters_are_refused_by_name(small, option, value, named):
    source, out = small
    before = digest_of(out)
    run = textbooks("curate", source, "--out", out, option, value)
    assert run.returncode == 2
    assert named in " ".join(run.stderr.split())
    assert "--restart" in run.stderr
    assert digest_of(out) == before
    assert textbooks("curate", source, "--out", out, option, value, "--restart").returncode == 0


@pytest.mark.parametrize("change", ["added", "touched", "removed"])
def test_other_input_is_refused(small, change):
    source, out = small
    (source / "more.py").write_text("x = 1\n")
    if change == "added":
        pass
    elif change == "touched":
        (source / "more.py").unlink()
        (source / "search.py").write_text(TEXTBOOK + "\n")
    else:
        assert textbooks("curate", source, "--out", out, "--restart").returncode == 0
        (source / "more.py").unlink()
    run = textbooks("curate", source, "--out", out)
    assert run.returncode == 2
    assert "input.fingerprint was" in run.stderr


def test_workers_and_strictness_are_no_other_parameters(small):
    source, out = small
    run = textbooks("curate", source, "--out", out, "--workers", 1, "--strict")
    assert run.returncode == 0
    assert "Nothing to do" in run.stdout


def test_a_file_missing_from_a_finished_run_is_noticed(small):
    source, out = small
    next((out / "kept").glob("*.parquet")).unlink()
    run = textbooks("curate", source, "--out", out)
    assert run.returncode == 2
    assert "is missing or changed since the run finished" in " ".join(run.stderr.split())
