"""Nearest neighbours against the sets of shingles of every pair."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.decontaminators.tokens import code_tokens
from textbooks.dedup import jaccard
from textbooks.diversity import near_duplicate_rates, nearest_jaccard
from textbooks.diversity.neighbours import jaccard_matrix, nearest_of
from textbooks.diversity.runs import tokens_of

TEXTS = st.lists(st.lists(st.sampled_from("a b +".split()), max_size=9).map(" ".join), max_size=7)


def shingles(text, size):
    tokens = code_tokens(text)
    return {tuple(tokens[i : i + size]) for i in range(len(tokens) - size + 1)} or {tuple(tokens)}


def naive(texts, others, size):
    mine, theirs = ([shingles(text, size) for text in some] for some in (texts, texts if others is None else others))
    return [
        max((len(a & b) / len(a | b) for j, b in enumerate(theirs) if others is not None or i != j), default=0.0)
        for i, a in enumerate(mine)
    ]


@given(TEXTS, st.none() | TEXTS, st.integers(1, 5))
@settings(deadline=None)
def test_is_the_greatest_jaccard_of_all_pairs(texts, others, size):
    found = nearest_jaccard(texts, others, shingle_size=size)
    assert found.tolist() == pytest.approx(naive(texts, others, size))


def test_is_that_over_more_rows_than_are_looked_at_at_once(exercises, monkeypatch):
    monkeypatch.setattr("textbooks.diversity.neighbours._ROWS_AT_ONCE", 7)
    assert nearest_jaccard(exercises).tolist() == pytest.approx(naive(exercises, None, 5))
    assert nearest_jaccard(exercises[:9], exercises[9:]).tolist() == pytest.approx(
        naive(exercises[:9], exercises[9:], 5)
    )


@given(TEXTS, st.data())
@settings(deadline=None)
def test_parts_of_the_matrix_are_those_of_the_texts(texts, data):
    near = jaccard_matrix(tokens_of(texts))
    chosen = data.draw(st.permutations(range(len(texts))))[: len(texts) // 2]
    expected = nearest_jaccard([texts[i] for i in chosen])
    assert nearest_of(near, np.array(chosen, int)).tolist() == pytest.approx(expected.tolist())


def test_is_the_similarity_that_the_deduplicator_knows(exercises, alike):
    texts = [*exercises[:12], *alike[:3], "", "x", "x"]
    found = nearest_jaccard(texts).tolist()
    expected = [max(jaccard(a, b) for j, b in enumerate(texts) if i != j) for i, a in enumerate(texts)]
    assert found == pytest.approx(expected)


def test_equal_texts_are_found_however_short():
    assert nearest_jaccard(["", "", "a", "a", "b"]).tolist() == [1, 1, 1, 1, 0]
    assert nearest_jaccard(["x = 1  # one"], ["x=1 # 'one'"]).tolist() == [1]
    assert nearest_jaccard([]).tolist() == []
    assert nearest_jaccard(["a"]).tolist() == nearest_jaccard(["a"], []).tolist() == [0]


def test_rates_hold_what_is_at_the_threshold():
    rates = near_duplicate_rates(np.array([0.5, 0.7 - 1e-15, 0.9, 0.1]), (0.5, 0.7, 0.95))
    assert rates == {0.5: 0.75, 0.7: 0.5, 0.95: 0.0}
    assert math.isnan(near_duplicate_rates(np.zeros(0))[0.5])


def test_refuses_shingles_of_nothing():
    with pytest.raises(ValueError, match="shingle_size must be at least 1, got 0"):
        nearest_jaccard(["a"], shingle_size=0)
