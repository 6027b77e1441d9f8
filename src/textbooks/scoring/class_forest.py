"""Random forest classifiers as flat arrays: class probabilities with numpy alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from textbooks.scoring.forest import LEAF, Forest

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["ClassForest", "expected_class", "fit_class_forest", "held_out_scores"]

_VALUE = "forest_value"


class ClassForest:
    """A forest of classification trees: one `Forest` a class, over the same nodes.

    Each tree says how often each class occurred among the training samples that share the sample's leaf; the forest
    says the mean over its trees. Probabilities are bit-equal to those of the scikit-learn forest that the arrays came
    from, with ``n_jobs=1``: both add tree after tree, and then divide.

    Parameters
    ----------
    members : sequence of Forest
        One a class, of the same trees, whose values are the share of that class in a node.

    Raises
    ------
    ValueError
        If there are fewer than two, or they are not of the same trees.
    """

    def __init__(self, members: Sequence[Forest]) -> None:
        shapes = {(len(member.feature), len(member.roots), member.features) for member in members}
        if len(members) < 2 or len(shapes) != 1:
            msg = f"a forest of classes needs the same trees for at least two classes, got {sorted(shapes)}"
            raise ValueError(msg)
        self._members = tuple(members)

    @classmethod
    def from_sklearn(cls, estimator: Any) -> Self:  # noqa: ANN401 - scikit-learn ships no types
        """Copy a fitted scikit-learn forest classifier of one output.

        Parameters
        ----------
        estimator : RandomForestClassifier or ExtraTreesClassifier
            A fitted forest of at least two classes.

        Returns
        -------
        ClassForest
            The same trees as arrays; its columns are the estimator's ``classes_``.

        Raises
        ------
        ValueError
            If it knows a single class.
        """
        shares = np.concatenate([tree.tree_.value[:, 0, :] for tree in estimator.estimators_])
        first = Forest.from_sklearn(estimator).to_arrays()
        # What inner nodes say is never asked: zeros make the file small.
        shares[first["forest_feature"] != LEAF] = 0
        return cls([Forest.from_arrays({**first, _VALUE: share}) for share in shares.T])

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self._members)

    @property
    def features(self) -> int:
        """Columns of the samples."""
        return self._members[0].features

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that ``from_arrays`` reads; the values have shape (classes, nodes)."""
        arrays = [member.to_arrays() for member in self._members]
        return {**arrays[0], _VALUE: np.stack([one[_VALUE] for one in arrays])}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Rebuild a forest from ``to_arrays``.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            The arrays; others are ignored.

        Returns
        -------
        ClassForest
            The same forest.

        Raises
        ------
        KeyError
            If an array is missing.
        ValueError
            If the arrays do not describe trees with shares of classes.
        """
        shares = arrays[_VALUE]
        if shares.ndim != 2 or not np.all((shares >= 0) & (shares <= 1)):
            msg = f"the shares of the classes must be numbers from 0 to 1 of shape (classes, nodes), got {shares.shape}"
            raise ValueError(msg)
        return cls([Forest.from_arrays({**arrays, _VALUE: share}) for share in shares])

    def predict_proba(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probability of each class.

        Parameters
        ----------
        samples : ndarray (n, features) float32
            What to predict from.

        Returns
        -------
        ndarray (n, classes) float64
            Rows add up to 1, up to rounding. Bit-equal for any number and order of samples.

        Raises
        ------
        ValueError
            If the samples have another number of columns.
        """
        return np.stack([member.predict(samples) for member in self._members], axis=1)


def expected_class(probabilities: NDArray[np.float64], classes: Sequence[int]) -> NDArray[np.float64]:
    """Return the mean of the classes, weighted by their probabilities.

    Parameters
    ----------
    probabilities : ndarray (n, classes) float64
        Of `ClassForest.predict_proba`.
    classes : sequence of int
        What the columns stand for, increasing.

    Returns
    -------
    ndarray (n,) float64
        Between the first and the last class. Bit-equal for any number of rows.
    """
    total = np.zeros(len(probabilities))
    for column, value in zip(probabilities.T, classes, strict=True):
        total += column * value
    return np.clip(total, classes[0], classes[-1])


def fit_class_forest(
    vectors: NDArray[np.float32], classes: NDArray[np.int64], *, seed: int, trees: int
) -> tuple[ClassForest, list[int]]:
    """Train scikit-learn's `RandomForestClassifier` with its defaults.

    Parameters
    ----------
    vectors : ndarray (n, d) float32
        What to learn from.
    classes : ndarray (n,) int64
        What to predict; at least two different.
    seed, trees : int
        As its ``random_state`` and ``n_estimators``.

    Returns
    -------
    forest : ClassForest
        Its copy.
    known : list of int
        What the forest's columns stand for, increasing.
    """
    from sklearn.ensemble import RandomForestClassifier

    estimator = RandomForestClassifier(trees, random_state=seed, n_jobs=1).fit(vectors, classes)
    return ClassForest.from_sklearn(estimator), estimator.classes_.tolist()


def held_out_scores(
    vectors: NDArray[np.float32],
    classes: NDArray[np.int64],
    groups: Sequence[Hashable],
    *,
    seed: int,
    trees: int,
    folds: int,
) -> NDArray[np.float64]:
    """Return the expected class of each row by a forest that has not seen its group.

    Parameters
    ----------
    vectors, classes, seed, trees
        As of `fit_class_forest`.
    groups : sequence of hashable
        What each row belongs to.
    folds : int
        Most parts; a group is in one part.

    Returns
    -------
    ndarray (n,) float64
        The scores; where the other groups are all of one class, that class.
    """
    from sklearn.model_selection import GroupKFold

    numbers: dict[Hashable, int] = {}
    group = np.array([numbers.setdefault(name, len(numbers)) for name in groups])
    scores = np.empty(len(classes))
    for training, testing in GroupKFold(min(folds, len(numbers))).split(vectors, groups=group):
        if len(np.unique(classes[training])) == 1:
            scores[testing] = classes[training][0]
            continue
        forest, known = fit_class_forest(vectors[training], classes[training], seed=seed, trees=trees)
        scores[testing] = expected_class(forest.predict_proba(vectors[testing]), known)
    return scores
