"""Bands and rows for a threshold, and the keys of bands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.dedup.minhash.bands import band_keys, bands_for, chance


@pytest.mark.parametrize(
    ("threshold", "num_perm", "expected"),
    [(0.5, 128, (42, 3)), (0.7, 128, (25, 5)), (0.8, 128, (18, 7)), (0.9, 128, (11, 11)), (1.0, 128, (1, 128))],
)
def test_bands_for_a_threshold(threshold, num_perm, expected):
    assert bands_for(threshold, num_perm) == expected


@given(st.floats(0.05, 1.0), st.integers(1, 200))
def test_a_pair_at_the_threshold_is_seldom_missed_and_one_row_more_would_miss_more(threshold, num_perm):
    bands, rows = bands_for(threshold, num_perm)
    assert bands * rows <= num_perm
    assert rows == 1 or chance(threshold, bands, rows) >= 0.98
    if rows < num_perm:
        assert chance(threshold, num_perm // (rows + 1), rows + 1) < 0.98


@pytest.mark.parametrize("threshold", [0.0, -0.1, 1.1, float("nan")])
def test_a_threshold_out_of_range_is_refused(threshold):
    with pytest.raises(ValueError, match="threshold must be"):
        bands_for(threshold, 128)


@given(st.integers(1, 5), st.integers(1, 4), st.randoms(use_true_random=False))
def test_keys_are_equal_where_all_rows_of_the_band_are(bands, rows, randomness):
    values = [[randomness.randrange(2) for _ in range(bands * rows + 2)] for _ in range(12)]
    keys = band_keys(np.array(values, dtype=np.uint32), bands, rows)
    for first in range(12):
        for second in range(12):
            for band in range(bands):
                part = slice(band * rows, (band + 1) * rows)
                same = values[first][part] == values[second][part]
                assert (keys[first, band] == keys[second, band]) == same
