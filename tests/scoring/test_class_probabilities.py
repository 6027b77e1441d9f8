"""From scores to probabilities: against the shares that made them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.scoring.agreement import expected_calibration_error
from textbooks.scoring.class_probabilities import ClassProbabilities


@pytest.fixture(scope="module")
def drawn():
    draw = np.random.default_rng(0)
    scores = draw.uniform(0, 5, 20_000)
    return scores, np.clip(np.rint(scores + draw.normal(0, 0.6, len(scores))), 0, 5).astype(np.int64)


def test_of_the_texts_at_a_score_that_share_had_the_label(drawn):
    scores, classes = drawn
    probabilities = ClassProbabilities.fit(scores[:10_000], classes[:10_000]).of(scores[10_000:])
    fresh = classes[10_000:]
    for low in (0.5, 1.5, 2.5, 3.5):
        here = (scores[10_000:] >= low) & (scores[10_000:] < low + 1)
        shares = np.bincount(fresh[here], minlength=6) / here.sum()
        assert np.allclose(probabilities[here].mean(axis=0), shares, atol=0.05)  # smoothing widens a little
    assert expected_calibration_error(probabilities[:, 3:].sum(axis=1), fresh >= 3) < 0.02


@settings(max_examples=40, deadline=None)
@given(data=st.lists(st.tuples(st.floats(0, 5), st.integers(0, 5)), min_size=1, max_size=60))
def test_rows_sum_to_one_and_higher_scores_never_mean_lower_classes(data):
    scores, classes = (np.array(column) for column in zip(*data, strict=True))
    grid = np.linspace(0, 5, 101)
    probabilities = ClassProbabilities.fit(scores.astype(float), classes).of(grid)
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert (probabilities >= -1e-12).all()
    expected_class = probabilities @ np.arange(6)
    assert (np.diff(expected_class) >= -1e-9).all()


@pytest.mark.parametrize("table", [np.zeros((5, 40)), np.full((5, 41), 2.0), np.linspace(1, 0, 41) * np.ones((5, 1))])
def test_what_is_no_such_table_is_refused(table):
    with pytest.raises(ValueError, match="probabilit"):
        ClassProbabilities(table)


def test_calibration_error_by_hand():
    """Two in the first bin (mean 0.05, none happened), two in the last (mean 0.95, one happened)."""
    probability = np.array([0.0, 0.1 - 1e-9, 0.9, 1.0])
    happened = np.array([False, False, True, False])
    assert expected_calibration_error(probability, happened) == pytest.approx((2 * 0.05 + 2 * 0.45) / 4, abs=1e-6)
