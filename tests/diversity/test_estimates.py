"""Standard errors: checked where theory knows them."""

from __future__ import annotations

import numpy as np
import pytest

from textbooks.diversity import MEASURES, Estimate
from textbooks.diversity.estimates import clearly_differ, estimate, subsampled
from textbooks.diversity.features import read_features
from textbooks.diversity.measures import limits_for, measure
from textbooks.embedders import StaticEmbedder


@pytest.fixture(scope="module")
def features(exercises):
    return read_features(exercises, StaticEmbedder(), None, seed=0)


def test_the_error_of_a_mean_is_that_of_theory(features):
    """Imports a text is a mean: its standard error is the deviation over the root of n."""
    members = np.arange(40)
    limits = limits_for(features, [members], 40)
    found = estimate(features, members, 40, limits, times=200, seed=0)["imports_a_text"]
    counts = [len(content.imports) for content in features.contents]
    assert found.value == pytest.approx(np.mean(counts))
    assert found.error == pytest.approx(np.std(counts, ddof=1) / 40**0.5, rel=0.2)
    low, high = found.interval
    assert (high + low) / 2 == pytest.approx(found.value)
    assert high - low == pytest.approx(2 * 1.96 * found.error)


def test_of_a_larger_set_it_is_the_mean_and_deviation_of_subsets(features):
    members, limits = np.arange(40), limits_for(features, [np.arange(40)], 10)
    found = estimate(features, members, 10, limits, times=12, seed=3)
    rows = subsampled(features, members, 10, limits, times=12, seed=3)
    for place, each in enumerate(MEASURES):
        assert found[each.key].value == pytest.approx(rows[:, place].mean())
        assert found[each.key].error == pytest.approx(rows[:, place].std(ddof=1))


def test_subsets_have_no_copies(features):
    members, limits = np.arange(40), limits_for(features, [np.arange(40)], 40)
    row = subsampled(features, members, 40, limits, times=1, seed=0)[0]
    nearest = [each.key for each in MEASURES].index("nearest")
    assert row[nearest] == pytest.approx(measure(features, members, limits)["nearest"])


@pytest.mark.parametrize(("size", "times"), [(40, 0), (40, 1), (3, 0), (1, 20), (0, 20)])
def test_without_subsets_there_is_a_value_and_no_error(features, size, times):
    members = np.arange(40)[: max(size, 3) if times == 0 else size]
    found = estimate(features, members, size, limits_for(features, [members], size), times=times, seed=0)
    assert all(each.error is None and each.interval is None for each in found.values())
    assert (found["usual_imports"].value is None) == (size == 0)


def test_differences_are_held_against_both_errors():
    assert clearly_differ(Estimate(1.0, 0.3), Estimate(2.0, 0.4)) is True
    assert clearly_differ(Estimate(1.0, 0.3), Estimate(1.9, 0.4)) is False
    assert clearly_differ(Estimate(1.0, None), Estimate(9.0, 0.1)) is None
    assert clearly_differ(Estimate(None, None), Estimate(9.0, 0.1)) is None
