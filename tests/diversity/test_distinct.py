"""Distinct-n against counting by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.decontaminators.tokens import code_tokens
from textbooks.diversity import distinct_n

TEXTS = st.lists(st.lists(st.sampled_from("a b c + (".split()), max_size=8).map(" ".join), max_size=5)


def naive(texts, n, most):
    found = []
    for text in texts:
        tokens = code_tokens(text)[:most]
        most -= len(tokens)
        found += [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return len(set(found)) / len(found) if found else math.nan


@given(TEXTS, st.integers(1, 4), st.integers(1, 40))
@settings(deadline=None)  # the first call compiles
def test_is_the_share_of_different_n_grams_up_to_the_limit(texts, n, most):
    assert distinct_n(texts, n, max_tokens=most) == pytest.approx(naive(texts, n, most), nan_ok=True)


def test_by_hand():
    assert distinct_n(["a b a b"], 1) == 0.5
    assert distinct_n(["a b a b"], 2) == pytest.approx(2 / 3)
    assert distinct_n(["a b", "a b"], 2) == 0.5
    assert distinct_n(["x = 1  # one", "x=1"], 1) == pytest.approx(4 / 7)


def test_more_of_the_same_lowers_it_but_not_at_equal_tokens():
    text = "def f(a, b):\n    return a + b\n"
    assert distinct_n([text] * 10) < distinct_n([text])
    assert distinct_n([text] * 10, max_tokens=12) == distinct_n([text], max_tokens=12)


@pytest.mark.parametrize("texts", [[], [""], ["a"]])
def test_without_an_n_gram_there_is_no_number(texts):
    assert math.isnan(distinct_n(texts, 2))


@pytest.mark.parametrize(
    ("texts", "options", "error", "said"),
    [
        ("a b", {}, TypeError, "single str"),
        ([None], {}, TypeError, "texts must be strings, got NoneType at 0"),
        (["a", 3], {}, TypeError, "got int at 1"),
        (["a"], {"n": 0}, ValueError, "n must be at least 1, got 0"),
        (["a"], {"n": True}, TypeError, "n must be a whole number, got True"),
        (["a"], {"max_tokens": 0}, ValueError, "max_tokens must be at least 1, got 0"),
    ],
)
def test_refuses(texts, options, error, said):
    with pytest.raises(error, match=said):
        distinct_n(texts, **options)
