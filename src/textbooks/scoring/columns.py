"""Columns of features: parts of wholes, and logarithms of counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def share(part: NDArray[np.generic], whole: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return part / whole, and 0 where the whole is 0."""
    return np.asarray(part, dtype=np.float64) / np.maximum(np.asarray(whole, dtype=np.float64), 1.0)


def take_named_logarithms(counts: NDArray[np.float64], names: Sequence[str]) -> NDArray[np.float64]:
    """Replace n by log(1 + n), in place, in the columns whose names hold ``_log_``; return the array."""
    logarithmic = ["_log_" in name for name in names]
    counts[:, logarithmic] = np.log1p(counts[:, logarithmic])
    return counts
