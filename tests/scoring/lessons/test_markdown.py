"""Markdown: fences as a parser of the standard sees them, indented code, sessions, prose."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.conftest import HOSTILE_TEXTS
from textbooks.scoring.lessons.blocks import Block, merge_prose
from textbooks.scoring.lessons.markdown import clean_prose, read_markdown


def blocks_of(text):
    return list(merge_prose(read_markdown(text)))


def test_a_lesson_in_parts():
    text = (
        "# Sums\n\nAdd *two* numbers:\n\n```python\ntotal = 1 + 2\n```\n\n```bash\npython sums.py\n```\nThat is all.\n"
    )
    assert blocks_of(text) == [
        Block("prose", "Sums\n\nAdd *two* numbers:"),
        Block("python", "total = 1 + 2"),
        Block("other", "python sums.py"),
        Block("prose", "That is all."),
    ]


@pytest.mark.parametrize(
    "info",
    [
        "python",
        " py",
        "Python3",
        "{python}",
        "{.python .numberLines}",
        'py title="a.py" hl_lines="1"',
        "{code-cell} ipython3",
        "python,ignore",
        "",
    ],
)
def test_ways_to_call_a_fence_python(info):
    assert blocks_of(f"~~~{info}\nx = f(1)\n~~~\n") == [Block("python", "x = f(1)")]


def test_fences_in_a_list_keep_their_own_indentation():
    text = "1. First\n\n    ```python\n    if x:\n        y()\n    ```\n\n2. Then\n"
    assert blocks_of(text) == [
        Block("prose", "1. First"),
        Block("python", "if x:\n    y()"),
        Block("prose", "2. Then"),
    ]


def test_a_fence_that_is_not_closed_reaches_to_the_end():
    assert blocks_of("Look:\n```python\nx = 1\n\ny = 2") == [Block("prose", "Look:"), Block("python", "x = 1\n\ny = 2")]


def test_a_longer_fence_holds_a_shorter_one():
    assert blocks_of("````python\nx = '''\n```\n'''\n````\n") == [Block("python", "x = '''\n```\n'''")]


def test_indented_code_is_python_when_it_parses_and_prose_when_it_does_not():
    text = "Do this:\n\n    x = [1]\n\n    x.append(2)\n\n- an item\n\n    goes on here\n"
    assert blocks_of(text) == [
        Block("prose", "Do this:"),
        Block("python", "x = [1]\n\nx.append(2)"),
        Block("prose", "- an item\n\ngoes on here"),
    ]


def test_indented_text_right_after_prose_is_prose():
    assert blocks_of("Words and\n    x = 1\n") == [Block("prose", "Words and\n    x = 1")]


def test_a_session_in_the_prose():
    assert blocks_of("Try:\n>>> 1 + f(1)\n3\n\nDone.\n") == [
        Block("prose", "Try:"),
        Block("python", "1 + f(1)\n# 3"),
        Block("prose", "Done."),
    ]


def test_front_matter_is_not_read_and_a_rule_is_no_front_matter():
    assert blocks_of("---\ntitle: Sums\n---\nWords\n") == [Block("prose", "Words")]
    assert blocks_of("---\nWords\n") == [Block("prose", "Words")]


def test_tildes_below_a_heading_open_no_fence():
    assert blocks_of("Heading\n~~~~~~~\nWords\n") == [Block("prose", "Heading\n\nWords")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("## Title ##", "Title"),
        ("#hashtag", "#hashtag"),
        ("see [the docs](https://example.org/a b) and [this][1]", "see the docs and this"),
        ("![badge](x.svg) text", " text"),
        ("[![badge](x.svg)](y) text", " text"),
        ("> quoted", "quoted"),
        ("a < b and <b>c</b>", "a < b and c"),
        ("|---|:-:|", ""),
        ("list[int]", "list[int]"),
    ],
)
def test_prose_without_marks(line, expected):
    assert clean_prose(line) == expected


fence = st.tuples(
    st.sampled_from(["```", "````", "~~~"]),
    st.sampled_from(["python", "bash", "py3"]),
    st.lists(st.sampled_from(["x = 1", "", "    y()", "words", "``", "# remark", "``` ", "~~~"]), max_size=5),
    st.booleans(),
)
paragraph = st.sampled_from(["Words here.", "# Title", "- item\n- item", "1. one", "Two\nlines.", "`code` in words"])


@given(st.lists(st.one_of(paragraph, fence), max_size=8), st.booleans())
def test_fences_are_those_that_a_parser_of_the_standard_finds(parts, cut):
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += f"{part}\n\n"
        else:
            mark, language, lines, _ = part
            text += "\n".join([mark + language, *lines, mark]) + "\n\n"
    text = text[: len(text) // 2] if cut else text
    tokens = MarkdownIt("commonmark").parse(text)
    # Indented code is Python or prose, and a name that was cut says nothing: other tests' work.
    assume(all(token.type != "code_block" for token in tokens))
    fences = [token for token in tokens if token.type == "fence" and token.content.strip()]
    assume(all(token.info.strip() in {"python", "bash", "py3"} for token in fences))
    expected = [
        (token.info.strip(), [line.strip() for line in token.content.strip("\n").split("\n")]) for token in fences
    ]
    found = [block for block in merge_prose(read_markdown(text)) if block.kind != "prose"]
    assert [[line.strip() for line in block.text.split("\n")] for block in found] == [lines for _, lines in expected]
    assert [block.kind for block in found] == ["other" if name == "bash" else "python" for name, _ in expected]


@given(st.text(st.sampled_from("`~#>. x=1\n\t-[](){}<!\u05d0"), max_size=80))
def test_any_text_can_be_read_and_nothing_of_its_words_is_invented(text):
    read = "".join(block.text for block in read_markdown(text))
    assert read.count("x") <= text.count("x")


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS.keys())
def test_hostile_texts_are_read(text):
    assert isinstance(read_markdown(text), list)
