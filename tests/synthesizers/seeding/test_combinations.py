from __future__ import annotations

import itertools
import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.synthesizers import Combinations, CrossPairs


@given(st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))))
def test_they_are_those_of_itertools_in_order(shape):
    n, k = shape
    assert list(Combinations(range(n), k)) == [list(chosen) for chosen in itertools.combinations(range(n), k)]


@given(st.integers(0, math.comb(1000, 3) - 1))
def test_a_number_leads_back_to_its_place(place):
    a, b, c = Combinations(range(1000), 3)[place]
    before = math.comb(1000, 3) - math.comb(1000 - a, 3)
    before += math.comb(999 - a, 2) - math.comb(1000 - b, 2)
    assert place == before + c - b - 1


def test_slices_and_negative_places_are_those_of_a_list():
    found, written = Combinations("abcde", 2), [list(chosen) for chosen in itertools.combinations("abcde", 2)]
    assert found[2:7:2] == written[2:7:2]
    assert found[-1] == ["d", "e"]
    assert len(found) == 10
    assert ["b", "d"] in found


def test_too_many_to_count_with_len_have_a_size():
    found = Combinations(range(300), 100)
    assert found.size == math.comb(300, 100) > sys.maxsize
    assert found[found.size - 1] == list(range(200, 300))
    with pytest.raises(OverflowError):
        len(found)


@pytest.mark.parametrize("place", [10, -11])
def test_places_outside_are_refused(place):
    with pytest.raises(IndexError, match=f"{place} is out of range: there are 10"):
        Combinations("abcde", 2)[place]


@pytest.mark.parametrize("k", [0, 4, -1, True, 1.0])
def test_an_impossible_k_is_refused(k):
    with pytest.raises(ValueError, match="k must be between 1 and 3, the number of values, got"):
        Combinations("abc", k)


GROUPS = st.lists(st.integers(0, 4), max_size=4).map(
    lambda sizes: [[(g, i) for i in range(n)] for g, n in enumerate(sizes)]
)


@given(GROUPS)
def test_cross_pairs_are_all_pairs_of_different_groups(groups):
    values = [value for group in groups for value in group]
    wanted = [[a, b] for a, b in itertools.combinations(values, 2) if a[0] != b[0]]
    found = CrossPairs(groups)
    assert sorted(found) == wanted
    assert found.size == len(wanted)


def test_a_recipe_tells_sequences_apart():
    made = [CrossPairs(["ab", "c"]), CrossPairs(["a", "bc"]), Combinations("abc", 2), Combinations("abc", 1)]
    assert all(one.recipe != other.recipe for one, other in itertools.combinations(made, 2))
    assert CrossPairs([["a", "b"], "c"]).recipe == made[0].recipe


def test_they_do_not_print_themselves_out():
    assert repr(Combinations(range(1000), 3)) == "Combinations(<166,167,000 lists>)"
