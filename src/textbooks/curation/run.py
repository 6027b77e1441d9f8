"""A run over a corpus, from its options to the report; and the main job."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from textbooks.curation.accounts import Accounts, account, forget_unfinished
from textbooks.curation.benchmarks import Benchmarks, find_benchmarks
from textbooks.curation.checks import check_readable
from textbooks.curation.executors import Executor, LocalExecutor
from textbooks.curation.executors.quiet import counters
from textbooks.curation.fingerprint import describe_pipeline
from textbooks.curation.manifest import write_manifest
from textbooks.curation.near_duplicates import NEAR_DEDUP
from textbooks.curation.notes import NEW_PLAN, WORK, RunNotes, exclusive, versions
from textbooks.curation.options import CurationOptions, RunOptions
from textbooks.curation.pipeline import CANDIDATES, curation_stages
from textbooks.curation.progress import Display
from textbooks.curation.setting import Setting, Stage
from textbooks.errors import InputError, OutputError
from textbooks.readers import Plan, find_inputs, find_installed_packages, write_plan
from textbooks.readers.kinds import suffixes_of
from textbooks.readers.plan import load_shard
from textbooks.reports.html import write_report
from textbooks.storage import write_atomically

__all__ = ["Job", "Outcome", "curate", "run_job"]

REPORTS = ("stats.json", "decontamination.json", "report.html")
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Job:
    """What tells one kind of run from another.

    Attributes
    ----------
    options : RunOptions
        What was asked for.
    stages : callable
        Returns the pipelines; the first one reads the corpus, and those with `Blocks` publish records.
    check : callable
        Told the benchmarks before the work begins; raises what stands against it.
    report : callable
        Writes the report into the output folder, once ``stats.json`` is there.
    """

    options: RunOptions
    stages: Callable[[Setting], list[Stage]]
    check: Callable[[Benchmarks], None]
    report: Callable[[Setting], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run leaves.

    Attributes
    ----------
    stats : mapping
        The content of ``stats.json``.
    already_finished : bool
        Whether the folder held this very run, finished, so that nothing was done.
    """

    stats: Mapping[str, Any]
    already_finished: bool


def curate(
    options: CurationOptions,
    *,
    display: Display | None = None,
    announce: Callable[[Benchmarks], None] = lambda _: None,
    executor: Executor | None = None,
) -> Outcome:
    """Run the main job: read, drop exact duplicates, check, score, decontaminate, drop near-duplicates, write.

    A run that was interrupted goes on where it was when called again with the same options; its output is the
    same, byte for byte, as that of a run in one go, with any number of workers.

    Parameters
    ----------
    options : CurationOptions
        What to do.
    display : Display, optional
        Shows progress; nothing is shown when None.
    announce : callable
        Told the benchmarks before the work begins.
    executor : Executor, optional
        Where the tasks are done; this machine, in ``options.workers`` processes, when None.

    Returns
    -------
    Outcome
        With the counts: read = kept + dropped + quarantined, exactly.

    Raises
    ------
    InputError
        If a path is missing, nothing is readable, no row has the text column, a benchmark is not found, or, in
        strict mode, a record cannot be judged.
    OutputError
        If the folder cannot be written, is full, in use, or holds other things.
    ParametersChangedError
        If the folder holds a run with other parameters.
    WorkerDiedError
        If a worker process was killed.
    TaskFailedError
        If a task failed by an error that is none of ours.
    ClusterError
        If the executor is a cluster that takes no tasks.
    """
    job = Job(options, curation_stages, lambda _: None, lambda _: write_report(options.out))
    return run_job(job, display=display, announce=announce, executor=executor)


def run_job(
    job: Job,
    *,
    display: Display | None,
    announce: Callable[[Benchmarks], None],
    executor: Executor | None = None,
) -> Outcome:
    """Do a job in its output folder, or go on with it; parameters and errors are those of `curate`."""
    options = job.options
    benchmarks = find_benchmarks(options.problems)
    job.check(benchmarks)
    executor = executor or LocalExecutor(options.workers)
    with exclusive(options.out):
        try:
            return _run_in_folder(job, benchmarks, executor, display or Display(None), announce)
        except OutputError:
            raise
        except OSError as error:
            advice = "Make room" if error.errno in NO_SPACE else "Mend that"
            msg = f"{options.out}: {error.strerror or error}. {advice} and run the same command again: it resumes"
            raise OutputError(msg) from error


def _run_in_folder(
    job: Job,
    benchmarks: Benchmarks,
    executor: Executor,
    display: Display,
    announce: Callable[[Benchmarks], None],
) -> Outcome:
    options, work = job.options, job.options.out / WORK
    plan = _plan(options, work)
    progress = work / "progress" / str(os.getpid())  # a worker that a killed run left behind may still write its own
    setting = Setting(options, plan, benchmarks, work, progress)
    notes = RunNotes(options.out, _key(job, setting))
    notes.begin(restart=options.restart)
    if notes.finished:
        shutil.rmtree(work / NEW_PLAN)
        return Outcome(json.loads((options.out / "stats.json").read_bytes()), already_finished=True)
    _adopt(work)
    announce(benchmarks)
    shutil.rmtree(work / "progress", ignore_errors=True)
    stages = job.stages(setting)
    publishing = [(stage.name, stage.tasks) for stage in stages if stage.publishes]
    for number, stage in enumerate(stages):
        if stage.publishes:
            forget_unfinished(options.out, work, stage.name)
        _run(stage, executor, plan, work, progress, display)
        if number == 0:
            _check_readable(options, work, stage.name, notes)
    accounts = account(options.out, work, publishing)
    stats = _stats(options, benchmarks, accounts)
    write_atomically(options.out / "stats.json", json.dumps(stats, indent=2, sort_keys=True).encode())
    job.report(setting)
    write_manifest(options.out, accounts, notes.key, REPORTS)
    notes.finish()
    for name in ("exact_dedup", NEAR_DEDUP, CANDIDATES, "progress", "blocks"):  # signatures are as many as records
        shutil.rmtree(work / name, ignore_errors=True)
    return Outcome(stats, already_finished=False)


def _check_readable(options: RunOptions, work: Path, stage: str, notes: RunNotes) -> None:
    """Raise when no record became a document; what was published of the run goes, so that it may begin anew."""
    try:
        check_readable(counters(work / "logs" / stage)["READER: corpus"], options, work / "plan")
    except InputError:
        notes.discard()
        raise


def _plan(options: RunOptions, work: Path) -> Plan:
    shutil.rmtree(work / NEW_PLAN, ignore_errors=True)
    files = (
        find_inputs(options.paths, exclude=options.out, formats=options.formats)
        if options.paths
        else find_installed_packages()
    )
    plan = write_plan(files, work / NEW_PLAN)
    if not plan.files:
        endings = ", ".join(suffixes_of(options.formats))
        msg = f"nothing to read below {', '.join(options.paths)}: no file ends in {endings}"
        raise InputError(msg)
    return plan


def _adopt(work: Path) -> None:
    """Make the new plan the run's plan, unless the run has one already; that one is equal, by the key."""
    if (work / "plan").is_dir():
        shutil.rmtree(work / NEW_PLAN)
    else:
        (work / NEW_PLAN).rename(work / "plan")


def _key(job: Job, setting: Setting) -> dict[str, Any]:
    """Return everything that the output depends on."""
    options, plan, benchmarks = setting.options, setting.plan, setting.benchmarks
    sketches = job.stages(replace(setting, is_sketch=True))
    return {
        "job": type(options).__name__.removesuffix("Options").lower(),
        "parameters": options.parameters,
        "benchmarks": {**benchmarks.sizes, "fingerprint": benchmarks.fingerprint},
        "input": {"files": plan.files, "bytes": plan.size, "fingerprint": plan.fingerprint},
        "pipelines": {stage.name: describe_pipeline(stage.build()) for stage in sketches},
        "versions": versions(),
    }


def _run(stage: Stage, executor: Executor, plan: Plan, work: Path, progress: Path, display: Display) -> None:
    logs = work / "logs" / stage.name
    done = sum(file.size for rank in _completed(logs) for file in load_shard(work / "plan", rank))
    notes = progress / stage.name
    with display.stage(stage.title, total=plan.size, done=done, notes=notes, logs=logs, watched=executor.watched):
        executor.run(stage, logs)


def _completed(logs: Path) -> list[int]:
    """Return the tasks that an earlier, interrupted run completed."""
    return [int(file.name) for file in (logs / "completions").glob("*")]


def _stats(options: RunOptions, benchmarks: Benchmarks, accounts: Accounts) -> dict[str, Any]:
    return {
        "read": accounts.read,
        "kept": accounts.rows["kept"],
        "dropped": accounts.rows["dropped"],
        "quarantined": accounts.rows["quarantine"],
        "reasons": dict(sorted(accounts.reasons.items())),
        "bytes": accounts.bytes,
        "benchmarks": benchmarks.sizes,
        "missing_benchmarks": benchmarks.missing,
        "parameters": options.parameters,
        "versions": versions(),
    }
