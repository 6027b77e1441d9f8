"""Explanation: where comments stand in the code, and how much of the code only repeats."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.columns import share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from textbooks.scoring.syntax_tree import SyntaxForest

_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_NAME_OR_NUMBER = re.compile(r"\w+")
_TO_W = {code: "w" for code in range(128) if _NAME_OR_NUMBER.match(chr(code))}

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
    text = _name_shapes(_STRING.sub('"', window))
    shapes = Counter(filter(None, map(str.strip, text.split("\n"))))
    lines = sum(shapes.values())
    return len(shapes) / max(lines, 1), max(shapes.values(), default=0) / max(lines, 1)


def _name_shapes(text: str) -> str:
    """Replace each name and number by one w."""
    if not text.isascii():
        return _NAME_OR_NUMBER.sub("w", text)
    # The same in a third of the time: each character of a name becomes a w, and a w behind another goes.
    characters = np.frombuffer(text.translate(_TO_W).encode("ascii"), dtype=np.uint8)
    repeated = characters == ord("w")
    repeated[1:] &= repeated[:-1]
    repeated[:1] = False
    shape: bytes = characters[~repeated].tobytes()
    return shape.decode("ascii")


def _comment_columns(forest: SyntaxForest) -> list[NDArray[np.float64]]:
    comments = forest.rows_of("comment")
    count = forest.count_per_document(comments)
    line = forest.line_of(forest.start[comments])
    end_before = forest.end[np.maximum(comments - 1, 0)]
    # A leaf that ends on the comment's own line stands before it.
    beside = (forest.line_of(end_before) == line) & (forest.depth[comments] > 0)
    beside &= end_before <= forest.start[comments]
    alone, line_alone = comments[~beside], line[~beside]
    follows = np.zeros(len(alone), dtype=np.bool_)
    follows[1:] = line_alone[1:] == line_alone[:-1] + 1
    follows[1:] &= forest.document[alone[1:]] == forest.document[alone[:-1]]
    run = np.arange(len(alone)) - np.maximum.accumulate(np.where(follows, 0, np.arange(len(alone)))) + 1
    longest = np.zeros(forest.documents)
    np.maximum.at(longest, forest.document[alone], run)
    functions = forest.rows_of("function_definition")
    commented = functions[forest.count_within(functions, "comment") > 0]
    opened = np.searchsorted(functions, comments, side="right")
    closed = np.searchsorted(np.sort(forest.subtree_end[functions]), comments, side="right")
    inside = comments[opened > closed]
    lines = forest.line_of(forest.end[forest.root]) - forest.line_of(forest.start[forest.root]) + 1
    return [
        share(forest.count_per_document(comments[beside]), count),
        share(forest.count_per_document(alone), lines),
        share(longest, lines),
        share(forest.count_per_document(commented), forest.count_per_document(functions)),
        share(forest.count_per_document(inside), count),
    ]
