"""Cases: the calls that the tests make, recorded in the sandbox."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from tests.evaluation.conftest import HALVE, TWICE
from textbooks.errors import InputError
from textbooks.problems import Case, Problem, load_problems, record_cases
from textbooks.sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(cpu_seconds=1.0) as started:
        yield started


def own(solution, tests, entry_point="f"):
    return Problem("own", "1", "", solution, tests, entry_point)


def test_of_check_and_of_assertions(sandbox):
    assert TWICE.cases(sandbox=sandbox) == [Case((2,), {}, 4), Case((-1,), {}, -2)]
    assert HALVE.cases(sandbox=sandbox) == [Case((4,), {}, 2.0)]


def test_a_sandbox_of_its_own():
    assert len(record_cases(TWICE)) == 2


def test_arguments_are_those_before_the_call(sandbox):
    solution = "def f(x, *, by=1):\n    x.append(by)\n    return x\n"
    problem = own(solution, "y = [1]\nassert f(y, by=2) is y\nf(y).pop()\n")
    assert problem.cases(sandbox=sandbox) == [Case(([1],), {"by": 2}, [1, 2]), Case(([1, 2],), {}, [1, 2, 1])]


def test_calls_of_its_own_are_not_recorded(sandbox):
    problem = own("def f(n):\n    return 1 if n < 2 else n * f(n - 1)\n", "assert f(5) == 120\n")
    assert problem.cases(sandbox=sandbox) == [Case((5,), {}, 120)]


def test_helpers_of_the_program_can_be_used_by_the_tests(sandbox):
    solution = "def g(x):\n    return x + 1\ndef f(x):\n    return g(x)\n"
    problem = own(solution, "def check(c):\n    assert c(g(1)) == 3\n")
    assert problem.cases(sandbox=sandbox) == [Case((2,), {}, 3)]


def test_random_inputs_are_the_same_each_time(sandbox):
    tests = "import random\nfor _ in range(20):\n    assert f(random.random()) < 2\n"
    problem = own("def f(x):\n    return 2 * x\n", tests)
    first = problem.cases(sandbox=sandbox)
    assert len({case.args for case in first}) == 20
    assert problem.cases(sandbox=sandbox) == first


def test_what_is_not_plain_is_left_out(sandbox):
    tests = (
        "f(int)\nf({1: (2, {3})})\nf([object()])\nf(lambda: 1)\nf(1.5)\n"
        "import collections\nassert f(collections.Counter('ab'))\n"
        "try:\n    f()\nexcept TypeError:\n    pass\n"
    )
    found = own("def f(x):\n    return x\n", tests).cases(sandbox=sandbox)
    assert found == [Case(({1: (2, {3})},), {}, {1: (2, {3})}), Case((1.5,), {}, 1.5)]


def test_results_lose_their_class_and_nothing_else(sandbox):
    problem = own("import collections\ndef f(x):\n    return collections.Counter(x)\n", "f('aab')")
    assert problem.cases(sandbox=sandbox) == [Case(("aab",), {}, {"a": 2, "b": 1})]


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (own("def f(): return 1", "assert f() == 2"), "own 1 does not pass its tests: AssertionError"),
        (own("def f(): return 1", "assert f() =="), "does not pass its tests: SyntaxError"),
        (own("def f(:", "assert f()"), "does not pass its tests: exception"),
        (own("def f():\n    while True: pass", "f()"), "does not pass its tests: timeout"),
        (own("import os\ndef f(): os._exit(0)", "f()"), "does not pass its tests: killed"),
        (own("def g(): return 1", "f()"), "does not pass its tests"),
        (replace(HALVE, entry_point=""), "mbpp|own 11 has no entry point"),
    ],
)
def test_a_reference_that_does_not_pass_is_named(problem, message):
    with Sandbox(cpu_seconds=0.3) as sandbox, pytest.raises(InputError, match=message):
        problem.cases(sandbox=sandbox)


def test_programs_of_completions():
    assert TWICE.program_of("    return 1\n") == TWICE.prompt + "    return 1\n"
    assert HALVE.program_of("def halve(x): ...") == "def halve(x): ..."
    assert [TWICE.has_check, HALVE.has_check, replace(TWICE, tests="def check(:").has_check] == [True, False, False]


def test_the_problems_that_ship_are_found_or_their_absence_is_explained():
    try:
        problems = load_problems("unconventional")
    except InputError as error:
        assert "unconventional" in str(error)  # noqa: PT017
    else:
        assert all(problem.has_check and problem.benchmark == "unconventional" for problem in problems)


@pytest.mark.skipif("TEXTBOOKS_DATA" not in os.environ, reason="TEXTBOOKS_DATA names no folder with HumanEval")
def test_cases_of_humaneval_hold_when_called_again(sandbox):
    for problem in load_problems("humaneval", allow_network=False)[:40]:
        cases = problem.cases(sandbox=sandbox)
        outcome = sandbox.call(problem.program, problem.entry_point, [(case.args, case.kwargs) for case in cases])
        assert [value for _, value in outcome.value] == [case.expected for case in cases], problem.id
