"""Tasks on a Ray cluster."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datatrove.executor.base import PipelineExecutor
from datatrove.executor.ray import RayPipelineExecutor

from textbooks.curation.executors.base import NamesItsTask, log_of
from textbooks.curation.executors.quiet import quiet
from textbooks.errors import ClusterError, MissingExtraError, TextbooksError, WorkerDiedError
from textbooks.ranges import check_range

if TYPE_CHECKING:
    from textbooks.curation.setting import Stage

__all__ = ["RayExecutor"]

GIGABYTE = 1024**3
SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_TO_CONNECT = 10.0


class RayExecutor:
    """Do the tasks on a Ray cluster; every node sees the input and the output folder under the same path.

    It keeps datatrove's tasks, completions, logs and statistics, and leaves the placing to Ray itself: a task whose
    process or node is lost is done again elsewhere, and a process does one task after another, so that it loads a
    model once. (`RayPipelineExecutor` starts an actor, and in it a forked process, for every task; these load every
    model anew, and outlive a node that is lost.) The pipeline lies in Ray's object store once a node: the arrays in it,
    such as the index of the benchmarks, are shared memory of the workers of a node.

    Parameters
    ----------
    address : str, optional
        Of the cluster, such as ``"auto"`` or ``"10.0.0.1:6379"``. None for the one that the process is connected to, or
        that RAY_ADDRESS names; else one of this machine alone, which ends with the process.
    workers : int, optional
        Tasks at a time, at least 1; as many as the cluster has room for when None.
    cpus_per_task : int, default=1
        CPUs that a task reserves, at least 1.
    memory_gb : float, default=0
        Memory that a task reserves, in GB, at least 0; nothing is reserved when 0.
    retries : int, default=3
        How often a task is done again after its process or node was lost, at least 0. A task that raises is not.
    patience : float, default=300
        Seconds until it is an error that no node is large enough for one task, at least 0.

    Raises
    ------
    MissingExtraError
        If ray is not installed.
    """

    watched = False

    def __init__(
        self,
        address: str | None = None,
        *,
        workers: int | None = None,
        cpus_per_task: int = 1,
        memory_gb: float = 0,
        retries: int = 3,
        patience: float = 300,
    ) -> None:
        for name, value, least in (
            ("workers", 1 if workers is None else workers, 1),
            ("cpus_per_task", cpus_per_task, 1),
            ("memory_gb", memory_gb, 0),
            ("retries", retries, 0),
            ("patience", patience, 0),
        ):
            check_range(name, value, least)
        try:
            import ray  # noqa: F401
        except ImportError as error:
            raise MissingExtraError(package="ray", extra="ray", used_by="RayExecutor") from error
        self.address = address
        self.workers = workers
        self.cpus_per_task = cpus_per_task
        self.memory_gb = memory_gb
        self.retries = retries
        self.patience = patience

    def run(self, stage: Stage, logs: Path) -> None:
        """Do the tasks that are not completed; see `Executor.run`."""
        self._connect()
        with quiet():
            tasks = _RayTasks(self, pipeline=stage.build(), tasks=stage.tasks, logging_dir=str(logs.resolve()))
            tasks.run()

    def _connect(self) -> None:
        import ray

        if ray.is_initialized():
            return
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # of a cluster that is started here
        address = self.address or os.environ.get("RAY_ADDRESS")
        options = {"address": address} if address else {"num_cpus": self.workers, "include_dashboard": False}
        try:
            _check_that_something_listens(address)
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
        except (OSError, RuntimeError, ValueError) as error:
            msg = f"there is no Ray cluster at {address!r}: {error}"
            raise ClusterError(msg) from error


def _check_that_something_listens(address: str | None) -> None:
    """Raise unless there is a listener at ``HOST:PORT``: Ray itself would try for minutes, and then end the process."""
    host, colon, port = (address or "").rpartition(":")
    if colon and port.isdigit() and "/" not in host:
        socket.create_connection((host, int(port)), timeout=SECONDS_TO_CONNECT).close()


class _LogsInPlace(RayPipelineExecutor):  # type: ignore[misc]
    """Log straight to the run's folder: datatrove copies a log there at the end, so that a lost task has none."""

    _run_for_rank = PipelineExecutor._run_for_rank


class _RayTasks(NamesItsTask, _LogsInPlace):
    """The tasks of one stage: datatrove's executor, with another `run`."""

    def __init__(self, settings: RayExecutor, **of_stage: Any) -> None:  # noqa: ANN401
        super().__init__(cpus_per_task=settings.cpus_per_task, mem_per_cpu_gb=settings.memory_gb, **of_stage)
        self.settings = settings

    def run(self) -> None:
        """Keep as many tasks running as there is room for, until all are completed."""
        import ray

        waiting = deque(self.get_incomplete_ranks())
        if not waiting:
            return
        self.save_executor_as_json()
        shared, folder = ray.put(self), str(Path.cwd())
        reserved = {"num_cpus": self.cpus_per_task, "memory": int(self.settings.memory_gb * GIGABYTE) or None}
        task = ray.remote(_do).options(max_retries=self.settings.retries, scheduling_strategy="SPREAD", **reserved)
        running: dict[Any, int] = {}
        begun = time.monotonic()
        try:
            while waiting or running:
                while waiting and len(running) < self._room():
                    rank = waiting.popleft()
                    running[task.remote(shared, rank, folder)] = rank
                done, _ = ray.wait(list(running), timeout=SECONDS_BETWEEN_LOOKS)
                for reference in done:
                    self._raise_if_failed(reference, running.pop(reference))
                if time.monotonic() - begun > self.settings.patience:
                    self._check_that_a_task_fits()
        finally:
            for reference in running:
                with contextlib.suppress(Exception):  # the cluster may be gone
                    ray.cancel(reference, force=True)

    def _room(self) -> int:
        """Return how many tasks may be with Ray: those that run, and a few so that no node waits for the next."""
        import ray

        slots = int(ray.cluster_resources().get("CPU", 0) // self.cpus_per_task)
        return self.settings.workers or max(1, slots + slots // 4)

    def _check_that_a_task_fits(self) -> None:
        import ray

        wanted = {"CPU": self.cpus_per_task, "memory": self.settings.memory_gb * GIGABYTE}
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        if not any(all(node.get(name, 0) >= value for name, value in wanted.items()) for node in nodes):
            memory = f" and {self.settings.memory_gb:g} GB" if self.settings.memory_gb else ""
            msg = f"none of the {len(nodes)} nodes of the Ray cluster has {self.cpus_per_task} CPUs{memory} for a task"
            raise ClusterError(msg)

    def _raise_if_failed(self, reference: Any, rank: int) -> None:  # noqa: ANN401
        import ray
        from ray.exceptions import RayError, RayTaskError

        log = log_of(Path(self.logging_dir.resolve_paths("")), rank)
        try:
            ray.get(reference)
        except RayTaskError as error:
            if isinstance(error.cause, TextbooksError | OSError):
                raise error.cause from None
            msg = f"task {rank} could not be started: {error.cause}. Its log is {log}"
            raise ClusterError(msg) from error
        except RayError as error:
            why = str(error).partition("\n")[0]
            times = f"{self.settings.retries + 1} times"
            msg = f"task {rank} was lost {times}, the last time: {why} Its log is {log}: run again to resume"
            raise WorkerDiedError(msg) from error


def _do(tasks: _RayTasks, rank: int, folder: str) -> None:
    """Do one task in the folder of the run, so that relative paths mean the same everywhere."""
    os.chdir(folder)
    with quiet():
        tasks._run_for_rank(rank, local_rank=1)  # 0 would log to the screen, too
