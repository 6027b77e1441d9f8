"""Cells and sketches: what they rule out is no neighbour, whatever the frame."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dedup.semantic.spaces import random_vectors
from textbooks.dedup.semantic import cells as cells_module
from textbooks.dedup.semantic.cells import Frame, cells_for, frame_of, locate
from textbooks.dedup.semantic.engines import engine_for
from textbooks.dedup.semantic.vectors import cosines, unit

NUMPY = engine_for("numpy")


def any_frame(seed, cells, dimensions):
    """Centres anywhere, and any orthonormal basis."""
    basis = np.linalg.qr(np.random.default_rng(seed).normal(size=(dimensions, dimensions)))[0][:, : dimensions // 2]
    return Frame(unit(random_vectors(seed, cells, dimensions)), basis.astype(np.float32))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 999), st.integers(1, 9), st.sampled_from([2, 3, 12]), st.sampled_from([0.3, 0.8, 0.97, 1.0]))
def test_no_neighbour_is_ruled_out(seed, cells, dimensions, threshold):
    vectors = random_vectors(seed, 50, dimensions, families=6, spread=0.3)
    found = locate(vectors.__getitem__, 50, any_frame(seed + 1, cells, dimensions), threshold, NUMPY)
    near = [set(found.near(cell).tolist()) for cell in range(cells)]
    for number in range(50):
        values = cosines(np.repeat(vectors[number][None], 50, axis=0), vectors)
        for other in np.flatnonzero(values >= threshold).tolist():
            assert other in near[found.cell[number]]
        assert (found.sketches @ found.sketches[number] >= values - 1e-5).all()


def test_far_cells_are_ruled_out():
    vectors = random_vectors(3, 3000, 6)
    frame = frame_of(vectors, 50, 0, NUMPY)
    shares = [
        np.mean([len(locate(vectors.__getitem__, 3000, frame, threshold, NUMPY).near(cell)) for cell in range(50)])
        for threshold in (0.5, 0.9, 0.99)
    ]
    assert shares[0] > 2 * shares[1] > 4 * shares[2]


def test_a_vector_stands_in_the_cell_of_its_nearest_centre_and_the_zero_vector_in_none():
    vectors = np.concatenate([random_vectors(4, 20, 5), np.zeros((1, 5), np.float16)])
    frame = any_frame(5, 4, 5)
    found = locate(vectors.__getitem__, 21, frame, 0.9, NUMPY)
    assert found.cell[:20].tolist() == np.argmax(unit(vectors[:20]) @ frame.centres.T, axis=1).tolist()
    assert found.cell[20] == -1
    assert not any(20 in found.near(cell) for cell in range(4))


def test_blocks_change_nothing(monkeypatch):
    vectors = random_vectors(6, 77, 8)
    expected = locate(vectors.__getitem__, 77, any_frame(7, 5, 8), 0.7, NUMPY)
    monkeypatch.setattr(cells_module, "BLOCK", 8)
    found = locate(vectors.__getitem__, 77, any_frame(7, 5, 8), 0.7, NUMPY)
    assert (found.cell == expected.cell).all()
    assert (found.reach == expected.reach).all()


def test_there_are_no_more_centres_than_different_vectors():
    equal = np.repeat(random_vectors(8, 2, 4), 30, axis=0)
    assert len(frame_of(equal, 10, 0, NUMPY).centres) == 2
    assert len(frame_of(np.zeros((5, 4), np.float16), 10, 0, NUMPY).centres) == 0
    assert len(frame_of(equal[:0], 10, 0, NUMPY).centres) == 0
    assert len(frame_of(random_vectors(9, 40, 4), 7, 0, NUMPY).centres) == 7


def test_cells_grow_with_the_texts():
    assert [cells_for(count) for count in (0, 1, 2047, 2048, 10**9)] == [1, 1, 1, 2, 1024]
