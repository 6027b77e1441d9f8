"""Why a text got its educational value: as plain text, and as HTML for notebooks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from textbooks.reports.words import RUBRIC, rubric_class

if TYPE_CHECKING:
    from textbooks.scoring.explanation import Explanation

__all__ = ["explanation_html", "explanation_text"]

_RAISES, _LOWERS = "#3a9178", "#a6541b"  # told apart by sign too, not by colour alone
_CELL: Final = "padding:2px 14px 2px 0;text-align:left;border:0;background:none"
_TABLE: Final = "font:inherit;border-collapse:collapse;border:0;margin:0"
_BAR: Final = 120


def explanation_text(explanation: Explanation) -> str:
    """Return an explanation as lines of plain text: score, classes, marks, and what moved the score."""
    lines = [_heading(explanation)]
    classes = ", ".join(f"{k} {share:.0%}" for k, share in enumerate(explanation.probabilities))
    lines.append(f"classes    {classes}")
    if explanation.marks:
        lines.append(f"marks      {', '.join(f'{_plain(name)} {p:.0%}' for name, p in explanation.marks.items())}")
    lines.append("what moved the score:")
    lines += [f"  {part.effect:+.2f}  {part.words}" for part in explanation.contributions]
    return "\n".join(lines)


def explanation_html(explanation: Explanation) -> str:
    """Return an explanation as an HTML fragment with its styles inline; everything in it is escaped."""
    largest = max((abs(part.effect) for part in explanation.contributions[:-2]), default=0.0) or 1.0
    moved = "".join(
        _row(part.words, f"{part.effect:+.2f}", part.effect, abs(part.effect) / largest)
        for part in explanation.contributions
    )
    classes = "".join(
        _row(f"class {k}, {RUBRIC[k]}", f"{p:.0%}", p, p) for k, p in enumerate(explanation.probabilities)
    )
    marks = "".join(_row(_plain(name), f"{p:.0%}", p, p) for name, p in explanation.marks.items())
    parts = [f'<p style="margin:0 0 6px"><b>{escape(_heading(explanation))}</b></p>']
    for title, rows in (("How likely each class is", classes), ("Marks", marks), ("What moved the score", moved)):
        if rows:
            parts.append(f'<p style="margin:8px 0 2px;opacity:.75">{title}</p>')
            parts.append(f'<table style="{_TABLE}"><tbody>{rows}</tbody></table>')
    return f'<div class="textbooks-explanation" style="font:13px/1.45 system-ui,sans-serif">{"".join(parts)}</div>'


def _heading(explanation: Explanation) -> str:
    rated = rubric_class(explanation.score)
    return f"educational value {explanation.score:.2f} of 5: {'unknown' if rated is None else RUBRIC[rated]}"


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _row(words: str, number: str, effect: float, share: float) -> str:
    width = round(_BAR * min(share, 1.0))
    colour = _RAISES if effect >= 0 else _LOWERS
    bar = f'<span style="display:inline-block;height:9px;width:{width}px;background:{colour}"></span>'
    cells = (escape(words), f'<span style="font-variant-numeric:tabular-nums">{number}</span>', bar)
    row = "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells)
    return f"<tr>{row}</tr>"
