"""Which texts to run together: of similar length, so that little is padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["batches_by_length"]


def batches_by_length(lengths: NDArray[np.int64], batch_tokens: int) -> list[NDArray[np.int64]]:
    """Split rows into batches of similar length.

    Parameters
    ----------
    lengths : ndarray (n,) int64
        Tokens of each row, at least 1.
    batch_tokens : int
        Most tokens of a batch, padding included (its longest row times its rows), at least 1. A row that is longer
        than this makes a batch of its own.

    Returns
    -------
    list of ndarray int64
        The rows of each batch, every row once, the longest first: what does not fit into memory fails at once. Rows
        of one length keep their order.
    """
    order = np.argsort(-lengths, kind="stable")
    batches = []
    start = 0
    while start < len(order):
        rows = max(batch_tokens // int(lengths[order[start]]), 1)
        batches.append(order[start : start + rows])
        start += rows
    return batches
