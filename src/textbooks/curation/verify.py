"""Whether an output folder is whole, proven by its manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from textbooks.curation.manifest import MANIFEST, read_manifest
from textbooks.curation.notes import WORK
from textbooks.errors import InputError
from textbooks.schema import SCHEMAS
from textbooks.storage import file_digest

__all__ = ["Fault", "VerifyReport", "verify"]

_STATUSES: Final = {"kept": "kept", "dropped": "dropped", "quarantine": "quarantined"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as the manifest says.

    Attributes
    ----------
    file : str
        Relative to the output folder.
    expected, found : str
        In words.
    """

    file: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.file}: expected {self.expected}, found {self.found}"


@dataclass(slots=True)
class VerifyReport:
    """What was looked at, and what was wrong.

    Attributes
    ----------
    folder : Path
        The output folder.
    quick : bool
        Whether only names and sizes were compared.
    files, bytes, rows : int
        Looked at: files, their bytes, and the rows of those that are parquet; rows stay 0 when quick.
    faults : list of Fault
        Empty when the output is whole.
    """

    folder: Path
    quick: bool = False
    files: int = 0
    bytes: int = 0
    rows: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was wrong."""
        return not self.faults

    def __str__(self) -> str:
        if self.faults:
            return "\n".join(map(str, self.faults))
        looked = f"{self.files:,} files, {self.bytes / 1e6:,.1f} MB"
        return f"whole: {looked}, sizes alone" if self.quick else f"whole: {looked}, {self.rows:,} rows"


def verify(
    folder: str | Path, *, quick: bool = False, watch: Callable[[int, int], object] = lambda done, total: None
) -> VerifyReport:
    """Prove that the output of a finished run is whole, or say what is not.

    Every file that the manifest names must be there with its size and digest, its rows and its columns; no other file
    may be there but the run's own notes; the rows of each task must add up to what it read, and those of all tasks
    to the totals; and ``stats.json`` must say the same.

    Parameters
    ----------
    folder : path
        The output folder of `textbooks.curation.run.curate` or `textbooks.curation.decontamination.decontaminate`.
    quick : bool, default=False
        Compare names and sizes alone, and do not read the files.
    watch : callable
        Told the bytes that were looked at, and those of all files, after each file.

    Returns
    -------
    VerifyReport
        With a fault for everything that is not as it should be.

    Raises
    ------
    InputError
        If there is no such folder.
    """
    report = VerifyReport(Path(folder), quick)
    if not report.folder.is_dir():
        msg = f"there is no folder {str(folder)!r}: check the path"
        raise InputError(msg)
    try:
        manifest = read_manifest(report.folder)
    except OSError as error:
        report.faults.append(Fault(MANIFEST, "the manifest of a finished run", f"{error.strerror}"))
        return report
    except ValueError as error:
        expected, _, found = str(error).removeprefix("expected ").partition(", found ")
        report.faults.append(Fault(MANIFEST, expected, found))
        return report
    _Proof(report, manifest).look(watch)
    return report


class _Proof:
    def __init__(self, report: VerifyReport, manifest: Mapping[str, Any]) -> None:
        self._report = report
        self._manifest = manifest
        self._files: Mapping[str, Mapping[str, Any]] = manifest["files"]
        self._of_tasks: dict[str, int] = {}
        self._rows: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()

    def look(self, watch: Callable[[int, int], object]) -> None:
        """Look at every file, then at what should not be there, then at the sums."""
        total = sum(entry["bytes"] for entry in self._files.values())
        for name, entry in self._files.items():
            self._look_at(name, entry)
            self._report.bytes += entry["bytes"]
            watch(self._report.bytes, total)
        for name in self._others():
            self._fault(name, "nothing, for the manifest does not name it", "a file")
        if self._report.is_whole and not self._report.quick:
            self._check_sums()
            self._check_stats()

    def _look_at(self, name: str, entry: Mapping[str, Any]) -> None:
        path = self._report.folder / name
        self._report.files += 1
        try:
            size = path.stat().st_size
            if size != entry["bytes"]:
                self._fault(name, f"{entry['bytes']:,} bytes", f"{size:,}")
            elif not self._report.quick:
                if (digest := file_digest(path)) != entry["sha256"]:
                    self._fault(name, f"SHA-256 {entry['sha256']}", digest)
                elif "rows" in entry:
                    self._look_into(name, entry)
        except FileNotFoundError:
            self._fault(name, "a file", "none")
        except (OSError, pa.ArrowException) as error:
            self._fault(name, "a file that can be read", f"{type(error).__name__}: {error}")

    def _look_into(self, name: str, entry: Mapping[str, Any]) -> None:
        """Count rows and reasons of a parquet file."""
        folder = name.partition("/")[0]
        with pq.ParquetFile(self._report.folder / name) as file:
            rows = file.metadata.num_rows
            if rows != entry["rows"]:
                self._fault(name, f"{entry['rows']:,} rows", f"{rows:,}")
            if not file.schema_arrow.equals(SCHEMAS[folder]):
                self._fault(name, f"the columns {', '.join(SCHEMAS[folder].names)}", ", ".join(file.schema_arrow.names))
            elif folder != "kept":
                self._reasons.update(file.read(columns=["reason"])["reason"].to_pylist())
        self._report.rows += rows
        self._rows[_STATUSES[folder]] += rows
        if task := entry.get("task"):
            self._of_tasks[task] = self._of_tasks.get(task, 0) + rows

    def _others(self) -> Iterator[str]:
        """Yield the files that are there and not named."""
        for path in sorted(self._report.folder.rglob("*")):
            name = path.relative_to(self._report.folder).as_posix()
            is_folder = path.is_dir() and not path.is_symlink()
            if not is_folder and name.partition("/")[0] != WORK and name != MANIFEST and name not in self._files:
                yield name

    def _check_sums(self) -> None:
        """Hold what was found in the files against what each task read, and all of them."""
        for stage, tasks in self._manifest["tasks"].items():
            for rank, task in tasks.items():
                inside = sum(rows for folder, rows in task["rows"].items() if folder not in SCHEMAS)
                found = self._of_tasks.get(f"{stage}/{rank}", 0) + inside
                if found != task["read"]:
                    self._fault(MANIFEST, f"{task['read']:,} rows of task {stage}/{rank}, as it read", f"{found:,}")
        totals = self._manifest["totals"]
        self._compare(MANIFEST, totals, {name: self._rows[name] for name in _STATUSES.values()})
        if totals["read"] != self._rows.total():
            self._fault(MANIFEST, f"{totals['read']:,} rows in all, as were read", f"{self._rows.total():,}")

    def _check_stats(self) -> None:
        try:
            stats = orjson.loads((self._report.folder / "stats.json").read_bytes())
            found = {name: stats[name] for name in ("read", *_STATUSES.values(), "reasons")}
        except (OSError, ValueError, KeyError, TypeError) as error:
            self._fault("stats.json", "the statistics of the run", f"{type(error).__name__}: {error}")
            return
        files = {name: self._rows[name] for name in _STATUSES.values()}
        self._compare("stats.json", {"read": self._rows.total(), **files, "reasons": dict(self._reasons)}, found)

    def _compare(self, name: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> None:
        for label, value in found.items():
            if expected[label] != value:
                self._fault(name, f"{label} {expected[label]}", f"{value}")

    def _fault(self, name: str, expected: str, found: str) -> None:
        self._report.faults.append(Fault(name, expected, found))
