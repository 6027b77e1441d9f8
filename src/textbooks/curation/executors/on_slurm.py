"""Tasks as jobs of a Slurm cluster."""

from __future__ import annotations

import hashlib
import math
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from textbooks.curation.executors.quiet import quiet
from textbooks.curation.executors.slurm_queue import SlurmQueue
from textbooks.curation.executors.slurm_tasks import SlurmTasks, raise_failure, tail_of_job
from textbooks.errors import WorkerDiedError
from textbooks.ranges import check_range

if TYPE_CHECKING:
    from textbooks.curation.setting import Stage

__all__ = ["SlurmExecutor"]


class SlurmExecutor:
    """Do the tasks as arrays of Slurm jobs, by datatrove's `SlurmPipelineExecutor`, and wait for them.

    datatrove submits and returns. This waits until the jobs have left the queue, submits again what was lost (a node
    that failed, a time limit, a kill for want of memory), cancels the rest when a task raises, and raises the same.
    What an earlier run, itself killed, left in the queue is cancelled first. It may run on a login node or in a job of
    its own.

    Parameters
    ----------
    partition : str
        Where the jobs run.
    workers : int, optional
        Jobs at a time, at least 1; no bound when None.
    time : str, default="24:00:00"
        Limit of a job, as Slurm writes it.
    cpus_per_task : int, default=1
        CPUs of a job, at least 1.
    memory_gb : float, default=2
        Memory of a job for each CPU, in GB, at least 0; what the partition gives when 0.
    tasks_per_job : int, optional
        Tasks that one process does one after another, at least 1, so that it loads a model once. When None: as many as
        leave four jobs to each of the `workers`, or 1 without a bound.
    retries : int, default=3
        How often a task is submitted again after its job was lost, at least 0. A task that raises is not.
    max_array_size : int, default=1001
        Slurm's ``MaxArraySize``, at least 1; more jobs become several arrays, one after another.
    qos : str, optional
        Quality of service.
    python : str, optional
        The interpreter that the nodes start; the one that runs this when None.
    env_command : str, optional
        A line of shell that makes `python` ready, such as ``module load python``.
    sbatch_args : mapping of str to str, optional
        More options of sbatch, such as ``{"account": "mine"}``.
    poll : float, default=10
        Seconds between looks at the queue, more than 0.
    patience : float, default=600
        Seconds for which squeue may fail before the run does, at least 0.
    """

    watched = False

    def __init__(
        self,
        partition: str,
        *,
        workers: int | None = None,
        time: str = "24:00:00",
        cpus_per_task: int = 1,
        memory_gb: float = 2,
        tasks_per_job: int | None = None,
        retries: int = 3,
        max_array_size: int = 1001,
        qos: str | None = None,
        python: str | None = None,
        env_command: str | None = None,
        sbatch_args: Mapping[str, str] | None = None,
        poll: float = 10,
        patience: float = 600,
    ) -> None:
        for name, value, least in (
            ("workers", 1 if workers is None else workers, 1),
            ("cpus_per_task", cpus_per_task, 1),
            ("memory_gb", memory_gb, 0),
            ("tasks_per_job", 1 if tasks_per_job is None else tasks_per_job, 1),
            ("retries", retries, 0),
            ("max_array_size", max_array_size, 1),
            ("poll", poll, 0.001),
            ("patience", patience, 0),
        ):
            check_range(name, value, least)
        self.partition = partition
        self.workers = workers
        self.time = time
        self.cpus_per_task = cpus_per_task
        self.memory_gb = memory_gb
        self.tasks_per_job = tasks_per_job
        self.retries = retries
        self.max_array_size = max_array_size
        self.qos = qos
        self.python = python or sys.executable
        self.env_command = env_command
        self.sbatch_args = dict(sbatch_args or {})
        self.poll = poll
        self.patience = patience

    def run(self, stage: Stage, logs: Path) -> None:
        """Do the tasks that are not completed; see `Executor.run`."""
        logs = logs.resolve()
        digest = hashlib.blake2b(str(logs).encode(), digest_size=6).hexdigest()
        queue = SlurmQueue(f"textbooks-{stage.name}-{digest}", patience=self.patience)
        queue.cancel()
        lost: Counter[int] = Counter()
        try:
            with quiet():
                while incomplete := _incomplete(stage, logs):
                    lost.update(incomplete)
                    self._raise_if_lost_too_often(lost, logs)
                    queue.submit(self._tasks(stage, logs, len(incomplete), queue.name))
                    self._wait(queue, logs)
        finally:
            queue.cancel()

    def _tasks(self, stage: Stage, logs: Path, incomplete: int, name: str) -> SlurmTasks:
        return SlurmTasks(
            self.python,
            self.memory_gb,
            pipeline=stage.build(),
            tasks=stage.tasks,
            time=self.time,
            partition=self.partition,
            cpus_per_task=self.cpus_per_task,
            workers=self.workers or -1,
            job_name=name,
            qos=self.qos,
            env_command=self.env_command,
            sbatch_args=self.sbatch_args,
            max_array_size=self.max_array_size,
            tasks_per_job=self._tasks_per_job(incomplete),
            logging_dir=str(logs),
        )

    def _tasks_per_job(self, incomplete: int) -> int:
        if self.tasks_per_job is not None or self.workers is None:
            return self.tasks_per_job or 1
        return max(1, math.ceil(incomplete / (4 * self.workers)))

    def _wait(self, queue: SlurmQueue, logs: Path) -> None:
        """Return when the jobs have left the queue; raise what a task raised."""
        while queue.holds_jobs():
            raise_failure(logs)
            time.sleep(self.poll)
        raise_failure(logs)

    def _raise_if_lost_too_often(self, lost: Counter[int], logs: Path) -> None:
        rank, times = lost.most_common(1)[0]
        if times > self.retries + 1:
            msg = f"task {rank} was lost {times - 1} times. {tail_of_job(logs, rank)}\nRun again to resume"
            raise WorkerDiedError(msg)


def _incomplete(stage: Stage, logs: Path) -> list[int]:
    completed = {int(file.name) for file in (logs / "completions").glob("*")}
    return [rank for rank in range(stage.tasks) if rank not in completed]
