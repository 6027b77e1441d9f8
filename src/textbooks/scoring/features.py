"""What is measured of a text: structure, names, lines and prose, as one row of numbers that name themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from textbooks.scoring import (
    comment_features,
    dependence_features,
    example_features,
    explanation_features,
    name_features,
    prose_features,
    style_features,
    syntax_features,
    text_features,
    topic_features,
)
from textbooks.scoring.identifiers import find_identifiers
from textbooks.scoring.syntax_tree import parse_batch
from textbooks.scoring.window import rated_window
from textbooks.scoring.word_model import split_windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BATCH_TEXTS = 256
"""Texts measured at once: bounds memory whatever the length of the input."""

FEATURE_NAMES: tuple[str, ...] = (
    *syntax_features.NAMES,
    *name_features.NAMES,
    *dependence_features.NAMES,
    *explanation_features.NAMES,
    *text_features.NAMES,
    *prose_features.NAMES,
    *example_features.NAMES,
    *topic_features.NAMES,
    *style_features.NAMES,
    *comment_features.NAMES,
)
"""Names of the columns of ``extract_features``."""


class Measured(NamedTuple):
    """What ``measure`` returns.

    Attributes
    ----------
    features : ndarray (n, len(FEATURE_NAMES)) float32
        As ``extract_features`` returns them.
    words : list of list of str
        The words of the rated windows as ``split_windows`` gives them, for ``WordModel.predict_split``.
    windows : list of str
        The rated windows.
    """

    features: NDArray[np.float32]
    words: list[list[str]]
    windows: list[str]


def extract_features(texts: Sequence[str]) -> NDArray[np.float32]:
    """Measure texts: structure, names, lines, prose.

    One pass over one tolerant syntax tree a text; nothing looks at a path, repository or licence. A row depends on
    its text alone, not on the batch, the process or the Python version.

    Time and memory are bounded: the first 2,000 and the last 600 characters are parsed (``rated_window``), at most
    10,000 nodes of them are visited, without recursion, and texts are taken ``BATCH_TEXTS`` at a time. Of the rest of
    a text only characters and lines are counted.

    Parameters
    ----------
    texts : sequence of str
        Any texts: Python or not, broken, empty, with lone surrogates or NUL characters.

    Returns
    -------
    ndarray (n, len(FEATURE_NAMES)) float32
        Finite numbers.

    Notes
    -----
    Ours; the paper's own classifier reads the embedding of a language model instead (section 2.1).
    """
    features = np.empty((len(texts), len(FEATURE_NAMES)), dtype=np.float32)
    for start in range(0, len(texts), BATCH_TEXTS):
        features[start : start + BATCH_TEXTS] = _measure_batch(texts[start : start + BATCH_TEXTS]).features
    return features


def measure(texts: Sequence[str]) -> Measured:
    """Extract the features, split the words and cut the windows of texts, faster than one after the other.

    Parameters
    ----------
    texts : sequence of str
        Any texts. The words and windows of all of them are held in memory: take long sequences in parts.

    Returns
    -------
    Measured
        Features, words and windows.
    """
    batches = [_measure_batch(texts[start : start + BATCH_TEXTS]) for start in range(0, len(texts), BATCH_TEXTS)]
    features = [np.empty((0, len(FEATURE_NAMES)), dtype=np.float32), *(batch.features for batch in batches)]
    return Measured(
        np.concatenate(features),
        [words for batch in batches for words in batch.words],
        [window for batch in batches for window in batch.windows],
    )


def _measure_batch(texts: Sequence[str]) -> Measured:
    windows = [rated_window(text) for text in texts]
    words = split_windows(windows)
    forest = parse_batch(windows)
    identifiers = find_identifiers(forest)
    blocks = (
        syntax_features.syntax_features(forest),
        name_features.name_features(forest, identifiers),
        dependence_features.dependence_features(forest, identifiers),
        explanation_features.explanation_features(windows, forest),
        text_features.text_features(texts, windows),
        prose_features.prose_features(windows, forest),
        example_features.example_features(forest, identifiers),
        topic_features.topic_features(windows, words),
        style_features.style_features(windows, forest, identifiers),
        comment_features.comment_features(texts, windows),
    )
    return Measured(np.concatenate(blocks, axis=1).astype(np.float32), words, windows)
