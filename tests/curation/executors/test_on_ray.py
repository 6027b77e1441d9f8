"""A Ray cluster of several nodes on this machine: the same bytes as without it, also when a node is killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.curation.conftest import digest_of, environment
from tests.curation.executors.conftest import curated, driven, wait_until
from textbooks.curation.executors import RayExecutor
from textbooks.errors import MissingExtraError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # Ray's own
NODE = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False}
FAST = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 500, "health_check_failure_threshold": 4}


@pytest.fixture(scope="module")
def cluster():
    """A head and a second node, one CPU each, in processes of their own."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    utils = pytest.importorskip("ray.cluster_utils")
    cluster = utils.Cluster(initialize_head=True, head_node_args={**NODE, "_system_config": FAST})
    cluster.add_node(**NODE)
    cluster.wait_for_nodes()
    yield cluster
    cluster.shutdown()


def judging(out: Path) -> dict[int, int]:
    """Return the tasks that are being judged, and the processes that do it."""
    logs = out / ".textbooks" / "logs" / "judge" / "completions"
    found = {}
    for note in (out / ".textbooks").glob("progress/*/judge/*.json"):
        with contextlib.suppress(ValueError):
            if not (logs / note.stem).exists():
                found[int(note.stem)] = json.loads(note.read_text())["pid"]
    return found


def parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return 0


def raylet(node) -> int:
    """Return the process that is a node."""
    return node.all_processes["raylet"][0].process.pid


def test_a_run_on_two_nodes_equals_one_without_ray(cluster, tasks, reference, tmp_path):
    run = curated("RayExecutor", {"address": cluster.address}, tasks, tmp_path / "out")
    assert run.returncode == 0, run.stderr
    assert digest_of(tmp_path / "out") == reference


def test_a_node_that_is_killed_costs_nothing_but_its_tasks(cluster, tasks, reference, tmp_path):
    node = cluster.add_node(**NODE)
    cluster.wait_for_nodes()
    out, pid = tmp_path / "out", raylet(node)
    command = driven("RayExecutor", {"address": cluster.address}, tasks, out)
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment())
    wait_until(lambda: run.poll() is not None or pid in {parent(worker) for worker in judging(out).values()})
    lost = [rank for rank, worker in judging(out).items() if parent(worker) == pid]
    os.kill(pid, signal.SIGKILL)
    _, stderr = run.communicate(timeout=200)
    cluster.remove_node(node, allow_graceful=False)
    assert run.returncode == 0, stderr
    assert len(lost) == 1, "the node was killed in the middle of a task"
    assert digest_of(out) == reference


def test_errors_of_tasks_are_those_of_a_local_run(cluster, tasks, tmp_path):
    on_ray = curated("RayExecutor", {"address": cluster.address}, tasks, tmp_path / "ray", strict=True)
    alone = curated("LocalExecutor", {"workers": 1}, tasks, tmp_path / "alone", strict=True)
    assert alone.stderr.startswith("DamagedRecordError: ")
    assert on_ray.stderr.startswith("DamagedRecordError: ")
    assert on_ray.returncode == alone.returncode == 1


def test_a_task_that_no_node_can_hold_is_an_error(cluster, tasks, tmp_path):
    settings = {"address": cluster.address, "cpus_per_task": 64, "patience": 0}
    run = curated("RayExecutor", settings, tasks, tmp_path / "out")
    assert "ClusterError: none of the 2 nodes of the Ray cluster has 64 CPUs for a task" in run.stderr


def test_no_cluster_at_the_address_is_an_error(tasks, tmp_path):
    pytest.importorskip("ray")
    run = curated("RayExecutor", {"address": "127.0.0.1:1"}, tasks, tmp_path / "out")
    assert "ClusterError: there is no Ray cluster at '127.0.0.1:1'" in run.stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"workers": 0}, "workers must be at least 1, got 0"), ({"retries": -1}, "retries must be at least 0, got -1")],
)
def test_settings_out_of_range_are_refused(settings, said):
    with pytest.raises(ValueError, match=said):
        RayExecutor(**settings)


def test_without_ray_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"RayExecutor needs the package 'ray'.*\[ray\]"):
        RayExecutor()
