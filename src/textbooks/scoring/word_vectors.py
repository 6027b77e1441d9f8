"""Texts as mean vectors of their words: what a text is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from textbooks.scoring.word_model import word_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from textbooks.scoring.word_model import WordCounts

_MOST = 127.0
_LEAST = 1e-9
_WINDOW = 5


@dataclass(frozen=True, slots=True)
class WordVectors:
    """Two vectors for each word of a word model.

    Attributes
    ----------
    contexts : ndarray (words, dimensions) int8
        Alike for words that occur next to the same words; zeros for words without one, line ends among them.
    topics : ndarray (words, dimensions) int8
        Alike for words that occur in the same texts.
    """

    contexts: NDArray[np.int8]
    topics: NDArray[np.int8]
    _both: NDArray[np.int8] = field(init=False, repr=False, compare=False)
    _has_context: NDArray[np.bool_] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse tables of another shape or type; put them side by side, so that a word is looked up once."""
        for table in (self.contexts, self.topics):
            if table.shape != self.contexts.shape or table.ndim != 2 or table.dtype != np.int8:
                msg = f"two tables of shape (words, dimensions) and type int8 are needed, got {table.shape}"
                raise ValueError(msg)
        object.__setattr__(self, "_both", np.concatenate((self.contexts, self.topics), axis=1))
        object.__setattr__(self, "_has_context", np.any(self.contexts != 0, axis=1))

    @property
    def inputs(self) -> int:
        """Columns of what ``pool`` returns."""
        return 2 * int(self.contexts.shape[1])

    @classmethod
    def fit(
        cls, batch: Sequence[Sequence[str]], counts: WordCounts, words: Sequence[str], *, dimensions: int, seed: int = 0
    ) -> WordVectors:
        """Learn vectors from which words stand near each other and which stand in the same texts.

        Parameters
        ----------
        batch : sequence of sequence of str
            The words of each text.
        counts : WordCounts
            Their counts.
        words : sequence of str
            The words that get vectors.
        dimensions : int
            Length of a vector, at least 1; the last entries are 0 where there are fewer words or texts.
        seed : int, default 0
            Of the decompositions.

        Returns
        -------
        WordVectors
            The vectors.

        Notes
        -----
        Contexts: positive pointwise mutual information of words at most 5 apart, weighted by one over their distance,
        contexts smoothed by the power 0.75, reduced by a singular value decomposition (Levy and Goldberg, 2014; Levy,
        Goldberg and Dagan, 2015). Topics: latent semantic analysis (Deerwester et al., 1990).
        """
        from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

        spoken = {word: column for column, word in enumerate(words) if not word.startswith("\n")}
        left, strength = _decompose(_information(batch, spoken, len(words)), dimensions, seed)
        contexts = left * np.sqrt(strength)
        weights = word_weights(counts, inverse_document_frequencies(counts))
        topics, _ = _decompose(
            csr_matrix((weights, (counts.word, counts.text)), shape=counts.shape[::-1]), dimensions, seed
        )
        norms = np.linalg.norm(contexts, axis=1, keepdims=True)
        return cls(_rounded(contexts, norms), _rounded(topics, np.abs(topics).max(axis=0, keepdims=True)))

    def pool(self, counts: WordCounts, rarity: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the weighted mean context of each text's words, and the text's place among the topics.

        Parameters
        ----------
        counts : WordCounts
            Counts of the words.
        rarity : ndarray (words,) float32
            Inverse document frequencies; a word weighs log(1 + count) times this.

        Returns
        -------
        ndarray (texts, inputs) float32
            Zeros for a text without known words. A row depends on its text alone.
        """
        weight = (np.log1p(counts.count) * rarity[counts.word]).astype(np.float32)
        spoken = self._has_context[counts.word] * weight
        pooled = np.zeros((counts.shape[0], self.inputs), dtype=np.float32)
        half = self.contexts.shape[1]
        bounds = np.searchsorted(counts.text, np.arange(counts.shape[0] + 1)).tolist()
        for text, (begin, end) in enumerate(pairwise(bounds)):
            if begin == end:
                continue
            # One sum a text, in the order of the words: its rounding must not depend on the others.
            word, part = counts.word[begin:end], weight[begin:end, None]
            sums = (self._both[word] * part).sum(axis=0)
            pooled[text, :half] = sums[:half] / max(float(spoken[begin:end].sum()), _LEAST)
            pooled[text, half:] = sums[half:] / np.sqrt((part * part).sum())
        return pooled


def inverse_document_frequencies(counts: WordCounts) -> NDArray[np.float32]:
    """Return log((texts + 1) / (texts with the word + 1)) + 1 of each word."""
    texts_with_word = np.bincount(counts.word, minlength=counts.shape[1])
    return (np.log((counts.shape[0] + 1) / (texts_with_word + 1)) + 1).astype(np.float32)


def _decompose(matrix: Any, dimensions: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # noqa: ANN401
    """Return the first left singular vectors, shape (rows, dimensions), and the singular values."""
    from sklearn.utils.extmath import randomized_svd

    left, strength = np.zeros((matrix.shape[0], dimensions)), np.zeros(dimensions)
    rank = min(dimensions, *matrix.shape)
    if matrix.nnz:
        left[:, :rank], strength[:rank], _ = randomized_svd(matrix, rank, random_state=seed, n_iter=3)
    return left, strength


def _rounded(table: NDArray[np.float64], largest: NDArray[np.float64]) -> NDArray[np.int8]:
    return np.rint(table / np.maximum(largest, _LEAST) * _MOST).astype(np.int8)


def _information(batch: Sequence[Sequence[str]], column: dict[str, int], size: int) -> Any:  # noqa: ANN401
    """Return the positive pointwise mutual information of words near each other, sparse, shape (size, size)."""
    from scipy.sparse import coo_matrix, csr_matrix

    texts = [np.array([column[word] for word in text if word in column], dtype=np.int64) for text in batch]
    together = csr_matrix((size, size))
    for distance in range(1, _WINDOW + 1):
        pairs = [(text[:-distance], text[distance:]) for text in texts if len(text) > distance]
        if not pairs:
            break
        first, second = (np.concatenate(side) for side in zip(*pairs, strict=True))
        weights = np.full(len(first), 1.0 / distance)
        together = together + coo_matrix((weights, (first, second)), shape=(size, size)).tocsr()
    together = (together + together.T).tocoo()
    total = np.asarray(together.sum(axis=1)).ravel()
    context = total**0.75
    expected = total[together.row] * context[together.col] / max(context.sum(), 1e-9)
    value = np.log(together.data / np.maximum(expected, 1e-12))
    positive = value > 0
    return csr_matrix((value[positive], (together.row[positive], together.col[positive])), shape=(size, size))
