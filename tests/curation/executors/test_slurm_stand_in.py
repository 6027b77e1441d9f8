"""The jobs that are handed to Slurm, run for real: only the scheduler is a stand-in."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.curation.conftest import digest_of
from tests.curation.executors.conftest import FILES, curated
from textbooks.curation.executors import SlurmExecutor
from textbooks.curation.executors.slurm_queue import SlurmQueue
from textbooks.curation.executors.slurm_tasks import raise_failure, tail_of_job
from textbooks.errors import ClusterError, DamagedRecordError, TaskFailedError

SETTINGS = {"partition": "any", "workers": 1, "tasks_per_job": 4, "poll": 0.1, "patience": 5}


@pytest.fixture
def stand_in(tmp_path) -> dict[str, str]:
    """Return the environment in which Slurm's commands are those of the stand-in."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "queue").mkdir()
    program = Path(__file__).with_name("slurm_stand_in.py")
    for name in ("sbatch", "srun", "squeue", "scancel"):
        command = tmp_path / "bin" / name
        command.write_text(f'#!/bin/sh\nexec {sys.executable} {program} {name} "$@"\n')
        command.chmod(0o755)
    return {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "STAND_IN_QUEUE": str(tmp_path / "queue")}


@pytest.mark.slow
def test_the_jobs_leave_what_a_local_run_leaves(stand_in, tasks, reference, tmp_path):
    out = tmp_path / "out"
    run = curated("SlurmExecutor", SETTINGS, tasks, out, env=stand_in)
    assert run.returncode == 0, run.stderr
    assert digest_of(out) == reference
    script = (out / ".textbooks" / "logs" / "judge" / "launch_script.slurm").read_text()
    assert "#SBATCH --array=0-1%1\n#SBATCH --requeue\n" in script
    assert f"srun -l -n 1 {sys.executable} -m datatrove.tools.launch_pickled_pipeline {out}" in script
    assert "#SBATCH --mem-per-cpu=2048M\n" in script
    assert "qos" not in script
    logs = sorted(file.name for file in (out / ".textbooks/logs/judge/slurm_logs").iterdir())
    assert [name.split("_")[1] for name in logs] == ["0.out", "1.out"]
    assert len(list((out / ".textbooks/logs/judge/completions").iterdir())) == FILES


@pytest.mark.slow
def test_a_record_that_stops_a_strict_run_is_named(stand_in, tasks, tmp_path):
    run = curated("SlurmExecutor", SETTINGS, tasks, tmp_path / "out", strict=True, env=stand_in)
    assert run.stderr.startswith(f"DamagedRecordError: {tasks}/0.jsonl#60: text_missing")
    assert list((tmp_path / "queue").glob("[0-9]*")) == []


def test_without_slurm_the_error_says_where_to_run_it(tasks, tmp_path):
    run = curated("SlurmExecutor", SETTINGS, tasks, tmp_path / "out", env={"PATH": str(tmp_path)})
    assert run.stderr == "ClusterError: there is no scancel on this machine: run this where jobs are submitted\n"


def put(tmp_path, name: str, script: str) -> None:
    command = tmp_path / name
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)


def test_a_queue_that_does_not_answer_is_waited_for_and_then_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    put(tmp_path, "squeue", f"test -e {tmp_path}/asked || {{ : > {tmp_path}/asked; echo busy >&2; exit 1; }}")
    assert SlurmQueue("mine", patience=5).holds_jobs() is False
    put(tmp_path, "squeue", "echo controller is down >&2; exit 1")
    with pytest.raises(ClusterError, match=r"squeue fails for 0 s: controller is down"):
        SlurmQueue("mine", patience=0).holds_jobs()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("PENDING (JobHeldAdmin)", "JobHeldAdmin"),
        ("PENDING launch failed requeued held", "launch_failed_requeued_held"),
    ],
)
def test_jobs_that_never_run_are_cancelled(tmp_path, monkeypatch, said, reason):
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    put(tmp_path, "scancel", f"echo $@ > {tmp_path}/cancelled")
    put(tmp_path, "squeue", f"test -e {tmp_path}/cancelled || echo '{said}'")
    with pytest.raises(ClusterError, match=f"Slurm will not run the jobs mine: {reason}"):
        SlurmQueue("mine", patience=5).holds_jobs()
    assert (tmp_path / "cancelled").read_text() == f"--name=mine --user={os.getuid()}\n"
    (tmp_path / "cancelled").unlink()
    put(tmp_path, "squeue", f"echo '{said}'; echo 'RUNNING None'")
    assert SlurmQueue("mine", patience=5).holds_jobs() is True


def noted(tmp_path, rank: int, content: str) -> None:
    (tmp_path / "failures").mkdir(exist_ok=True)
    (tmp_path / "failures" / f"{rank:05d}.json").write_text(content)


def test_failures_are_raised_as_what_they_were(tmp_path):
    raise_failure(tmp_path)
    noted(tmp_path, 3, '{"type": "Strange", "message": "m", "errno": null}')
    with pytest.raises(TaskFailedError, match=r"task 3 failed with Strange: m\. Its log is .*task_00003\.log"):
        raise_failure(tmp_path)
    noted(tmp_path, 2, '{"type": "OSError", "message": "No space left on device", "errno": 28}')
    with pytest.raises(OSError, match="No space left on device") as raised:
        raise_failure(tmp_path)
    assert raised.value.errno == 28
    noted(tmp_path, 1, '{"type": "DamagedRecordError", "message": "a.py: no text", "errno": null}')
    with pytest.raises(DamagedRecordError, match=r"^a\.py: no text$"):
        raise_failure(tmp_path)


def test_the_end_of_the_log_is_that_of_the_job_that_had_the_task(tmp_path):
    assert tail_of_job(tmp_path, 7).startswith("Slurm logged nothing. ")
    (tmp_path / "slurm_logs").mkdir()
    (tmp_path / "ranks_to_run.json").write_text("[1, 4, 7, 9]")
    (tmp_path / "executor.json").write_text('{"tasks_per_job": 2, "max_array_size": 1001}')
    for place, text in enumerate(("first\n", "1\n2\n3\n4\n5\n6\n", "")):
        (tmp_path / "slurm_logs" / f"12_{place}.out").write_text(text)
    told = tail_of_job(tmp_path, 7)
    assert "12_1.out, the task's" in told
    assert told.endswith("It ends with:\n2\n3\n4\n5\n6")
    (tmp_path / "executor.json").write_text("broken")
    assert "12_" in tail_of_job(tmp_path, 7)


@pytest.mark.parametrize(
    ("workers", "tasks_per_job", "incomplete", "expected"),
    [
        (None, None, 100, 1),
        (None, 3, 100, 3),
        (5, None, 100, 5),
        (5, None, 101, 6),
        (200, None, 100, 1),
        (5, 2, 100, 2),
    ],
)
def test_how_many_tasks_a_job_does(workers, tasks_per_job, incomplete, expected):
    executor = SlurmExecutor("any", workers=workers, tasks_per_job=tasks_per_job)
    assert executor._tasks_per_job(incomplete) == expected


@pytest.mark.parametrize("name", ["workers", "tasks_per_job", "max_array_size", "cpus_per_task", "poll"])
def test_settings_out_of_range_are_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be at least"):
        SlurmExecutor("any", **{name: 0})
