"""What the grammar says: is it Python, and how much is not."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import BROKEN, CONFIGURATION, HOSTILE_TEXTS, TEXTBOOK
from textbooks.scoring.lessons.grammar import error_share, is_python


@pytest.mark.parametrize(
    "code",
    [
        "x = 1",
        "print('a')",
        "import os",
        "for i in y:\n    pass",
        "def f(): ...",
        "return total",
        "print 'old'",
        "del x",
    ],
)
def test_statements_that_do_something_are_python(code):
    assert is_python(code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ls",
        '{"a": 1}',
        "[1, 2]",
        "pip install textbooks",
        "a, b",
        "# Title",
        "'''words'''",
        "$ python x.py",
        "if (",
    ],
)
def test_names_data_commands_and_comments_are_not(text):
    assert not is_python(text)


@given(st.lists(st.sampled_from(["x = 1", "f(x)", "'words'", "x", "3 + 4", "# remark", "import a"]), max_size=8))
def test_python_is_what_parses_and_holds_a_doing_statement(lines):
    tree = ast.parse("\n".join(lines))
    doing = (ast.Call, ast.Assign, ast.Import)
    assert is_python("\n".join(lines)) == any(isinstance(node, doing) for node in ast.walk(tree))


def test_sound_python_has_no_errors_however_long():
    assert error_share(TEXTBOOK) == 0
    assert error_share(CONFIGURATION) == 0
    assert error_share(TEXTBOOK * 20) == 0


def test_a_long_file_is_not_broken_where_it_is_cut():
    table = "rows = [\n" + "    (1, 2),\n" * 2_000 + "]\n"
    assert error_share("import os\n" + table) == 0


def test_prose_is_mostly_errors():
    assert error_share("Once upon a time there was a list. It held numbers, and it was sorted.\n" * 40) > 0.5
    assert 0 < error_share(BROKEN) <= 1


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS.keys())
def test_any_text_gets_an_answer(text):
    assert 0 <= error_share(text) <= 1
    assert is_python(text) in (True, False)
