"""Comments: headings, steps, questions and whole sentences, as lessons and converted notebooks have them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.columns import take_named_logarithms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NAMES: tuple[str, ...] = (
    "comment_heading_log_count",
    "comment_list_item_log_count",
    "comment_cell_mark_log_count",
    "comment_numbered_step_log_count",
    "comment_question_log_count",
    "comment_sentence_log_count",
    "comment_lower_case_log_count",
    "comment_tight_log_count",
    "comment_output_log_count",
    "reader_addressed_share",
    "section_label_share",
    "longest_blank_run",
    "ends_with_line_end",
)
"""Names of the columns of ``comment_features``."""

_COMMENT = re.compile(r"#([^\n]*)")
_CELL = re.compile(r"In ?\[|%%|<codecell>|---|===")
_OUTPUT = re.compile(r"=>|->|>>>|[Oo]utput|[Pp]rints?\b|[Rr]eturns?\b")
_CELL_STARTS, _OUTPUT_STARTS = frozenset("I%<-="), frozenset("=->OoPpRr")
_SENTENCE_CHARS = 20
_READER = (" we ", "We ", " you ", "You ", "Note ", "xample", " let's ")
_SECTIONS = ("Args:", "Parameters", "Returns:", "Raises:", "Arguments:", "Input:", "Output:", "Example", "Complexity:")


def comment_features(texts: Sequence[str], windows: Sequence[str]) -> NDArray[np.float64]:
    """Measure how the comments of each text of a batch speak.

    Parameters
    ----------
    texts : sequence of str
        The texts.
    windows : sequence of str
        Their rated windows.

    Returns
    -------
    ndarray (documents, len(NAMES)) float64
        Counts are ``log(1 + n)`` where the name says so; shares are per line.

    Notes
    -----
    Ours. What follows a ``#`` within a string counts as a comment: telling the two apart costs more than it brings.
    """
    rows = [_row(*parts) for parts in zip(texts, windows, strict=True)]
    return take_named_logarithms(np.array(rows, dtype=np.float64).reshape(len(rows), len(NAMES)), NAMES)


def _row(text: str, window: str) -> tuple[float, ...]:
    lines = window.count("\n") + 1
    reader = sum(map(window.count, _READER))
    sections = sum(map(window.count, _SECTIONS))
    return (*_comment_counts(window), reader / lines, sections / lines, _longest_run(window), text.endswith("\n"))


def _comment_counts(window: str) -> tuple[int, ...]:
    comments = _COMMENT.findall(window)
    said = [comment.lstrip() for comment in comments]
    starts = [comment[:1] for comment in said]
    return (
        sum(start == "#" and comment.lstrip("#")[:1] == " " for start, comment in zip(starts, said, strict=True)),
        sum(comment[:2] in ("- ", "* ") for comment in said),
        sum(start in _CELL_STARTS and bool(_CELL.match(said[k])) for k, start in enumerate(starts) if start),
        sum(start.isdigit() or comment[1:5] == "tep " for start, comment in zip(starts, said, strict=True)),
        sum("?" in comment for comment in said),
        sum(start.isupper() and len(comment) > _SENTENCE_CHARS for start, comment in zip(starts, said, strict=True)),
        sum(map(str.islower, starts)),
        sum(comment[:1].isalpha() for comment in comments),
        sum(start in _OUTPUT_STARTS and bool(_OUTPUT.match(said[k])) for k, start in enumerate(starts) if start),
    )


def _longest_run(window: str) -> int:
    """Return the most blank lines in a row."""
    run = 1
    while "\n" * (run + 1) in window:
        run += 1
    return run - 1
