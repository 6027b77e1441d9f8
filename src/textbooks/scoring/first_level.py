"""The first level of the score: what the words of a text say, as columns for the forest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from textbooks.scoring.calibration import MAX_SCORE
from textbooks.scoring.kernel_model import KernelModel
from textbooks.scoring.word_model import WordModel
from textbooks.scoring.word_vectors import WordVectors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from textbooks.scoring.word_model import WordCounts

WORD_FEATURE_NAMES: tuple[str, ...] = (
    "words_score",
    *(f"words_at_least_{k}" for k in range(1, MAX_SCORE + 1)),
    "words_near_score",
    "words_mean_rarity",
    "words_rare_share",
)
"""Names of the columns that words add to ``FEATURE_NAMES``."""

_RARE = 5.0
"""Inverse document frequency from which a word counts as rare: about one text in 50."""


@dataclass(frozen=True, slots=True)
class FirstLevel:
    """Linear models over words, and a kernel model over their mean vector.

    Attributes
    ----------
    words : WordModel
        Linear models: the score, and each class or higher.
    vectors : WordVectors
        One a word of theirs.
    near : KernelModel
        The score of texts with a like mean vector.
    """

    words: WordModel
    vectors: WordVectors
    near: KernelModel

    def predict_split(self, batch: Sequence[Sequence[str]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the columns ``WORD_FEATURE_NAMES`` and the pooled vectors of texts that ``split_windows`` split."""
        counts = self.words.count_split(batch)
        pooled = self.vectors.pool(counts, self.words.rarity)
        return self.columns(counts, pooled), pooled

    def columns(self, counts: WordCounts, pooled: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the columns ``WORD_FEATURE_NAMES``, shape (texts, columns).

        Parameters
        ----------
        counts : WordCounts
            Counts of the words.
        pooled : ndarray (texts, dimensions) float32
            Mean vectors of the texts.
        """
        near = self.near.predict(pooled)[:, None]
        return np.concatenate((self.words.predict(counts), near, rarities(counts, self.words.rarity)), axis=1).astype(
            np.float32
        )

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that ``from_arrays`` reads."""
        return {
            "word_rarity": self.words.rarity,
            "word_coefficients": self.words.coefficients,
            "word_intercepts": self.words.intercepts,
            "word_contexts": self.vectors.contexts,
            "word_topics": self.vectors.topics,
            **self.near.to_arrays("near"),
        }

    @classmethod
    def from_arrays(cls, words: Sequence[str], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Rebuild from ``to_arrays``; raise KeyError or ValueError where they do not hold it."""
        model = WordModel(
            words=tuple(words),
            rarity=arrays["word_rarity"],
            coefficients=arrays["word_coefficients"],
            intercepts=arrays["word_intercepts"],
        )
        vectors = WordVectors(arrays["word_contexts"], arrays["word_topics"])
        if len(vectors.contexts) != len(model.words):
            msg = f"{len(model.words)} words need as many vectors, got {len(vectors.contexts)}"
            raise ValueError(msg)
        return cls(model, vectors, KernelModel.from_arrays("near", arrays))


def rarities(counts: WordCounts, rarity: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean inverse document frequency of each text's distinct known words, and the share of rare ones."""
    texts = counts.shape[0]
    known = np.maximum(np.bincount(counts.text, minlength=texts), 1)
    found = rarity[counts.word].astype(np.float64)
    mean = np.bincount(counts.text, weights=found, minlength=texts) / known
    rare = np.bincount(counts.text[found > _RARE], minlength=texts) / known
    return np.stack((mean, rare), axis=1)
