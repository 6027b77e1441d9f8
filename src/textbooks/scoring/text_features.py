"""Characters and lines: what a text looks like."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.columns import share, take_named_logarithms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_LONG_LINE = 100
_SIZE_NAMES = ("text_log_characters", "text_log_lines", "window_share_of_text")
_LINE_NAMES = (
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
)
_CHARACTER_NAMES = (
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
)

NAMES: tuple[str, ...] = (*_SIZE_NAMES, *_LINE_NAMES, *_CHARACTER_NAMES)


def text_features(texts: Sequence[str], windows: Sequence[str]) -> NDArray[np.float64]:
    """Measure the characters and lines of each text of a batch.

    Parameters
    ----------
    texts : sequence of str
        The whole texts: only their characters and lines are counted.
    windows : sequence of str
        Their rated windows.

    Returns
    -------
    ndarray (documents, len(NAMES)) float64
        Shares in [0, 1], lengths in characters, entropy in bits a byte; counts are ``log(1 + n)`` where the name says
        so.
    """
    if not windows:
        return np.empty((0, len(NAMES)))
    sizes = [
        (len(text), text.count("\n"), len(window) / max(len(text), len(window), 1))
        for text, window in zip(texts, windows, strict=True)
    ]
    blocks = [np.array(sizes), *_line_columns(windows), *_character_columns(windows)]
    return take_named_logarithms(np.column_stack(blocks), NAMES)


def _line_columns(windows: Sequence[str]) -> list[NDArray[np.float64]]:
    split = [window.split("\n") for window in windows]
    lines_of = np.fromiter(map(len, split), dtype=np.int64, count=len(split))
    lines = list(chain.from_iterable(split))
    from_first_mark = list(map(str.lstrip, lines))
    length = np.fromiter(map(len, lines), dtype=np.float64, count=len(lines))
    indentation = length - np.fromiter(map(len, from_first_mark), dtype=np.float64, count=len(lines))
    filled = np.flatnonzero(indentation < length)
    text = np.repeat(np.arange(len(windows)), lines_of)[filled]
    filled_of = np.bincount(text, minlength=len(windows))
    length, indentation = length[filled], indentation[filled]
    longest = np.zeros(len(windows))
    np.maximum.at(longest, text, length)
    return [
        *_mean_and_spread(length, text, filled_of),
        longest,
        share(np.bincount(text, weights=length > _LONG_LINE, minlength=len(windows)), filled_of),
        1.0 - filled_of / lines_of,
        share(_distinct_lines(from_first_mark, lines_of, filled_of), filled_of),
        share(np.bincount(text, weights=indentation > 0, minlength=len(windows)), filled_of),
        *_mean_and_spread(indentation, text, filled_of),
        share(np.array([_lines_behind_tabs(window) for window in windows]), filled_of),
    ]


def _mean_and_spread(
    value: NDArray[np.float64], text: NDArray[np.int64], values_of: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean and the standard deviation of each text's values, whole numbers that stand text after text."""
    mean = share(np.bincount(text, weights=value, minlength=len(values_of)), values_of)
    squares = (value - mean[text]) ** 2
    # Text by text, so that a sum is rounded in the same way whatever the batch.
    sums = [squares[begin:end].sum() for begin, end in pairwise([0, *np.cumsum(values_of).tolist()])]
    return mean, np.sqrt(share(np.array(sums), values_of))


def _distinct_lines(
    from_first_mark: list[str], lines_of: NDArray[np.int64], filled_of: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how many lines of each text differ by more than blanks around them, those of blanks alone aside."""
    stripped = list(map(str.rstrip, from_first_mark))
    distinct = [len(set(stripped[begin:end])) for begin, end in pairwise([0, *np.cumsum(lines_of).tolist()])]
    return np.array(distinct, dtype=np.int64) - (filled_of < lines_of)


def _lines_behind_tabs(window: str) -> int:
    """Return the number of lines that begin with a tab and hold more than blanks."""
    if "\t" not in window:
        return 0
    return sum(line.startswith("\t") and not line.isspace() for line in window.split("\n"))


def _character_columns(windows: Sequence[str]) -> list[NDArray[np.float64]]:
    sources = [np.frombuffer(window.encode("utf-8"), dtype=np.uint8) for window in windows]
    counts = np.array([np.bincount(source, minlength=256) for source in sources])
    total = np.maximum(counts.sum(axis=1), 1)
    upper, lower, digits = (
        counts[:, begin : begin + width].sum(axis=1) for begin, width in ((65, 26), (97, 26), (48, 10))
    )
    spaces, other = counts[:, [32, 9, 10]].sum(axis=1), counts[:, 128:].sum(axis=1)
    return [
        (upper + lower) / total,
        digits / total,
        upper / total,
        spaces / total,
        (total - upper - lower - digits - spaces - other) / total,
        (counts[:, 34] + counts[:, 39]) / total,
        other / total,
        _entropies(counts, total),
        np.array([_distinct_sequence_share(source) for source in sources]),
        np.array([window.startswith("#!") for window in windows], dtype=np.float64),
    ]


def _entropies(counts: NDArray[np.int64], total: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the entropy in bits a byte of each row of counts."""
    occurs = counts > 0
    frequency = (counts / total[:, None])[occurs]
    terms = frequency * np.log2(frequency)
    bounds = [0, *np.cumsum(occurs.sum(axis=1)).tolist()]
    return np.array([-terms[begin:end].sum() for begin, end in pairwise(bounds)])


def _distinct_sequence_share(source: NDArray[np.uint8]) -> float:
    """Return distinct four-byte sequences / all of them: low where a text repeats itself."""
    # Not the size after compression: that depends on the library that Python was built with.
    if len(source) < 4:
        return 1.0
    numbers = np.ndarray(len(source) - 3, dtype=np.uint32, buffer=source, strides=(1,)).copy()
    numbers.sort()
    return float(1 + np.count_nonzero(numbers[1:] != numbers[:-1])) / len(numbers)
