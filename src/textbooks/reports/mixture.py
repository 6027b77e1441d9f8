"""What a mixture draws, as a table for the terminal and for notebooks."""

from __future__ import annotations

from html import escape
from io import StringIO
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from textbooks.reports.words import count

if TYPE_CHECKING:
    from textbooks.mixtures.plan import MixturePlan, PlanRow

__all__ = ["mixture_fragment", "mixture_table", "mixture_text"]

_COLUMNS = ("stage", "source", "tokens", "share", "epochs", "epochs so far")
_WIDTH = 100
_CELL = "padding:2px 14px 2px 0;border:0;background:none"


def mixture_table(plan: MixturePlan) -> Table:
    """Return the plan as a table: a row for each source of each stage, with the epochs that it is gone through."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(_COLUMNS):
        table.add_column(name, justify="left" if number < 2 else "right")
    before = None
    for row in plan.rows():
        if before not in (None, row.stage):
            table.add_section()
        table.add_row(*_cells(row, repeated=row.stage == before))
        before = row.stage
    return table


def mixture_text(plan: MixturePlan) -> str:
    """Return the table as plain text."""
    console = Console(file=StringIO(), width=_WIDTH, color_system=None)
    console.print(mixture_table(plan))
    printed: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in printed.splitlines()).strip("\n")


def mixture_fragment(plan: MixturePlan) -> str:
    """Return the table as HTML for a notebook; everything is escaped."""
    head = "".join(f'<th style="{_CELL};text-align:left">{name}</th>' for name in _COLUMNS)
    rows, before = [], None
    for row in plan.rows():
        cells = _cells(row, repeated=row.stage == before)
        styles = ["left", "left", *["right"] * (len(cells) - 2)]
        rows.append(
            "".join(
                f'<td style="{_CELL};text-align:{style}">{escape(cell)}</td>'
                for cell, style in zip(cells, styles, strict=True)
            )
        )
        before = row.stage
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table style="font:13px/1.45 system-ui,sans-serif"><tr>{head}</tr>{body}</table>'


def _cells(row: PlanRow, *, repeated: bool) -> tuple[str, ...]:
    name = "" if repeated else row.stage
    share = f"{row.share:.1%}"
    return name, row.source, count(row.tokens), share, f"{row.epochs:.2f}", f"{row.epochs_so_far:.2f}"
