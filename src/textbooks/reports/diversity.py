"""The report on diversity: a page with its plots, a table for the terminal, and what a notebook shows."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from textbooks.diversity.estimates import Estimate
from textbooks.diversity.measures import MEASURES
from textbooks.reports.diversity_figures import import_bars, nearest_histogram, rank_curves
from textbooks.reports.environment import environment
from textbooks.reports.excerpts import printable, shorten
from textbooks.reports.words import count

if TYPE_CHECKING:
    from textbooks.diversity.report import DiversityReport

__all__ = ["diversity_fragment", "diversity_table", "render_diversity"]

_DASH: Final = "—"
_ROUNDING: Final = 1e-9
_SOURCES: Final = {
    "topics": "topics",
    "function_names": "function names",
    "name_words": "words of function names",
    "imports": "imports",
    "node_types": "syntax nodes",
}
_DIRECTIONS: Final = {"higher": "higher is more diverse", "lower": "lower is more diverse", "neither": ""}


def render_diversity(report: DiversityReport) -> str:
    """Return the page of a report: every measure with what it says, and the plots."""
    template = environment().get_template("diversity.html.j2")
    return template.render(
        report=report,
        rows=_rows(report),
        sources=_SOURCES,
        imports=import_bars(report.sets),
        nearest=nearest_histogram(report.sets),
        names=rank_curves([each.names.values() for each in report.sets], "function names"),
        words=rank_curves([each.words.values() for each in report.sets], "words of function names"),
        number=_number,
    )


def _rows(report: DiversityReport) -> list[dict[str, Any]]:
    """Return the measures as people read them."""
    verdicts = report.differences()
    return [
        {
            "title": each.title,
            "meaning": each.meaning,
            "direction": _DIRECTIONS[each.diverse],
            "values": [_cell(one.measures[each.key]) for one in report.sets],
            "more_diverse": verdicts.get(each.key, ""),
        }
        for each in MEASURES
    ]


def _cell(estimate: Estimate) -> str:
    """Return a value with half the width of its 95 % interval."""
    if estimate.value is None:
        return _DASH
    if estimate.interval is None:
        return _number(estimate.value)
    return f"{_number(estimate.value)} ± {_number(estimate.interval[1] - estimate.value)}"


def _number(value: float) -> str:
    """Return a number with three figures that count, and never with an exponent."""
    if abs(value) < _ROUNDING:
        return "0"
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.2f}" if abs(value) < 100 else f"{value:,.0f}"


def diversity_table(report: DiversityReport) -> Table:
    """Return the measures as a table: each with its value and 95 % interval for each set, and which is more diverse."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption_justify="left")
    table.add_column("measure")
    for each in report.sets:
        table.add_column(Text(_safe(each.name)), justify="right", no_wrap=True)
    table.add_column("more diverse" if len(report.sets) > 1 else "diverse is")
    for measure, row in zip(MEASURES, _rows(report), strict=True):
        last = row["more_diverse"] if len(report.sets) > 1 else measure.diverse.replace("neither", "")
        table.add_row(row["title"], *row["values"], Text(_safe(last)))
    table.caption = Text(_caption(report))
    return table


def _caption(report: DiversityReport) -> str:
    noun = "text" if report.texts_compared == 1 else "texts"
    parts = [f"{count(report.texts_compared)} {noun}" + (" of each" if len(report.sets) > 1 else "")]
    parts += [
        f"{_safe(each.name)} has {count(each.texts)}" for each in report.sets if each.texts != report.texts_compared
    ]
    parts += [f"{count(len(each.left_out))} left out of {_safe(each.name)}" for each in report.sets if each.left_out]
    return "; ".join(parts)


def diversity_fragment(report: DiversityReport) -> str:
    """Return the measures as an HTML fragment with its styles inline, for a notebook."""
    names = "".join(f"<th>{escape(_safe(each.name))}</th>" for each in report.sets)
    last = "<th>more diverse</th>" if len(report.sets) > 1 else ""
    rows = "".join(_fragment_row(row, two=len(report.sets) > 1) for row in _rows(report))
    style = "font:13px/1.45 system-ui,sans-serif"
    return (
        f'<div class="textbooks-diversity" style="{style}"><p><b>{escape(_caption(report))}</b></p>'
        f"<table><thead><tr><th></th>{names}{last}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _fragment_row(row: dict[str, Any], *, two: bool) -> str:
    cells = [*row["values"], *([_safe(row["more_diverse"])] if two else [])]
    told = escape(f"{row['meaning']} {row['direction']}".strip())
    return f'<tr><td title="{told}">{escape(row["title"])}</td>{"".join(f"<td>{escape(c)}</td>" for c in cells)}</tr>'


def _safe(text: str) -> str:
    return printable(shorten(text, 80)).replace("\n", "␊").replace("\t", " ")
