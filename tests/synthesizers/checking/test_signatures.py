"""Whether docstring and signature agree."""

from __future__ import annotations

import pytest

from textbooks.synthesizers.checking.exercise_shape import read_exercise
from textbooks.synthesizers.checking.signatures import disagreement, documented_parameters
from textbooks.verdicts import Reason

NUMPY = """Do it.

Parameters
----------
first, second : int
    Numbers.
*rest : int
    More.
third
    Another.

Returns
-------
int
    The sum.
"""
GOOGLE = """Do it.

Args:
    first (int): A number.
        Continued: on the next line.
    second: Another.

Returns:
    int: The sum.
"""
SPHINX = ":param first: a number\n:param int second: another\n:returns: the sum\n"


@pytest.mark.parametrize(
    ("docstring", "names"),
    [
        (NUMPY, ["first", "second", "rest", "third"]),
        (GOOGLE, ["first", "second"]),
        (SPHINX, ["first", "second"]),
        ("Takes first: and second.", []),
        ("", []),
    ],
)
def test_described_parameters_are_found(docstring, names):
    assert documented_parameters(docstring) == names


def exercise(signature, example="f(1)", result="1", doc=""):
    return read_exercise(
        f'def f{signature}:\n    """Return what was given to it, all of it.\n\n{doc}\n'
        f'    >>> {example}\n    {result}\n    """\n    return x\n'
    )


@pytest.mark.parametrize(
    ("signature", "result"),
    [
        ("(x: int) -> int", "1"),
        ("(x) -> float", "1"),
        ("(x) -> list[int]", "[1]"),
        ("(x) -> Optional[int]", "None"),
        ("(x) -> int | None", "None"),
        ("(x) -> 'int | str'", "'a'"),
        ("(x) -> Sequence[int]", "(1, 2)"),
        ("(x) -> Union[int, Fraction]", "'a'"),
        ("(x)", "{}"),
        ("(x) -> bool", "<object ...>"),
    ],
)
def test_results_that_the_annotation_allows_pass(signature, result):
    assert disagreement(exercise(signature, result=result)) is None


@pytest.mark.parametrize(
    ("signature", "result"),
    [
        ("(x) -> int", "'1'"),
        ("(x) -> int", "True"),
        ("(x) -> int", "1.0"),
        ("(x) -> list[int]", "(1, 2)"),
        ("(x) -> 'dict[str, int]'", "[1]"),
        ("(x) -> tuple[int, int] | None", "[1, 2]"),
        ("(x) -> None", "1"),
    ],
)
def test_a_result_that_the_annotation_excludes_is_shown(signature, result):
    found = disagreement(exercise(signature, result=result))
    assert found.reason is Reason.SIGNATURE_MISMATCH
    assert "line 5" in found.detail


def test_a_described_parameter_that_does_not_exist_is_named():
    found = disagreement(exercise("(x, *more, key=None)", doc="    :param y: a number\n    :param more: others\n"))
    assert found.reason is Reason.SIGNATURE_MISMATCH
    assert "parameter y" in found.detail
    assert "key, more, x" in found.detail


def test_what_a_decorator_returns_is_not_judged():
    shape = read_exercise(
        '@wrap\ndef f(x) -> int:\n    """Return what was given to it.\n\n    >>> f(1)\n    "1"\n    """\n    return x\n'
    )
    assert disagreement(shape) is None


def test_no_recorded_exercise_contradicts_itself(exercises):
    for seed, text in exercises:
        assert disagreement(read_exercise(text, defines=seed.fields["function_name"])) is None
