"""How near the nearest other text is, by shared shingles of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from textbooks.diversity.checks import check_texts, check_whole
from textbooks.diversity.runs import Runs, grams, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["jaccard_matrix", "near_duplicate_rates", "nearest_jaccard", "nearest_of"]

SHINGLE_SIZE: Final = 5
THRESHOLDS: Final = (0.5, 0.6, 0.7, 0.8, 0.9)
_ROWS_AT_ONCE: Final = 512


def nearest_jaccard(
    texts: Sequence[str], others: Sequence[str] | None = None, *, shingle_size: int = SHINGLE_SIZE
) -> NDArray[np.float64]:
    """Return for each text the Jaccard similarity of its nearest neighbour.

    Exact: shingles that two texts share are counted by a sparse product, so that pairs with nothing in common cost
    nothing. Memory: 512 rows of pairs at a time.

    Parameters
    ----------
    texts : sequence of str, shape (n,)
        A text is the set of its runs of `shingle_size` code-aware tokens; a shorter one is one shingle, so that equal
        texts always have similarity 1, empty ones too.
    others : sequence of str, optional
        Where to look for neighbours; by default among the texts themselves, each but itself.
    shingle_size : int, default=5
        Tokens of a shingle, at least 1; as in `textbooks.dedup`.

    Returns
    -------
    ndarray (n,) float64
        0 to 1; 0 where there is no other text. Lower is more diverse.

    Raises
    ------
    TypeError
        If `texts` or `others` is a single string, or holds what is none.
    ValueError
        If `shingle_size` is out of range.
    """
    first, second = check_texts(texts), [] if others is None else check_texts(others)
    check_whole("shingle_size", shingle_size, 1)
    held = _incidence(tokens_of([*first, *second]), shingle_size)
    mine = held[: len(first)]
    theirs = mine if others is None else held[len(first) :]
    nearest = np.zeros(len(first))
    for start in range(0, len(first), _ROWS_AT_ONCE):
        near = _jaccard(mine[start : start + _ROWS_AT_ONCE], theirs, skip=start if others is None else None)
        nearest[start : start + _ROWS_AT_ONCE] = _row_maxima(near)
    return nearest


def near_duplicate_rates(nearest: NDArray[np.float64], thresholds: Iterable[float] = THRESHOLDS) -> dict[float, float]:
    """Return the share of texts that have a neighbour at or above each threshold.

    Parameters
    ----------
    nearest : ndarray (n,)
        Of `nearest_jaccard`.
    thresholds : iterable of float
        Jaccard similarities, 0 to 1.

    Returns
    -------
    dict of float to float
        0 to 1, lower is more diverse; NaN without a text.
    """
    whole = len(nearest)
    return {t: float((nearest >= t - 1e-12).mean()) if whole else float("nan") for t in thresholds}


def jaccard_matrix(tokens: Runs) -> Any:  # noqa: ANN401 - scipy has no types
    """Return the similarities of all pairs of texts that share a shingle, as a sparse matrix with an empty diagonal."""
    held = _incidence(tokens, SHINGLE_SIZE)
    return _jaccard(held, held, skip=0)


def nearest_of(near: Any, texts: NDArray[np.int64], others: NDArray[np.int64] | None = None) -> NDArray[np.float64]:  # noqa: ANN401
    """Return the nearest neighbour's similarity of some texts among themselves, or among `others`."""
    return _row_maxima(near[texts][:, texts if others is None else others])


def _incidence(tokens: Runs, size: int) -> Any:  # noqa: ANN401
    """Return which text has which shingle, a sparse matrix (texts, shingles) of ones."""
    from scipy import sparse  # type: ignore[import-untyped, unused-ignore]

    shingles = grams(tokens, size)
    texts = len(tokens.lengths)
    row = np.repeat(np.arange(texts), shingles.lengths)
    short = np.flatnonzero(shingles.lengths == 0)
    whole: dict[bytes, int] = {}
    of_short = [whole.setdefault(tokens.of(np.array([i])).tobytes(), len(whole)) for i in short]
    row, column = (
        np.concatenate((row, short)),
        np.concatenate((shingles.value, shingles.kinds + np.array(of_short, int))),
    )
    held = sparse.csr_matrix((np.ones(len(row), np.int32), (row, column)), (texts, shingles.kinds + len(whole)))
    held.data[:] = 1  # a shingle counts once a text
    return held


def _jaccard(some: Any, others: Any, *, skip: int | None) -> Any:  # noqa: ANN401
    """Return the similarities of two groups of texts; with `skip` a text is not compared with itself."""
    shared = (some @ others.T).tocoo()
    sizes, other_sizes = (np.asarray(each.sum(axis=1)).ravel() for each in (some, others))
    union = sizes[shared.row] + other_sizes[shared.col] - shared.data
    shared.data = shared.data / union
    if skip is not None:
        shared.data[shared.row + skip == shared.col] = 0.0
    near = shared.tocsr()
    near.eliminate_zeros()
    return near


def _row_maxima(near: Any) -> NDArray[np.float64]:  # noqa: ANN401
    if not near.shape[0] or not near.shape[1]:
        return np.zeros(near.shape[0])
    return np.asarray(near.max(axis=1).todense(), dtype=np.float64).ravel()
