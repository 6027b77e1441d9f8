"""The edits of the benchmarks change a program as they say, and never what it does."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from textbooks.problems import Problem, load_problems
from textbooks.sandbox import Sandbox

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks" / "decontamination"
PROGRAM = '''import math


def halves(values, *, base=2):
    """Halve the values.

    Above a limit: raise.
    """
    found = []
    for value in values:  # one by one
        if value > 100:
            raise ValueError("too large")
        if not value % base:
            found.append(value // base); continue
        kind = "odd" if value > 0 else "negative"
        found.append(kind)
    try:
        return found[0] if len(found) == 1 else found
    except IndexError as error:
        return repr(error)


def twice(values): return halves(values + values, base=2) if values else math.inf
'''
TESTS = """
assert twice([]) == float("inf")
assert twice([4, 3, -1]) == [2, "odd", "negative", 2, "odd", "negative"]
assert halves([4]) == 2
"""
PROBLEM = Problem("mine", "1", "", PROGRAM, TESTS, "twice")


@pytest.fixture(scope="module")
def edits():
    sys.path.insert(0, str(FOLDER))
    try:
        import edits

        yield edits
    finally:
        sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as sandbox:
        yield sandbox


def texts(edits, program=PROGRAM):
    return {name: edit(program, "twice").text for name, edit in edits.EDITS.items()}


def test_every_edit_keeps_what_a_program_does(edits, sandbox):
    problems = [Problem("mine", "1", "", PROGRAM, "assert twice([4, 3, -1])[:2] == [2, 'odd']", "twice")]
    problems += load_problems("unconventional")[:3]
    for name, edit in edits.EDITS.items():
        for problem, outcome in edits.check_edits(problems, edit, sandbox):
            assert outcome.passed, f"{name}, {problem.id}: {outcome.detail}"


def test_the_check_finds_an_edit_that_changes_what_a_program_does(edits, sandbox):
    [(_, outcome)] = edits.check_edits(
        [PROBLEM], lambda program, entry: edits.Edited(program.replace("odd", "even"), entry), sandbox
    )
    assert outcome.status.value == "wrong_answer"


def test_each_edit_does_what_it_is_called(edits):
    found = texts(edits)
    assert found["verbatim"] == PROGRAM
    assert found["ast round trip"] == ast.unparse(ast.parse(PROGRAM))
    assert "\n\n  found = []\n" in found["re-indented, blank lines"]
    assert "\n\n      if value > 100:\n\n        raise" not in found["re-indented, blank lines"]
    assert "\n\n    if value > 100:\n\n      raise" in found["re-indented, blank lines"]
    assert "Halve" not in found["docstring removed"]
    assert "# one by one" in found["docstring removed"]
    commented = found["comments inserted"]
    assert "    # Note: this follows the usual convention.\n" in commented
    assert "    # See the discussion in the chapter above.\n    found = []\n" in commented
    assert "\n".join(line for line in commented.split("\n") if not line.lstrip().startswith("# ")) == PROGRAM
    assert found["two statements inserted"].count("progress_so_far = 0") == 2
    assert "if not value > 100:" in found["ifs negated"]
    assert "self.halves(values + values" in found["wrapped in a class"]
    assert 480 <= found["in a 500-line file"].count("\n") <= 650
    assert PROGRAM in found["in a 500-line file"]


def test_renaming_leaves_no_name_but_those_of_others(edits):
    tree = ast.parse(texts(edits)["renamed, docstring removed"])
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert names.isdisjoint(
        {"values", "value", "found", "kind", "halves", "twice", "base", "error"} - {"value", "found"}
    )
    assert {"math", "ValueError", "IndexError", "repr", "len"} <= names
    assert "Halve" in texts(edits)["identifiers renamed"]


def test_nothing_to_edit_is_none(edits):
    assert edits.ifs_negated("def f(x):\n    return x\n", "f") is None
    assert edits.docstring_removed("def f(x):\n    return x\n", "f") is None
    assert edits.docstring_removed('def f(x):\n    """Only this."""\n', "f").text == "def f(x):\n    pass\n"


def test_an_if_that_leaves_takes_what_follows_as_its_other_branch(edits):
    edited = edits.ifs_negated("def f(x):\n    if x:\n        return 1\n    x = 2\n    return x\n", "f")
    assert edited.text == "def f(x):\n    if not x:\n        x = 2\n        return x\n    else:\n        return 1"


def test_hosts_are_the_same_for_a_seed_and_run(edits):
    hosts = sys.modules["hosts"]
    host = hosts.host_of_functions(200, avoid={"main"}, seed=1)
    assert host == hosts.host_of_functions(200, avoid={"main"}, seed=1) != hosts.host_of_functions(200, seed=2)
    exec(compile(host, "host", "exec"), {})
