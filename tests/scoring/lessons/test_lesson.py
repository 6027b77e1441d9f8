"""Lessons as the Python files that they would be."""

from __future__ import annotations

import ast
import io
import tokenize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import HOSTILE_TEXTS, TEXTBOOK
from textbooks.scoring.lessons import TEXT_FORMATS, Block, Lesson
from textbooks.scoring.lessons.blocks import merge_prose
from textbooks.scoring.lessons.notebook import NotANotebookError
from textbooks.scoring.lessons.render import as_python, wrap


def test_prose_first_is_the_docstring_and_later_a_comment():
    text = "# Sums\n\nAdd numbers:\n\n```python\ntotal = 1 + 2\n```\n\nNow print\nit:\n\n```python\nprint(total)\n```\n"
    assert Lesson.read(text, "markdown").as_python() == (
        '"""Sums\n\nAdd numbers:\n"""\n\ntotal = 1 + 2\n\n# Now print\n# it:\nprint(total)\n'
    )


def test_code_in_other_languages_is_left_out():
    text = "```bash\nls\n```\n```python\nx = 1\n```\n"
    assert Lesson.read(text, "markdown").as_python() == "x = 1\n"


def test_python_stays_as_it_is():
    lesson = Lesson.read(TEXTBOOK, "python")
    assert lesson.as_python() is TEXTBOOK
    assert lesson.has_code


def test_auto_says_what_it_found():
    assert Lesson.read("<p>Words, and more.</p><pre>x = 1</pre><p>That's it</p>").text_format == "html"
    assert Lesson.read(TEXTBOOK).text_format == "python"


def test_prose_alone_has_no_code():
    assert not Lesson.read("# Title\n\nWords.\n\n```json\n{}\n```\n", "markdown").has_code


def test_the_share_of_python_is_that_of_characters():
    assert Lesson.read("Words!\n\n```python\nx = 12\n```\n```json\n{}12\n```\n", "markdown").python_share == 6 / 16
    assert Lesson.read(TEXTBOOK).python_share == 1
    assert Lesson.read("", "markdown").python_share == 0


def test_an_unknown_format_is_refused():
    with pytest.raises(
        ValueError, match="text_format must be one of python, auto, markdown, html, notebook, got 'rst'"
    ):
        Lesson.read("", "rst")


def test_line_ends_and_marks_of_other_systems_do_not_matter():
    text = "Add:\n\n```python\nx = 1\n\ny = 2\n```\n"
    read = Lesson.read(text, "markdown").as_python()
    assert Lesson.read("\ufeff" + text.replace("\n", "\r\n"), "markdown").as_python() == read
    assert Lesson.read(text.replace("\n", "\r"), "markdown").as_python() == read


def test_of_long_texts_the_ends_are_read():
    text = "```python\nfirst = 1\n```\n" + "words " * 100_000 + "\n```python\nlast = 1\n```\n"
    found = Lesson.read(text, "markdown").as_python()
    assert found.startswith("first = 1\n")
    assert found.endswith("last = 1\n")
    assert len(found) < 300_000


def test_a_docstring_cannot_be_ended_from_within():
    read = as_python([Block("prose", 'a """ b \\'), Block("python", "x = 1")])
    assert [type(node) for node in ast.parse(read).body] == [ast.Expr, ast.Assign]


code = st.sampled_from(["x = 1", "def f(n):\n    return n", "for n in y:\n\n    print(n)", "class A:\n    pass"])
prose = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), min_size=1, max_size=300)
blocks = st.lists(
    st.one_of(st.builds(Block, st.just("python"), code), st.builds(Block, st.sampled_from(["prose", "other"]), prose))
)


@given(blocks)
def test_the_file_has_the_code_of_the_blocks_and_nothing_else_of_python(parts):
    """What Python sees is the code alone: prose stands in one docstring and in comments."""
    found = ast.parse(as_python(merge_prose(parts)))
    expected = ast.parse("\n".join(block.text for block in parts if block.kind == "python"))
    body = found.body
    if body and isinstance(body[0], ast.Expr):
        assert ast.get_docstring(found) is not None
        body = body[1:]
    assert [ast.dump(node) for node in body] == [ast.dump(node) for node in expected.body]


@given(blocks)
def test_no_word_of_the_prose_is_lost(parts):
    merged = merge_prose(parts)
    read = as_python(merged)
    comments = [
        token.string.removeprefix("#")
        for token in tokenize.generate_tokens(io.StringIO(read).readline)
        if token.type == tokenize.COMMENT
    ]
    told = " ".join([ast.get_docstring(ast.parse(read), clean=False) or "", *comments])
    first, *others = [block.text if block.kind == "prose" else "" for block in merged] or [""]
    in_docstring = first.replace("\\", "/").replace('"""', "'''")
    assert told.split() == " ".join([in_docstring, *others]).split()


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=400))
def test_wrapped_lines_are_short_and_keep_their_words(text):
    lines = wrap(text)
    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= 77 or len(line.split()) == 1 for line in lines)


HOSTILE = {
    **HOSTILE_TEXTS,
    "unclosed fences": "```python\n" * 20_000,
    "fences of growing length": "\n".join("`" * n for n in range(3, 800)),
    "brackets": "[" * 100_000 + "](" * 10_000,
    "spaces before a mark": "x" + " " * 200_000 + "#`",
    "sessions": ">>> x\n" * 20_000,
    "indented": "\n    x = 1\n\ny\n" * 10_000,
    "cells without end": '{"cells": [' * 1_000,
    "a long table": "|---" * 50_000,
}


@pytest.mark.parametrize("text_format", TEXT_FORMATS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_are_read_or_refused(text, text_format):
    try:
        lesson = Lesson.read(text, text_format)
    except NotANotebookError:
        assert text_format in {"notebook", "auto"}
        return
    assert lesson.has_code in (True, False)
    assert len(lesson.as_python()) <= 2 * max(len(text), 100)
