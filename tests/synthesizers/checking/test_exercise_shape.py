"""Taking an exercise apart."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.synthesizers.checking.exercise_shape import ExerciseShape, foreign_imports, read_exercise
from textbooks.synthesizers.syntheses import Flaw
from textbooks.verdicts import Reason

GOOD = '''from math import sqrt


def helper(x):
    return x


def root(x: float) -> float:
    """Return the square root of a number that is not negative.

    >>> root(4)
    2.0
    """
    return helper(sqrt(x))


TAIL = 1
'''


def test_prompt_and_completion_meet_behind_the_docstring():
    shape = read_exercise(GOOD, defines="root")
    assert shape.prompt == GOOD[: GOOD.index("    return helper")]
    assert shape.completion == GOOD[GOOD.index("    return helper") :]


def test_the_emptied_program_has_the_docstring_and_what_surrounds_it():
    shape = read_exercise(GOOD, defines="root")
    assert shape.emptied == GOOD.replace("    return helper(sqrt(x))\n", "    pass\n")
    ast.parse(shape.emptied)


def test_examples_carry_their_line_and_what_they_want():
    (example,) = read_exercise(GOOD, defines="root").examples
    assert (example.source, example.want, GOOD.splitlines()[example.line - 1].strip()) == (
        "root(4)\n",
        "2.0\n",
        ">>> root(4)",
    )


def test_without_a_name_the_last_documented_function_counts():
    assert read_exercise(GOOD).name == "root"


@pytest.mark.parametrize(
    ("text", "reason", "says"),
    [
        (GOOD.replace("return helper(sqrt(x))", "return ("), Reason.SYNTAX, "line"),
        (GOOD.replace("from math", "from numpy"), Reason.FOREIGN_IMPORT, "numpy"),
        (GOOD.replace("def root", "def other"), Reason.WRONG_FUNCTION, "there is: helper, other"),
        (
            GOOD.replace("number that is not negative", "").replace("Return the square root of a", "Root"),
            Reason.WRONG_FUNCTION,
            "1 words",
        ),
        (GOOD.replace("    return helper(sqrt(x))\n", ""), Reason.WRONG_FUNCTION, "body of root is missing"),
        (GOOD.replace("    >>> root(4)\n    2.0\n", ""), Reason.NO_EXAMPLES, "no example"),
        (GOOD.replace("root(4)\n    2.0", "1 + 1\n    2"), Reason.NO_EXAMPLES, "No example calls root"),
        (GOOD.replace("\n    2.0", ""), Reason.NO_EXAMPLES, "says what it returns"),
        (GOOD.replace(">>> root(4)", ">>>root(4)"), Reason.NO_EXAMPLES, "cannot be read"),
        ("x = 1\n", Reason.WRONG_FUNCTION, "docstring of any function is missing"),
    ],
)
def test_what_is_missing_is_named(text, reason, says):
    found = read_exercise(text, defines=None if text == "x = 1\n" else "root")
    assert isinstance(found, Flaw)
    assert found.reason is reason
    assert says in found.detail


def test_an_assertion_is_an_example():
    text = GOOD.replace("    >>> root(4)\n    2.0\n", "") + "assert root(9) == 3\n"
    assert read_exercise(text, defines="root").asserts == 1


def test_a_docstring_and_body_on_one_line_are_refused():
    text = 'def f(x): "Return the very thing that was given."; return x\n'
    assert read_exercise(text, defines="f").reason is Reason.WRONG_FUNCTION


def test_relative_imports_are_foreign():
    assert foreign_imports(ast.parse("from . import x\nimport os.path, numpy.linalg\n")) == [".", "numpy"]


@pytest.mark.parametrize("text", ["(" * 100_000, "def f():\n" + " " * 5 + "\0", "\ud800", "-" * 200_000 + "1"])
def test_hostile_code_is_a_syntax_flaw(text):
    assert read_exercise(text).reason is Reason.SYNTAX


@given(st.text(st.sampled_from("def f():\n\"'> 1a")))
def test_no_code_raises(text):
    assert isinstance(read_exercise(text), Flaw | ExerciseShape)


def test_every_recorded_exercise_comes_back_together(exercises):
    for seed, text in exercises:
        shape = read_exercise(text, defines=seed.fields["function_name"])
        assert shape.prompt + shape.completion == text
