"""Prose: what the comments and docstrings of a text say, and how well they may explain it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.columns import take_named_logarithms
from textbooks.scoring.marks import Mark
from textbooks.scoring.syntax_features import docstring_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from textbooks.scoring.syntax_tree import SyntaxForest

_WORD = re.compile(r"[^\W\d_]+")
_ASCII_WORD = re.compile(r"[a-z]+")
_TOKEN = re.compile(r"\w+")
_FUNCTION_WORDS = frozenset(
    "a an and are as at be by can do each for from has have if in into is it its not of on one or so than that the "
    "then there these this to two we when where which will with you your".split()
)
_DOCTEST = Mark(r"(?m)^\s*>>> ", [">>> "])
_CODE_IN_COMMENT = re.compile(
    r"^#\s*(?:[\w.]+\s*=[^=]|[\w.]+\(.*\)\s*$|(?:import|from|def|class|print|return)\b.*[\w):]$)"
)
# Counted in lower-cased prose, which is faster than to ignore case. A mark is the sum of its parts: whole words, which
# one pass over the prose finds for all marks, and what takes a regular expression. Matches of two parts never overlap.
_WORDS_OF_MARK: dict[str, frozenset[str]] = {
    "todo_mark_count": frozenset({"todo", "fixme", "xxx", "hack"}),
    "example_mark_count": frozenset({"example", "examples"}),
    "exercise_mark_count": frozenset(
        "given problem exercise question solution assignment challenge chapter tutorial".split()
    ),
    "explanation_mark_count": frozenset("because means first next finally step otherwise instead".split()),
    "author_mark_count": frozenset({"author", "authors", "date"}),
}
_SECTIONS = frozenset("args arguments parameters params return returns raises yields".split())
_SECTION = re.compile(
    r"(?m)^\s*(?:args|arguments|parameters|params|returns?|raises|yields)\s*:|:param|:return|@param|^\s*-{4,}$"
)
_SECTION_NEEDS = ("@param", ":param", ":return", "----")
_MARKS: dict[str, Mark] = {
    "licence_mark_count": Mark(
        "licen[cs]e|copyright|all rights reserved|warranty", ["licen", "copyright", "all rights reserved", "warranty"]
    ),
    "generated_mark_count": Mark("generated (?:by|from|code|file)|do not (?:edit|modify)", ["generated ", "do not "]),
    "complexity_mark_count": Mark(
        r"\bo\(|complexity|algorithm|theorem|recursi|iterat",
        ["o(", "complexity", "algorithm", "theorem", "recursi", "iterat"],
    ),
    "example_mark_count": Mark(r"\be\.g\.|\bfor instance|output:|input:", ["e.g.", "for instance", "put:"]),
    "exercise_mark_count": Mark.of_phrases("write a|your task"),
    "explanation_mark_count": Mark.of_phrases("so that|note that|we can|let's"),
    "link_mark_count": Mark("https?://", ["://"]),
    "author_mark_count": Mark("created (?:on|by)", ["created "]),
    "linter_mark_count": Mark.of_strings("noqa|pylint|type: ignore|pragma|mypy|flake8"),
}
_MARK_NAMES = (
    "licence_mark_count",
    "generated_mark_count",
    "todo_mark_count",
    "complexity_mark_count",
    "example_mark_count",
    "section_mark_count",
    "exercise_mark_count",
    "explanation_mark_count",
    "link_mark_count",
    "author_mark_count",
    "linter_mark_count",
)
_MARKING_WORDS = _SECTIONS.union(*_WORDS_OF_MARK.values())

NAMES: tuple[str, ...] = (
    "mean_words_per_comment",
    "commented_code_share",
    "docstring_log_count",
    "docstring_mean_words",
    "docstring_max_words",
    "prose_log_words",
    "prose_words_per_line",
    "prose_function_word_share",
    "prose_distinct_word_share",
    "prose_mean_word_length",
    "prose_sentence_log_count",
    "prose_non_ascii_share",
    "doctest_log_count",
    *_MARK_NAMES,
)


def prose_features(windows: Sequence[str], forest: SyntaxForest) -> NDArray[np.float64]:
    """Measure the comments and docstrings of each text of a batch.

    Parameters
    ----------
    windows : sequence of str
        The rated windows.
    forest : SyntaxForest
        The parsed windows: where the comments and docstrings are.

    Returns
    -------
    ndarray (documents, len(NAMES)) float64
        Shares in [0, 1]; counts of words, sentences and marks are of matches in comments and docstrings, as
        ``log(1 + n)`` where the name says so.
    """
    comments = _texts_at(forest, forest.rows_of("comment"))
    docstrings = _texts_at(forest, docstring_rows(forest))
    rows = [_prose_row(*measured) for measured in zip(windows, comments, docstrings, strict=True)]
    counts = np.array(rows, dtype=np.float64).reshape(len(rows), len(NAMES))
    return take_named_logarithms(counts, NAMES)


def _texts_at(forest: SyntaxForest, rows: NDArray[np.int64]) -> list[list[str]]:
    """Return the source of some nodes, grouped by text."""
    found: list[list[str]] = [[] for _ in range(forest.documents)]
    columns = (forest.document[rows].tolist(), forest.start[rows].tolist(), forest.end[rows].tolist())
    for document, start, end in zip(*columns, strict=True):
        found[document].append(forest.source[start:end].decode("utf-8", "replace"))
    return found


def _prose_row(window: str, comments: list[str], docstrings: list[str]) -> list[float]:
    """Return the columns, counts that are named logarithms as they are."""
    words_in_docstrings = [len(text.strip("\"'").split()) for text in docstrings]
    prose = "\n".join([*comments, *docstrings])
    lowered = prose.lower()
    words = (_ASCII_WORD if lowered.isascii() else _WORD).findall(lowered)
    count = max(len(words), 1)
    return [
        sum(len(text.split()) for text in comments) / max(len(comments), 1),
        sum(_CODE_IN_COMMENT.match(text) is not None for text in comments) / max(len(comments), 1),
        len(docstrings),
        sum(words_in_docstrings) / max(len(docstrings), 1),
        max(words_in_docstrings, default=0),
        len(words),
        len(words) / (window.count("\n") + 1),
        sum(map(_FUNCTION_WORDS.__contains__, words)) / count,
        len(set(words)) / count,
        len("".join(words)) / count,
        prose.count(". ") + prose.count(".\n") + prose.count("? "),
        1.0 - (len(prose) if prose.isascii() else len(prose.encode("ascii", "ignore"))) / max(len(prose), 1),
        _DOCTEST.count(prose),
        *_mark_counts(lowered),
    ]


def _mark_counts(lowered: str) -> list[int]:
    """Return the counts of the marks in lower-cased prose, in the order of ``_MARK_NAMES``."""
    if not lowered:
        return [0] * len(_MARK_NAMES)
    marking = list(filter(_MARKING_WORDS.__contains__, _TOKEN.findall(lowered)))
    counts = {name: mark.count(lowered) for name, mark in _MARKS.items()}
    for name, words in _WORDS_OF_MARK.items():
        counts[name] = counts.get(name, 0) + sum(map(words.__contains__, marking))
    if not _SECTIONS.isdisjoint(marking) or any(needed in lowered for needed in _SECTION_NEEDS):
        counts["section_mark_count"] = len(_SECTION.findall(lowered))
    return [counts.get(name, 0) for name in _MARK_NAMES]
