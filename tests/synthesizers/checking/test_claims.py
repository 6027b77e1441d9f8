"""Comments that say what code gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.synthesizers.checking.claims import Claim, claims_of, contradicts


@pytest.mark.parametrize(
    ("source", "claims"),
    [
        ("print(1)  # 1", [(1, "1")]),
        ("f(2)  # -> 'a'", [(2 - 1, "'a'")]),
        ("x  # prints: [1]", [(1, "[1]")]),
        ("x = 3  # 3", []),
        ("# 1\nprint(1)", []),
        ("for i in x:\n    print(i)  # 1", []),
        ("print(\n    1,\n)  # 1", [(3, "1")]),
        ("print(1); print(2)  # 2", []),
        ("print('# 5')", []),
        ("print(1)  #", []),
    ],
)
def test_only_comments_behind_an_expression_are_claims(source, claims):
    assert claims_of(source) == [Claim(*one) for one in claims]


@pytest.mark.parametrize(
    ("said", "output"),
    [
        ("4", "4\n"),
        ("four", "4\n"),
        ("4 apples", "5\n"),
        ("'a'", "a\n"),
        ("0.33", "0.3333333\n"),
        ("2", "2.0\n"),
        ("[0.1, 0.3]", "[0.1, 0.30000000000000004]\n"),
        ("{1, 2}", "{2, 1}\n"),
        ("1 2", "1 2\n"),
        ("3", "3.14\n"),
        ("None", ""),
        ("[1, 2]", "1\n2\n"),
    ],
)
def test_true_comments_and_those_that_state_nothing_pass(said, output):
    assert not contradicts(Claim(1, said), output, None)


@pytest.mark.parametrize(
    ("said", "output"),
    [
        ("4", "5\n"),
        ("[1, 2]", "[2, 1]\n"),
        ("0.33", "0.35\n"),
        ("True", "False\n"),
        ("1 2", "2 1\n"),
        ("(1, 2)", "(1, 3)\n"),
    ],
)
def test_a_comment_that_states_another_value_contradicts(said, output):
    assert contradicts(Claim(1, said), output, None)


def test_the_value_of_an_expression_counts_before_its_output():
    assert contradicts(Claim(1, "4"), "4\n", "5")
    assert not contradicts(Claim(1, "5"), "", "5")


literals = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab'\" "), lambda inner: st.lists(inner) | st.tuples(inner)
)


@given(literals)
def test_what_python_prints_never_contradicts(value):
    assert not contradicts(Claim(1, repr(value)), "", repr(value))
    assert not contradicts(Claim(1, repr(value)), f"{value}\n", None)


@given(st.integers(), st.integers())
def test_two_numbers_contradict_when_they_differ(said, got):
    assert contradicts(Claim(1, str(said)), f"{got}\n", None) == (said != got)
