"""pass@k equals exact integer arithmetic."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.evaluation import pass_at_k


def exact(n: int, c: int, k: int) -> Fraction:
    return 1 - Fraction(comb(n - c, k), comb(n, k))


@st.composite
def counts(draw, most=10_000):
    n = draw(st.integers(1, most))
    return n, draw(st.integers(0, n)), draw(st.integers(1, n))


def test_every_triple_of_small_numbers():
    triples = [(n, c, k) for n in range(1, 26) for c in range(n + 1) for k in range(1, n + 1)]
    found = pass_at_k(*np.array(triples).T)
    assert np.abs(found - np.array([float(exact(*triple)) for triple in triples])).max() <= 1e-14


@settings(max_examples=60, deadline=None)
@given(counts())
def test_large_numbers(triple):
    assert abs(Fraction(pass_at_k(*triple)) - exact(*triple)) <= Fraction(1, 10**12)


@pytest.mark.parametrize(
    "triple", [(10_000, 1, 5_000), (10_000, 100, 100), (10_000, 5_000, 1), (10_000, 9_999, 1), (10_000, 1, 1)]
)
def test_the_far_corners(triple):
    assert abs(Fraction(pass_at_k(*triple)) - exact(*triple)) <= Fraction(1, 10**13)


@settings(max_examples=50, deadline=None)
@given(st.lists(counts(most=300), min_size=1, max_size=8))
def test_arrays_are_what_the_numbers_are(triples):
    n, c, k = np.array(triples).T
    found = pass_at_k(n, c, k)
    assert found.dtype == np.float64
    assert found.tolist() == [pass_at_k(*triple) for triple in triples]


@settings(max_examples=100, deadline=None)
@given(counts(most=200))
def test_bounds_and_order(triple):
    n, c, k = triple
    value = pass_at_k(n, c, k)
    assert 0 <= value <= 1
    assert (value == 0) is (c == 0)
    assert value == 1 or n - c >= k
    if c < n:
        assert pass_at_k(n, c + 1, k) >= value
    if k < n:
        assert pass_at_k(n, c, k + 1) >= value - 1e-15
    assert pass_at_k(n, c, 1) == pytest.approx(c / n, abs=1e-15)


def test_shapes():
    assert isinstance(pass_at_k(4, 2, 1), float)
    assert isinstance(pass_at_k(np.int32(4), np.uint8(2), 1), float)
    table = pass_at_k([[10], [20]], [5, 10], 1)
    assert table.tolist() == [[0.5, 1.0], [0.25, 0.5]]
    assert pass_at_k([], [], 1).shape == (0,)


@pytest.mark.parametrize(
    ("n", "c", "k", "message"),
    [
        (5, 2, 6, "k must be between 1 and n = 5, got 6"),
        (5, 6, 1, "c must be between 0 and n = 5, got 6"),
        (5, -1, 1, "c must be between 0 and n = 5, got -1"),
        (5, 1, 0, "k must be between 1 and n = 5, got 0"),
        (0, 0, 1, "n must be at least 1, got 0"),
        ([9, 3], [1, 1], 5, "k must be between 1 and n = 3, got 5"),
    ],
)
def test_out_of_range(n, c, k, message):
    with pytest.raises(ValueError, match=message):
        pass_at_k(n, c, k)


@pytest.mark.parametrize("bad", [1.0, "1", None, True, [1.5], [[1], [2, 3]]])
def test_not_integers(bad):
    with pytest.raises((TypeError, ValueError)):
        pass_at_k(5, 1, bad)
