from __future__ import annotations

import itertools
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.synthesizers.seeding.permutation import MAX_SIZE, Permutation


@given(st.integers(1, 300), st.binary(max_size=100))
@settings(max_examples=60, deadline=None)
def test_every_element_comes_once(size, key):
    order = Permutation(size, key)
    assert sorted(order[i] for i in range(size)) == list(range(size))


@given(st.integers(1, MAX_SIZE), st.binary(max_size=16), st.data())
@settings(max_examples=60, deadline=None)
def test_places_of_a_huge_domain_lead_to_different_elements_inside_it(size, key, data):
    order = Permutation(size, key)
    places = data.draw(st.sets(st.integers(0, size - 1), max_size=8))
    elements = {order[place] for place in places}
    assert len(elements) == len(places)
    assert all(0 <= element < size for element in elements)


def test_the_order_is_the_same_for_ever():
    assert [Permutation(10, b"key")[i] for i in range(10)] == [9, 7, 5, 6, 3, 0, 2, 4, 1, 8]
    assert [Permutation(1000, b"key")[i] for i in range(6)] == [211, 370, 699, 314, 292, 886]
    assert Permutation(10**30, b"key")[12345] == 172_572_187_900_910_360_461_212_887_805


def test_small_orders_are_all_equally_likely():
    seen = Counter(tuple(Permutation(4, b"%d" % key)[i] for i in range(4)) for key in range(4800))
    assert set(seen) == set(itertools.permutations(range(4)))
    # chi-squared of 24 cells, 23 degrees of freedom: below 49.7 in 999 of 1,000 cases
    assert sum((count - 200) ** 2 / 200 for count in seen.values()) < 49.7


def test_above_the_small_ones_each_element_comes_first_equally_often():
    seen = Counter(Permutation(40, b"%d" % key)[0] for key in range(8000))
    assert sum((seen[element] - 200) ** 2 / 200 for element in range(40)) < 72.1  # 39 degrees of freedom


def test_neighbours_are_not_sent_to_neighbours():
    order = Permutation(10_000, b"key")
    steps = Counter((order[i + 1] - order[i]) % 10_000 for i in range(9_999))
    assert max(steps.values()) <= 9


@pytest.mark.parametrize("size", [0, -1, MAX_SIZE + 1, 2**5000])
def test_an_impossible_size_is_refused(size):
    with pytest.raises(ValueError, match="size must be between 1 and"):
        Permutation(size, b"")


@pytest.mark.parametrize("size", [5, 50])
@pytest.mark.parametrize("place", [-1, 50])
def test_places_outside_are_refused(size, place):
    with pytest.raises(IndexError, match=f"{place} is not in range"):
        Permutation(size, b"")[place]
