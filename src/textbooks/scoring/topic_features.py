"""Topics: what the names, the header and the prose of a text are about, and how it is introduced."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.columns import take_named_logarithms
from textbooks.scoring.marks import Mark
from textbooks.scoring.term_counts import count_terms
from textbooks.scoring.topic_terms import TOPICS
from textbooks.scoring.window import MAX_UNCUT_CHARS, rated_window
from textbooks.scoring.word_model import split_windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Searched with a line end before the text: to look for a line end is faster than to try each place for a line start.
_DEFINED = re.compile(r"\n[ \t]*(?:def|class|async def)[ \t]+(\w+)")
_COMMENT = re.compile(r"\n[ \t]*#+[ \t]*([A-Za-z][^\n]*)\n[ \t]*[^#\s]")
_HEADER = re.compile(r"\s*(?:#[^\n]*\n\s*)*[rRuU]?(?:\"\"\"(.*?)(?:\"\"\"|\Z)|'''(.*?)(?:'''|\Z))", re.DOTALL)
_LEADING_COMMENT = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*")
# Counted in lower-cased text.
_LINKS: dict[str, Mark] = {
    "link_to_lesson_count": Mark.of_strings(
        "wikipedia|w3schools|docs.python.org|geeksforgeeks|learnpython|realpython|tutorial|programiz|khanacademy"
    ),
    "link_to_problem_count": Mark(
        r"leetcode|lintcode|hackerrank|projecteuler|codeforces|kattis|codewars|rosalind|exercism|advent ?of ?code",
        "leetcode lintcode hackerrank projecteuler codeforces kattis codewars rosalind exercism advent".split(),
    ),
    "project_link_count": Mark.of_strings("github.com|gitlab|issues/|readthedocs|spdx"),
}
_DOCTEST_LINE = Mark(r"(?m)^\s*(?:>>>|\.\.\.) ", (">>> ", "... "))
_DOCTEST_CALL = re.compile(r"^\s*>>> .*?\b(\w+)\(", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z']+")
_MIN_WORDS = 3
_TAUGHT = list(TOPICS).index("plumbing")

NAMES: tuple[str, ...] = (
    *(f"topic_{name}_log_count" for name in TOPICS),
    *(f"topic_{name}_in_definitions" for name in TOPICS),
    *(f"topic_{name}_in_header" for name in TOPICS),
    "topics_taught_less_used",
    *_LINKS,
    "header_log_words",
    "header_share",
    "header_is_title",
    "explained_step_log_count",
    "explained_step_share",
    "doctest_line_share",
    "doctest_of_own_function_log_count",
)


def topic_features(windows: Sequence[str], words: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    """Count the terms of each topic in each text of a batch: everywhere, in defined names, in the header.

    The header is the first docstring or, where there is none, the first comments. An explained step is a comment of
    at least three words right above code.

    Parameters
    ----------
    windows : sequence of str
        The rated windows.
    words : sequence of sequence of str
        Their words, from ``split_windows``.

    Returns
    -------
    ndarray (documents, len(NAMES)) float64
        Distinct terms, as ``log(1 + n)`` where the name says so; shares in [0, 1] of characters or lines.
    """
    if not windows:
        return np.empty((0, len(NAMES)))
    defined = [_DEFINED.findall("\n" + window) for window in windows]
    headers = [_header(window) for window in windows]
    everywhere, in_names, in_header = _term_counts(windows, words, defined, headers)
    taught, used = everywhere[:, :_TAUGHT].sum(axis=1), everywhere[:, _TAUGHT:].sum(axis=1)
    balance = (taught - used) / (taught + used + 3.0)
    rows = [_row(*measured) for measured in zip(windows, defined, headers, strict=True)]
    topics = [np.log1p(counts) for counts in (everywhere, in_names, in_header)]
    others = take_named_logarithms(np.array(rows, dtype=np.float64), NAMES[-len(rows[0]) :])
    return np.concatenate([*topics, balance[:, None], others], axis=1)


def _term_counts(
    windows: Sequence[str], words: Sequence[Sequence[str]], defined: Sequence[Sequence[str]], headers: Sequence[str]
) -> list[NDArray[np.float64]]:
    # The bundled model was fitted on terms of windows that were cut twice: it matters to windows of one length.
    cut = [window if len(window) <= MAX_UNCUT_CHARS else rated_window(window) for window in windows]
    everywhere = words if cut == list(windows) else split_windows(cut)
    in_names = split_windows([" . ".join(names) for names in defined])
    in_headers = split_windows([rated_window(header) for header in headers])
    return [count_terms(part) for part in (everywhere, in_names, in_headers)]


def _row(window: str, defined: Sequence[str], header: str) -> list[float]:
    """Return the columns after those of the topics, counts that are named logarithms as they are."""
    lowered, lines = window.lower(), window.count("\n") + 1
    words = len(_WORD.findall(header))
    comments = _COMMENT.findall("\n" + window) if "#" in window else []
    steps = sum(len(_WORD.findall(text)) >= _MIN_WORDS for text in comments)
    own = set(defined)
    calls = _DOCTEST_CALL.findall(window) if ">>> " in window else []
    return [
        *(min(mark.count(lowered), 5) for mark in _LINKS.values()),
        words,
        len(header) / max(len(window), 1),
        words > 0 and len(header.strip().split("\n")[0]) < 60,
        steps,
        steps / lines,
        _DOCTEST_LINE.count(window) / lines,
        sum(name in own for name in calls),
    ]


def _header(window: str) -> str:
    match = _HEADER.match(window)
    if match:
        return match.group(1) or match.group(2) or ""
    leading = _LEADING_COMMENT.match(window)
    return leading.group().replace("#", " ") if leading else ""
