"""The similarity of sorted sets, beside that of Python's sets."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from textbooks.dedup.semantic.greedy_kernels import similarity

sets = st.sets(st.integers(0, 12), max_size=12)


@settings(deadline=None, max_examples=200)
@given(sets, sets, st.floats(0, 1))
@example(set(range(7)), set(range(10)), 0.7)
@example(set(range(3, 10)), set(range(10)), 0.7)
@example(set(), set(), 1.0)
def test_similarity_is_exact_from_the_threshold_on_and_never_reaches_it_below(first, second, threshold):
    expected = len(first & second) / len(first | second) if first | second else 1.0
    found = similarity(*(np.array(sorted(one), dtype=np.uint64) for one in (first, second)), threshold)
    if expected >= threshold:
        assert found == expected
    else:
        assert found < threshold
        assert found in (0.0, expected)
