"""Explanation: where comments stand in the code, and how much of the code only repeats."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.syntax_features import share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from textbooks.scoring.syntax_tree import SyntaxForest

_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_NAME_OR_NUMBER = re.compile(r"\w+")

NAMES: tuple[str, ...] = (
    "line_shape_distinct_share",
    "most_frequent_line_shape_share",
    "comment_beside_code_share",
    "comment_line_share",
    "longest_comment_run_share",
    "function_with_comment_share",
    "comments_in_functions_share",
)


def explanation_features(windows: Sequence[str], forest: SyntaxForest) -> NDArray[np.float64]:
    """Measure the comments' places and the repetition of each text of a batch.

    The shape of a line is what remains when names and numbers become one letter and strings another.

    Parameters
    ----------
    windows : sequence of str
        The rated windows.
    forest : SyntaxForest
        The parsed windows.

    Returns
    -------
    ndarray (documents, len(NAMES)) float64
        Shares in [0, 1].
    """
    if not forest.documents:
        return np.empty((0, len(NAMES)))
    shapes = np.array([_shape_row(window) for window in windows])
    return np.concatenate((shapes, np.stack(_comment_columns(forest), axis=1)), axis=1)


def _shape_row(window: str) -> tuple[float, float]:
    text = _NAME_OR_NUMBER.sub("w", _STRING.sub('"', window))
    shapes = Counter(line for line in map(str.strip, text.split("\n")) if line)
    lines = sum(shapes.values())
    return len(shapes) / max(lines, 1), max(shapes.values(), default=0) / max(lines, 1)


def _comment_columns(forest: SyntaxForest) -> list[NDArray[np.float64]]:
    comments = forest.rows_of("comment")
    count = forest.count_per_document(comments)
    line_end = np.flatnonzero(np.frombuffer(forest.source, dtype=np.uint8) == ord("\n"))
    line = np.searchsorted(line_end, forest.start)
    previous = np.maximum(comments - 1, 0)
    # A leaf that ends on the comment's own line stands before it.
    beside = (np.searchsorted(line_end, forest.end[previous]) == line[comments]) & (forest.depth[comments] > 0)
    beside &= forest.end[previous] <= forest.start[comments]
    alone = comments[~beside]
    follows = np.zeros(len(alone), dtype=np.bool_)
    follows[1:] = line[alone[1:]] == line[alone[:-1]] + 1
    follows[1:] &= forest.document[alone[1:]] == forest.document[alone[:-1]]
    run = np.arange(len(alone)) - np.maximum.accumulate(np.where(follows, 0, np.arange(len(alone)))) + 1
    longest = np.zeros(forest.documents)
    np.maximum.at(longest, forest.document[alone], run)
    functions = forest.rows_of("function_definition")
    commented = functions[forest.count_within(functions, "comment") > 0]
    edges = np.zeros(len(forest.kind) + 1, dtype=np.int64)
    np.add.at(edges, functions, 1)
    np.add.at(edges, forest.subtree_end(functions), -1)
    inside = comments[np.cumsum(edges)[comments] > 0]
    return [
        share(forest.count_per_document(comments[beside]), count),
        share(forest.count_per_document(alone), _lines(forest, line_end)),
        share(longest, _lines(forest, line_end)),
        share(forest.count_per_document(commented), forest.count_per_document(functions)),
        share(forest.count_per_document(inside), count),
    ]


def _lines(forest: SyntaxForest, line_end: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of lines of each text."""
    roots = np.flatnonzero(forest.depth == 0)
    lines = np.zeros(forest.documents, dtype=np.int64)
    spanned = np.searchsorted(line_end, forest.end[roots]) - np.searchsorted(line_end, forest.start[roots])
    lines[forest.document[roots]] = spanned + 1
    return lines
