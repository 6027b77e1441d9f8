"""The problems that ship with the library: clear to read, passed by their references, failed by plausible mistakes."""

from __future__ import annotations

import ast
import contextlib
import doctest
import io
import itertools
import json
import os
import re
import signal
from collections import defaultdict
from pathlib import Path

import pytest

from textbooks.decontaminators import NGramDecontaminator, code_tokens
from textbooks.problems import load_problems

WRONG_FILE = Path(__file__).parent.parent / "data" / "unconventional" / "wrong.jsonl"
PROBLEMS = load_problems("unconventional", allow_network=False)
WRONG = [json.loads(line) for line in WRONG_FILE.read_text().splitlines()]
WRONG_OF = defaultdict(list)
for row in WRONG:
    WRONG_OF[row["task_id"]].append(row)
PUBLISHED = os.environ.get("TEXTBOOKS_DATA")
LIMIT = 2.0  # seconds for one solution and all its tests

each_problem = pytest.mark.parametrize("problem", PROBLEMS, ids=[problem.entry_point for problem in PROBLEMS])


@contextlib.contextmanager
def time_limit(seconds):
    def stop(_number, _frame):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def namespace(program):
    names = {}
    exec(compile(program, "<program>", "exec"), names)  # this project's own texts
    return names


def is_right(problem, completion):
    """Whether the completion passes the problem's tests; an exception or running out of time counts as wrong."""
    candidate = namespace(problem.prompt + completion)[problem.entry_point]
    check = namespace(problem.tests)["check"]
    try:
        with time_limit(LIMIT):
            check(candidate)
    except Exception:
        return False
    return True


def asserts(problem):
    (check,) = ast.parse(problem.tests).body
    assert isinstance(check, ast.FunctionDef)
    assert check.name == "check"
    assert all(isinstance(statement, ast.Assert) for statement in check.body)
    return check.body


def is_plain(value):
    if isinstance(value, dict):
        return all(is_plain(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple | set):
        return all(is_plain(part) for part in value)
    return value is None or isinstance(value, bool | int | float | str)


def test_fifty_problems_each_with_an_id_and_a_name_of_its_own():
    assert [problem.id for problem in PROBLEMS] == [f"Unconventional/{number}" for number in range(50)]
    assert len({problem.entry_point for problem in PROBLEMS}) == 50
    assert {problem.benchmark for problem in PROBLEMS} == {"unconventional"}


@each_problem
class TestEach:
    def test_prompt_is_one_typed_function_with_its_rules(self, problem):
        function = ast.parse(problem.prompt).body[-1]
        assert isinstance(function, ast.FunctionDef)
        assert function.name == problem.entry_point
        assert function.returns is not None
        assert all(argument.annotation is not None for argument in function.args.args)
        assert "eturn" in (ast.get_docstring(function) or "")
        assert max(map(len, problem.prompt.splitlines())) <= 120

    def test_examples_in_the_prompt_hold(self, problem):
        names = namespace(problem.prompt + problem.solution)
        text = names[problem.entry_point].__doc__
        examples = doctest.DocTestParser().get_doctest(text, names, problem.entry_point, None, 0)
        assert len(examples.examples) >= 2
        said = io.StringIO()
        assert doctest.DocTestRunner(verbose=False).run(examples, out=said.write).failed == 0, said.getvalue()

    def test_solution_is_the_body_alone_and_imports_nothing(self, problem):
        tree = ast.parse(problem.prompt + problem.solution)
        assert len(tree.body) == 1
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert 4 <= len(problem.solution.splitlines()) <= 25

    def test_ten_or_more_tests_on_plain_literals_none_twice(self, problem):
        calls = []
        for statement in asserts(problem):
            comparison = statement.test
            assert isinstance(comparison, ast.Compare)
            assert isinstance(comparison.ops[0], ast.Eq)
            call, expected = comparison.left, comparison.comparators[0]
            assert isinstance(call, ast.Call)
            assert ast.unparse(call.func) == "candidate"
            assert not call.keywords
            assert all(is_plain(ast.literal_eval(argument)) for argument in call.args)
            assert is_plain(ast.literal_eval(expected))
            calls.append(ast.unparse(call))
        assert len(calls) >= 10
        assert len(set(calls)) == len(calls)

    def test_not_all_tests_expect_the_same(self, problem):
        expected = {ast.unparse(statement.test.comparators[0]) for statement in asserts(problem)}
        assert len(expected) >= 3

    def test_reference_passes_and_leaves_its_arguments_alone(self, problem):
        assert is_right(problem, problem.solution)
        solve = namespace(problem.prompt + problem.solution)[problem.entry_point]
        for statement in asserts(problem):
            arguments = [ast.literal_eval(argument) for argument in statement.test.left.args]
            solve(*arguments)
            assert arguments == [ast.literal_eval(argument) for argument in statement.test.left.args]

    def test_returns_the_very_type_that_the_tests_name(self, problem):
        solve = namespace(problem.prompt + problem.solution)[problem.entry_point]
        for statement in asserts(problem):
            arguments = [ast.literal_eval(argument) for argument in statement.test.left.args]
            assert repr(solve(*arguments)) == repr(ast.literal_eval(statement.test.comparators[0]))

    def test_plausible_wrong_solutions_fail(self, problem):
        rows = WRONG_OF[problem.id]
        assert len(rows) >= 3
        assert len({row["completion"] for row in rows} | {problem.solution}) == len(rows) + 1
        passed = [row["mistake"] for row in rows if is_right(problem, row["completion"])]
        assert passed == []

    def test_wrong_solutions_are_wrong_in_a_test_and_not_by_crashing_at_once(self, problem):
        for row in WRONG_OF[problem.id]:
            candidate = namespace(problem.prompt + row["completion"])[problem.entry_point]
            right = 0
            for statement in asserts(problem):
                arguments = [ast.literal_eval(argument) for argument in statement.test.left.args]
                with contextlib.suppress(Exception), time_limit(LIMIT):
                    right += candidate(*arguments) == ast.literal_eval(statement.test.comparators[0])
            assert right >= 1, row["mistake"]  # what a model would write is right now and then

    def test_mistakes_are_told_in_a_sentence(self, problem):
        for row in WRONG_OF[problem.id]:
            assert sorted(row) == ["completion", "mistake", "task_id"]
            assert re.fullmatch(r"[A-Z].{15,200}\.", row["mistake"])


def test_wrong_solutions_belong_to_problems():
    assert set(WRONG_OF) == {problem.id for problem in PROBLEMS}


def shingles(text, length=5):
    tokens = code_tokens(text)
    return {tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1)}


def test_no_two_problems_are_alike():
    for part in ("prompt", "solution"):
        sets = [(problem.id, shingles(getattr(problem, part))) for problem in PROBLEMS]
        for (one, first), (other, second) in itertools.combinations(sets, 2):
            assert len(first & second) / len(first | second) < 0.1, (part, one, other)


@pytest.mark.skipif(not PUBLISHED, reason="TEXTBOOKS_DATA names no folder with the published benchmarks")
@pytest.mark.parametrize("name", ["humaneval", "mbpp"])
def test_no_overlap_with_the_published_benchmarks(name):
    decontaminator = NGramDecontaminator().fit(load_problems(name, allow_network=False))
    for problem in PROBLEMS:
        for text in (problem.prompt, problem.solution, problem.program):
            assert decontaminator.match(text) is None, problem.id
