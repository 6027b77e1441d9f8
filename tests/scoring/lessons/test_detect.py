"""Which format a text is in."""

from __future__ import annotations

import json

import pytest

from tests.conftest import BROKEN, CONFIGURATION, HOSTILE_TEXTS, TEXTBOOK
from textbooks.scoring.lessons.detect import detect_format

MARKDOWN = "# Sums\n\nHere is how to add two numbers:\n\n```python\ntotal = 1 + 2\n```\n\nThat is all there is to it.\n"
INDENTED = (
    "Sums\n====\n\nHere is how to add, said [the book](x.html):\n\n    total = 1 + 2\n\nThat is all there is to it.\n"
)
POST = "<p>Why does this fail?</p>\n\n<pre><code>x = [1, 2\n</code></pre>\n\n<p>I tried it twice, it isn't sound.</p>\n"
NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": ["x = 1"]}], "nbformat": 4})
PROSE = "Once upon a time there was a list. It held numbers, and they were sorted.\n" * 5
FENCES_IN_A_DOCSTRING = f'"""Sums.\n\n```python\nx = f(1)\n```\n"""\n{TEXTBOOK}'
HTML_IN_A_STRING = 'PAGE = """<p>Words</p><div></div>"""\nprint(PAGE)\n'
PYTHON_2 = 'print "a"\nexec "b"\n\n\ndef f():\n    raise ValueError, "c"\n' + TEXTBOOK


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MARKDOWN, "markdown"),
        (INDENTED, "markdown"),
        (POST, "html"),
        (NOTEBOOK, "notebook"),
        ("\ufeff\n" + NOTEBOOK, "notebook"),
        (NOTEBOOK[:-3], "notebook"),
        (PROSE, "markdown"),
        (TEXTBOOK, "python"),
        (CONFIGURATION, "python"),
        (FENCES_IN_A_DOCSTRING, "python"),
        (HTML_IN_A_STRING, "python"),
        (PYTHON_2, "python"),
        (BROKEN + TEXTBOOK, "python"),
        ('{"a": 1}', "python"),
        ("", "python"),
    ],
)
def test_formats_are_told_apart(text, expected):
    assert detect_format(text) == expected


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS.keys())
def test_any_text_gets_a_format(text):
    assert detect_format(text) in {"python", "markdown", "html", "notebook"}
