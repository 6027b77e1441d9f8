"""Notebooks: cells of both formats, magics, other kernels, broken files."""

from __future__ import annotations

import json
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import HOSTILE_TEXTS
from textbooks.scoring.lessons.blocks import Block
from textbooks.scoring.lessons.notebook import NotANotebookError, read_notebook


def notebook(*cells, **metadata):
    return json.dumps({"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def code(source, **more):
    return {"cell_type": "code", "source": source, "outputs": [], **more}


def words(source):
    return {"cell_type": "markdown", "source": source}


def test_cells_in_order_sources_as_string_or_lines():
    text = notebook(words("# Sums\n"), code(["x = 1\n", "y = x"]), code("f(x)"), {"cell_type": "raw", "source": "raw"})
    assert [block for block in read_notebook(text) if block.text] == [
        Block("prose", "Sums\n"),
        Block("python", "x = 1\ny = x"),
        Block("python", "f(x)"),
        Block("prose", "raw"),
    ]


def test_code_in_markdown_cells_is_code():
    assert read_notebook(notebook(words("Do:\n```python\nx = 1\n```"))) == [
        Block("prose", "Do:"),
        Block("python", "x = 1"),
    ]


def test_the_older_format():
    cells = [{"cell_type": "code", "input": ["x = 1"], "language": "python"}, words("Words")]
    text = json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3})
    assert read_notebook(text) == [Block("python", "x = 1"), Block("prose", "Words")]


def test_lines_for_ipython_become_comments():
    source = "%matplotlib inline\n!pip install x\nx = 7 % 2\nplot?\n    %time f()\ny = !ls"
    expected = "# %matplotlib inline\n# !pip install x\nx = 7 % 2\n# plot?\n    # %time f()\ny = !ls"
    assert read_notebook(notebook(code(source))) == [Block("python", expected)]


@pytest.mark.parametrize(("magic", "kind"), [("%%bash", "other"), ("%%html", "other"), ("%%time", "python")])
def test_cells_under_a_magic(magic, kind):
    assert [block.kind for block in read_notebook(notebook(code(f"{magic}\nx = 1")))] == [kind]


@pytest.mark.parametrize(
    ("metadata", "kind"),
    [
        ({}, "python"),
        ({"kernelspec": {"language": "python"}}, "python"),
        ({"language_info": {"name": "ipython"}}, "python"),
        ({"language_info": {"name": "R"}}, "other"),
        ({"kernelspec": {"language": "julia", "name": "x"}}, "other"),
        ({"kernelspec": None}, "python"),
    ],
)
def test_the_language_of_the_kernel(metadata, kind):
    assert [block.kind for block in read_notebook(notebook(code("x = 1"), **metadata))] == [kind]


def test_no_more_is_read_than_is_asked_for():
    text = notebook(code("x = 1"), code("y = 22"), code("z = 3"))
    assert [block.text for block in read_notebook(text, max_chars=8)] == ["x = 1", "y ="]


def test_what_json_holds_beside_text_is_passed_over():
    cells = [code(None), code({"a": 1}), code([1, "x = 1\r\n", None]), 5, None, {"source": "y"}, code("s = '\ud800'")]
    kept = [block for block in read_notebook(notebook(*cells)) if block.text]
    assert kept == [Block("python", "x = 1"), Block("prose", "y"), Block("python", "s = '?'")]


def test_numbers_that_are_none_do_not_matter():
    assert read_notebook('{"cells": [{"cell_type": "code", "source": "x = 1", "outputs": [NaN]}]}') == [
        Block("python", "x = 1")
    ]


BROKEN = {
    "empty": "",
    "cut off": notebook(code("x = 1"))[:-5],
    "a list": "[]",
    "no cells": '{"nbformat": 4}',
    "cells of another kind": '{"cells": {"a": 1}}',
    "deep": '{"cells": ' + "[" * 200_000 + "]" * 200_000 + "}",
    "a long number": '{"cells": [' + "9" * 10_000 + "]}",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_notebook_is_refused_with_one_error(text):
    with pytest.raises(NotANotebookError, match="not a notebook"):
        read_notebook(text)


def test_an_error_is_short_whatever_the_text():
    with pytest.raises(NotANotebookError) as caught:
        read_notebook(HOSTILE_TEXTS["one long line"])
    assert len(str(caught.value)) < 200


lines = st.lists(st.sampled_from(["x = 1", "f(x)", "", "if x:", "    y()"]), min_size=1, max_size=5)


@given(st.lists(lines))
def test_code_cells_keep_their_code(cells):
    text = notebook(*(code([line + "\n" for line in cell]) for cell in cells))
    expected = [textwrap.dedent("\n".join(cell)).strip("\n") for cell in cells]
    assert [block.text for block in read_notebook(text)] == expected
    assert {block.kind for block in read_notebook(text)} <= {"python"}
