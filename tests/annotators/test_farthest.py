"""Points far from each other."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from textbooks.annotators.farthest import farthest_first

# Whole numbers, so that both ways of taking distances are exact.
POINTS = arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 3)), elements=st.integers(-9, 9).map(float))


def distances(points):
    return ((points[:, None].astype(float) - points[None]) ** 2).sum(axis=-1)


def naive(points, n, chosen=()):
    """Take what is farthest from all before, again and again, comparing all with all."""
    apart, taken = distances(points), list(chosen)
    for _ in range(min(n, len(points) - len(taken))):
        rest = [row for row in range(len(points)) if row not in taken]
        taken.append(max(rest, key=lambda row: (min((apart[row, one] for one in taken), default=0), -row)))
    return taken[len(chosen) :]


@settings(deadline=None)
@given(POINTS, st.integers(0, 10))
def test_it_takes_what_the_naive_way_takes(points, n):
    assert farthest_first(points, n) == naive(points, n)


@settings(deadline=None)
@given(POINTS, st.integers(0, 10))
def test_it_stays_away_from_what_is_chosen_already(points, n):
    assert farthest_first(points, n, chosen=np.array([0])) == naive(points, n, [0])


@settings(deadline=None)
@given(POINTS, st.integers(1, 4))
def test_it_covers_within_twice_the_best_radius(points, n):
    apart = distances(points) ** 0.5
    n = min(n, len(points))

    def radius(rows):
        return apart[:, list(rows)].min(axis=1).max()

    best = min(radius(rows) for rows in itertools.combinations(range(len(points)), n))
    assert radius(farthest_first(points, n)) <= 2 * best + 1e-9


def test_equal_points_are_taken_once_each_in_order():
    assert farthest_first(np.ones((4, 2), dtype=np.float32), 9) == [0, 1, 2, 3]
