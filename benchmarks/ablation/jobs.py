"""Runs as processes of their own, a few at a time; what is finished is not done again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Job:
    """A command that leaves a file.

    Attributes
    ----------
    name : str
        Unique.
    command : sequence of str
        Without the Python that runs it.
    done : Path
        Is there when the command has come to its end, and not before.
    after : frozenset of str
        Names of the jobs that must be finished before.
    cost : float
        In any unit, for saying how much is left.
    """

    name: str
    command: Sequence[str]
    done: Path
    log: Path
    after: frozenset[str] = field(default_factory=frozenset)
    cost: float = 1.0


class JobFailedError(RuntimeError):
    """A job ended without leaving what it should."""


def run_all(jobs: Sequence[Job], *, workers: int, threads: int, say: Callable[[str], object]) -> None:
    """Run all jobs in their order, but each after those that it needs.

    Parameters
    ----------
    jobs : sequence of Job
    workers : int
        Jobs at a time.
    threads : int
        Of each.
    say : callable
        Told of every end, with the time that is left by the costs.

    Raises
    ------
    JobFailedError
        If one fails; those that run come to their end first, and no other begins.
    ValueError
        If a job waits for one that is not there.
    """
    names = {job.name for job in jobs}
    if lost := {name for job in jobs for name in job.after} - names:
        msg = f"no job is called {', '.join(sorted(lost))}"
        raise ValueError(msg)
    finished = {job.name for job in jobs if job.done.exists()}
    waiting = [job for job in jobs if job.name not in finished]
    say(f"{len(jobs)} runs, {len(finished)} of them done before")
    whole, spent, begin = sum(job.cost for job in waiting), 0.0, time.monotonic()
    running: dict[Future[float], Job] = {}
    with ThreadPoolExecutor(workers) as pool:
        while waiting or running:
            ready = [job for job in waiting if job.after <= finished][: workers - len(running)]
            for job in ready:
                waiting.remove(job)
                running[pool.submit(_run, job, threads)] = job
            if not running:
                msg = f"{', '.join(job.name for job in waiting)} wait for each other"
                raise ValueError(msg)
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                job = running.pop(future)
                seconds = future.result()
                finished.add(job.name)
                spent += job.cost
                left = (time.monotonic() - begin) / spent * (whole - spent)
                say(f"{job.name}: {seconds:.0f} s; {len(waiting) + len(running)} left, about {left / 60:.0f} min")


def _run(job: Job, threads: int) -> float:
    """Run a job to its end and return the seconds it took."""
    begin = time.monotonic()
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": "false"}
    job.log.parent.mkdir(parents=True, exist_ok=True)
    with job.log.open("a", encoding="utf-8") as log:
        ended = subprocess.run([sys.executable, *job.command], stdout=log, stderr=log, env=environment, check=False)
    if ended.returncode or not job.done.exists():
        last = job.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
        msg = f"{job.name} ended with code {ended.returncode}: {' / '.join(last)}\nAll of it: {job.log}"
        raise JobFailedError(msg)
    return time.monotonic() - begin
