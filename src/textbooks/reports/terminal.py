"""Tables for the terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from textbooks.reports.excerpts import printable, shorten
from textbooks.reports.summary import Stats
from textbooks.reports.words import RUBRIC, by_fate, count, megabytes, rubric_class, score_text, share

__all__ = ["closing_table", "score_table"]

_BAR_CELLS = 10
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LONGEST_SOURCE = 200

ScoreRow = tuple[str, float | None] | tuple[str, float | None, bool | None]


def closing_table(stats: Mapping[str, Any], *, seconds: float | None = None) -> Table:
    """Return what a run says when it ends.

    Parameters
    ----------
    stats : mapping
        The contents of ``stats.json``; keys that are missing count as zero.
    seconds : float, optional
        Wall time of the run; with it comes a line with the rate, in MB of text read a second (1 MB is 1,000,000
        bytes).

    Returns
    -------
    rich.table.Table
        Three columns: what, how many, share of the records read. Reasons by falling count; a slug that is not
        known counts as dropped. Benchmarks that were not searched for stand below, in bold red.

    Raises
    ------
    ValueError
        If `seconds` is not positive.
    """
    if seconds is not None and not (seconds > 0 and math.isfinite(seconds)):
        msg = f"seconds must be positive, or None where the time is not known, got {seconds!r}"
        raise ValueError(msg)
    run = Stats.from_mapping(stats)
    dropped, quarantined = by_fate(run.reasons)
    table = Table(box=box.SIMPLE_HEAD, show_header=False, pad_edge=False, caption_justify="left")
    table.add_column("records", no_wrap=True)
    table.add_column("number", justify="right", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True, style="dim")
    table.add_row("read", count(run.read), "", style="bold")
    table.add_row("kept", count(run.kept), share(run.kept, run.read), style="bold green", end_section=True)
    _add_fate(table, "dropped", run.dropped, dropped, run.read)
    _add_fate(table, "quarantined", run.quarantined, quarantined, run.read)
    table.add_row(
        "text read", megabytes(run.bytes), "" if seconds is None else f"{run.bytes / 1e6 / seconds:,.1f} MB/s"
    )
    if run.missing_benchmarks:
        names = printable(", ".join(run.missing_benchmarks))
        table.caption = Text(f"not searched for: {names}; copies of their problems may be kept", style="bold red")
    return table


def _add_fate(table: Table, name: str, total: int, reasons: Mapping[str, int], read: int) -> None:
    table.add_row(name, count(total), share(total, read), end_section=not reasons)
    for place, (slug, n) in enumerate(reasons.items(), 1):
        label = Text(f"  {_safe(slug)}")
        table.add_row(label, count(n), share(n, read), style="dim", end_section=place == len(reasons))


def score_table(rows: Sequence[ScoreRow]) -> Table:
    """Return the scores of files, in the order given.

    Parameters
    ----------
    rows : sequence of (source, score) or (source, score, kept)
        Score from 0 to 5, None or NaN where there is none; `kept` may be None where nothing was decided.

    Returns
    -------
    rich.table.Table
        File, score, a bar of ten cells, the class of the rubric with its word, and, where at least one row says
        whether it was kept, that.
    """
    with_fate = any(len(row) > 2 and row[2] is not None for row in rows)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("file", overflow="fold")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, style="cyan")
    table.add_column("class", no_wrap=True)
    if with_fate:
        table.add_column("", no_wrap=True)
    for source, score, *rest in rows:
        cells = [Text(_safe(source)), *_score_cells(score)]
        table.add_row(*cells, *([_fate(rest[0] if rest else None)] if with_fate else []))
    return table


def _score_cells(score: float | None) -> list[Text]:
    nearest = rubric_class(score)
    if score is None or nearest is None:
        return [Text("—", style="dim"), Text(""), Text("not scored", style="dim")]
    return [Text(score_text(score)), Text(_bar(score)), Text(f"{nearest} {RUBRIC[nearest]}")]


def _bar(score: float) -> str:
    """Return `score` of 5 as cells, to an eighth of a cell."""
    eighths = round(min(max(score / 5, 0.0), 1.0) * _BAR_CELLS * 8)
    full, rest = divmod(eighths, 8)
    return (_EIGHTHS[8] * full + _EIGHTHS[rest] * (rest > 0)).ljust(_BAR_CELLS)


def _fate(kept: bool | None) -> Text:
    return Text("") if kept is None else Text("kept", style="green") if kept else Text("dropped", style="dim")


def _safe(text: str) -> str:
    """Return a name that cannot steer the terminal or break the row."""
    return printable(shorten(text, _LONGEST_SOURCE)).replace("\n", "␊").replace("\t", " ")
