"""One pass over the output of a run, in memory that does not grow with it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from textbooks.errors import InputError
from textbooks.reports.excerpts import cut, shorten
from textbooks.reports.ranking import Ranking
from textbooks.reports.summary import BIN_EDGES, Histogram, RunSummary, Sample, Stats
from textbooks.reports.words import CONTAMINATION_REASONS, DECONTAMINATORS
from textbooks.schema import KEPT_SCHEMA, REJECTED_SCHEMA
from textbooks.verdicts import Status

__all__ = ["FOLDERS", "collect", "read_stats"]

FOLDERS: Final[Mapping[Status, str]] = {
    Status.KEPT: "kept",
    Status.DROPPED: "dropped",
    Status.QUARANTINED: "quarantine",
}
"""Where a run puts the records of each status."""

_ENDS, _NEAR, _EXAMPLES, _CAP = 8, 3, 2, 50
_ROWS = 256  # a batch of the longest texts that curation lets through still fits in memory
_LONGEST_NAME = 300
_LONGEST_EVIDENCE = 100_000
_COLUMNS = ("id", "text", "score", "reasons", "evidence", "source", "reason")


def collect(folder: Path) -> RunSummary:
    """Summarise the output folder of ``textbooks curate``.

    Time is one read of the parquet files; memory is one batch of 256 rows and at most some two hundred excerpts.

    Parameters
    ----------
    folder : Path
        Holds ``stats.json``, and ``kept``, ``dropped`` and ``quarantine`` with parquet files; a folder that is
        missing counts as empty.

    Returns
    -------
    RunSummary
        The same for the same folder, always; the samples at both ends do not depend on the order of the rows.

    Raises
    ------
    InputError
        If ``stats.json`` is missing or not a JSON object, or a parquet file is damaged or has other columns.
    """
    folder = Path(folder)
    collector = _Collector(read_stats(folder))
    for status, name in FOLDERS.items():
        for path in sorted((folder / name).glob("*.parquet")):
            for batch in _batches(path, status):
                collector.add(status, batch)
    return collector.summary()


def read_stats(folder: Path) -> Stats:
    """Read ``stats.json`` of a run.

    Raises
    ------
    InputError
        If it is missing or not a JSON object.
    """
    path = Path(folder) / "stats.json"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        msg = f"no stats.json in {str(folder)!r}: it is not the output folder of a finished `textbooks curate`"
        raise InputError(msg) from error
    except (OSError, ValueError, RecursionError) as error:
        msg = f"{str(path)!r} cannot be read as JSON ({error}): run `textbooks curate` again"
        raise InputError(msg) from error
    if not isinstance(values, dict):
        msg = f"{str(path)!r} holds {type(values).__name__} where a JSON object belongs: run `textbooks curate` again"
        raise InputError(msg)
    return Stats.from_mapping(values)


def _batches(path: Path, status: Status) -> Iterator[pa.RecordBatch]:
    expected = KEPT_SCHEMA if status is Status.KEPT else REJECTED_SCHEMA
    columns = [name for name in _COLUMNS if name in expected.names]
    try:
        with pq.ParquetFile(path) as file:
            found = file.schema_arrow
            wrong = [n for n in columns if n not in found.names or found.field(n).type != expected.field(n).type]
            if wrong:
                columns_found = f"{', '.join(wrong)} missing or of another type"
                msg = f"{str(path)!r} is not a file of a curated corpus ({columns_found}): run `textbooks curate` again"
                raise InputError(msg)
            yield from file.iter_batches(batch_size=_ROWS, columns=columns)
    except (pa.ArrowException, OSError) as error:
        msg = f"{str(path)!r} is damaged ({error}): run `textbooks curate` again"
        raise InputError(msg) from error


class _Collector:
    """Accumulates a `RunSummary`, batch by batch."""

    def __init__(self, stats: Stats) -> None:
        self.stats = stats
        self.records: Counter[Status] = Counter()
        self.reasons: Counter[str] = Counter()
        self.bins = {Status.KEPT: np.zeros(50, np.int64), Status.DROPPED: np.zeros(50, np.int64)}
        self.highest, self.lowest = Ranking[Sample](_ENDS), Ranking[Sample](_ENDS)
        self.above, self.below = Ranking[Sample](_NEAR), Ranking[Sample](_NEAR)
        self.examples: dict[str, list[Sample]] = {}
        self.contaminated: list[Sample] = []
        self.contaminated_total = 0
        self.quarantined: list[Sample] = []

    def add(self, status: Status, batch: pa.RecordBatch) -> None:
        """Count the rows of a batch, and keep those that the report shows."""
        rows = _Rows(status, batch)
        self.records[status] += len(rows)
        if status is not Status.QUARANTINED:
            self.bins[status] += _binned(rows.scores)
            self._rank(rows)
        if status is Status.DROPPED:
            self._add_dropped(rows)
        if status is Status.QUARANTINED:
            self.reasons.update(rows.reason(i) for i in range(len(rows)))
            wanted = range(min(len(rows), _CAP - len(self.quarantined)))
            self.quarantined.extend(rows.sample(i, max_lines=12, max_characters=800) for i in wanted)

    def _rank(self, rows: _Rows) -> None:
        scores = rows.scores
        rankings = [(self.highest, -scores), (self.lowest, scores)]
        threshold = self.stats.min_score
        if threshold is not None:
            rankings.append((self.above, np.where(scores >= threshold, scores - threshold, np.nan)))
            rankings.append((self.below, np.where(scores < threshold, threshold - scores, np.nan)))
        for ranking, numbers in rankings:
            for i in ranking.candidates(numbers).tolist():
                key = (float(numbers[i]), rows.string("id", i) or "", rows.string("source", i) or "")
                ranking.offer(key, lambda i=i: rows.sample(i))  # type: ignore[misc]

    def _add_dropped(self, rows: _Rows) -> None:
        for i in range(len(rows)):
            reason = rows.reason(i)
            self.reasons[reason] += 1
            examples = self.examples.setdefault(reason, [])
            if len(examples) < _EXAMPLES:
                examples.append(rows.sample(i, max_lines=30, max_characters=2000))
            if CONTAMINATION_REASONS.intersection((reason, *rows.reasons(i))):
                self.contaminated_total += 1
                if len(self.contaminated) < _CAP:
                    self.contaminated.append(rows.sample(i))

    def summary(self) -> RunSummary:
        """Return what the report needs of the rows so far."""
        kept, dropped = (tuple(self.bins[status].tolist()) for status in (Status.KEPT, Status.DROPPED))
        return RunSummary(
            stats=self.stats,
            histogram=Histogram(kept, dropped),
            highest=self.highest.items,
            lowest=self.lowest.items,
            above=self.above.items,
            below=self.below.items,
            examples={reason: tuple(samples) for reason, samples in sorted(self.examples.items())},
            contaminated=tuple(self.contaminated),
            contaminated_total=self.contaminated_total,
            quarantined=tuple(self.quarantined),
            quarantined_total=self.records[Status.QUARANTINED],
            discrepancies=tuple(self._discrepancies()),
        )

    def _discrepancies(self) -> Iterator[str]:
        stats = self.stats
        if stats.read != stats.kept + stats.dropped + stats.quarantined:
            parts = f"{stats.kept} kept, {stats.dropped} dropped and {stats.quarantined} quarantined"
            yield f"stats.json says {stats.read} read, but {parts}."
        for status, folder in FOLDERS.items():
            said, found = getattr(stats, status.value), self.records[status]
            if said != found:
                yield f"stats.json says {said} {status.value}; the files in {folder}/ hold {found}."
        for slug in sorted({*stats.reasons, *self.reasons}):
            said, found = stats.reasons.get(slug, 0), self.reasons[slug]
            if said != found:
                yield f"stats.json says {said} for {slug}; the files hold {found}."


class _Rows:
    """The rows of a batch, turned into Python objects only where they are asked for."""

    def __init__(self, status: Status, batch: pa.RecordBatch) -> None:
        self.status = status
        self._batch = batch
        self.scores = _floats(batch.column("score"))

    def __len__(self) -> int:
        return int(self._batch.num_rows)

    def string(self, column: str, i: int) -> str | None:
        """Return a string, its invalid bytes replaced: parquet does not promise that there are none."""
        buffer = self._batch.column(column)[i].as_buffer()
        return None if buffer is None else buffer.to_pybytes().decode("utf-8", "replace")

    def reason(self, i: int) -> str:
        return "" if self.status is Status.KEPT else self.string("reason", i) or ""

    def reasons(self, i: int) -> list[str]:
        return self._batch.column("reasons")[i].as_py() or []

    def sample(self, i: int, **limits: int) -> Sample:
        """Return a row as the report shows it."""
        text, score, evidence = self.string("text", i), float(self.scores[i]), _evidence(self.string("evidence", i))
        return Sample(
            id=shorten(self.string("id", i) or "", _LONGEST_NAME),
            source=shorten(self.string("source", i) or "", _LONGEST_NAME),
            status=self.status,
            reason=self.reason(i),
            score=None if np.isnan(score) else score,
            excerpt=None if text is None else cut(text, _spans(evidence), **limits),
            evidence=evidence,
        )


def _floats(column: pa.Array) -> NDArray[np.float64]:
    """Return the values of a float64 column, NaN for null; pyarrow's own conversion would import pandas."""
    if not len(column):
        return np.empty(0)
    rows = slice(column.offset, column.offset + len(column))
    validity, data = column.buffers()
    values = np.frombuffer(data, np.float64)[rows]
    if validity is None:
        return values
    valid = np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")[rows]
    return np.where(valid, values, np.nan)


def _binned(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the number of scores in each bin; NaN counts nowhere."""
    inside = np.clip(scores[~np.isnan(scores)], BIN_EDGES[0], BIN_EDGES[-1])
    return np.histogram(inside, bins=BIN_EDGES)[0].astype(np.int64)


def _evidence(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    if len(text) > _LONGEST_EVIDENCE:
        return {"evidence": f"too long to show: {len(text):,} characters"}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {"evidence": shorten(text, _LONGEST_NAME)}
    return value if isinstance(value, dict) else {"evidence": value}


def _spans(evidence: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Return every pair under ``span`` that a decontaminator wrote, for the whole text or for each problem."""
    holders: list[Any] = []
    for step in map(evidence.get, DECONTAMINATORS):
        problems = step.get("problems") if isinstance(step, dict) else None
        holders += [step, *(problems if isinstance(problems, list) else [])]
    found = [holder["span"] for holder in holders if isinstance(holder, dict) and isinstance(holder.get("span"), list)]
    return [(span[0], span[1]) for span in found if len(span) == 2 and all(type(edge) is int for edge in span)]
