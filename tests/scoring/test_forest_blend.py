"""Boosted trees as a forest, blended forests: against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor

from textbooks.scoring import Forest
from textbooks.scoring.forest_blend import blend_forests, boosted_forest

GENERATOR = np.random.default_rng(0)
SAMPLES = GENERATOR.normal(size=(120, 4)).astype(np.float32)
TARGETS = SAMPLES[:, 0] + GENERATOR.normal(size=120)


@pytest.fixture(scope="module")
def boosted() -> GradientBoostingRegressor:
    return GradientBoostingRegressor(n_estimators=20, subsample=0.6, random_state=0).fit(SAMPLES, TARGETS)


@pytest.fixture(scope="module")
def averaged() -> ExtraTreesRegressor:
    return ExtraTreesRegressor(10, random_state=0).fit(SAMPLES, TARGETS)


def test_boosted_trees_predict_as_scikit_learn(boosted: GradientBoostingRegressor) -> None:
    np.testing.assert_allclose(boosted_forest(boosted).predict(SAMPLES), boosted.predict(SAMPLES), atol=1e-12)


def test_blend_is_the_weighted_mean(boosted: GradientBoostingRegressor, averaged: ExtraTreesRegressor) -> None:
    blend = blend_forests([boosted_forest(boosted), Forest.from_sklearn(averaged)], [0.3, 0.7])
    expected = 0.3 * boosted.predict(SAMPLES) + 0.7 * averaged.predict(SAMPLES)
    np.testing.assert_allclose(blend.predict(SAMPLES), expected, atol=1e-12)
    base, shares = blend.contributions(SAMPLES[0])
    assert base + shares.sum() == pytest.approx(expected[0])


@pytest.mark.parametrize("weights", [[1.0], [0.5, 0.6], [1.5, -0.5], [0.5, float("nan")]])
def test_wrong_weights_are_refused(averaged: ExtraTreesRegressor, weights: list[float]) -> None:
    forest = Forest.from_sklearn(averaged)
    with pytest.raises(ValueError, match="weights must be 2 positive numbers"):
        blend_forests([forest, forest], weights)


def test_no_forest_is_refused() -> None:
    with pytest.raises(ValueError, match="forests over the same columns"):
        blend_forests([], [])
