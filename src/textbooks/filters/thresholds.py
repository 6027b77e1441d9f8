"""Where to put a threshold, by what it does to a sample of the user's own corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from textbooks.ranges import check_range

__all__ = ["ThresholdTable"]

T = TypeVar("T", np.int64, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class ThresholdTable:
    """What each threshold would do to a sample; one row for each different score, from the lowest up.

    Attributes
    ----------
    thresholds : ndarray of float64, shape (t,)
        The different scores of the sample, ascending: what scores at or above a threshold is kept.
    kept : ndarray of int64, shape (t,)
        Texts kept at each.
    sizes : ndarray of float64, shape (t,)
        Total size of those, in the unit of the sizes given; their number where none were given.
    hits : ndarray of int64, shape (t,), or None
        Those of the kept that are labelled as worth keeping; None without labels.
    worth : int or None
        All texts of the sample that are labelled as worth keeping.

    Notes
    -----
    Ours. Texts without a score (NaN) are not part of the sample: they could not be kept at any threshold.
    """

    thresholds: NDArray[np.float64]
    kept: NDArray[np.int64]
    sizes: NDArray[np.float64]
    hits: NDArray[np.int64] | None
    worth: int | None

    @classmethod
    def of(
        cls,
        scores: Sequence[float] | NDArray[np.float64],
        *,
        worth_keeping: Sequence[bool] | NDArray[np.bool_] | None = None,
        sizes: Sequence[float] | None = None,
    ) -> Self:
        """Make the table of a scored sample.

        Parameters
        ----------
        scores : sequence of float, shape (n,)
            At least one that is not NaN.
        worth_keeping : sequence of bool, shape (n,), optional
            The truth, for precision and recall.
        sizes : sequence of float, shape (n,), optional
            The size of each text in tokens, bytes or whatever is to be budgeted.

        Raises
        ------
        ValueError
            If lengths differ or there is no score.
        """
        values = np.asarray(scores, dtype=np.float64)
        columns = {"worth_keeping": worth_keeping, "sizes": sizes}
        for name, column in columns.items():
            if column is not None and len(column) != len(values):
                msg = f"{len(values)} scores but {len(column)} {name}: there must be one a text"
                raise ValueError(msg)
        scored = ~np.isnan(values)
        if not scored.any():
            msg = "no text of the sample has a score: pass texts that can be judged"
            raise ValueError(msg)
        weights = np.ones(len(values)) if sizes is None else np.asarray(sizes, dtype=np.float64)
        thresholds, row = np.unique(values[scored], return_inverse=True)
        kept = _at_or_above(np.bincount(row, minlength=len(thresholds)))
        total = _at_or_above(np.bincount(row, weights[scored], minlength=len(thresholds)).astype(np.float64))
        if worth_keeping is None:
            return cls(thresholds, kept, total, None, None)
        worth = np.asarray(worth_keeping, dtype=bool)[scored]
        hits = _at_or_above(np.bincount(row[worth], minlength=len(thresholds)))
        return cls(thresholds, kept, total, hits, int(worth.sum()))

    @property
    def keep_rate(self) -> NDArray[np.float64]:
        """Share of the texts kept at each threshold, in (0, 1]."""
        shares: NDArray[np.float64] = self.kept / self.kept[0]
        return shares

    @property
    def precision(self) -> NDArray[np.float64]:
        """Share of the kept that are worth keeping, in [0, 1].

        Raises
        ------
        ValueError
            If the table was made without labels.
        """
        return self._labelled() / self.kept

    @property
    def recall(self) -> NDArray[np.float64]:
        """Share of what is worth keeping that is kept, in [0, 1]; NaN where nothing is worth keeping.

        Raises
        ------
        ValueError
            If the table was made without labels.
        """
        return self._labelled() / (self.worth or np.nan)

    def for_keep_fraction(self, fraction: float) -> float:
        """Return the highest threshold that keeps at least this share of the texts, in [0, 1]."""
        check_range("fraction", fraction, 0, 1)
        return float(self.thresholds[self.keep_rate >= fraction - 1e-12].max())

    def for_precision(self, precision: float) -> float:
        """Return the lowest threshold at and above which the precision reaches this, in [0, 1].

        Raises
        ------
        ValueError
            If no threshold does; the message names the best precision there is.
        """
        check_range("precision", precision, 0, 1)
        enough = self.precision >= precision
        if not enough.any():
            best = float(self.precision.max())
            msg = f"no threshold reaches a precision of {precision:g} on this sample: the best is {best:.3f}"
            raise ValueError(msg)
        # a lucky row below an unlucky one is chance: from the answer upwards the precision must hold, while it can
        lasting = np.flatnonzero(enough)
        broken = np.flatnonzero(~enough[: lasting[-1] + 1])
        return float(self.thresholds[broken[-1] + 1 if len(broken) else 0])

    def for_size(self, size: float) -> float:
        """Return the lowest threshold that keeps no more than this size of the sample.

        Raises
        ------
        ValueError
            If even the highest threshold keeps more.
        """
        check_range("size", size, 0)
        fits = self.sizes <= size
        if not fits.any():
            msg = f"even the highest threshold keeps {self.sizes[-1]:g}, more than {size:g}"
            raise ValueError(msg)
        return float(self.thresholds[fits].min())

    def _labelled(self) -> NDArray[np.int64]:
        if self.hits is None:
            msg = "precision and recall need labels: make the table with worth_keeping"
            raise ValueError(msg)
        return self.hits

    def __repr__(self) -> str:
        labels = "" if self.worth is None else f", {self.worth} worth keeping"
        span = f"scores {self.thresholds[0]:g} to {self.thresholds[-1]:g}"
        return f"ThresholdTable({int(self.kept[0])} texts{labels}, {span})"

    def _repr_html_(self) -> str:
        from textbooks.reports.thresholds import threshold_plot

        return threshold_plot(self)


def _at_or_above(counts: NDArray[T]) -> NDArray[T]:
    """Return sums of a count from each position to the end."""
    sums: NDArray[T] = np.cumsum(counts[::-1], dtype=counts.dtype)[::-1]
    return sums
