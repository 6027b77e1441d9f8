"""Blocks: what counts as Python, sessions without their prompts, prose put together."""

from __future__ import annotations

import doctest
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import TEXTBOOK
from textbooks.scoring.lessons.blocks import Block, code_block, merge_prose, without_prompts


@pytest.mark.parametrize("name", ["python", "Python", "py", "python3", "pycon", "IPython"])
def test_what_its_author_calls_python_is_python_even_when_it_does_not_parse(name):
    assert code_block("for x in", name) == Block("python", "for x in")


@pytest.mark.parametrize("name", ["bash", "json", "text", "javascript", "c++"])
def test_what_its_author_calls_otherwise_is_not(name):
    assert code_block("x = 1", name) == Block("other", "x = 1")


def test_without_a_name_the_grammar_decides():
    assert code_block("\n    x = 1\n    y = 2\n", None) == Block("python", "x = 1\ny = 2")
    assert code_block("$ ls -l\n", "") == Block("other", "$ ls -l")


def test_a_session_loses_its_prompts_and_keeps_what_it_printed_as_comments():
    session = ">>> for n in range(2):\n...     print(n)\n...\n0\n1\n\n>>> total = 3\n"
    expected = "for n in range(2):\n    print(n)\n\n# 0\n# 1\n\ntotal = 3"
    assert code_block(session, None) == code_block(session, "pycon") == Block("python", expected)


def test_prompts_in_a_docstring_make_no_session():
    assert code_block(TEXTBOOK, "python") == code_block(TEXTBOOK, None) == Block("python", TEXTBOOK.strip("\n"))
    assert code_block("Python 3.11\n>>> x = 1\n", "pycon") == Block("python", "# Python 3.11\nx = 1")


statement = st.sampled_from(["x = 1", "print(x)", "for n in y:\n    f(n)", "def f(n):\n    # half\n    return n / 2"])


@given(st.lists(st.tuples(statement, st.sampled_from(["", "0\n", "a b\nc\n"])), min_size=1))
def test_a_sessions_code_is_what_doctest_finds(examples):
    session, expected = "", []
    for code, printed in examples:
        lines = code.split("\n")
        session += "\n".join([f">>> {lines[0]}", *(f"... {line}" for line in lines[1:])]) + "\n" + printed
        expected += [*lines, *(f"# {line}" for line in printed.splitlines())]
    assert without_prompts(session).split("\n") == expected
    found = "".join(example.source for example in doctest.DocTestParser().get_examples(session))
    printed = {f"# {line}" for _, text in examples for line in text.splitlines()}
    assert [line for line in without_prompts(session).split("\n") if line not in printed] == found.rstrip("\n").split(
        "\n"
    )


kinds = st.sampled_from(["prose", "python", "other"])


@given(st.lists(st.builds(Block, kinds, st.text(st.sampled_from("ab \n"), max_size=6))))
def test_prose_is_put_together_and_nothing_is_lost(blocks):
    merged = merge_prose(blocks)
    assert all(block.text.strip() for block in merged)
    assert not any(a.kind == b.kind == "prose" for a, b in pairwise(merged))
    words = [(block.kind, word) for block in blocks for word in block.text.split()]
    assert [(block.kind, word) for block in merged for word in block.text.split()] == words
    assert merge_prose(merged) == merged
