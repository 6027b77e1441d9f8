"""A problem as questions: what is asked first tells most, and what agreement tells is counted in bits."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from textbooks.decontaminators.behaviour.questions import question
from textbooks.problems import Case, Problem
from textbooks.sandbox.inside.codec import load

PROBLEM = Problem("mine", "1", "", "def f(x):\n    return x\n", "", "f")


def asked(cases, published=None):
    return question(PROBLEM, cases, len(cases) if published is None else published)


@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(0, 3)), min_size=1, max_size=12, unique_by=lambda c: c[0]))
def test_bits_are_the_information_of_the_answers(pairs):
    one = asked([Case((value,), {}, answer) for value, answer in pairs])
    answers = [answer for _, answer in pairs]
    assert one.bits == tuple(-math.log2(answers.count(answer) / len(answers)) + 0.0 for answer in answers)
    assert one.distinct_outputs == len(set(answers))
    assert one.published == len(pairs)
    assert [load(message.encode()) for message in one.inputs] == [[value] for value, _ in pairs]


@given(st.lists(st.booleans(), min_size=2, max_size=10))
def test_the_telling_inputs_have_different_answers_where_there_are_any(answers):
    one = asked([Case((10 + number,), {}, answer) for number, answer in enumerate(answers)])
    assert len(one.telling) == 2
    assert len({answers[place] for place in one.telling}) == len(set(answers))


def test_what_tells_most_is_rare_and_not_trivial_and_published():
    cases = [Case((5,), {}, 5), Case((6,), {}, 0), Case((7,), {}, 0), Case((12,), {}, 36), Case((13,), {}, 99)]
    assert asked(cases).telling == (3, 4)
    assert set(asked(cases, published=3).telling) <= {0, 1, 2}


def test_a_constant_tells_nothing():
    one = asked([Case((n,), {}, "same") for n in range(5)])
    assert sum(one.bits) == 0.0


def test_repeated_inputs_names_and_odd_calls():
    cases = [Case((1, 2), {}, 3), Case((1,), {"b": 2}, 3), Case((1, 5), {}, 6), Case((1,), {}, 2), Case((), {}, 0)]
    one = asked(cases)
    assert one.arguments == 2
    assert [load(message.encode()) for message in one.inputs] == [[1, 2], [1, 5]]


def test_nothing_to_ask():
    assert asked([]) is None
    assert asked([Case((), {}, 1)]) is None
    assert asked([Case((object(),), {}, 1)]) is None
    assert asked([Case(("x" * 100_000,), {}, 1)]) is None


def test_the_digits_of_a_fraction_tell_more_than_a_few_inputs_can():
    one = asked([Case((n,), {}, answer) for n, answer in enumerate([0.125, 2 / 3, 2.0, 7])])
    assert one.bits == (3 * math.log2(10), 16.0, 2.0, 2.0)
    assert asked([Case((n,), {}, 2 / 3) for n in range(3)]).bits == (0.0,) * 3
