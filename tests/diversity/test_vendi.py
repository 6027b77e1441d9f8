"""The Vendi score against the definition: eigenvalues of the whole kernel."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.diversity import hill_number, vendi_score

ORDERS = (0.5, 1.0, 2.0, 5.0, math.inf)


def naive(vectors, q):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    values = np.linalg.eigvals(unit @ unit.T / len(unit)).real
    values = values[values > 1e-10]
    if q == 1:
        return math.exp(-sum(v * math.log(v) for v in values))
    return 1 / max(values) if math.isinf(q) else sum(v**q for v in values) ** (1 / (1 - q))


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 1000), st.sampled_from(ORDERS))
@settings(deadline=None)
def test_is_the_effective_number_of_eigenvalues(n, dimensions, seed, q):
    vectors = np.random.default_rng(seed).normal(size=(n, dimensions))
    score = vendi_score(vectors, q=q)
    assert score == pytest.approx(naive(vectors, q), rel=1e-4)
    assert 1 - 1e-9 <= score <= min(n, dimensions) + 1e-9
    assert vendi_score(7 * vectors[::-1], q=q) == pytest.approx(score)


@pytest.mark.parametrize("q", ORDERS)
def test_counts_groups_of_equal_texts(q):
    assert vendi_score(np.repeat(np.eye(4), 5, axis=0), q=q) == pytest.approx(4)
    assert vendi_score(np.ones((6, 3)), q=q) == pytest.approx(1)


def test_higher_orders_see_less_of_what_is_rare():
    vectors = np.eye(3)[[0] * 20 + [1, 2]]
    scores = [vendi_score(vectors, q=q) for q in ORDERS]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] == pytest.approx(22 / 20)


def test_texts_without_a_vector_are_left_out():
    assert vendi_score([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]]) == pytest.approx(2)
    assert vendi_score(np.zeros((3, 2))) == vendi_score(np.zeros((0, 2))) == 0


@pytest.mark.parametrize(
    ("vectors", "options", "said"),
    [
        ([1.0, 2.0], {}, "two axes"),
        ([[math.nan]], {}, "finite"),
        ([[1.0]], {"q": -1}, "q must be 0 or more, got -1"),
        ([[1.0]], {"q": math.nan}, "q must be 0 or more, got nan"),
    ],
)
def test_refuses(vectors, options, said):
    with pytest.raises(ValueError, match=said):
        vendi_score(vectors, **options)


def test_hill_numbers_by_hand():
    shares = np.array([0.5, 0.25, 0.25, 0.0])
    assert hill_number(shares, 0) == 3
    assert hill_number(shares) == pytest.approx(2**1.5)
    assert hill_number(shares, 2) == pytest.approx(1 / 0.375)
    assert hill_number(shares, math.inf) == 2
    assert hill_number(np.zeros(2)) == 0
