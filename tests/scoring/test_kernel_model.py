"""Support vectors as arrays: against a naive sum, and against scikit-learn."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from textbooks.scoring.kernel_model import KernelModel


def naive(model, row):
    """The formula of the docstring, number by number."""
    standard = [
        max(-4.0, min(4.0, (value - center) * scale))
        for value, center, scale in zip(row.tolist(), model.center.tolist(), model.scale.tolist(), strict=True)
    ]
    place = [sum(a * b for a, b in zip(axis, standard, strict=True)) for axis in model.projection.tolist()]
    total = 0.0
    for vector, weight in zip(model.vectors.tolist(), model.weights.tolist(), strict=True):
        distance = sum((a - b) ** 2 for a, b in zip(vector, place, strict=True))
        total += weight * math.exp(-model.gamma * distance)
    return total + model.intercept


@pytest.fixture(scope="module")
def data():
    draw = np.random.default_rng(0)
    inputs = draw.normal(size=(120, 7)).astype(np.float32)
    return inputs, np.tanh(inputs[:, 0]) + inputs[:, 1] ** 2 / 4


@pytest.fixture(scope="module")
def model(data):
    return KernelModel.fit(*data, importance=np.full(7, 1 / 7), dimensions=5, gamma=0.6)


def test_predictions_are_the_formula(model, data):
    inputs = data[0][:20] * 3
    expected = [naive(model, row) for row in inputs]
    assert np.allclose(model.predict(inputs), expected, atol=2e-4)


def test_it_learns_what_a_mean_does_not(model, data):
    inputs, targets = data
    error = np.abs(model.predict(inputs) - targets).mean()
    assert error < 0.6 * np.abs(targets - targets.mean()).mean()


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(range(12)), size=st.integers(1, 12))
def test_a_value_depends_on_its_own_input_alone(model, data, order, size):
    rows = np.array(order[:size])
    assert np.array_equal(model.predict(data[0][:12])[rows], model.predict(data[0][rows]))


def test_saved_arrays_give_the_same_values(model, data):
    again = KernelModel.from_arrays("near", model.to_arrays("near"))
    assert np.array_equal(again.predict(data[0]), model.predict(data[0]))


def test_a_column_that_never_varies_has_no_say(data):
    inputs = np.concatenate((data[0], np.full((120, 1), 7.0, dtype=np.float32)), axis=1)
    model = KernelModel.fit(inputs, data[1], importance=np.full(8, 1 / 8), dimensions=8, gamma=0.6)
    changed = inputs.copy()
    changed[:, 7] = 1e6
    assert np.array_equal(model.predict(changed), model.predict(inputs))


@pytest.mark.parametrize("part", ["center", "scale", "vectors", "weights"])
def test_arrays_that_do_not_fit_together_are_refused(model, part):
    arrays = model.to_arrays("near")
    arrays[f"near_{part}"] = arrays[f"near_{part}"][..., :-1]
    with pytest.raises(ValueError, match="must fit together"):
        KernelModel.from_arrays("near", arrays)


def test_predicting_leaves_the_threads_of_numpy_as_they_were(model, data):
    def threads():
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    with threadpool_limits(limits=2, user_api="blas"):
        before = threads()
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda _: model.predict(data[0]), range(20)))
        assert threads() == before
    assert all(np.array_equal(values, found[0]) for values in found)
