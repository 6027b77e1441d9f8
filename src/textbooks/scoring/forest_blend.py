"""Boosted trees as a forest, and several forests as one whose mean is a weighted mean of theirs."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from textbooks.scoring.forest import Forest

if TYPE_CHECKING:
    from collections.abc import Sequence


def boosted_forest(estimator: Any) -> Forest:  # noqa: ANN401 - scikit-learn ships no types
    """Copy fitted boosted trees of squared loss: their sum becomes the mean of a forest.

    Parameters
    ----------
    estimator : GradientBoostingRegressor
        Fitted, of squared loss, with its default first guess.

    Returns
    -------
    Forest
        The same trees, with values scaled so that their mean is the estimator's prediction up to rounding.
    """
    trees = SimpleNamespace(estimators_=estimator.estimators_.ravel(), n_features_in_=estimator.n_features_in_)
    forest = Forest.from_sklearn(trees)
    guess = float(estimator.init_.constant_.ravel()[0])
    return replace(forest, value=forest.value * (estimator.learning_rate * len(forest.roots)) + guess)


def blend_forests(forests: Sequence[Forest], weights: Sequence[float]) -> Forest:
    """Put forests together.

    Parameters
    ----------
    forests : sequence of Forest
        At least one, all over the same columns.
    weights : sequence of float
        One a forest, positive, of sum 1.

    Returns
    -------
    Forest
        All trees; its prediction is the weighted mean of the forests' predictions, up to rounding.

    Raises
    ------
    ValueError
        If there is no forest, columns differ, or the weights are not positive numbers, one a forest, of sum 1.
    """
    if not forests or len({forest.features for forest in forests}) != 1:
        msg = f"forests over the same columns are needed, got columns {[forest.features for forest in forests]}"
        raise ValueError(msg)
    if len(weights) != len(forests) or min(weights) <= 0 or not np.isclose(sum(weights), 1.0):
        msg = f"weights must be {len(forests)} positive numbers of sum 1, got {list(weights)}"
        raise ValueError(msg)
    trees = sum(len(forest.roots) for forest in forests)
    offsets = np.cumsum([0, *(len(forest.feature) for forest in forests[:-1])])
    parts = list(zip(forests, offsets.tolist(), weights, strict=True))
    return Forest(
        feature=np.concatenate([forest.feature for forest in forests]),
        threshold=np.concatenate([forest.threshold for forest in forests]),
        left=np.concatenate([forest.left + np.int32(offset) for forest, offset, _ in parts]),
        right=np.concatenate([forest.right + np.int32(offset) for forest, offset, _ in parts]),
        value=np.concatenate([forest.value * (weight * trees / len(forest.roots)) for forest, _, weight in parts]),
        roots=np.concatenate([forest.roots + np.int32(offset) for forest, offset, _ in parts]),
        features=forests[0].features,
    )
