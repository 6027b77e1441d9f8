"""Topics: what the names, the header and the prose of a text are about, and how it is introduced."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.topic_terms import TOPICS
from textbooks.scoring.word_model import split_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_DEFINED = re.compile(r"^[ \t]*(?:def|class|async def)[ \t]+(\w+)", re.MULTILINE)
_HEADER = re.compile(r"\s*(?:#[^\n]*\n\s*)*[rRuU]?(?:\"\"\"(.*?)(?:\"\"\"|\Z)|'''(.*?)(?:'''|\Z))", re.DOTALL)
_LEADING_COMMENT = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*")
_LINKS: dict[str, re.Pattern[str]] = {
    "link_to_lesson_count": re.compile(
        r"wikipedia|w3schools|docs\.python\.org|geeksforgeeks|learnpython|realpython|tutorial|programiz|khanacademy"
    ),
    "link_to_problem_count": re.compile(
        r"leetcode|lintcode|hackerrank|projecteuler|codeforces|kattis|codewars|rosalind|exercism|advent ?of ?code"
    ),
    "project_link_count": re.compile(r"github\.com|gitlab|issues/|readthedocs|spdx"),
}
_COMMENT = re.compile(r"^[ \t]*#+[ \t]*([A-Za-z][^\n]*)\n[ \t]*[^#\s]", re.MULTILINE)
_DOCTEST_LINE = re.compile(r"^\s*(?:>>>|\.\.\.) ", re.MULTILINE)
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


def topic_features(windows: Sequence[str]) -> NDArray[np.float64]:
    """Count the terms of each topic in each text of a batch: everywhere, in defined names, in the header.

    The header is the first docstring or, where there is none, the first comments. An explained step is a comment of
    at least three words right above code.

    Parameters
    ----------
    windows : sequence of str
        The rated windows.

    Returns
    -------
    ndarray (documents, len(NAMES)) float64
        Distinct terms, as ``log(1 + n)`` where the name says so; shares in [0, 1] of characters or lines.
    """
    return np.array([_row(window) for window in windows], dtype=np.float64).reshape(len(windows), len(NAMES))


def _row(window: str) -> list[float]:
    defined = _DEFINED.findall(window)
    header = _header(window)
    everywhere, in_names, in_header = (_hits(part) for part in (window, " . ".join(defined), header))
    lowered, lines = window.lower(), window.count("\n") + 1
    words = len(_WORD.findall(header))
    steps = sum(len(_WORD.findall(text)) >= _MIN_WORDS for text in _COMMENT.findall(window))
    taught, used = everywhere[:_TAUGHT].sum(), everywhere[_TAUGHT:].sum()
    own = set(defined)
    return [
        *np.log1p(everywhere).tolist(),
        *np.log1p(in_names).tolist(),
        *np.log1p(in_header).tolist(),
        float((taught - used) / (taught + used + 3.0)),
        *(float(min(len(pattern.findall(lowered)), 5)) for pattern in _LINKS.values()),
        float(np.log1p(words)),
        len(header) / max(len(window), 1),
        float(words > 0 and len(header.strip().split("\n")[0]) < 60),
        float(np.log1p(steps)),
        steps / lines,
        len(_DOCTEST_LINE.findall(window)) / lines,
        float(np.log1p(sum(name in own for name in _DOCTEST_CALL.findall(window)))),
    ]


def _header(window: str) -> str:
    match = _HEADER.match(window)
    if match:
        return match.group(1) or match.group(2) or ""
    leading = _LEADING_COMMENT.match(window)
    return leading.group().replace("#", " ") if leading else ""


def _hits(text: str) -> NDArray[np.float64]:
    """Return the number of distinct terms of each topic."""
    words = [word for word in split_words(text) if word[0].isalnum()]
    found = set(words)
    found.update(map(" ".join, pairwise(words)))
    return np.array([len(found & terms) for terms in TOPICS.values()], dtype=np.float64)
