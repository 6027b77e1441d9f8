"""Class probabilities of a forest as arrays: bit-equal to scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from textbooks.scoring.class_forest import ClassForest, expected_class, fit_class_forest, held_out_scores


def fitted(kind: Any, seed: int, classes: int = 6, columns: int = 8, **parameters: Any) -> tuple[Any, np.ndarray]:
    generator = np.random.default_rng(seed)
    samples = generator.normal(size=(240, columns)).astype(np.float32)
    samples[:, 0] = np.rint(samples[:, 0] * 2)  # ties, so that thresholds meet values
    target = np.clip(np.rint(samples[:, 0] + np.sin(samples[:, 1]) + 2), 0, classes - 1).astype(int)
    target[:classes] = range(classes)
    return kind(n_estimators=15, random_state=seed, n_jobs=1, **parameters).fit(samples, target), samples


@pytest.mark.parametrize("kind", [RandomForestClassifier, ExtraTreesClassifier])
@pytest.mark.parametrize(
    "parameters",
    [{}, {"max_depth": 3}, {"max_leaf_nodes": 9}, {"min_samples_leaf": 200}, {"class_weight": "balanced"}],
)
def test_probabilities_are_bit_equal_to_scikit_learn(kind: Any, parameters: dict[str, Any]) -> None:
    estimator, samples = fitted(kind, seed=3, **parameters)
    forest = ClassForest.from_sklearn(estimator)
    assert (forest.classes, forest.features) == (6, 8)
    fresh = np.random.default_rng(9).normal(size=(500, 8)).astype(np.float32)
    for batch in (samples, fresh, fresh[:1], fresh[:0]):
        found = forest.predict_proba(batch)
        assert found.shape == (len(batch), 6)
        if len(batch):
            np.testing.assert_array_equal(found, estimator.predict_proba(batch))


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.integers(1, 60), classes=st.integers(2, 6))
def test_probabilities_are_bit_equal_for_any_forest_and_batch(seed: int, rows: int, classes: int) -> None:
    estimator, samples = fitted(RandomForestClassifier, seed, classes)
    forest = ClassForest.from_arrays(ClassForest.from_sklearn(estimator).to_arrays())
    batches = [forest.predict_proba(samples[start : start + rows]) for start in range(0, len(samples), rows)]
    np.testing.assert_array_equal(np.concatenate(batches), estimator.predict_proba(samples))


def test_damaged_arrays_are_refused() -> None:
    estimator, samples = fitted(RandomForestClassifier, seed=1)
    arrays = ClassForest.from_sklearn(estimator).to_arrays()
    value = arrays["forest_value"]
    assert not value[:, arrays["forest_feature"] >= 0].any()
    for damaged in (value[0], value[:1], value[:, :-1], value + 1, np.full_like(value, np.nan)):
        with pytest.raises(ValueError, match=r"forest|shares"):
            ClassForest.from_arrays({**arrays, "forest_value": damaged})
    with pytest.raises(KeyError):
        ClassForest.from_arrays({name: array for name, array in arrays.items() if name != "forest_roots"})
    with pytest.raises(ValueError, match="samples must have shape"):
        ClassForest.from_arrays(arrays).predict_proba(samples[:, :3])


def test_members_must_be_of_the_same_trees() -> None:
    one, other = (ClassForest.from_sklearn(fitted(RandomForestClassifier, seed)[0]) for seed in (1, 2))
    with pytest.raises(ValueError, match="the same trees"):
        ClassForest([*one._members[:1], *other._members[:1]])


def test_a_forest_that_knows_one_class_is_refused() -> None:
    estimator = RandomForestClassifier(3).fit(np.zeros((9, 2)), np.ones(9))
    with pytest.raises(ValueError, match="at least two classes"):
        ClassForest.from_sklearn(estimator)


def test_the_expected_class() -> None:
    shares = np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.1, 0.2, 0.7]])
    np.testing.assert_allclose(expected_class(shares, [0, 2, 5]), [1, 5, 0, 3.9])
    np.testing.assert_array_equal(expected_class(shares, [0, 2, 5])[2:3], expected_class(shares[2:3], [0, 2, 5]))


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=3))
def test_the_expected_class_never_leaves_the_range(weights: list[float]) -> None:
    shares = np.array([weights]) / sum(weights)
    naive = sum(share * value for share, value in zip(shares[0], (1, 4, 5), strict=True))
    [found] = expected_class(shares, (1, 4, 5))
    assert found == pytest.approx(naive, abs=1e-12)
    assert 1 <= found <= 5


def test_held_out_scores_are_those_of_a_naive_loop() -> None:
    from sklearn.model_selection import GroupKFold

    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(90, 4)).astype(np.float32)
    classes = np.clip(np.rint(vectors[:, 0] + 2), 0, 5).astype(np.int64)
    groups = [f"group {number % 7}" for number in range(90)]
    found = held_out_scores(vectors, classes, groups, seed=4, trees=6, folds=3)
    wanted = np.empty(90)
    for training, testing in GroupKFold(3).split(vectors, groups=[number % 7 for number in range(90)]):
        estimator = RandomForestClassifier(6, random_state=4).fit(vectors[training], classes[training])
        wanted[testing] = estimator.predict_proba(vectors[testing]) @ estimator.classes_
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_a_group_that_alone_knows_two_classes_is_scored_by_the_others_single_class() -> None:
    vectors = np.eye(6, dtype=np.float32)
    found = held_out_scores(vectors, np.array([0, 3, 3, 3, 3, 3]), list("aabbcc"), seed=0, trees=2, folds=5)
    assert found[:2].tolist() == [3, 3]


def test_fitting_is_scikit_learns_with_its_defaults() -> None:
    estimator, samples = fitted(RandomForestClassifier, seed=5)
    classes = estimator.predict(samples).astype(np.int64)
    forest, known = fit_class_forest(samples, classes, seed=8, trees=5)
    plain = RandomForestClassifier(5, random_state=8).fit(samples, classes)
    assert known == plain.classes_.tolist()
    np.testing.assert_array_equal(forest.predict_proba(samples), plain.predict_proba(samples))
