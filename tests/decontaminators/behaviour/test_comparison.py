"""Whether two results are the same answer: lenient in how it is wrapped, strict in what it says."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.decontaminators.behaviour.comparison import answers_agree, canonical, could_run, judged

NAN = float("nan")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("expected", "given_value"),
    [
        ([1, 2], (1, 2)),
        ((1, [2, (3,)]), [1, (2, [3])]),
        ([0, 1, 2], range(3)),
        ([1, 4], iter([1, 4])),
        (3, 3.0),
        (0.1 + 0.2, 0.3),
        (NAN, NAN),
        ({1, 2}, frozenset([2, 1])),
        ({1, 2}, [2, 1]),
        ({"a": (1, 2)}, {"a": [1, 2]}),
        (b"ab", bytearray(b"ab")),
        (2**80, 2**80),
    ],
)
def test_the_same_answer_in_another_wrapping_agrees(expected, given_value):
    assert answers_agree(canonical(expected), canonical(given_value))


@pytest.mark.parametrize(
    ("expected", "given_value"),
    [
        (True, 1),
        (0, False),
        ([True], [1]),
        (None, 0),
        ([1, 2], [2, 1]),
        ([1, 2], {1, 2}),
        ({1, 2}, [1, 2, 2]),
        ({1}, [[1]]),
        ("12", 12),
        ("ab", ["a", "b"]),
        ("Yes", "YES"),
        (1.0, 1.001),
        ("a", b"a"),
        ({"a": 1}, [("a", 1)]),
        ([], None),
        (2**80, 2**80 + 1),
    ],
)
def test_another_answer_differs(expected, given_value):
    assert not answers_agree(canonical(expected), canonical(given_value))


@given(PLAIN)
def test_a_value_agrees_with_itself_and_with_its_tuples(value):
    def tupled(one):
        if isinstance(one, list):
            return tuple(map(tupled, one))
        return {key: tupled(item) for key, item in one.items()} if isinstance(one, dict) else one

    assert answers_agree(canonical(value), canonical(value))
    assert answers_agree(canonical(value), canonical(tupled(value)))
    assert canonical(canonical(value)) == canonical(value)


def oracle(one, two):
    """The rules, written down plainly for what JSON can hold."""
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two
    if isinstance(one, int | float) and isinstance(two, int | float):
        return one == two or math.isclose(one, two, rel_tol=1e-6, abs_tol=1e-6)
    if type(one) is not type(two):
        return False
    if isinstance(one, list):
        return len(one) == len(two) and all(map(oracle, one, two))
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(oracle(one[key], two[key]) for key in one)
    return one == two


SMALL = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, 1.0000001, "", "1"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)


@given(SMALL, SMALL)
def test_agreement_is_what_a_plain_reading_of_the_rules_says(one, two):
    assert answers_agree(canonical(one), canonical(two)) == oracle(one, two) == answers_agree(two, one)


def test_what_is_nested_too_deep_is_left_and_raises_nothing():
    deep: list = []
    for _ in range(140):
        deep = [deep]
    assert answers_agree(canonical(deep), canonical(deep))


@pytest.mark.parametrize(
    ("reply", "ran"),
    [
        (("value", 1), True),
        (("timeout",), False),
        (("lost",), False),
        (("exception", "NameError", "name 'np' is not defined"), False),
        (("exception", "ModuleNotFoundError", "No module named 'numpy'"), False),
        (("exception", "MemoryError", ""), False),
        (("exception", "AttributeError", "module 'math' has no attribute 'sumprod'"), False),
        (("exception", "AttributeError", "'int' object has no attribute 'split'"), True),
        (("exception", "TypeError", "'int' object is not iterable"), True),
        (("exception", "UnboundLocalError", "cannot access local variable 'x'"), True),
    ],
)
def test_only_what_says_something_of_the_function_counts(reply, ran):
    assert could_run(reply) == ran
    assert judged(5, reply) is (None if not ran else False)
    assert judged(1, ("value", 1.0)) is True


def test_what_became_of_the_argument_is_an_answer_too():
    assert judged([1, 2], ("value", None, (1, 2))) is True
    assert judged(None, ("value", None, [1])) is True
    assert judged([2], ("value", None, [1])) is False
