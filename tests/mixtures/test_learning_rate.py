"""Learning rates rise, fall and end where they should."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.mixtures import LearningRate

RATES = st.builds(
    lambda peak, end, warmup, decay: LearningRate(
        peak=peak, end=0.0 if decay == "constant" else end * peak, warmup=warmup, decay=decay
    ),
    st.floats(1e-6, 1),
    st.floats(0, 1),
    st.floats(0, 0.9),
    st.sampled_from(["linear", "cosine", "constant"]),
)


@given(RATES, st.floats(0, 1), st.floats(0, 1))
def test_it_rises_and_then_falls_and_stays_in_its_bounds(rate, one, other):
    low, high = min(one, other), max(one, other)
    assert 0 <= rate.at(low) <= rate.peak * (1 + 1e-9)
    if high < rate.warmup:
        assert rate.at(low) <= rate.at(high) * (1 + 1e-9)
    if low >= rate.warmup:
        assert rate.at(low) >= rate.at(high) * (1 - 1e-9)


@given(RATES)
def test_its_ends(rate):
    assert rate.at(0) == (0 if rate.warmup else rate.peak)
    assert rate.at(rate.warmup) == pytest.approx(rate.peak)
    assert rate.at(1) == pytest.approx(rate.peak if rate.decay == "constant" else rate.end, abs=1e-12)


def test_cosine_by_hand():
    rate = LearningRate(peak=2.0, end=1.0, warmup=0.2, decay="cosine")
    for share in (0.2, 0.3, 0.6, 0.9):
        assert rate.at(share) == pytest.approx(1.5 + 0.5 * math.cos(math.pi * (share - 0.2) / 0.8))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"peak": 0}, "peak must be above 0 and finite, got 0"),
        ({"peak": math.inf}, "peak must be above 0 and finite, got inf"),
        ({"peak": math.nan}, "peak must be above 0 and finite, got nan"),
        ({"end": 2}, "end must be between 0 and 1, got 2"),
        ({"end": -0.1}, "end must be between 0 and 1, got -0.1"),
        ({"warmup": 1}, "warmup must be at least 0 and below 1, got 1"),
        ({"decay": "step"}, "decay must be one of linear, cosine, constant, got 'step'"),
        ({"decay": "constant", "end": 0.1}, "end must be 0 where the learning rate is constant, got 0.1"),
    ],
)
def test_values_out_of_range_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        LearningRate(**{"peak": 1.0, **values})


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_a_share_out_of_range_is_refused(share):
    with pytest.raises(ValueError, match="share must be between 0 and 1"):
        LearningRate(peak=1.0).at(share)
