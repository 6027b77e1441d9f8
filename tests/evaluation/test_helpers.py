"""Helpers of the prompt: the tests use the prompt's own, whatever the candidate makes of them."""

from __future__ import annotations

import os

import pytest

from tests.evaluation.conftest import HALVE, TWICE, row
from textbooks.evaluation import evaluate
from textbooks.evaluation.helpers import tests_with_helpers as with_helpers
from textbooks.problems import Problem, load_problems
from textbooks.sandbox import Sandbox

PROMPT = (
    "from __future__ import annotations\nimport math\n\n\n"
    "def poly(xs, x):\n    return sum(c * math.pow(x, i) for i, c in enumerate(xs))\n\n\n"
    'def find_zero(xs):\n    """Find a zero of poly."""\n'
)
CHECK = "def check(candidate):\n    for xs in ([-6, 3], [4, 2]):\n        assert abs(poly(xs, candidate(xs))) < 1e-9\n"
ZERO = Problem("own", "own/1", PROMPT, "    return -xs[0] / xs[1]\n", CHECK, "find_zero")
CHEATS = {
    "defines the helper anew": "    return 0\n\ndef poly(xs, x):\n    return 0\n",
    "changes the helper when called": "    globals()['poly'] = lambda xs, x: 0\n    return 0\n",
    "changes the module of the helper": "    math.pow = lambda a, b: 0\n    return 0\n",
    "deletes the helper": "    return 0\n\ndel poly\n",
}


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as made:
        yield made


def test_a_right_answer_passes_also_without_the_helper(sandbox):
    rows = [row(ZERO.solution, "own/1"), row(ZERO.solution + "\ndel poly\n", "own/1")]
    assert [r["result"] for r in evaluate([ZERO], rows, ks=[1], sandbox=sandbox).rows] == ["passed", "passed"]


@pytest.mark.parametrize("cheat", CHEATS)
def test_the_candidate_has_no_say_in_the_helper(sandbox, cheat):
    evaluation = evaluate([ZERO], [row(CHEATS[cheat], "own/1")] * 3, ks=[1], sandbox=sandbox)
    assert [r["result"] for r in evaluation.rows] == ["failed: line 8: assert abs(poly(xs, candidate(xs))) < 1e-9"] * 3


def test_the_tests_begin_with_the_helper_and_its_imports():
    assert with_helpers(ZERO) == (
        "import math\n\ndef poly(xs, x):\n    return sum((c * math.pow(x, i) for i, c in enumerate(xs)))\n\n" + CHECK
    )


@pytest.mark.parametrize("problem", [TWICE, HALVE])
def test_other_tests_stay_as_they_are(problem):
    assert with_helpers(problem) == problem.tests


@pytest.mark.parametrize("body", ["    pass\n", "    ...\n", '    """To be written."""\n'])
def test_what_the_prompt_leaves_open_is_the_candidates(body):
    prompt = f"def poly(xs, x):\n{body}\n\ndef find_zero(xs):\n    pass\n"
    problem = Problem("own", "own/2", prompt, "", CHECK, "find_zero")
    assert with_helpers(problem) == CHECK


@pytest.mark.parametrize(("prompt", "tests"), [("def f(:", CHECK), (PROMPT, "def check(:"), ("", "")])
def test_what_does_not_parse_stays_as_it_is(prompt, tests):
    assert with_helpers(Problem("own", "own/3", prompt, "", tests, "find_zero")) == tests


@pytest.mark.skipif("TEXTBOOKS_DATA" not in os.environ, reason="TEXTBOOKS_DATA names no folder with the benchmarks")
def test_three_problems_of_humaneval_have_helpers():
    problems = load_problems("humaneval", allow_network=False)
    found = [problem for problem in problems if with_helpers(problem) != problem.tests]
    assert [problem.id for problem in found] == ["HumanEval/32", "HumanEval/38", "HumanEval/50"]
    evaluation = evaluate(found, [row(problem.solution, problem.id) for problem in found], ks=[1])
    assert evaluation.counts["passed"] == 3
