"""Which vectors stay, beside the oracle that compares each with all that stay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dedup.semantic.spaces import greedy, random_vectors
from tests.dedup.semantic.test_cells import any_frame
from textbooks.dedup.semantic import neighbourhoods
from textbooks.dedup.semantic.cells import locate
from textbooks.dedup.semantic.engines import engine_for
from textbooks.dedup.semantic.neighbourhoods import settle
from textbooks.dedup.semantic.vectors import rounded

NUMPY = engine_for("numpy")


def settled(vectors, threshold, cells, seed=0, located=None, counted=None):
    frame = any_frame(seed, cells, vectors.shape[1])
    found = locate(vectors.__getitem__, len(vectors), frame, located or threshold, NUMPY)

    def rows_of(numbers):
        if counted is not None:
            counted.append(len(numbers))
        return vectors[numbers]

    return settle(rows_of, found, threshold, NUMPY)


@settings(deadline=None, max_examples=80)
@given(
    st.integers(0, 9999), st.integers(0, 60), st.integers(1, 70), st.sampled_from([2, 4, 16]),
    st.sampled_from([0.2, 0.6, 0.85, 0.95, 1.0]),
)  # fmt: skip
def test_the_decision_is_that_of_comparing_with_all_that_stay(seed, count, cells, dimensions, threshold):
    vectors = random_vectors(seed, count, dimensions, families=4)
    partner, similarity = greedy(vectors, threshold)
    found = settled(vectors, threshold, cells, seed)
    assert found.kept.tolist() == partner
    assert found.similarity.tolist() == similarity


@pytest.mark.parametrize(("block", "others", "pairs"), [(1, 1, 1), (3, 7, 2), (64, 5, 1000)])
def test_blocks_change_nothing(monkeypatch, block, others, pairs):
    vectors = random_vectors(5, 150, 6, families=9, spread=0.4)
    expected = greedy(vectors, 0.9)
    sizes = {"BLOCK": block, "OTHERS": others, "FIRST_OTHERS": others, "PAIRS": pairs, "DENSE": pairs}
    for name, value in sizes.items():
        monkeypatch.setattr(neighbourhoods, name, value)
    found = settled(vectors, 0.9, 8)
    assert (found.kept.tolist(), found.similarity.tolist()) == expected


def test_cells_of_a_lower_threshold_do_as_well():
    vectors = random_vectors(6, 120, 5, families=8, spread=0.4)
    assert settled(vectors, 0.95, 6, located=0.5).kept.tolist() == greedy(vectors, 0.95)[0]


def test_a_chain_through_many_cells_is_decided_from_its_best_end():
    angles = np.arange(60) * 0.1
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float16)
    found = settled(vectors, float(np.cos(0.15)), 30)
    assert (found.kept == np.arange(60)).tolist() == [number % 2 == 0 for number in range(60)]


def test_zero_vectors_all_stay():
    assert settled(np.zeros((5, 3), np.float16), 0.1, 2).kept.tolist() == [0, 1, 2, 3, 4]


def test_twenty_thousand_equal_vectors_cost_one_comparison_each():
    vectors = np.repeat(random_vectors(7, 1, 16), 20_000, axis=0)
    found = settled(vectors, 0.9, 3)
    assert not found.kept.any()
    assert (found.similarity == 1.0).all()


@pytest.mark.parametrize(("threshold", "stays"), [(0.9, 1), (0.999, 3000)])
def test_families_over_many_cells_are_settled_whether_they_go_or_stay(threshold, stays):
    """Above the threshold as below it no pair is compared more than a few times."""
    randomness = np.random.default_rng(8)
    vectors = rounded(np.ones(24) + 0.2 * randomness.normal(size=(3000, 24)))
    compared = []
    found = settled(vectors, threshold, 40, counted=compared)
    assert (found.kept == np.arange(3000)).sum() == stays
    assert sum(compared) < 20 * 3000
