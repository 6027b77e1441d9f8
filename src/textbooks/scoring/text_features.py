"""Characters, lines and prose: what a text looks like, and how well its comments and docstrings explain it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.syntax_features import docstring_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from textbooks.scoring.syntax_tree import SyntaxForest

_WORD = re.compile(r"[^\W\d_]+")
_FUNCTION_WORDS = frozenset(
    "a an and are as at be by can do each for from has have if in into is it its not of on one or so than that the "
    "then there these this to two we when where which will with you your".split()
)
_DOCTEST = re.compile(r"^\s*>>> ", re.MULTILINE)
_CODE_IN_COMMENT = re.compile(
    r"^#\s*(?:[\w.]+\s*=[^=]|[\w.]+\(.*\)\s*$|(?:import|from|def|class|print|return)\b.*[\w):]$)"
)
# Searched in lower-cased prose, which is faster than to ignore case.
_PROSE_MARKS: dict[str, re.Pattern[str]] = {
    "licence_mark_count": re.compile(r"licen[cs]e|copyright|all rights reserved|warranty"),
    "generated_mark_count": re.compile(r"generated (?:by|from|code|file)|do not (?:edit|modify)"),
    "todo_mark_count": re.compile(r"\b(?:todo|fixme|xxx|hack)\b"),
    "complexity_mark_count": re.compile(r"\bo\(|complexity|algorithm|theorem|recursi|iterat"),
    "example_mark_count": re.compile(r"\bexamples?\b|\be\.g\.|\bfor instance|output:|input:"),
    "section_mark_count": re.compile(
        r"^\s*(?:args|arguments|parameters|params|returns?|raises|yields)\s*:|:param|:return|@param|^\s*-{4,}$",
        re.MULTILINE,
    ),
    "exercise_mark_count": re.compile(
        r"\b(?:given|problem|exercise|question|solution|write a|your task|assignment|challenge|chapter|tutorial)\b",
    ),
    "explanation_mark_count": re.compile(
        r"\b(?:because|so that|note that|we can|let's|means|first|next|finally|step|otherwise|instead)\b"
    ),
    "link_mark_count": re.compile(r"https?://"),
    "author_mark_count": re.compile(r"@?\bauthors?\b|created (?:on|by)|\bdate\b"),
    "linter_mark_count": re.compile(r"noqa|pylint|type: ignore|pragma|mypy|flake8"),
}

NAMES: tuple[str, ...] = (
    "text_log_characters",
    "text_log_lines",
    "window_share_of_text",
    "mean_line_length",
    "line_length_spread",
    "longest_line_log_length",
    "long_line_share",
    "blank_line_share",
    "distinct_line_share",
    "indented_line_share",
    "mean_indentation",
    "indentation_spread",
    "tab_indented_line_share",
    "letter_share",
    "digit_share",
    "upper_case_share",
    "space_share",
    "punctuation_share",
    "quote_share",
    "non_ascii_share",
    "character_entropy_bits",
    "distinct_four_bytes_share",
    "starts_with_shebang",
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
    *_PROSE_MARKS,
)


def text_features(texts: Sequence[str], windows: Sequence[str], forest: SyntaxForest) -> NDArray[np.float64]:
    """Measure characters, lines and prose of each text of a batch.

    Parameters
    ----------
    texts : sequence of str
        The whole texts: only their characters and lines are counted.
    windows : sequence of str
        Their rated windows.
    forest : SyntaxForest
        The parsed windows: where the comments and docstrings are.

    Returns
    -------
    ndarray (documents, len(NAMES)) float64
        Shares in [0, 1], lengths in characters, entropy in bits a byte; counts of marks are of matches in comments
        and docstrings.
    """
    comments = _texts_at(forest, forest.rows_of("comment"))
    docstrings = _texts_at(forest, docstring_rows(forest))
    rows = [
        [*_size_row(text, window), *_line_row(window), *_character_row(window), *_prose_row(window, notes, documents)]
        for text, window, notes, documents in zip(texts, windows, comments, docstrings, strict=True)
    ]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(NAMES))


def _texts_at(forest: SyntaxForest, rows: NDArray[np.int64]) -> list[list[str]]:
    """Return the source of some nodes, grouped by text."""
    found: list[list[str]] = [[] for _ in range(forest.documents)]
    columns = (forest.document[rows].tolist(), forest.start[rows].tolist(), forest.end[rows].tolist())
    for document, start, end in zip(*columns, strict=True):
        found[document].append(forest.source[start:end].decode("utf-8", "replace"))
    return found


def _size_row(text: str, window: str) -> list[float]:
    return [float(np.log1p(len(text))), float(np.log1p(text.count("\n"))), len(window) / max(len(text), len(window), 1)]


def _line_row(window: str) -> list[float]:
    lines = window.split("\n")
    filled = [line for line in lines if line and not line.isspace()]
    lengths = np.array([len(line) for line in filled] or [0], dtype=np.float64)
    indents = np.array([len(line) - len(line.lstrip()) for line in filled] or [0], dtype=np.float64)
    count = max(len(filled), 1)
    return [
        float(lengths.mean()),
        float(lengths.std()),
        float(np.log1p(lengths.max())),
        float((lengths > 100).mean()),
        1.0 - len(filled) / len(lines),
        len({line.strip() for line in filled}) / count,
        float((indents > 0).mean()),
        float(indents.mean()),
        float(indents.std()),
        sum(line[0] == "\t" for line in filled) / count,
    ]


def _character_row(window: str) -> list[float]:
    source = window.encode("utf-8")
    counts = np.bincount(np.frombuffer(source, dtype=np.uint8), minlength=256)
    total = max(len(source), 1)
    frequencies = counts[counts > 0] / total
    upper, lower, digits = counts[65:91].sum(), counts[97:123].sum(), counts[48:58].sum()
    spaces, other = counts[[32, 9, 10]].sum(), counts[128:].sum()
    shares = (
        upper + lower,
        digits,
        upper,
        spaces,
        total - upper - lower - digits - spaces - other,
        counts[34] + counts[39],
        other,
    )
    return [
        *(float(part) / total for part in shares),
        float(-(frequencies * np.log2(frequencies)).sum()),
        _distinct_sequence_share(source),
        float(window.startswith("#!")),
    ]


def _distinct_sequence_share(source: bytes) -> float:
    """Return distinct four-byte sequences / all of them: low where a text repeats itself."""
    # Not the size after compression: that depends on the library that Python was built with.
    if len(source) < 4:
        return 1.0
    sequences = np.lib.stride_tricks.sliding_window_view(np.frombuffer(source, dtype=np.uint8), 4)
    numbers = np.sort(np.ascontiguousarray(sequences).view(np.uint32).ravel())
    return float(1 + np.count_nonzero(numbers[1:] != numbers[:-1])) / len(numbers)


def _prose_row(window: str, comments: list[str], docstrings: list[str]) -> list[float]:
    words_in_docstrings = [len(text.strip("\"'").split()) for text in docstrings]
    prose = "\n".join([*comments, *docstrings])
    lowered = prose.lower()
    words = _WORD.findall(lowered)
    count = max(len(words), 1)
    return [
        sum(len(text.split()) for text in comments) / max(len(comments), 1),
        sum(_CODE_IN_COMMENT.match(text) is not None for text in comments) / max(len(comments), 1),
        float(np.log1p(len(docstrings))),
        sum(words_in_docstrings) / max(len(docstrings), 1),
        float(max(words_in_docstrings, default=0)),
        float(np.log1p(len(words))),
        len(words) / (window.count("\n") + 1),
        sum(word in _FUNCTION_WORDS for word in words) / count,
        len(set(words)) / count,
        sum(map(len, words)) / count,
        float(np.log1p(prose.count(". ") + prose.count(".\n") + prose.count("? "))),
        1.0 - len(prose.encode("ascii", "ignore")) / max(len(prose), 1),
        float(np.log1p(len(_DOCTEST.findall(prose)))),
        *(float(len(pattern.findall(lowered))) for pattern in _PROSE_MARKS.values()),
    ]
