"""What a Slurm job runs, and how it tells what failed."""

from __future__ import annotations

import copy
import json
import os
import shlex
from pathlib import Path
from typing import Any

from datatrove.executor.base import DistributedEnvVars
from datatrove.executor.slurm import SlurmPipelineExecutor

import textbooks.errors
from textbooks.curation.executors.base import NamesItsTask, log_of
from textbooks.errors import TaskFailedError, TextbooksError
from textbooks.storage import write_atomically

__all__ = ["SlurmTasks", "raise_failure", "tail_of_job"]

FAILURES = "failures"
TAIL_LINES = 5


class _OneAfterAnother(NamesItsTask, SlurmPipelineExecutor):  # type: ignore[misc]
    """Give each task steps of its own: a job does several, and their counters would add up from task to task."""

    pipeline: list[Any]

    def _run_for_rank(self, rank: int, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        pipeline, self.pipeline = self.pipeline, copy.deepcopy(self.pipeline)
        try:
            return super()._run_for_rank(rank, *args, **kwargs)
        finally:
            self.pipeline = pipeline


class SlurmTasks(_OneAfterAnother):
    """The tasks of one stage: datatrove's executor, which the jobs load from a file, with what it lacks.

    A job starts the interpreter by its path; datatrove expects its program on the PATH of every node. It notes an error
    where the run finds it. No second job sums up the statistics: after a failure it would stay in the queue for ever.
    """

    def __init__(self, python: str, memory_gb: float, **of_stage: Any) -> None:  # noqa: ANN401
        super().__init__(**of_stage)
        self.python = python
        self.memory_gb = memory_gb

    def launch_job(self) -> None:
        """Submit the tasks that are not completed; what earlier jobs noted goes."""
        for note in (Path(self.logging_dir.resolve_paths("")) / FAILURES).glob("*.json"):
            note.unlink(missing_ok=True)
        super().launch_job()

    def launch_merge_stats(self) -> None:
        """Do nothing."""

    def get_sbatch_args(self, max_array: int = 1) -> dict[str, Any]:
        """Return the options of sbatch, those with spaces quoted."""
        options = super().get_sbatch_args(max_array)
        del options["mem-per-cpu"]
        if self.memory_gb:
            options["mem-per-cpu"] = f"{max(1, round(self.memory_gb * 1024))}M"
        return {name: f'"{value}"' if " " in str(value) else value for name, value in options.items()}

    def get_launch_file_contents(self, sbatch_args: dict[str, Any], run_script: str) -> str:
        """Return the script of a job; `run_script`, which needs datatrove's program on the PATH, is replaced."""
        del run_script
        pickled = shlex.quote(str(self.logging_dir.resolve_paths("executor.pik")))
        command = f"srun -l -n 1 {shlex.quote(self.python)} -m datatrove.tools.launch_pickled_pipeline {pickled}"
        script: str = super().get_launch_file_contents(sbatch_args, command)
        return script

    def get_distributed_env(self, node_rank: int = -1) -> DistributedEnvVars:
        """Return what datatrove puts into a task's environment, without a call of scontrol for each task."""
        del node_rank
        return DistributedEnvVars(
            datatrove_node_ips=os.environ.get("SLURM_JOB_NODELIST", ""),
            datatrove_cpus_per_task=str(self.cpus_per_task),
            datatrove_mem_per_cpu=str(self.memory_gb),
            datatrove_gpus_on_node="0",
            datatrove_executor="SLURM",
        )

    def _run_for_rank(self, rank: int, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        try:
            return super()._run_for_rank(rank, *args, **kwargs)
        except (TextbooksError, OSError) as error:
            message, number = getattr(error, "strerror", None) or str(error), getattr(error, "errno", None)
            note = {"type": type(error).__name__, "message": message, "errno": number}
            path = Path(self.logging_dir.resolve_paths("")) / FAILURES / f"{rank:05d}.json"
            write_atomically(path, json.dumps(note).encode())
            raise


def raise_failure(logs: Path) -> None:
    """Raise what the first task that failed raised; return when none did.

    An error of ours has its class and message again, one of the system is an `OSError` with its number.
    """
    for note in sorted((logs / FAILURES).glob("*.json")):
        told = json.loads(note.read_bytes())
        kind = getattr(textbooks.errors, told["type"], None)
        if kind is not None:
            raise kind.__new__(kind, told["message"])
        if told["errno"] is not None:
            raise OSError(told["errno"], told["message"])
        msg = f"task {int(note.stem)} failed with {told['type']}: {told['message']}. Its log is "
        raise TaskFailedError(msg + str(log_of(logs, int(note.stem))))


def tail_of_job(logs: Path, rank: int) -> str:
    """Return the end of what Slurm logged of the job that last had a task, and where the rest is."""
    tasks = log_of(logs, rank)
    written = sorted((logs / "slurm_logs").glob("*.out"), key=lambda file: file.stat().st_mtime)
    place = _place_in_array(logs, rank)
    written = [file for file in written if file.stem.endswith(f"_{place}")] or written
    if not written:
        return f"Slurm logged nothing. The task's log is {tasks}"
    tail = "\n".join(written[-1].read_text(errors="replace").splitlines()[-TAIL_LINES:])
    return f"The job's log is {written[-1]}, the task's {tasks}. It ends with:\n{tail}"


def _place_in_array(logs: Path, rank: int) -> int | None:
    """Return the number in its array of the job that had a task."""
    try:
        ranks = json.loads((logs / "ranks_to_run.json").read_bytes())
        told = json.loads((logs / "executor.json").read_bytes())
        job = int(ranks.index(rank)) // int(told["tasks_per_job"])
    except (OSError, ValueError, KeyError):
        return None
    return job % int(told["max_array_size"])
