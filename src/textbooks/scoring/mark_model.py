"""Yes-or-no marks beside the score: small boosted forests over the same columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from textbooks.scoring.forest import Forest
from textbooks.scoring.forest_blend import boosted_forest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_TREES = 80
_LEARNING_RATE = 0.1


@dataclass(frozen=True, slots=True)
class MarkModel:
    """One forest a mark.

    Attributes
    ----------
    forests : mapping of str to Forest
        By the mark's name; none where no marks were given.
    """

    forests: Mapping[str, Forest]

    @classmethod
    def fit(cls, columns: NDArray[np.float32], marks: Mapping[str, NDArray[np.bool_]], *, seed: int) -> Self:
        """Fit one forest a mark. Needs scikit-learn.

        Parameters
        ----------
        columns : ndarray (n, columns) float32
            What the score's forest reads.
        marks : mapping of str to ndarray (n,) bool
            The marks.
        seed : int
            Seeds the trees.
        """
        from sklearn.ensemble import GradientBoostingRegressor

        forests = {}
        for name, values in marks.items():
            estimator: Any = GradientBoostingRegressor(
                learning_rate=_LEARNING_RATE,
                n_estimators=_TREES,
                max_depth=4,
                max_features=0.1,
                min_samples_leaf=min(8, len(columns) // 4),
                subsample=0.6,
                random_state=seed,
            )
            forests[name] = boosted_forest(estimator.fit(columns, values.astype(np.float64)))
        return cls(forests)

    def predict(self, columns: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
        """Return how likely each mark is, by name, shape (n,), in [0, 1]."""
        return {name: np.clip(forest.predict(columns), 0.0, 1.0) for name, forest in self.forests.items()}

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that ``from_arrays`` reads."""
        return {
            f"mark_{name}_{part}": array
            for name, forest in self.forests.items()
            for part, array in forest.to_arrays().items()
        }

    @classmethod
    def from_arrays(cls, names: Sequence[str], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Rebuild from ``to_arrays``; raise KeyError or ValueError where they do not hold it."""
        forests = {}
        for name in names:
            prefix = f"mark_{name}_"
            parts = {key.removeprefix(prefix): array for key, array in arrays.items() if key.startswith(prefix)}
            forests[name] = Forest.from_arrays(parts)
        return cls(forests)


def check_marks(marks: Mapping[str, Sequence[bool]] | None, texts: int) -> dict[str, NDArray[np.bool_]]:
    """Return the marks as arrays: none where None.

    Raises
    ------
    ValueError
        If a mark has not one truth value a text, or the same for all.
    """
    checked = {}
    for name, values in (marks or {}).items():
        array = np.asarray(values)
        if array.shape != (texts,) or not np.all(np.isin(array, (0, 1))) or len(np.unique(array)) != 2:
            msg = f"the mark {name!r} must have one truth value a text and both of them, got shape {array.shape}"
            raise ValueError(msg)
        checked[name] = array.astype(np.bool_)
    return checked
