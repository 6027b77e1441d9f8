"""Decision forests as flat arrays, predicted with numpy alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from textbooks.scoring.forest_table import ForestTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

LEAF = -1
"""Feature of a leaf."""


@dataclass(frozen=True, slots=True)
class Forest:
    """A forest of regression trees: one row a node, tree after tree, every tree's root first.

    Attributes
    ----------
    feature : ndarray (nodes,) int16
        Column compared at a node, ``LEAF`` at a leaf.
    threshold : ndarray (nodes,) float32
        A sample goes left where its value is at most this; 0 at a leaf.
    left, right : ndarray (nodes,) int32
        Rows of the children; a leaf points at itself.
    value : ndarray (nodes,) float64
        Mean target of the training samples that reached a node.
    roots : ndarray (trees,) int32
        Row of each tree's root.
    features : int
        Columns of the samples.

    Notes
    -----
    The paper's filter is a random forest (section 2.1). Predictions are bit-equal to those of the scikit-learn forest
    that the arrays came from.
    """

    feature: NDArray[np.int16]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float64]
    roots: NDArray[np.int32]
    features: int
    _table: ForestTable = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse arrays that do not describe trees: a walk over them could run forever or out of bounds."""
        nodes = len(self.feature)
        columns = (self.threshold, self.left, self.right, self.value)
        if not nodes or not len(self.roots) or any(column.shape != (nodes,) for column in columns):
            msg = f"a forest needs one row a node in every array and at least one tree, got {nodes} nodes"
            raise ValueError(msg)
        rows = np.arange(nodes)
        inner = self.feature != LEAF
        forward = (self.left > rows) & (self.right > rows) & (self.left < nodes) & (self.right < nodes)
        if not np.all(forward[inner]) or np.any(self.left[~inner] != rows[~inner]):
            msg = "the children of a forest's nodes must come after them, and its leaves must point at themselves"
            raise ValueError(msg)
        if np.any(self.feature < LEAF) or np.any(self.feature >= self.features):
            msg = f"a forest's nodes must compare columns 0 to {self.features - 1}"
            raise ValueError(msg)
        if np.any(self.roots < 0) or np.any(self.roots >= nodes) or not np.all(np.isfinite(self.value)):
            msg = "a forest's roots must be rows of it and its values finite"
            raise ValueError(msg)
        object.__setattr__(self, "_table", self._lay_out())

    @classmethod
    def from_sklearn(cls, estimator: Any) -> Self:  # noqa: ANN401 - scikit-learn ships no types
        """Copy a fitted scikit-learn forest regressor of one output.

        Parameters
        ----------
        estimator : RandomForestRegressor or ExtraTreesRegressor
            A fitted forest.

        Returns
        -------
        Forest
            The same trees as arrays.
        """
        trees = [member.tree_ for member in estimator.estimators_]
        sizes = np.array([tree.node_count for tree in trees])
        roots = np.cumsum(sizes) - sizes
        rows = np.arange(sizes.sum())
        offset = np.repeat(roots, sizes)
        feature = np.concatenate([tree.feature for tree in trees])
        leaf = feature < 0
        left = np.where(leaf, rows, np.concatenate([tree.children_left for tree in trees]) + offset)
        right = np.where(leaf, rows, np.concatenate([tree.children_right for tree in trees]) + offset)
        return cls(
            feature=np.where(leaf, LEAF, feature).astype(np.int16),
            threshold=np.where(leaf, 0, _round_down(np.concatenate([tree.threshold for tree in trees]))),
            left=left.astype(np.int32),
            right=right.astype(np.int32),
            value=np.concatenate([tree.value[:, 0, 0] for tree in trees]),
            roots=roots.astype(np.int32),
            features=int(estimator.n_features_in_),
        )

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that ``from_arrays`` reads, laid out so that they compress well."""
        rows = np.arange(len(self.feature), dtype=np.int32)
        inner = self.feature != LEAF
        return {
            "forest_feature": self.feature,
            "forest_threshold": self.threshold[inner],
            "forest_left_step": (self.left - rows)[inner],
            "forest_right_step": (self.right - rows)[inner],
            "forest_value": self.value,
            "forest_roots": self.roots,
            "forest_features": np.array([self.features], dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Rebuild a forest from ``to_arrays``.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            The arrays; others are ignored.

        Returns
        -------
        Forest
            The same forest.

        Raises
        ------
        KeyError
            If an array is missing.
        ValueError
            If the arrays do not describe trees.
        """
        feature = arrays["forest_feature"].astype(np.int16)
        inner = feature != LEAF
        left = np.arange(len(feature), dtype=np.int32)
        right = left.copy()
        threshold = np.zeros(len(feature), dtype=np.float32)
        left[inner] += arrays["forest_left_step"].astype(np.int32)
        right[inner] += arrays["forest_right_step"].astype(np.int32)
        threshold[inner] = arrays["forest_threshold"]
        return cls(
            feature=feature,
            threshold=threshold,
            left=left,
            right=right,
            value=arrays["forest_value"].astype(np.float64),
            roots=arrays["forest_roots"].astype(np.int32),
            features=int(arrays["forest_features"][0]),
        )

    def predict(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the mean of the trees' leaf values.

        Parameters
        ----------
        samples : ndarray (n, features) float32
            What to predict from; NaN goes right.

        Returns
        -------
        ndarray (n,) float64
            Bit-equal for any number and order of samples.

        Raises
        ------
        ValueError
            If the samples have another number of columns.
        """
        if samples.ndim != 2 or samples.shape[1] != self.features:
            msg = f"samples must have shape (n, {self.features}), got {samples.shape}"
            raise ValueError(msg)
        return self._table.sum_of_values(samples) / len(self.roots)

    def contributions(self, sample: NDArray[np.float32]) -> tuple[float, NDArray[np.float64]]:
        """Split a prediction into a base value and one share a column.

        Each step down a tree changes the mean target of the node; the change is credited to the column compared there
        (Saabas, 2014). Base and shares add up to the prediction, up to rounding.

        Parameters
        ----------
        sample : ndarray (features,) float32
            What to predict from.

        Returns
        -------
        base : float
            Mean of the roots' values.
        shares : ndarray (features,) float64
            One share a column, in units of the target.
        """
        shares = np.zeros(self.features)
        node = self.roots
        while np.any(inner := self.feature[node] != LEAF):
            below = self._step(node, sample[self.feature[node]])
            np.add.at(shares, self.feature[node[inner]], (self.value[below] - self.value[node])[inner])
            node = below
        return float(self.value[self.roots].mean()), shares / len(self.roots)

    def _lay_out(self) -> ForestTable:
        return ForestTable.build(
            feature=self.feature,
            threshold=self.threshold,
            left=self.left,
            right=self.right,
            value=self.value,
            roots=self.roots,
            columns=self.features,
        )

    def _step(self, node: NDArray[np.int32], value: NDArray[np.float32]) -> NDArray[np.int32]:
        return np.where(value <= self.threshold[node], self.left[node], self.right[node])


def _round_down(threshold: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the largest float32 at most each threshold: float32 samples compare with it as with the threshold."""
    nearest = threshold.astype(np.float32)
    return np.where(nearest > threshold, np.nextafter(nearest, np.float32(-np.inf)), nearest)
