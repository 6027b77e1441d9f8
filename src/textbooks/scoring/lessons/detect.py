"""Which format a text is in, by its look."""

from __future__ import annotations

import re
from typing import Literal

from textbooks.scoring.lessons.grammar import error_share

__all__ = ["detect_format"]

_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[^`\n]*$", re.MULTILINE)
_HTML = re.compile(r"<(?:p|pre|div|html|body|h[1-6]|ul|ol|table)\b[^<>]{0,2000}>", re.IGNORECASE)
_CLOSING_HTML = re.compile(r"</(?:p|pre|div|html|body|h[1-6]|ul|ol|table|code)>", re.IGNORECASE)
_LOOKED_AT = 50_000
_FENCES = 2

_MARKS = re.compile(r"\]\(|^[ \t]*[-*+][ \t]+\S|^#{2,6}[ \t]", re.MULTILINE)

_MOST_BROKEN_WITH_FENCES, _MOST_BROKEN_WITH_MARKS, _MOST_BROKEN = 0.005, 0.1, 1 / 3
"""Most of a text that may be no Python, where it is taken as broken Python all the same."""


def detect_format(text: str) -> Literal["python", "markdown", "html", "notebook"]:
    """Return the format of a text.

    JSON that speaks of cells is a notebook, sound or broken. What Python's grammar reads but for 0.5% is Python. Else
    two fences make Markdown, tags HTML; a text without either is Python until a third of it is broken, a tenth where it
    has links, lists or headings of Markdown.

    Parameters
    ----------
    text : str
        Any text. The first 50,000 characters are looked at, and 6,000 bytes are parsed.

    Notes
    -----
    Ours; how often it errs is measured in benchmarks/edu_value/text_with_code.py.
    """
    head = text[:_LOOKED_AT]
    if head.lstrip("\ufeff \t\r\n").startswith("{") and ('"cells"' in text or '"worksheets"' in text):
        return "notebook"
    broken = error_share(head)
    if broken <= _MOST_BROKEN_WITH_FENCES:
        return "python"
    if len(_FENCE.findall(head)) >= _FENCES:
        return "markdown"
    if _HTML.search(head) and _CLOSING_HTML.search(head):
        return "html"
    return "python" if broken < (_MOST_BROKEN_WITH_MARKS if _MARKS.search(head) else _MOST_BROKEN) else "markdown"
