"""The order of sources: exact shares, at any place nearly so, found from anywhere."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from textbooks.mixtures.interleave import Interleaving

COUNTS = st.lists(st.integers(1, 4000), min_size=1, max_size=6)


def naive_order(counts, seed):
    """All units by ``(unit + jitter) / count`` in exact fractions, the smaller source first."""
    order = Interleaving(counts, seed)
    times = []
    for source, count in enumerate(counts):
        jitters = order._jitter(source, np.arange(count))
        times += [
            (Fraction(unit * 2**32 + int(jitter), count * 2**32), source, unit) for unit, jitter in enumerate(jitters)
        ]
    return [(source, unit) for _, source, unit in sorted(times)]


@settings(deadline=None, max_examples=30)
@given(COUNTS, st.integers(0, 5))
@example([1], 0)
@example([4096, 1], 0)
@example([4095, 4097, 8192], 1)
def test_the_order_is_that_of_the_naive_one(counts, seed):
    sources, units = Interleaving(counts, seed).sources(0, sum(counts))
    assert list(zip(sources.tolist(), units.tolist(), strict=True)) == naive_order(counts, seed)


@settings(deadline=None, max_examples=30)
@given(COUNTS, st.data())
def test_any_part_is_that_of_the_whole(counts, data):
    order = Interleaving(counts, 7)
    start = data.draw(st.integers(0, order.size))
    stop = data.draw(st.integers(start, order.size))
    whole, part = order.sources(0, order.size), order.sources(start, stop)
    for column, found in zip(whole, part, strict=True):
        assert found.tolist() == column[start:stop].tolist()


@settings(deadline=None, max_examples=30)
@given(COUNTS)
def test_at_any_place_the_shares_are_nearly_exact(counts):
    sources, _ = Interleaving(counts, 1).sources(0, sum(counts))
    places = np.arange(1, len(sources) + 1)
    for source, count in enumerate(counts):
        seen = np.cumsum(sources == source)
        assert np.abs(seen - places * count / len(sources)).max() <= len(counts) + 1


@settings(deadline=None, max_examples=30)
@given(COUNTS, st.integers(0, 30_000))
def test_units_before_a_time_are_counted_exactly(counts, time):
    order = Interleaving(counts, 2)
    time = min(time, order.size)
    for source, count in enumerate(counts):
        jitters = order._jitter(source, np.arange(count)).tolist()
        exact = sum(Fraction(u * 2**32 + j, count * 2**32) * order.size < time for u, j in enumerate(jitters))
        assert order.taken(time)[source] == exact


def test_a_stage_of_the_size_of_the_papers_is_read_at_its_end_at_once():
    """400B tokens in blocks of 2,048: places near the end are exact although nothing before is computed."""
    counts = [97_656_250, 97_656_249, 1, 3]
    order = Interleaving(counts, 0)
    assert order.taken(order.size) == counts
    _, units = order.sources(order.size - 5000, order.size)
    sources, _ = order.sources(order.size - 5000, order.size)
    for source in (0, 1):
        mine = units[sources == source]
        assert mine.tolist() == list(range(counts[source] - len(mine), counts[source]))


@pytest.mark.parametrize("seed", range(3))
def test_seeds_change_the_order_and_nothing_else(seed):
    one, other = (Interleaving([300, 700], s).sources(0, 1000)[0] for s in (seed, seed + 1))
    assert one.tolist() != other.tolist()
    assert np.bincount(one).tolist() == np.bincount(other).tolist() == [300, 700]
