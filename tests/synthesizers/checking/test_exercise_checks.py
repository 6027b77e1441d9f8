"""Running exercises: what holds, what does not, and what proves nothing."""

from __future__ import annotations

import pytest

from textbooks.synthesizers.checking.exercise_checks import check_exercises
from textbooks.synthesizers.checking.exercise_shape import read_exercise
from textbooks.verdicts import Reason


def program(body, examples, before="", after=""):
    lines = "\n".join(f"    {line}" if line else "" for line in examples.split("\n"))
    indented = "\n".join(f"    {line}" for line in body.split("\n"))
    docstring = f'    """Return something that depends on what is given.\n\n{lines}\n    """\n'
    return f"{before}def f(x=1):\n{docstring}{indented}\n{after}"


def flaw_of(text, sandbox):
    return check_exercises([read_exercise(text, defines="f")], sandbox, workers=1)[0]


@pytest.mark.parametrize(
    ("body", "examples"),
    [
        ("return x + 1", ">>> f(1)\n2"),
        ("print(x)", ">>> f(1)\n1"),
        ("return [x, x]", ">>> f(1)[0]\n1\n>>> y = f(2)\n>>> y\n[2, 2]"),
        (
            "raise ValueError('no: ' + str(x))",
            ">>> f(1)\nTraceback (most recent call last):\n    ...\nValueError: no: 1",
        ),
        ("raise Trouble(x)", ">>> f(1)\nTraceback (most recent call last):\n    ...\nTrouble: 1"),
        (
            "raise ValueError(x)",
            ">>> f(1)  # doctest: +IGNORE_EXCEPTION_DETAIL\nTraceback (most recent call last):\nValueError: else",
        ),
        ("return object()", ">>> f(1)  # doctest: +ELLIPSIS\n<object object at ...>"),
        ("return x", ">>> f(1) + undefined  # doctest: +SKIP\n7\n>>> f(2)\n2"),
        ("return 'a\\n\\nb'", ">>> print(f())\na\n<BLANKLINE>\nb"),
        ("return {x: x * 2\n    for x in range(2)}", ">>> f() == {0: 0, 1: 2}\nTrue"),
    ],
)
def test_what_doctest_accepts_holds(body, examples, sandbox):
    assert flaw_of(program(body, examples, before="class Trouble(Exception):\n    pass\n\n\n"), sandbox) is None


@pytest.mark.parametrize(
    ("text", "reason", "says"),
    [
        (
            program("return x + 2", ">>> f(1)\n2"),
            Reason.FAILS_EXAMPLES,
            "line 4 does not hold: f(1) should give 2, and gives 3",
        ),
        (program("raise KeyError(x)", ">>> f(1)\n2"), Reason.FAILS_EXAMPLES, "KeyError: 1"),
        (
            program("return x", ">>> f(1)\nTraceback (most recent call last):\nValueError: no"),
            Reason.FAILS_EXAMPLES,
            "gives 1",
        ),
        (program("return undefined", ">>> f(1)\n2"), Reason.FAILS_EXAMPLES, "NameError"),
        (program("return x", ">>> f(1)\n1", after="\n\nassert f(1) == 2\n"), Reason.FAILS_EXAMPLES, "AssertionError"),
        (program("return x", ">>> f(1)\n1", after="\n\nraise OSError('late')\n"), Reason.FAILS_TO_RUN, "OSError: late"),
        (program("return x", ">>> f(1)\n1", after="\n\nimport sys\nsys.exit()\n"), Reason.FAILS_TO_RUN, "SystemExit"),
        (
            program("return x", ">>> f(1)\n1", before="import os\nos._exit(0)\n"),
            Reason.FAILS_TO_RUN,
            "ends its process",
        ),
        (program("while True:\n    pass", ">>> f(1)\n1"), Reason.TOO_SLOW, ""),
        (program("return [0] * 10 ** 10", ">>> f(1)\n1"), Reason.FAILS_EXAMPLES, "MemoryError"),
        (program("return None", ">>> f(1)\n>>> f(2) is None\nTrue"), Reason.IDLE_EXAMPLES, "prove nothing"),
        (program("return input()", ">>> f()\n'a'"), Reason.FAILS_EXAMPLES, "EOFError"),
    ],
)
def test_what_does_not_hold_is_explained(text, reason, says, sandbox):
    found = flaw_of(text, sandbox)
    assert found.reason is reason, found
    assert says in found.detail


def test_future_imports_reach_the_examples(sandbox):
    text = program(
        "return x", ">>> def g(y: Undefined): return y\n>>> g(f(3))\n3", before="from __future__ import annotations\n"
    )
    assert flaw_of(text, sandbox) is None


def test_dataclasses_and_source_lookup_work(sandbox):
    before = "import inspect\nfrom dataclasses import dataclass\n\n\n@dataclass\nclass P:\n    a: 'int'\n\n\n"
    assert (
        flaw_of(
            program("return P(x), len(inspect.getsource(f)) > 9", ">>> f(1)\n(P(a=1), True)", before=before), sandbox
        )
        is None
    )


def test_code_below_the_main_guard_is_left_out(sandbox):
    guarded = "\n\nif __name__ == '__main__':\n    raise SystemExit(3)\n"
    assert flaw_of(program("return x", ">>> f(1)\n1", after=guarded), sandbox) is None


def test_one_flaw_is_no_matter_of_the_others(sandbox):
    texts = [program(f"return x + {number % 2}", ">>> f(1)\n1") for number in range(8)]
    found = check_exercises([read_exercise(text, defines="f") for text in texts], sandbox, workers=2)
    assert [flaw is None for flaw in found] == [True, False] * 4
