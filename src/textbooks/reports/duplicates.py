"""Pairs of duplicates side by side, in a notebook and in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from textbooks.reports.excerpts import cut
from textbooks.reports.notebook import text_of_record
from textbooks.reports.words import count

if TYPE_CHECKING:
    from textbooks.filters.corpus_result import DuplicatePair, DuplicatePairs

__all__ = ["pair_tables", "pairs_html"]

_PAIRS, _LINES, _CHARACTERS = 20, 24, 2000
_CELL = "width:50%;padding:2px 14px 8px 0;text-align:left;vertical-align:top;border:0;background:none"
_MONO = "font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:12px"
_PRE = f"margin:0;white-space:pre-wrap;overflow-wrap:anywhere;background:none;{_MONO}"


def pairs_html(pairs: DuplicatePairs[Any], *, most: int = _PAIRS) -> str:
    """Return the first pairs side by side, as an HTML fragment with its styles inline.

    Parameters
    ----------
    pairs : DuplicatePairs
        Of records of any type; see `textbooks.reports.notebook.filter_result_html` for what is shown of one.
    most : int, default=20
        Pairs shown.

    Returns
    -------
    str
        Of each text the first 24 lines. Everything is escaped; the size does not depend on the size of the records.
    """
    rows = "".join(map(_row, islice(pairs, most)))
    more = len(pairs) - most
    rest = f'<p style="margin:2px 0;opacity:.75">and {count(more)} more, which are more similar</p>' if more > 0 else ""
    heading = f'<p style="margin:0 0 6px"><b>{count(len(pairs))} pairs, the least similar first</b></p>'
    table = f'<table style="font:inherit;border-collapse:collapse;width:100%"><tbody>{rows}</tbody></table>'
    style = "font:13px/1.45 system-ui,sans-serif"
    return f'<div class="textbooks-duplicates" style="{style}">{heading}{table}{rest}</div>'


def _row(pair: DuplicatePair[Any]) -> str:
    kept, dropped = headings(pair)
    cells = ((kept, pair.kept), (dropped, pair.dropped))
    return "<tr>" + "".join(_cell(heading, record) for heading, record in cells) + "</tr>"


def _cell(heading: str, record: object) -> str:
    pre = f'<pre dir="ltr" style="{_PRE}">{escape(_excerpt(record))}</pre>'
    return f'<td style="{_CELL}"><div style="opacity:.75">{escape(heading)}</div>{pre}</td>'


def pair_tables(pairs: DuplicatePairs[Any], *, most: int = 5) -> Iterator[Table]:
    """Yield the first pairs side by side, for a terminal.

    Parameters
    ----------
    pairs : DuplicatePairs
    most : int, default=5
        Pairs shown; the last table says how many more there are.
    """
    shown = list(islice(pairs, most))
    for number, pair in enumerate(shown, 1):
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True, caption_justify="left")
        for heading in headings(pair):
            table.add_column(Text(heading), ratio=1, overflow="fold")
        table.add_row(*(Text(_excerpt(record)) for record in (pair.kept, pair.dropped)))
        if number == len(shown) < len(pairs):
            table.caption = Text(f"and {count(len(pairs) - most)} more, which are more similar")
        yield table


def headings(pair: DuplicatePair[Any]) -> tuple[str, str]:
    """Return what stands above the record that stays and above the one that goes."""
    return f"{pair.kept_position}: kept", f"{pair.dropped_position}: dropped, similarity {pair.similarity:.3f}"


def _excerpt(record: object) -> str:
    excerpt = cut(text_of_record(record), max_lines=_LINES, max_characters=_CHARACTERS)
    return excerpt.text + ("…" if excerpt.is_cut else "")
