"""Whether every record that was read ended somewhere, by what was published and not by what the steps say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from textbooks.curation.markers import BlockMarker, Markers, Part, markers_folder
from textbooks.schema import SCHEMAS
from textbooks.storage import publish

__all__ = ["Accounts", "TaskAccount", "account", "forget_unfinished"]


@dataclass(slots=True)
class TaskAccount:
    """What one task of a stage read, and where it ended.

    Attributes
    ----------
    read : int
        Records.
    rows : Counter
        Rows by folder, relative to the output folder; they add up to `read`.
    """

    read: int = 0
    rows: Counter[str] = field(default_factory=Counter)

    def add(self, marker: BlockMarker) -> None:
        """Count a block."""
        self.read += marker.records
        for part in marker.parts:
            self.rows[part.folder] += part.rows


@dataclass(slots=True)
class Accounts:
    """Where the records of a run ended.

    Attributes
    ----------
    read, bytes : int
        Records that the first stage that publishes read, and the bytes of their texts.
    rows, reasons : Counter
        Rows of the published files by folder, and rows that were not kept by reason.
    tasks : dict
        Accounts by stage and task.
    parts : list of (str, Part)
        The published files and the task each is of, in order of their paths.
    """

    read: int = 0
    bytes: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    tasks: dict[str, dict[int, TaskAccount]] = field(default_factory=dict)
    parts: list[tuple[str, Part]] = field(default_factory=list)


def account(out: Path, work: Path, stages: Sequence[tuple[str, int]]) -> Accounts:
    """Add up the markers of the stages that publish, and hold them against the files.

    A folder without any file gets one without rows, so that it can be read like one that has some. A file that no
    marker names is removed: a kill left it before its block was noted, and the block has its own files by now.

    Parameters
    ----------
    out, work : Path
        The output folder and the run's own notes.
    stages : sequence of (str, int)
        Names and numbers of tasks, in order. What one leaves for the next lies within `work`.

    Raises
    ------
    RuntimeError
        If a task is not complete, a file holds other rows than noted, or a record is lost.
    """
    accounts = Accounts()
    for number, (stage, tasks) in enumerate(stages):
        markers = Markers(out, markers_folder(work, stage))
        of_stage = accounts.tasks.setdefault(stage, {})
        for rank in range(tasks):
            task = of_stage.setdefault(rank, TaskAccount())
            for marker in _all_of(markers, stage, rank):
                task.add(marker)
                accounts.bytes += marker.size if number == 0 else 0
                accounts.parts += [(f"{stage}/{rank:05d}", p) for p in marker.parts if p.folder in SCHEMAS]
            _must_equal(task.read, task.rows.total(), f"task {rank} of stage {stage!r}")
        accounts.read += sum(task.read for task in of_stage.values()) if number == 0 else 0
    accounts.parts.sort(key=lambda entry: entry[1].path)
    _count_files(out, accounts)
    _must_equal(accounts.read, accounts.rows.total(), str(out))
    return accounts


def _all_of(markers: Markers, stage: str, rank: int) -> Iterator[BlockMarker]:
    """Yield the markers of a task, all of them."""
    marker = None
    for marker in markers.of_task(rank):
        yield marker
    if marker is None or not marker.is_last:
        msg = f"task {rank} of stage {stage!r} is not complete: a marker in {markers.folder} or a part is missing"
        raise RuntimeError(msg)


def _must_equal(read: int, written: int, where: str) -> None:
    if read != written:
        msg = f"{read} records were read but {written} written: the output of {where} is not whole"
        raise RuntimeError(msg)


def _count_files(out: Path, accounts: Accounts) -> None:
    """Count rows and reasons in the files themselves."""
    named = {part.path for _, part in accounts.parts}
    for folder, schema in SCHEMAS.items():
        for file in (out / folder).glob("*.parquet"):
            if f"{folder}/{file.name}" not in named:
                file.unlink()
        if not any(part.folder == folder for _, part in accounts.parts):
            with publish(out / folder / "empty.parquet") as path:
                pq.write_table(schema.empty_table(), path)
            accounts.parts.append(("", Part.of(out / folder / "empty.parquet", 0, out)))
    for _, part in accounts.parts:
        rows = pq.read_metadata(out / part.path).num_rows
        _must_equal(part.rows, rows, str(out / part.path))
        accounts.rows[part.folder] += rows
        if rows and part.folder != "kept":
            accounts.reasons.update(pq.read_table(out / part.path, columns=["reason"])["reason"].to_pylist())


def forget_unfinished(out: Path, work: Path, stage: str) -> None:
    """Let datatrove do those tasks of a publishing stage again that it noted as completed and that are not whole.

    Their blocks that are whole are not judged again.
    """
    markers = Markers(out, markers_folder(work, stage))
    for file in (work / "logs" / stage / "completions").glob("[0-9]*"):
        if not markers.is_complete(int(file.name)):
            file.unlink()
