"""Batches by length."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textbooks.embedders.batching import batches_by_length


def shown(lengths, batch_tokens):
    return [batch.tolist() for batch in batches_by_length(np.array(lengths, dtype=np.int64), batch_tokens)]


def test_the_longest_come_first_and_alike_lengths_together():
    assert shown([3, 9, 3, 1, 5], 10) == [[1], [4, 0], [2, 3]]
    assert shown([4, 4, 4], 8) == [[0, 1], [2]]
    assert shown([100, 1], 8) == [[0], [1]]
    assert shown([], 8) == []


@given(st.lists(st.integers(1, 50), max_size=40), st.integers(1, 120))
def test_every_row_once_within_the_budget(lengths, batch_tokens):
    batches = shown(lengths, batch_tokens)
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[row] for row in batch)
        assert len(batch) == 1 or longest * len(batch) <= batch_tokens
    ordered = [lengths[row] for batch in batches for row in batch]
    assert ordered == sorted(lengths, reverse=True)
    for one, following in pairwise(batches):  # no batch could have taken one more
        assert (len(one) + 1) * lengths[one[0]] > batch_tokens, (one, following)
