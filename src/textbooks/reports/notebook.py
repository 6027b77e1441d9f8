"""What a notebook shows of a result."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping
from html import escape
from itertools import islice
from typing import Any

from textbooks.reports.excerpts import printable
from textbooks.reports.words import QUARANTINE_REASONS, count, score_text, share
from textbooks.verdicts import FilterResult, Status, Verdict

__all__ = ["filter_result_html", "text_of_record"]

_MOST_SHOWN = {Status.DROPPED: 5, Status.QUARANTINED: 3}
_LINES, _CHARACTERS = 4, 240
_TEXT_KEYS = ("text", "content", "code")

# Colours that hold on light and dark notebooks alike; the text takes the notebook's own.
_COLOURS = {Status.KEPT: "#3a9178", Status.DROPPED: "#8f8a80", Status.QUARANTINED: "#c27a35"}
_CELL = "padding:2px 14px 2px 0;text-align:left;vertical-align:top;border:0;background:none"
_MONO = "font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:12px"


def filter_result_html(result: FilterResult[Any]) -> str:
    """Return a compact summary of a result, as an HTML fragment with its styles inline.

    Parameters
    ----------
    result : FilterResult
        Records of any type. A string is shown itself; a mapping by its ``text``, ``content`` or ``code``; an object
        by its ``text``; anything else by its shortened ``repr``.

    Returns
    -------
    str
        Counts by reason with bars, then the first five dropped and the first three quarantined records: reason,
        score, first four lines. Everything is escaped; the size does not depend on the size of the records.
    """
    heading = f"{count(len(result))} records, {count(len(result.kept))} kept ({share(len(result.kept), len(result))})"
    parts = [f'<p style="margin:0 0 6px"><b>{heading}</b></p>', _counts(result), _not_kept(result)]
    return f'<div class="textbooks-filter-result" style="font:13px/1.45 system-ui,sans-serif">{"".join(parts)}</div>'


def _counts(result: FilterResult[Any]) -> str:
    ordered = sorted(result.counts.items(), key=lambda item: (item[0] != "kept", -item[1], item[0]))
    return _table(_count_row(slug, n, len(result)) for slug, n in ordered)


def _count_row(slug: str, n: int, whole: int) -> str:
    status = Status.KEPT if slug == "kept" else Status.QUARANTINED if slug in QUARANTINE_REASONS else Status.DROPPED
    width = max(2, round(160 * n / whole))
    bar = f'<span style="display:inline-block;height:9px;width:{width}px;background:{_COLOURS[status]}"></span>'
    numbers = _cell(count(n), "text-align:right") + _cell(share(n, whole), "text-align:right")
    return f"<tr>{_cell(_safe(slug), _MONO)}{numbers}{_cell(bar, 'min-width:160px')}</tr>"


def _not_kept(result: FilterResult[Any]) -> str:
    shown: list[str] = []
    for status, most in _MOST_SHOWN.items():
        found = ((record, verdict) for record, verdict in result if verdict.status is status)
        shown.extend(_record_row(record, verdict) for record, verdict in islice(found, most))
    if not shown:
        return ""
    return f'<p style="margin:10px 0 2px;opacity:.75">The first that were not kept</p>{_table(iter(shown))}'


def _record_row(record: object, verdict: Verdict) -> str:
    score = score_text(verdict.score)
    reason = verdict.reason.value if verdict.reason else verdict.status.value
    style = f"margin:0;white-space:pre-wrap;overflow-wrap:anywhere;background:none;{_MONO}"
    text = f'<pre dir="ltr" style="{style}">{_safe(_first_lines(record))}</pre>'
    return f"<tr>{_cell(_safe(reason), _MONO)}{_cell(score, 'text-align:right')}{_cell(text)}</tr>"


def _cell(content: str, style: str = "") -> str:
    return f'<td style="{_CELL};{style}">{content}</td>'


def _table(rows: Iterator[str]) -> str:
    return (
        f'<table style="font:inherit;border-collapse:collapse;border:0;margin:0"><tbody>{"".join(rows)}</tbody></table>'
    )


def text_of_record(record: object) -> str:
    """Return the text of a record of any type, or what `repr` says of it; never raise."""
    try:
        text = _text_of(record)
        return text if isinstance(text, str) else reprlib.repr(record)
    except Exception:  # the record is the caller's, and its repr may do anything
        return f"<{type(record).__name__}>"


def _first_lines(record: object) -> str:
    head = text_of_record(record)[: _CHARACTERS + 1]
    lines = head.split("\n", _LINES)
    if len(lines) > _LINES:
        return "\n".join(lines[:_LINES]) + "\n…"
    return head[:_CHARACTERS] + "…" if len(head) > _CHARACTERS else head


def _text_of(record: object) -> object:
    if isinstance(record, str):
        return record
    if isinstance(record, Mapping):
        return next((record[key] for key in _TEXT_KEYS if isinstance(record.get(key), str)), None)
    return getattr(record, "text", None)


def _safe(text: str) -> str:
    return escape(printable(text))
