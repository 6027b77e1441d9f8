"""Functions of every kind are called, and where they agree with the reference is what is reported."""

from __future__ import annotations

import pytest

from textbooks.decontaminators.strengthening.ordinary_functions import library_for
from textbooks.decontaminators.strengthening.trial import Function, agreements, reference_answers
from textbooks.problems import Case, Problem
from textbooks.sandbox import Sandbox

SQUARES = [Case((x,), {}, x * x) for x in (2, 3, 0)]


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(cpu_seconds=4.0) as one:
        yield one


def marks(sandbox, *functions, cases=SQUARES, published=3):
    return agreements(sandbox, functions, cases, [9] * len(cases), published)


@pytest.mark.parametrize("kind", ["library", "simple", "mutant", "rival"])
def test_expressions_and_programs_are_called_whatever_their_kind(kind, sandbox):
    assert marks(
        sandbox,
        Function(kind, "expression", "lambda a: a * a"),
        Function(kind, "program", "def f(a):\n    return a + a\n", "f"),
        Function(kind, "no function", "g = 1\n", "f"),
        Function(kind, "another type", "lambda a: 'four'"),
    ) == ["111", "101", "", ""]


def test_every_simple_function_that_fits_is_among_those_that_are_called(sandbox):
    chosen = [Function(*entry) for entry in library_for(1) if entry[0] == "simple"]
    found = dict(zip((one.name for one in chosen), marks(sandbox, *chosen), strict=True))
    assert {name for name, mark in found.items() if mark == "111"} == {"square"}
    assert found["double"] == "101"
    assert found["plus one"] == "000"


def test_what_differs_on_a_published_case_is_asked_no_further(sandbox):
    assert marks(sandbox, Function("simple", "double", "lambda a: a + a"), published=2) == ["10"]


def test_a_function_that_runs_many_more_lines_than_the_reference_differs(sandbox):
    slow = "def f(a):\n    for _ in range(10**9):\n        pass\n    return a * a\n"
    assert marks(sandbox, Function("mutant", "slow", slow, "f"), Function("simple", "square", "lambda a: a * a")) == [
        "",
        "111",
    ]


def test_answers_say_how_a_call_ended(sandbox):
    program = (
        "import os, random\n"
        "def f(x):\n"
        "    if x == 1:\n        raise KeyError(x)\n"
        "    while x == 2:\n        pass\n"
        "    if x == 3:\n        return random.random()\n"
        "    if x == 4:\n        os._exit(0)\n"
        "    return [x] * x\n"
    )
    reference = Problem("mine", "f", "", program, "", "f")
    given = [((x,), {}) for x in (0, 1, 2, 3, 4, 5, 6_000)]
    found = reference_answers(sandbox, reference, given, lines=500)
    assert [one.kind for one in found] == ["value", "exception", "timeout", "random", "lost", "value", "exception"]
    assert found[5].value == [5] * 5
    assert found[0].lines < found[2].lines
