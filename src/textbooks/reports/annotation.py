"""How far two ratings agree: as plain text, and as HTML for notebooks."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Final

from rich.table import Table

from textbooks.reports.words import RUBRIC, count, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textbooks.annotators.agreement import AnnotationAgreement
    from textbooks.annotators.annotation import Annotation
    from textbooks.evaluation.intervals import Estimate

__all__ = ["agreement_html", "agreement_text", "scores_table"]

_CELL: Final = "padding:2px 14px 2px 0;text-align:left;border:0;background:none"
_COUNT: Final = "padding:2px 8px;text-align:right;border:0;font-variant-numeric:tabular-nums"
_TABLE: Final = "font:inherit;border-collapse:collapse;border:0;margin:0"
_DIAGONAL: Final = "58,145,120"  # agreement
_OFF: Final = "166,84,27"  # told apart by place too, not by colour alone


def agreement_text(agreement: AnnotationAgreement) -> str:
    """Return the figures with their intervals, and the table of classes, as lines of plain text."""
    named = list(_figures(agreement))
    width = max(len(name) for name, _ in named)
    lines = [_heading(agreement), *(f"{name:{width}}  {_shown(value)}" for name, value in named)]
    cells = max(5, *(len(count(n)) + 1 for row in agreement.confusion for n in row))
    lines.append(f"{'reference':{width}}  " + "".join(f"{k:>{cells}}" for k in range(len(RUBRIC))))
    lines += [
        f"{f'{k} {RUBRIC[k]}':{width}}  " + "".join(f"{count(n) if n else '.':>{cells}}" for n in row)
        for k, row in enumerate(agreement.confusion)
    ]
    return "\n".join(lines)


def agreement_html(agreement: AnnotationAgreement) -> str:
    """Return the same as an HTML fragment with its styles inline; everything in it is escaped."""
    figures = "".join(
        f'<tr><td style="{_CELL}">{escape(name)}</td><td style="{_CELL}">{escape(_shown(value))}</td></tr>'
        for name, value in _figures(agreement)
    )
    most = max((n for row in agreement.confusion for n in row), default=0) or 1
    head = "".join(f'<th style="{_COUNT}">{k}</th>' for k in range(len(RUBRIC)))
    rows = "".join(
        f'<tr><th style="{_CELL}">{k} {RUBRIC[k]}</th>'
        + "".join(_cell(n, n / most, diagonal=k == place) for place, n in enumerate(row))
        + "</tr>"
        for k, row in enumerate(agreement.confusion)
    )
    parts = [f'<p style="margin:0 0 6px"><b>{escape(_heading(agreement))}</b></p>']
    parts.append(f'<table style="{_TABLE}"><tbody>{figures}</tbody></table>')
    parts.append('<p style="margin:8px 0 2px;opacity:.75">Rows: the reference. Columns: the annotation.</p>')
    parts.append(f'<table style="{_TABLE}"><tbody><tr><td></td>{head}</tr>{rows}</tbody></table>')
    return f'<div class="textbooks-agreement" style="font:13px/1.45 system-ui,sans-serif">{"".join(parts)}</div>'


def scores_table(annotations: Sequence[Annotation]) -> Table:
    """Return how many texts have which score, and their mean, for a terminal."""
    scores = [one.score for one in annotations if one.score is not None]
    table = Table(box=None, show_header=False, pad_edge=True)
    for column in ("class", "number", "share"):
        table.add_column(column, justify="left" if column == "class" else "right")
    for k, word in enumerate(RUBRIC):
        table.add_row(f"{k} {word}", count(scores.count(k)), share(scores.count(k), len(scores)))
    table.add_row()
    table.add_row("rated", count(len(scores)), f"mean {sum(scores) / len(scores):.2f}" if scores else "")
    if unrated := len(annotations) - len(scores):
        table.add_row("without a score", count(unrated), style="yellow")
    return table


def _heading(agreement: AnnotationAgreement) -> str:
    left = [(agreement.without_score, "without a score"), (agreement.without_reference, "without a reference")]
    notes = "".join(f", {count(n)} {what}" for n, what in left if n)
    return f"{count(agreement.texts)} texts compared{notes}"


def _figures(agreement: AnnotationAgreement) -> Iterator[tuple[str, Estimate]]:
    yield "quadratic-weighted kappa", agreement.kappa
    yield "exact match", agreement.exact
    yield "within 1", agreement.within_one
    yield "Spearman", agreement.spearman
    for name, value in agreement.marks.items():
        yield f"kappa of {name.replace('_', ' ')}", value


def _shown(value: Estimate) -> str:
    return "undefined" if math.isnan(value.value) else str(value)


def _cell(number: int, part: float, *, diagonal: bool) -> str:
    colour = f"background:rgba({_DIAGONAL if diagonal else _OFF},{0.6 * part:.2f})"
    return f'<td style="{_COUNT};{colour if number else ""}">{count(number) if number else "·"}</td>'
