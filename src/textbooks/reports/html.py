"""The report of a run: one self-contained page that loads nothing and needs no JavaScript."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from textbooks.reports import words
from textbooks.reports.chart import histogram_figure, stages
from textbooks.reports.collect import collect
from textbooks.reports.environment import environment
from textbooks.reports.excerpts import shorten
from textbooks.reports.summary import RunSummary
from textbooks.storage import write_atomically

__all__ = ["render", "write_report"]

REPORT_NAME: Final = "report.html"
_LONGEST_SETTING = 400


def write_report(folder: Path) -> Path:
    """Write ``report.html`` into the output folder of ``textbooks curate``.

    The file is replaced in one step, so that a reader finds the old page or the new one, never a part.

    Parameters
    ----------
    folder : Path
        See `textbooks.reports.collect.collect`.

    Returns
    -------
    Path
        The page; its bytes depend on nothing but the run's files.

    Raises
    ------
    InputError
        If the folder holds no finished run, or a damaged one.
    OSError
        If the page cannot be written.
    """
    page = render(collect(Path(folder)))
    path = Path(folder) / REPORT_NAME
    write_atomically(path, page.encode("utf-8", "replace"))
    return path


def render(summary: RunSummary) -> str:
    """Return the page for a summary.

    Everything that comes from the corpus is escaped, and what cannot be seen in it is made visible
    (`textbooks.reports.excerpts.printable`).
    """
    stats = summary.stats
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            run=summary,
            stats=stats,
            stages=stages(stats),
            figure=histogram_figure(summary.histogram, stats.min_score),
            rubric=words.RUBRIC,
            parameters=_settings(stats.parameters),
            versions=_settings(stats.versions),
        )
    )


def _settings(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return names and values in order of the names, lists as comma-separated items."""
    return [(name, shorten(_setting(value), _LONGEST_SETTING)) for name, value in sorted(values.items())]


def _setting(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(map(_setting, value)) or "none"
    if value is None:
        return "none"
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
