"""Where the Python of a text is."""

from __future__ import annotations

import ast
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import HOSTILE_TEXTS, TEXTBOOK
from textbooks.decontaminators.fences import code_of, python_of

SECTION = """# Sums

Add the numbers:

```python
def add(a, b):
    return a + b
```

It prints

```
3 apples
```

```sh
rm -rf build
```
"""


def pieces(text):
    return [text[start:end] for start, end in code_of(text)]


def test_python_is_taken_whole():
    assert code_of(TEXTBOOK) == [(0, len(TEXTBOOK))]
    assert python_of(TEXTBOOK) == TEXTBOOK


def test_of_markdown_only_the_python_blocks_are_taken():
    assert pieces(SECTION) == ["def add(a, b):\n    return a + b\n"]


def test_fences_in_a_docstring_are_no_markdown():
    text = 'def add(a, b):\n    """Add.\n\n    ```python\n    add(1, 2)\n    ```\n    """\n    return a + b\n'
    assert pieces(text) == [text]
    broken = text + "print 'Python 2'\n"
    assert pieces(broken) == [broken]


@pytest.mark.parametrize("info", ["python", "py", "python3", "{python}", "Python title=x", "", "pycon"])
def test_marks_that_mean_python(info):
    assert pieces(f"Text here.\n~~~{info}\nx = 1\n~~~\nand more.\n") == ["x = 1\n"]


@pytest.mark.parametrize("info", ["sh", "json", "c++", "pythonish", "text"])
def test_marks_that_mean_something_else(info):
    assert pieces(f"Text here.\n```{info}\nx = 1\n```\n") == []


@pytest.mark.parametrize("content", ["3 apples\n", "hello\n", "[1, 2]\n", ""])
def test_a_block_without_mark_that_is_no_program_is_left_out(content):
    assert pieces(f"Text here.\n```\n{content}```\n") == []


def test_of_a_session_only_the_input_is_taken():
    text = "Text here.\n```\n>>> for x in a:\n...     print(x)\n...\n1\n>>> y = 2\n```\n"
    assert pieces(text) == ["for x in a:\n", "    print(x)\n", "y = 2\n"]
    assert ast.dump(ast.parse(python_of(text))) == ast.dump(ast.parse("for x in a:\n    print(x)\ny = 2\n"))


def test_an_indented_block_parses():
    text = "- Item one:\n\n  ```python\n  def f(x):\n\n      return x\n  ```\n- Item two.\n"
    assert ast.dump(ast.parse(python_of(text))) == ast.dump(ast.parse("def f(x):\n    return x\n"))


def test_an_unclosed_block_goes_on_to_the_end():
    assert pieces("Text here.\n```python\nx = 1\ny = ") == ["x = 1\ny = "]


def test_a_longer_fence_holds_a_shorter_one():
    assert pieces("Text here.\n````python\nx = '''\n```\n'''\n````\n") == ["x = '''\n```\n'''\n"]


def test_prose_without_fences_is_taken_whole():
    assert code_of("Just some prose.") == [(0, 16)]
    assert code_of("") == []


markdown = st.lists(
    st.sampled_from(
        ["```", "```python", "~~~", "````", "  ```py", ">>> x = 1", "... y", "x = 1", "def f():", "é prose", ""]
    )
).flatmap(lambda lines: st.sampled_from(["\n", "\r\n"]).map(lambda end: end.join(lines)))


@given(st.one_of(st.text(), markdown))
def test_blanking_keeps_positions_and_lines(text):
    spans = code_of(text)
    assert all(start < end for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
    blanked = python_of(text)
    assert len(blanked) == len(text)
    inside = {position for start, end in spans for position in range(start, end)}
    for position, (new, old) in enumerate(zip(blanked, text, strict=True)):
        assert new == old if position in inside or old in "\r\n" else new in " \f"


@pytest.mark.parametrize("text", [*HOSTILE_TEXTS.values(), "```\n" * 50_000], ids=[*HOSTILE_TEXTS, "many fences"])
def test_hostile_text_is_taken(text):
    assert len(python_of(text)) == len(text)
