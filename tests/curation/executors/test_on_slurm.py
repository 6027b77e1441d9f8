"""A real Slurm of two nodes on this machine: the same bytes as without it, also when a node is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.curation.conftest import digest_of, environment
from tests.curation.executors import slurm_cluster
from tests.curation.executors.conftest import curated, driven, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(slurm_cluster.missing()), reason=slurm_cluster.missing() or "Slurm is here"),
]
SETTINGS = {"partition": "tests", "memory_gb": 0.5, "poll": 0.2, "sbatch_args": {"comment": "two words"}}
BRIEF = {**SETTINGS, "tasks_per_job": 4}  # fewer processes to start


@pytest.fixture(scope="module")
def cluster():
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # pytest's own is closed to other users
        Path(folder).chmod(0o755)
        with slurm_cluster.running(Path(folder)) as cluster:
            yield cluster


def judging(cluster) -> dict[str, str]:
    """Return the nodes that judge, and their jobs."""
    lines = cluster.ask("squeue", "-h", "-t", "RUNNING", "-o", "%N %i %j").splitlines()
    return {line.split()[0]: line.split()[1] for line in lines if "textbooks-judge" in line}


def tasks_begun(out: Path) -> int:
    return len(list(out.glob(".textbooks/progress/*/judge/*.json")))


@pytest.mark.parametrize("more", [{}, {"workers": 1, "max_array_size": 2}])
def test_a_run_on_two_nodes_equals_one_without_slurm(cluster, tasks, reference, tmp_path, more):
    """With one worker a job does two tasks, and of two jobs an array each the second waits for the first."""
    out = tmp_path / "an output"
    run = curated("SlurmExecutor", {**SETTINGS, **more}, tasks, out, env=cluster.environment)
    assert run.returncode == 0, run.stderr
    assert digest_of(out) == reference
    assert len(list((out / ".textbooks/logs/judge/slurm_logs").glob("*.out"))) == (4 if more else 8)
    assert cluster.ask("squeue", "-h") == ""


def test_a_node_that_is_killed_costs_nothing_but_its_tasks(cluster, tasks, reference, tmp_path):
    out = tmp_path / "out"
    env = environment(**cluster.environment)
    command = driven("SlurmExecutor", {**SETTINGS, "tasks_per_job": 2}, tasks, out)
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env)
    wait_until(lambda: run.poll() is not None or ("two" in judging(cluster) and tasks_begun(out) >= 2))
    assert "two" in judging(cluster), "the node was killed in the middle of a task"
    cluster.kill_node("two")
    wait_until(lambda: "two" not in judging(cluster))
    cluster.start_node("two")  # the run goes on with one node, and later with both
    _, stderr = run.communicate(timeout=300)
    assert run.returncode == 0, stderr
    assert digest_of(out) == reference


def test_a_run_that_was_killed_is_resumed_and_its_jobs_end(cluster, tasks, reference, tmp_path):
    out = tmp_path / "out"
    command, env = driven("SlurmExecutor", BRIEF, tasks, out), environment(**cluster.environment)
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env)
    wait_until(lambda: run.poll() is not None or (judging(cluster) and tasks_begun(out) >= 2))
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    left = set(judging(cluster).values())
    assert left
    again = curated("SlurmExecutor", BRIEF, tasks, out, env=cluster.environment)
    assert again.returncode == 0, again.stderr
    assert digest_of(out) == reference
    assert cluster.ask("squeue", "-h") == ""


def test_errors_of_tasks_are_those_of_a_local_run(cluster, tasks, tmp_path):
    run = curated("SlurmExecutor", SETTINGS, tasks, tmp_path / "out", strict=True, env=cluster.environment)
    alone = curated("LocalExecutor", {"workers": 1}, tasks, tmp_path / "alone", strict=True)
    assert run.stderr == alone.stderr
    assert run.stderr.startswith("DamagedRecordError: ")
    assert cluster.ask("squeue", "-h") == ""


def test_a_job_that_is_lost_again_and_again_ends_the_run_with_the_end_of_its_log(cluster, tasks, tmp_path):
    settings = {**SETTINGS, "retries": 1, "env_command": "echo out of order; exit 3"}
    run = curated("SlurmExecutor", settings, tasks, tmp_path / "out", env=cluster.environment)
    assert "WorkerDiedError: task 0 was lost 2 times" in run.stderr
    assert "out of order" in run.stderr
    assert run.returncode == 1


def test_what_sbatch_refuses_is_said(cluster, tasks, tmp_path):
    run = curated("SlurmExecutor", {**SETTINGS, "partition": "none"}, tasks, tmp_path / "out", env=cluster.environment)
    assert "ClusterError: sbatch refuses the jobs: " in run.stderr
    assert "invalid partition specified: none" in run.stderr


def test_jobs_that_never_run_are_an_error(cluster, tasks, tmp_path):
    settings = {**SETTINGS, "sbatch_args": {"hold": ""}}
    run = curated("SlurmExecutor", settings, tasks, tmp_path / "out", env=cluster.environment)
    assert "ClusterError: Slurm will not run the jobs textbooks-hash-" in run.stderr
    assert "JobHeldUser" in run.stderr
    assert cluster.ask("squeue", "-h") == ""


def test_a_driver_in_a_job_of_its_own_submits_as_any_other(cluster, tasks, reference, tmp_path):
    """datatrove would take it for one of its tasks."""
    env = {**cluster.environment, "SLURM_ARRAY_TASK_ID": "0", "SLURM_JOB_ID": "999999", "SLURM_MEM_PER_CPU": "1"}
    run = curated("SlurmExecutor", BRIEF, tasks, tmp_path / "out", env=env)
    assert run.returncode == 0, run.stderr
    assert digest_of(tmp_path / "out") == reference
    assert json.loads((tmp_path / "out" / "stats.json").read_text())["quarantined"] == 8
