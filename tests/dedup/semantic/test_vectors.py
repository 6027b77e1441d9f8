"""Vectors of 16 bits: their cosines are exact, and near those of the vectors that they were rounded from."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.dedup.semantic.spaces import random_vectors
from textbooks.dedup.semantic.vectors import cosines, rounded, unit


@given(st.integers(0, 99), st.integers(1, 400))
def test_a_cosine_is_the_same_in_any_order_of_the_numbers(seed, dimensions):
    randomness = np.random.default_rng(seed)
    vectors = rounded(randomness.normal(size=(6, dimensions)))
    order = randomness.permutation(dimensions)
    expected = cosines(vectors[:3], vectors[3:])
    assert (cosines(vectors[:3, order], vectors[3:, order]) == expected).all()
    assert (cosines(vectors[3:], vectors[:3]) == expected).all()
    assert (cosines(vectors[:1], vectors[3:4]) == expected[:1]).all()


@given(st.integers(0, 99))
def test_rounding_moves_a_cosine_by_less_than_a_thousandth(seed):
    wide = np.random.default_rng(seed).normal(size=(40, 64))
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    assert np.abs(cosines(rounded(wide[:20]), rounded(wide[20:])) - (wide[:20] * wide[20:]).sum(axis=1)).max() < 1e-3


def test_equal_vectors_have_a_cosine_of_exactly_one():
    vectors = random_vectors(0, 200, 50)
    assert (cosines(vectors, vectors.copy()) == 1.0).all()


def test_length_does_not_count_and_the_zero_vector_stays():
    vectors = rounded(np.array([[3.0, 4.0], [0.0, 0.0], [1e-9, 0.0], [3e30, 4e30]]))
    assert vectors.tolist() == rounded(np.array([[0.6, 0.8], [0, 0], [0, 0], [0.6, 0.8]])).tolist()
    assert np.allclose(np.linalg.norm(unit(vectors), axis=1), [1, 0, 0, 1])
    assert cosines(vectors[:2], vectors[1::-1]).tolist() == [0.0, 0.0]


def test_what_is_not_finite_stays_so():
    vectors = rounded(np.array([[np.nan, 1.0], [np.inf, 1.0], [1.0, 0.0]], dtype=np.float32))
    assert np.isfinite(vectors).all(axis=1).tolist() == [False, False, True]
