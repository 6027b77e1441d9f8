"""What a run asks of Slurm's own commands."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from textbooks.errors import ClusterError

if TYPE_CHECKING:
    from textbooks.curation.executors.slurm_tasks import SlurmTasks

__all__ = ["SlurmQueue"]

SECONDS_FOR_AN_ANSWER = 120
SECONDS_BETWEEN_QUESTIONS = 1.0

STUCK: Final = frozenset(
    {
        "JobHeldAdmin",
        "JobHeldUser",
        "DependencyNeverSatisfied",
        "BadConstraints",
        "InvalidAccount",
        "InvalidQOS",
        "PartitionTimeLimit",
        "PartitionNodeLimit",
        "launch_failed_requeued_held",
        "job_requeued_in_held_state",
    }
)
"""Reasons for which a job that waits will never run unless somebody steps in."""


class SlurmQueue:
    """The jobs of one stage of a run: those of this user with a name that no other run has.

    Parameters
    ----------
    name : str
        Of the jobs.
    patience : float
        Seconds for which squeue may fail.
    """

    def __init__(self, name: str, *, patience: float) -> None:
        self.name = name
        self.patience = patience

    def submit(self, tasks: SlurmTasks) -> None:
        """Submit the tasks that are not completed.

        Raises
        ------
        ClusterError
            If there is no Slurm, or it refuses; the message holds what sbatch says.
        """
        try:
            with _outside_of_a_job():
                tasks.launch_job()
        except FileNotFoundError as error:
            msg = "there is no sbatch on this machine: run this where jobs are submitted"
            raise ClusterError(msg) from error
        except subprocess.CalledProcessError as error:
            script = tasks.logging_dir.resolve_paths("launch_script.slurm")
            said = _ask("sbatch", "--test-only", script).stderr.strip().replace("\n", " ") or error
            msg = f"sbatch refuses the jobs: {said}. The script is {script}"
            raise ClusterError(msg) from error

    def holds_jobs(self) -> bool:
        """Whether any job waits or runs.

        Raises
        ------
        ClusterError
            If what is left can never run, or squeue fails for longer than `patience`.
        """
        lines = self._lines()
        if lines and all(state == "PENDING" and reason in STUCK for state, reason in lines):
            self.cancel()
            msg = f"Slurm will not run the jobs {self.name}: {lines[0][1]}"
            raise ClusterError(msg)
        return bool(lines)

    def cancel(self) -> None:
        """Cancel the jobs, and wait until none is left, so that no two processes do one task."""
        try:
            _ask("scancel", f"--name={self.name}", f"--user={os.getuid()}")
        except FileNotFoundError as error:
            msg = "there is no scancel on this machine: run this where jobs are submitted"
            raise ClusterError(msg) from error
        deadline = time.monotonic() + self.patience
        while self._lines():
            if time.monotonic() > deadline:
                msg = f"Slurm does not end the jobs {self.name} of an earlier run in {self.patience:g} s"
                raise ClusterError(msg)
            time.sleep(SECONDS_BETWEEN_QUESTIONS)

    def _lines(self) -> list[tuple[str, str]]:
        """Return the state and reason of each job in the queue."""
        deadline = time.monotonic() + self.patience
        while True:
            answer = _ask("squeue", "--noheader", f"--name={self.name}", f"--user={os.getuid()}", "--format=%T %r")
            if answer.returncode == 0:
                parts = [line.strip().partition(" ") for line in answer.stdout.splitlines() if line.strip()]
                return [(state, reason.strip().strip("()").replace(" ", "_")) for state, _, reason in parts]
            if time.monotonic() > deadline:
                msg = f"squeue fails for {self.patience:g} s: {answer.stderr.strip()}"
                raise ClusterError(msg)
            time.sleep(SECONDS_BETWEEN_QUESTIONS)


def _ask(*command: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS_FOR_AN_ANSWER)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer in {SECONDS_FOR_AN_ANSWER} s")


@contextlib.contextmanager
def _outside_of_a_job() -> Iterator[None]:
    """Hide that this process is a job itself: sbatch would hand its variables on, and datatrove take it for a task."""
    inherited = {key: value for key, value in os.environ.items() if key.startswith("SLURM_") and key != "SLURM_CONF"}
    for key in inherited:
        del os.environ[key]
    try:
        yield
    finally:
        os.environ.update(inherited)
