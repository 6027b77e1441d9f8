"""Compression ratios against the compressors themselves."""

from __future__ import annotations

import gzip
import math

import numpy as np
import pytest
import zstandard

from textbooks.diversity import compression_ratio


def test_is_that_of_the_compressor_on_the_joined_texts(exercises):
    source = "\n\n".join(exercises).encode()
    assert gzip.decompress(gzip.compress(source)) == source
    packed = zstandard.ZstdCompressor(level=12).compress(source)
    assert compression_ratio(exercises) == pytest.approx(len(source) / len(packed))
    packed = gzip.compress(source, 9, mtime=0)
    assert compression_ratio(exercises, method="gzip") == pytest.approx(len(source) / len(packed))


@pytest.mark.parametrize("most", [1, 30, 1000, 10**9])
def test_reads_up_to_the_limit(exercises, most):
    source = "\n\n".join(exercises).encode()[:most]
    packed = gzip.compress(source, 9, mtime=0)
    assert compression_ratio(exercises, method="gzip", max_bytes=most) == pytest.approx(len(source) / len(packed))


@pytest.mark.parametrize("method", ["zstd", "gzip"])
def test_repetition_is_higher(exercises, alike, method):
    assert compression_ratio(alike, method=method) > compression_ratio(exercises[:16], method=method)


def test_gzip_forgets_what_is_far_away_and_zstd_does_not():
    noise = np.random.default_rng(0).integers(33, 127, 40_000).astype(np.uint8).tobytes().decode()
    once, twice = compression_ratio([noise], method="gzip"), compression_ratio([noise, noise], method="gzip")
    assert twice == pytest.approx(once, rel=0.02)
    assert compression_ratio([noise, noise]) > 1.8 * compression_ratio([noise])


@pytest.mark.parametrize("method", ["zstd", "gzip"])
def test_nothing_has_no_ratio_and_surrogates_are_no_error(method):
    assert math.isnan(compression_ratio([], method=method))
    assert math.isnan(compression_ratio([""], method=method))
    assert 0 < compression_ratio(["\ud800"], method=method) < 1


def test_refuses_other_methods():
    with pytest.raises(ValueError, match="method must be 'zstd' or 'gzip', got 'rar'"):
        compression_ratio(["a"], method="rar")
    with pytest.raises(ValueError, match="max_bytes must be at least 1, got 0"):
        compression_ratio(["a"], max_bytes=0)
