"""A shuffled order with random access: a permutation, the same everywhere, that looks shuffled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.mixtures.shuffle import key_of, mix, shuffled

MASK = 2**64 - 1


def mix_of(value, key):
    """SplitMix64's finaliser in plain integers."""
    x = (value * 0x9E3779B97F4A7C15 + key) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


@given(st.lists(st.integers(0, MASK), max_size=20), st.integers(0, MASK))
def test_mix_is_splitmix64(values, key):
    assert mix(np.array(values, dtype=np.uint64), key).tolist() == [mix_of(value, key) for value in values]


@settings(deadline=None)
@given(st.integers(1, 3000), st.integers(0, MASK))
def test_every_element_comes_once(size, key):
    assert sorted(shuffled(np.arange(size), size, key).tolist()) == list(range(size))


@settings(deadline=None)
@given(st.integers(1, 2**62), st.integers(0, MASK), st.data())
def test_any_part_is_that_of_the_whole(size, key, data):
    places = data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=20, unique=True))
    found = shuffled(np.array(places), size, key)
    assert found.tolist() == [shuffled(np.array([place]), size, key)[0] for place in places]
    assert len(set(found.tolist())) == len(places)
    assert all(0 <= element < size for element in found.tolist())


GOLDEN_KEY = 12444202034427101082
GOLDEN = [5, 6, 7, 2, 1, 3, 0, 4]


def test_the_order_is_the_same_on_every_machine():
    assert shuffled(np.arange(8), 8, key_of("a", 1)).tolist() == GOLDEN
    assert key_of("a", 1) == GOLDEN_KEY


def test_keys_give_different_orders():
    orders = {tuple(shuffled(np.arange(1000), 1000, key_of(n)).tolist()) for n in range(50)}
    assert len(orders) == 50


@pytest.mark.parametrize("size", [7, 64, 1000])
def test_each_place_is_equally_likely(size):
    """Chi-square over the element at the first, a middle and the last place, for 20,000 keys."""
    rng = np.random.default_rng(5)
    places = np.array([0, size // 2, size - 1])
    found = np.array([shuffled(places, size, int(key)) for key in rng.integers(0, 2**63, 20_000)])
    for column in found.T:
        expected = len(found) / size
        chi = ((np.bincount(column, minlength=size) - expected) ** 2 / expected).sum()
        assert abs(chi - (size - 1)) < 6 * (2 * (size - 1)) ** 0.5


def test_neighbours_do_not_stay_together():
    order = shuffled(np.arange(100_000), 100_000, 3)
    assert np.mean(np.abs(np.diff(order)) == 1) < 1e-3
    assert abs(np.corrcoef(order[:-1], order[1:])[0, 1]) < 0.02
    assert abs(np.corrcoef(order, np.arange(100_000))[0, 1]) < 0.02
