"""The forest as arrays: bit-equal to scikit-learn, and safe against arrays that are no trees."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor

from textbooks.scoring import Forest


def fitted(kind: Any, seed: int, columns: int = 6, **parameters: Any) -> tuple[Any, np.ndarray]:
    generator = np.random.default_rng(seed)
    samples = generator.normal(size=(200, columns)).astype(np.float32)
    samples[:, 0] = np.rint(samples[:, 0] * 2)  # ties, so that thresholds meet values
    target = samples[:, 0] + np.sin(samples[:, 1]) + generator.normal(size=200)
    return kind(n_estimators=12, random_state=seed, n_jobs=1, **parameters).fit(samples, target), samples


@pytest.mark.parametrize("kind", [RandomForestRegressor, ExtraTreesRegressor])
@pytest.mark.parametrize("parameters", [{}, {"max_depth": 3}, {"max_leaf_nodes": 9}, {"min_samples_leaf": 200}])
def test_predictions_are_bit_equal_to_scikit_learn(kind: Any, parameters: dict[str, int]) -> None:
    estimator, samples = fitted(kind, seed=3, **parameters)
    fresh = np.random.default_rng(9).normal(size=(500, 6)).astype(np.float32)
    forest = Forest.from_sklearn(estimator)
    for batch in (samples, fresh):
        np.testing.assert_array_equal(forest.predict(batch), estimator.predict(batch))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.integers(1, 40))
def test_predictions_are_bit_equal_for_any_forest_and_batch(seed: int, rows: int) -> None:
    estimator, samples = fitted(ExtraTreesRegressor, seed=seed)
    forest = Forest.from_sklearn(estimator)
    expected = estimator.predict(samples)
    batches = [forest.predict(samples[start : start + rows]) for start in range(0, len(samples), rows)]
    np.testing.assert_array_equal(np.concatenate(batches), expected)


def test_samples_beyond_one_chunk_are_predicted_alike() -> None:
    estimator, samples = fitted(RandomForestRegressor, seed=1)
    forest = Forest.from_sklearn(estimator)
    many = np.tile(samples, (150, 1))
    np.testing.assert_array_equal(forest.predict(many), np.tile(forest.predict(samples), 150))


def test_thresholds_between_two_float32_values_part_them_as_in_double_precision() -> None:
    low = np.float32(0.1)
    high = np.nextafter(low, np.float32(1))
    samples = np.array([[low], [high]], dtype=np.float32)
    estimator = RandomForestRegressor(n_estimators=3, bootstrap=False, random_state=0).fit(samples, [0.0, 1.0])
    np.testing.assert_array_equal(Forest.from_sklearn(estimator).predict(samples), estimator.predict(samples))


def test_contributions_add_up_to_the_prediction() -> None:
    estimator, samples = fitted(RandomForestRegressor, seed=2)
    forest = Forest.from_sklearn(estimator)
    for sample, predicted in zip(samples[:20], forest.predict(samples[:20]), strict=True):
        base, shares = forest.contributions(sample)
        assert base + shares.sum() == pytest.approx(predicted, abs=1e-12)


def test_contributions_go_to_the_column_that_matters() -> None:
    samples = np.zeros((100, 3), dtype=np.float32)
    samples[50:, 1] = 1
    estimator = RandomForestRegressor(n_estimators=5, bootstrap=False, random_state=0).fit(samples, samples[:, 1] * 4)
    base, shares = Forest.from_sklearn(estimator).contributions(samples[99])
    assert base == pytest.approx(2)
    assert shares.tolist() == pytest.approx([0, 2, 0])


def test_arrays_round_trip() -> None:
    estimator, samples = fitted(ExtraTreesRegressor, seed=5)
    forest = Forest.from_sklearn(estimator)
    copy = Forest.from_arrays(forest.to_arrays())
    for field in (field for field in dataclasses.fields(Forest) if field.init):
        np.testing.assert_array_equal(getattr(copy, field.name), getattr(forest, field.name))
    np.testing.assert_array_equal(copy.predict(samples), forest.predict(samples))


@pytest.mark.parametrize("shape", [(3, 5), (3, 7), (6,)])
def test_samples_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    forest = Forest.from_sklearn(fitted(ExtraTreesRegressor, seed=5)[0])
    with pytest.raises(ValueError, match=r"shape \(n, 6\)"):
        forest.predict(np.zeros(shape, dtype=np.float32))


def test_no_sample_gives_no_prediction() -> None:
    forest = Forest.from_sklearn(fitted(ExtraTreesRegressor, seed=5)[0])
    assert forest.predict(np.empty((0, 6), dtype=np.float32)).shape == (0,)


@pytest.mark.parametrize(
    ("array", "row", "value"),
    [
        ("left", 0, 0),  # a cycle
        ("right", 0, 10**6),  # out of bounds
        ("left", -1, 0),  # a leaf that leads elsewhere
        ("feature", 0, 6),  # a column that samples lack
        ("feature", 0, -2),
        ("roots", 0, -1),
        ("roots", 0, 10**6),
        ("value", 0, np.nan),
    ],
)
def test_arrays_that_are_no_trees_are_refused(array: str, row: int, value: float) -> None:
    forest = Forest.from_sklearn(fitted(ExtraTreesRegressor, seed=5)[0])
    broken = getattr(forest, array).copy()
    broken[row] = value
    with pytest.raises(ValueError, match="forest"):
        dataclasses.replace(forest, **{array: broken})


def test_empty_and_uneven_arrays_are_refused() -> None:
    forest = Forest.from_sklearn(fitted(ExtraTreesRegressor, seed=5)[0])
    with pytest.raises(ValueError, match="at least one tree"):
        dataclasses.replace(forest, roots=forest.roots[:0])
    with pytest.raises(ValueError, match="every array"):
        dataclasses.replace(forest, value=forest.value[:-1])
