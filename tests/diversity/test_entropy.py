"""Entropy by hand, and rarefied entropy against every draw there is."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.diversity import Entropy, entropy, rarefied_entropy


def naive_bits(counts):
    total = sum(counts)
    return -sum(n / total * math.log2(n / total) for n in counts if n)


def naive_rarefied(counts, items):
    bag = [kind for kind, n in enumerate(counts) for _ in range(n)]
    draws = [naive_bits(Counter(draw).values()) for draw in combinations(bag, items)]
    return sum(draws) / len(draws)


def test_by_hand():
    found = entropy([2, 1, 1, 0])
    assert found == Entropy(
        4, 3, 1.5, pytest.approx(1.5 + 2 / (8 * math.log(2))), pytest.approx(1.5 / math.log2(3)), pytest.approx(2**1.5)
    )
    assert entropy([7]) == Entropy(7, 1, 0.0, 0.0, 1.0, 1.0)
    assert entropy([]) == entropy([0]) == Entropy(0, 0, 0.0, 0.0, 0.0, 0.0)


@given(st.lists(st.integers(0, 50), min_size=1))
def test_properties(counts):
    found = entropy(counts)
    if found.items:
        assert found.bits == pytest.approx(naive_bits(counts), abs=1e-9)
        assert 0 <= found.evenness <= 1 + 1e-9
        assert 1 - 1e-9 <= found.effective <= found.types + 1e-6
    assert entropy(counts[::-1]).bits == pytest.approx(found.bits)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=4), st.integers(1, 8))
@settings(deadline=None, max_examples=60)
def test_rarefied_is_the_mean_of_all_draws(counts, items):
    if items <= sum(counts):
        assert rarefied_entropy(counts, items) == pytest.approx(naive_rarefied(counts, items), abs=1e-9)


@given(st.lists(st.integers(1, 300), min_size=1, max_size=9))
@settings(deadline=None)
def test_rarefied_grows_with_the_draw_up_to_the_whole(counts):
    whole = entropy(counts).bits
    steps = [rarefied_entropy(counts, sum(counts) * part // 4) for part in range(5)]
    assert steps == pytest.approx(sorted(steps), abs=1e-9)
    assert steps[-1] == rarefied_entropy(counts, 10**9) == whole


def test_names_that_occur_once_are_as_many_as_are_drawn():
    assert 2 ** rarefied_entropy([1] * 200, 50) == pytest.approx(50)
    assert rarefied_entropy([5, 5], 1) == rarefied_entropy([5, 5], 0) == rarefied_entropy([], 3) == 0


def test_refuses_what_is_no_count():
    with pytest.raises(ValueError, match="counts must be 0 or more, got -2"):
        entropy([1, -2])
    with pytest.raises(ValueError, match="items must be at least 0, got -1"):
        rarefied_entropy([1], -1)
