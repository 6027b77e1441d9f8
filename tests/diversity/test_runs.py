"""Tokens and n-grams as numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.decontaminators.tokens import code_tokens
from textbooks.diversity.runs import grams, tokens_of

TEXTS = st.lists(st.lists(st.sampled_from("a b + ( ) ==".split()), max_size=9).map(" ".join), max_size=6)


def naive(texts, n):
    cut = [code_tokens(text) for text in texts]
    return [[tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)] for tokens in cut]


@given(TEXTS, st.integers(1, 6))
@settings(deadline=None)  # the first call compiles
def test_equal_numbers_are_equal_n_grams_and_none_crosses_texts(texts, n):
    runs = grams(tokens_of(texts), n)
    expected = naive(texts, n)
    assert runs.lengths.tolist() == [len(each) for each in expected]
    flat = [gram for each in expected for gram in each]
    assert len(set(zip(flat, runs.value.tolist(), strict=True))) == len(set(flat)) == len(set(runs.value.tolist()))
    assert all(0 <= value < runs.kinds for value in runs.value.tolist())


@given(TEXTS, st.data())
@settings(deadline=None)
def test_parts_come_in_the_order_asked_for(texts, data):
    runs = tokens_of(texts)
    chosen = data.draw(st.permutations(range(len(texts))))
    taken = [data.draw(st.integers(0, int(runs.lengths[i]))) for i in chosen]
    expected = [v for i, k in zip(chosen, taken, strict=True) for v in runs.value[runs.begin[i] :][:k].tolist()]
    assert runs.of(np.array(chosen, int), np.array(taken, int)).tolist() == expected


@pytest.mark.parametrize("texts", [[], [""], ["", "\ud800", "\x00"]])
def test_texts_without_tokens_are_empty(texts):
    runs = grams(tokens_of(texts), 3)
    assert runs.lengths.tolist() == [0] * len(texts)
    assert runs.value.tolist() == []
