"""Reading what a model answers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.llm import Completion
from textbooks.synthesizers.checking.answers import blocks_of, code_in, markdown_in, unusable
from textbooks.synthesizers.syntheses import Flaw
from textbooks.verdicts import Reason

CODE = "def f(x):\n    return x\n"
LESSON = f"# Title\n\nSome prose.\n\n```python\n{CODE}```\n\nMore prose.\n"


@pytest.mark.parametrize(
    "answer",
    [
        CODE,
        f"```python\n{CODE}```",
        f"Sure!\n\n```py\n{CODE}```\nHope this helps.",
        f"```\n{CODE}```",
        f"~~~python\n{CODE}~~~\n",
        f"```python\nimport os\n```\nand\n```python\n{CODE}```",
        f"```text\nnothing\n```\n```python\n{CODE}```",
        json.dumps({"code": CODE}),
        f"```json\n{json.dumps({'solution': CODE})}\n```",
        f"```python\r\n{CODE}```".replace("\n", "\r\n").replace("\r\r", "\r"),
    ],
)
def test_the_program_is_found_however_it_is_wrapped(answer):
    assert code_in(answer, defines="f") == CODE


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("I'm sorry, but I can't help with that.", Reason.REFUSED),
        ("As an AI language model, I do not write code.", Reason.REFUSED),
        ("Here is the exercise you asked for.", Reason.MALFORMED_ANSWER),
        (f"```python\n{CODE}", Reason.MALFORMED_ANSWER),
        ("```javascript\nf()\n```", Reason.MALFORMED_ANSWER),
        ('{"code": "def f(x):\\n    ret', Reason.MALFORMED_ANSWER),
        ('{"answer": "def f(x): pass"}', Reason.MALFORMED_ANSWER),
    ],
)
def test_an_answer_without_a_program_is_told_from_a_refusal(answer, reason):
    found = code_in(answer, defines="f")
    assert isinstance(found, Flaw)
    assert found.reason is reason


def test_code_that_speaks_of_sorrow_is_no_refusal():
    code = 'def f():\n    """I\'m sorry, I can\'t."""\n'
    assert code_in(code) == code


@pytest.mark.parametrize(
    "answer", [LESSON, f"```markdown\n{LESSON}```", f"````md\n{LESSON}````\n", json.dumps({"text": LESSON})]
)
def test_the_section_is_found_however_it_is_wrapped(answer):
    assert markdown_in(answer) == LESSON


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("I cannot write that.", Reason.REFUSED),
        ("Only prose.", Reason.MALFORMED_ANSWER),
        (LESSON.rsplit("```", 1)[0], Reason.MALFORMED_ANSWER),
        (f"```markdown\n{LESSON}", Reason.MALFORMED_ANSWER),
    ],
)
def test_an_answer_without_a_section_says_why(answer, reason):
    found = markdown_in(answer)
    assert isinstance(found, Flaw)
    assert found.reason is reason


@pytest.mark.parametrize(
    ("completion", "reason"),
    [
        (Completion("def f", finish_reason="length"), Reason.CUT_OFF),
        (Completion("", finish_reason="content_filter"), Reason.REFUSED),
        (Completion(" \n"), Reason.MALFORMED_ANSWER),
    ],
)
def test_what_was_cut_off_is_not_read(completion, reason):
    assert unusable(completion).reason is reason


def test_trailing_spaces_of_a_string_stay():
    code = 'def f():\n    return """a  \nb"""\n'
    assert code_in(f"```python\n{code}```") == code


@given(
    st.lists(
        st.tuples(st.sampled_from(["```", "~~~", "````"]), st.sampled_from(["", "python", "text"]), st.text("ab \n"))
    )
)
def test_blocks_are_what_was_put_into_fences(parts):
    text = "".join(f"prose\n{fence}{language}\n{content}\n{fence}\n" for fence, language, content in parts)
    found = blocks_of(text)
    assert [(block.language, block.content) for block in found] == [(one[1], f"{one[2]}\n") for one in parts]
    assert all(text[block.start : block.end] == block.content and block.closed for block in found)


@given(st.text())
def test_no_answer_raises(text):
    assert isinstance(code_in(text), str | Flaw)
    assert isinstance(markdown_in(text), str | Flaw)
