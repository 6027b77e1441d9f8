"""The figures of scores against labels, by hand and against a naive count."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.scoring import Agreement


def naive_kappa(labels, classes):
    """Quadratic-weighted kappa over the classes 0 to 5, pair by pair."""
    observed = sum((a - b) ** 2 for a, b in zip(labels, classes, strict=True)) / len(labels)
    chance = sum((a - b) ** 2 for a in labels for b in classes) / len(labels) ** 2
    return 1 - observed / chance


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 5)), min_size=2, max_size=40))
def test_the_figures_are_those_of_a_naive_count(pairs):
    labels, scores = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    if len(set(labels)) < 2 or len(set(scores)) < 2:
        return
    found = Agreement.of(labels, scores)
    classes = np.clip(np.rint(scores), 0, 5)
    hits = int(((labels >= 3) & (classes >= 3)).sum())
    kept, useful = int((classes >= 3).sum()), int((labels >= 3).sum())
    assert found.exact_match == pytest.approx(float((classes == labels).mean()))
    assert found.precision_at_least_3 == pytest.approx(hits / kept if kept else 0)
    assert found.recall_at_least_3 == pytest.approx(hits / useful if useful else 0)
    assert found.f1_at_least_3 == pytest.approx(2 * hits / (kept + useful) if kept + useful else 0)
    if len(set(classes)) > 1:
        assert found.quadratic_weighted_kappa == pytest.approx(naive_kappa(labels.tolist(), classes.tolist()))
    assert math.isnan(found.calibration_error)


def test_a_class_that_nothing_has_does_not_move_the_weights():
    """scikit-learn weighs by place among the classes present unless told which there are."""
    labels, scores = np.array([0, 0, 5, 5, 4]), np.array([0, 5, 5, 5, 4.0])
    assert Agreement.of(labels, scores).quadratic_weighted_kappa == pytest.approx(
        naive_kappa(labels.tolist(), scores.tolist())
    )


def test_it_prints_each_figure_on_a_line():
    lines = str(Agreement.of(np.array([0, 3, 5]), np.array([0.2, 2.6, 4.9]))).splitlines()
    assert lines[0].split() == ["texts", "3"]
    assert lines[1].split() == ["spearman", "1.0000"]


@pytest.mark.parametrize("scores", [np.empty(0), np.zeros(2)])
def test_one_score_a_label_is_needed(scores):
    with pytest.raises(ValueError, match="one score a label"):
        Agreement.of(np.array([1, 2, 3]), scores)
