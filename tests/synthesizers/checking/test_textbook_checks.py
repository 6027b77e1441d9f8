"""Sections: their shape, whether they run, and whether their comments are true."""

from __future__ import annotations

import pytest

from textbooks.synthesizers.checking.textbook_checks import check_textbooks
from textbooks.synthesizers.checking.textbook_shape import read_textbook
from textbooks.synthesizers.syntheses import Flaw
from textbooks.verdicts import Reason

PROSE = "Words of prose that explain the idea in some detail. " * 12


def section(*blocks):
    return "# Title\n\n" + "".join(f"{PROSE}\n\n```python\n{block}\n```\n\n" for block in blocks)


def flaw_of(text, sandbox):
    shape = read_textbook(text)
    return shape if isinstance(shape, Flaw) else check_textbooks([shape], sandbox, workers=1)[0]


@pytest.mark.parametrize(
    "blocks",
    [
        ["x = 1", "print(x)  # 1"],
        ["def f(n):\n    return n * 2", "f(2)  # 4\nassert f(3) == 6"],
        ["from dataclasses import dataclass\n\n@dataclass\nclass P:\n    a: int\n\nP(1)  # P(a=1)"],
        ["if __name__ == '__main__':\n    print('run')"],
        ["try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    print(error)  # division by zero"],
    ],
)
def test_sections_that_run_and_tell_the_truth_hold(blocks, sandbox):
    assert flaw_of(section(*blocks), sandbox) is None


@pytest.mark.parametrize(
    ("text", "reason", "says"),
    [
        (section("x = 1", "print(y)"), Reason.FAILS_TO_RUN, "NameError"),
        (section("assert 1 == 2"), Reason.FAILS_EXAMPLES, "AssertionError"),
        (section("print(sum([1, 2]))  # 4"), Reason.WRONG_CLAIM, "says 4, and the code gives 3"),
        (section("sorted({'b': 1, 'a': 2})  # ['b', 'a']"), Reason.WRONG_CLAIM, "['a', 'b']"),
        (section("def f(:"), Reason.SYNTAX, "block 1"),
        (section(">>> 1 + 1\n2"), Reason.SYNTAX, "interactive session"),
        (section("import numpy"), Reason.FOREIGN_IMPORT, "numpy"),
        (section("while True: pass"), Reason.TOO_SLOW, ""),
        (section("import os\nos.abort()"), Reason.FAILS_TO_RUN, "ends its process"),
        ("Few words.\n\n```python\nx = 1\n```\n", Reason.TOO_SHORT, "2 words"),
        (PROSE * 40 + "\n```python\nx = 1\n```\n", Reason.TOO_LONG, "words"),
        (PROSE + "\n```\nx = 1\n```\n", Reason.MALFORMED_ANSWER, "no Python block"),
    ],
)
def test_what_is_wrong_with_a_section_is_explained(text, reason, says, sandbox):
    found = flaw_of(text, sandbox)
    assert found.reason is reason, found
    assert says in found.detail


def test_the_line_of_a_failure_is_that_of_the_text(sandbox):
    text = section("x = 1", "y = 2\n\n@staticmethod\ndef f():\n    pass\n\nz = undefined")
    line = int(flaw_of(text, sandbox).evidence["line"])
    assert text.splitlines()[line - 1] == "z = undefined"


def test_the_line_of_a_false_comment_is_that_of_the_text(sandbox):
    text = section("x = 1", "y = 2\nprint(\n    y,\n)  # 3")
    line = int(flaw_of(text, sandbox).evidence["line"])
    assert text.splitlines()[line - 1] == ")  # 3"


def test_much_output_is_cut_and_harms_nobody(sandbox):
    assert flaw_of(section("print('a' * 10 ** 7)\nprint(2)  # 2"), sandbox) is None


def test_every_recorded_section_holds(sections, sandbox):
    shapes = [read_textbook(text) for _, text in sections]
    assert check_textbooks(shapes, sandbox, workers=2) == [None] * len(shapes)
