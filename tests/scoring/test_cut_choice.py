"""Cuts between the classes: against scikit-learn, against fresh labels, and where labels are missing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, f1_score

from textbooks.scoring.cut_choice import agreement, choose_cuts


def _table(classes, predicted):
    return np.bincount(classes * 6 + predicted, minlength=36).reshape(6, 6).astype(np.float64)


@settings(max_examples=60, deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=80))
def test_agreement_is_the_sum_of_three_figures_of_scikit_learn(pairs):
    classes, predicted = (np.array(column) for column in zip(*pairs, strict=True))
    kappa = 0.0
    if len(set(classes) | set(predicted)) > 1:
        kappa = cohen_kappa_score(classes, predicted, weights="quadratic", labels=range(6))
    useful = f1_score(classes >= 3, predicted >= 3, zero_division=0)
    macro = f1_score(classes, predicted, average="macro", zero_division=0)
    assert agreement(_table(classes, predicted)) == pytest.approx(kappa + useful + macro)


def test_cuts_recover_the_classes_that_a_shifted_scale_hides():
    classes = np.repeat(np.arange(6), 30)
    raw = 1.5 + classes * 0.3 + np.tile(np.linspace(-0.1, 0.1, 30), 6)
    scores = choose_cuts(raw, classes).scores(raw)
    np.testing.assert_array_equal(np.rint(scores), classes)


def _drawn(seed, texts):
    """Return values with noise of half a class, squeezed, and classes as unequal as those of real code."""
    draw = np.random.default_rng(seed)
    classes = draw.choice(6, texts, p=[0.12, 0.4, 0.3, 0.12, 0.04, 0.02])
    return 0.6 + 0.7 * (classes + draw.normal(0, 0.5, texts)), classes


def _reached(cuts, raw, classes):
    return agreement(_table(classes, np.searchsorted(cuts, raw)))


def test_fresh_labels_agree_nearly_as_well_as_with_cuts_that_are_made_for_them():
    """A grid over each cut in turn, on the fresh labels themselves, is what no cuts can know."""
    lost = []
    for seed in range(5):
        fresh = _drawn(100 + seed, 4_000)
        found = _reached(choose_cuts(*_drawn(seed, 1_000)).cuts, *fresh)
        cuts = 0.6 + 0.7 * (np.arange(5) + 0.5)
        for _ in range(3):
            for k in range(5):
                tried = [np.concatenate((cuts[:k], [c], cuts[k + 1 :])) for c in cuts[k] + np.linspace(-0.15, 0.15, 31)]
                cuts = max(tried, key=lambda moved: _reached(moved, *fresh))
        lost.append(_reached(cuts, *fresh) - found)
    assert np.mean(lost) < 0.05
    assert min(lost) >= 0


def test_a_handful_of_labels_moves_no_cut_far():
    """Cuts that trusted each label moved to whichever side of a few odd ones suited them."""
    raw, classes = _drawn(0, 2_000)
    before = choose_cuts(raw, classes).cuts
    near = np.argsort(np.abs(raw - before[2]))[:6]
    classes[near] = np.where(raw[near] > before[2], 2, 3)
    after = choose_cuts(raw, classes).cuts
    assert np.abs(after - before).max() < 0.1


@settings(max_examples=40, deadline=None)
@given(
    data=st.lists(st.tuples(st.floats(-2, 7), st.integers(0, 5)), min_size=2, max_size=60),
    scale=st.sampled_from([0.1, 1.0, 30.0]),
)
def test_cuts_increase_whatever_the_labels_and_the_scale(data, scale):
    raw, classes = (np.array(column) for column in zip(*data, strict=True))
    cuts = choose_cuts(raw.astype(np.float64) * scale, classes).cuts
    assert np.isfinite(cuts).all()
    assert (np.diff(cuts) > 0).all()


def test_classes_that_no_label_tells_apart_keep_their_halves():
    raw = np.concatenate((np.linspace(0, 1, 50), np.linspace(2, 3, 50)))
    classes = np.repeat([1, 2], 50)
    cuts = choose_cuts(raw, classes).cuts
    assert 1 < cuts[1] < 2
    np.testing.assert_allclose(cuts[[0, 2, 3, 4]], [0.5, 2.5, 3.5, 4.5])
    np.testing.assert_allclose(choose_cuts(raw, np.full(100, 3)).cuts, [0.5, 1.5, 2.5, 3.5, 4.5])
