"""Labelled texts, checked and measured once, and the folds that hold whole groups out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from textbooks.embedders.static import StaticEmbedder
from textbooks.scoring.calibration import MAX_SCORE
from textbooks.scoring.features import extract_features
from textbooks.scoring.window import rated_window
from textbooks.scoring.word_model import WordCounts, choose_words, count_words, split_words
from textbooks.scoring.word_vectors import WordVectors

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

MIN_TEXTS = 20
"""Fewest texts that a model is fitted on."""

MIN_GROUPS = 3
"""Fewest groups: one is held out for the cuts, one of the others for the word models."""

_FOLDS = 5
_MIN_GROUPS_PER_WORD = 3
_DIMENSIONS = 96


@dataclass(frozen=True, slots=True)
class LabelledCorpus:
    """Labelled texts, measured.

    Attributes
    ----------
    features : ndarray (n, features) float32
        ``extract_features``.
    counts : WordCounts
        Counts of the known words.
    words : tuple of str
        The known words.
    vectors : WordVectors
        Those of the known words.
    meaning : ndarray (n, dimensions) float32
        What ``StaticEmbedder`` makes of the rated windows.
    targets : ndarray (n, 6) float64
        The score, and whether it is of class 1, 2, ... 5 or higher.
    group : ndarray (n,) int64
        Number of each text's group.
    """

    features: NDArray[np.float32]
    counts: WordCounts
    words: tuple[str, ...]
    vectors: WordVectors
    meaning: NDArray[np.float32]
    targets: NDArray[np.float64]
    group: NDArray[np.int64]

    @classmethod
    def measure(
        cls, texts: Sequence[str], labels: NDArray[np.float64], groups: Sequence[Hashable], seed: int
    ) -> LabelledCorpus:
        """Measure texts that passed ``check_labels`` and ``check_groups``."""
        codes: dict[Hashable, int] = {}
        group = np.array([codes.setdefault(name, len(codes)) for name in groups], dtype=np.int64)
        batch = [split_words(text) for text in texts]
        # Texts without words still need a column: one that no text has.
        words = choose_words(batch, groups, _MIN_GROUPS_PER_WORD) or ("",)
        at_least = [labels >= k - 0.5 for k in range(1, MAX_SCORE + 1)]
        counts = count_words(batch, {word: column for column, word in enumerate(words)})
        return cls(
            features=extract_features(texts),
            counts=counts,
            words=words,
            vectors=WordVectors.fit(batch, counts, words, dimensions=_DIMENSIONS, seed=seed),
            meaning=StaticEmbedder().embed([rated_window(text) for text in texts]),
            targets=np.stack([labels, *at_least], axis=1).astype(np.float64),
            group=group,
        )

    def counts_of(self, rows: NDArray[np.int64]) -> WordCounts:
        """Return the counts of some texts, in the order given."""
        place = np.full(self.counts.shape[0], -1)
        place[rows] = np.arange(len(rows))
        kept = place[self.counts.text] >= 0
        text = place[self.counts.text[kept]]
        order = np.argsort(text, kind="stable")
        columns = (text[order], self.counts.word[kept][order], self.counts.count[kept][order])
        return WordCounts(*columns, shape=(len(rows), self.counts.shape[1]))


def split_groups(group: NDArray[np.int64], seed: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return folds (training, testing) that keep each group on one side."""
    from sklearn.model_selection import GroupKFold

    splitter = GroupKFold(min(_FOLDS, len(np.unique(group))), shuffle=True, random_state=seed)
    return [(training, testing) for training, testing in splitter.split(group, groups=group)]


def check_labels(labels: Sequence[float], texts: int) -> NDArray[np.float64]:
    """Return the labels as numbers.

    Parameters
    ----------
    labels : sequence of float
        One score a text, 0 to 5.
    texts : int
        Number of texts.

    Returns
    -------
    ndarray (texts,) float64
        The labels.

    Raises
    ------
    ValueError
        If there are fewer than 20, not one a text, all the same, or any outside [0, 5] or not a number.
    """
    values = np.asarray(labels, dtype=np.float64)
    if values.shape != (texts,):
        msg = f"labels must be one number a text, got shape {values.shape} for {texts} texts"
        raise ValueError(msg)
    if texts < MIN_TEXTS:
        msg = f"at least {MIN_TEXTS} labelled texts are needed, got {texts}"
        raise ValueError(msg)
    wrong = values[~((values >= 0) & (values <= MAX_SCORE))]
    if len(wrong):
        msg = f"labels must be in [0, {MAX_SCORE}], got {wrong[0]}"
        raise ValueError(msg)
    if np.all(values == values[0]):
        msg = f"labels must differ, got {values[0]} for every text"
        raise ValueError(msg)
    return values


def check_groups(groups: Sequence[Hashable] | None, texts: int) -> Sequence[Hashable]:
    """Return the group of each text, its own where ``groups`` is None.

    Raises
    ------
    ValueError
        If there is not one a text, or fewer than three different ones.
    """
    if groups is None:
        return range(texts)
    if len(groups) != texts:
        msg = f"groups must be one a text, got {len(groups)} for {texts} texts"
        raise ValueError(msg)
    if (different := len(set(groups))) < MIN_GROUPS:
        msg = f"at least {MIN_GROUPS} different groups are needed to hold some out twice, got {different}"
        raise ValueError(msg)
    return groups


def check_representative(representative: Sequence[bool] | None, texts: int) -> NDArray[np.bool_]:
    """Return which texts are a fair sample of what will be judged: all where None.

    Raises
    ------
    ValueError
        If there is not one answer a text, or fewer than 20 are.
    """
    if representative is None:
        return np.ones(texts, dtype=np.bool_)
    mask = np.asarray(representative, dtype=np.bool_)
    if mask.shape != (texts,) or mask.sum() < MIN_TEXTS:
        given = f"{mask.size} values, {int(mask.sum())} of them true, for {texts} texts"
        msg = f"representative must be one truth value a text, true for at least {MIN_TEXTS}, got {given}"
        raise ValueError(msg)
    return mask
