"""The bootstrap: equal to a naive one, covering what it should, and the same each time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.evaluation import bootstrap_mean, intervals


def test_it_is_the_naive_bootstrap():
    values = np.random.default_rng(3).random(20)
    generator = np.random.default_rng(5)
    means = sorted(np.mean([values[i] for i in generator.integers(20, size=20)]) for _ in range(1_000))
    found = bootstrap_mean(values, resamples=1_000, seed=5)
    assert (found.value, found.size) == (pytest.approx(values.mean()), 20)
    assert (found.low, found.high) == (
        pytest.approx(np.quantile(means, 0.025)),
        pytest.approx(np.quantile(means, 0.975)),
    )


def test_for_coin_tosses_it_is_near_the_normal_interval():
    values = [1.0] * 300 + [0.0] * 100
    found = bootstrap_mean(values)
    half = 1.96 * math.sqrt(0.75 * 0.25 / 400)
    assert found.low == pytest.approx(0.75 - half, abs=0.004)
    assert found.high == pytest.approx(0.75 + half, abs=0.004)


def test_it_covers_the_truth_as_often_as_it_says():
    draws = np.random.default_rng(0).random((300, 60)) < 0.4
    estimates = [bootstrap_mean(row.astype(float), resamples=400, seed=n) for n, row in enumerate(draws)]
    assert 0.90 < np.mean([e.low <= 0.4 <= e.high for e in estimates]) < 0.985


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(0, 5))
def test_properties(values, seed):
    found = bootstrap_mean(values, resamples=200, seed=seed)
    assert min(values) - 1e-12 <= found.low <= found.high <= max(values) + 1e-12
    assert found == bootstrap_mean(values, resamples=200, seed=seed)
    narrower = bootstrap_mean(values, resamples=200, seed=seed, confidence=0.5)
    assert found.low <= narrower.low <= narrower.high <= found.high


def test_pieces_give_what_the_whole_gives(monkeypatch):
    values = np.random.default_rng(1).random(50)
    whole = bootstrap_mean(values)
    monkeypatch.setattr(intervals, "_MOST_DRAWN_AT_ONCE", 7 * 50)
    assert bootstrap_mean(values) == whole


def test_of_equal_values_no_width_and_of_none_nan():
    assert bootstrap_mean([1.0, 1.0]) == intervals.Estimate(1.0, 1.0, 1.0, 2)
    none = bootstrap_mean([])
    assert none.size == 0
    assert math.isnan(none.value)
    assert math.isnan(none.low)


def test_it_shows_itself():
    assert str(intervals.Estimate(0.5, 0.25, 0.75, 4)) == "0.500 [0.250, 0.750]"


@pytest.mark.parametrize(
    "arguments",
    [{"confidence": 0}, {"confidence": 1}, {"resamples": 0}, {"values": [[1.0]]}, {"values": [math.nan]}],
)
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match="must be"):
        bootstrap_mean(**{"values": [1.0], **arguments})
