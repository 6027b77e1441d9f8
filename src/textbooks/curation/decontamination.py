"""The job `textbooks decontaminate`: a corpus without the problems of benchmarks, and a report of what was in it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
from datatrove.pipeline.base import PipelineStep

from textbooks.curation.benchmarks import Benchmarks
from textbooks.curation.executors import Executor
from textbooks.curation.options import DecontaminationOptions
from textbooks.curation.progress import Display
from textbooks.curation.run import Job, Outcome, run_job
from textbooks.curation.setting import Setting, Stage
from textbooks.decontaminators import DecontaminationReport, Decontaminator, SimilarityDecontaminator
from textbooks.decontaminators.cascade import MAX_DISTANCE
from textbooks.decontaminators.report_builder import ReportBuilder
from textbooks.errors import InputError
from textbooks.reports.decontamination import render_decontamination
from textbooks.storage import write_atomically
from textbooks.verdicts import Reason, Status, Verdict

__all__ = ["decontaminate"]

_FOLDERS = {"kept": Status.KEPT, "dropped": Status.DROPPED, "quarantine": Status.QUARANTINED}
_ROWS = 256


def decontaminate(
    options: DecontaminationOptions,
    *,
    display: Display | None = None,
    announce: Callable[[Benchmarks], None] = lambda _: None,
    executor: Executor | None = None,
) -> Outcome:
    """Drop every record that holds a problem of the benchmarks; write what is left, what went, and a report.

    With ``execute=True`` it runs the texts, confined by the sandbox. Resumes, counts and refuses as
    `textbooks.curation.run.curate` does. Besides the parquet files and ``stats.json`` the folder holds
    ``decontamination.json`` and ``report.html``: each problem that was found, beside the texts that hold it.

    Parameters
    ----------
    options : DecontaminationOptions
        What to do.
    display : Display, optional
        Shows progress; nothing is shown when None.
    announce : callable
        Told the benchmarks before the work begins.
    executor : Executor, optional
        Where the tasks are done; this machine, in ``options.workers`` processes, when None.

    Raises
    ------
    InputError
        If no benchmark is at hand, and as `curate`.
    OutputError, ParametersChangedError, WorkerDiedError, TaskFailedError, ClusterError
        As `curate`.
    """
    job = Job(options, _stages, _check, _write_report)
    return run_job(job, display=display, announce=announce, executor=executor)


def _check(benchmarks: Benchmarks) -> None:
    if not benchmarks.all:
        msg = "no benchmark is at hand to decontaminate against: name one (--problems), or set TEXTBOOKS_DATA"
        raise InputError(msg)


def _stages(setting: Setting) -> list[Stage]:
    options = setting.options
    assert isinstance(options, DecontaminationOptions)

    def judge() -> list[PipelineStep]:
        """Return the steps that read, judge and write."""
        sink = setting.sink("decontaminator_score")
        decontaminator = Decontaminator(
            execute=options.execute,
            combine=options.combine,
            similarity=SimilarityDecontaminator(min_match_rate=options.min_match_rate, max_distance=MAX_DISTANCE),
            **sink.to,
        )
        reader = setting.reader("judge", sink.damaged)
        return setting.in_blocks("judge", sink, [reader, setting.fitted(decontaminator), sink.kept])

    return [Stage("judge", "judging", setting.plan.shards, judge, publishes=True)]


def _write_report(setting: Setting) -> None:
    """Write ``decontamination.json`` and ``report.html`` from the published files."""
    folder, builder = setting.options.out, ReportBuilder(setting.benchmarks.all)
    for name, status in _FOLDERS.items():
        for path in sorted((folder / name).glob("*.parquet")):
            for document, text, verdict in _rows(path, status):
                builder.add(document, text, verdict)
    report = DecontaminationReport(**builder.totals())
    report.save(folder / "decontamination.json")
    write_atomically(folder / "report.html", render_decontamination(report).encode("utf-8", "replace"))


def _rows(path: Path, status: Status) -> Iterator[tuple[str, str, Verdict]]:
    columns = ["id", "text", "score", "evidence"] + ([] if status is Status.KEPT else ["reason"])
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_ROWS, columns=columns):
            for row in batch.to_pylist():
                evidence = json.loads(row["evidence"]).get("decontaminator", {})
                reason = Reason(row["reason"]) if row.get("reason") else None
                score = math.nan if row["score"] is None else row["score"]
                yield row["id"], row["text"] or "", Verdict(status, reason, score, evidence)
