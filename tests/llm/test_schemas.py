"""The value that follows a schema is found in whatever a model says around it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.errors import MissingExtraError
from textbooks.llm import ManagedChatClient, Message, ScriptedChatClient
from textbooks.llm.schemas import check_schema, find_answer, is_strict, violation

GRADE = json.dumps(
    {"type": "object", "properties": {"grade": {"type": "integer", "maximum": 10}}, "required": ["grade"]}
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"grade": 7}', 7),
        ('  {"grade": 7}\n', 7),
        ('Sure!\n```json\n{"grade": 7}\n```\nAnything else?', 7),
        ('<think>maybe {"grade": 3}, no</think>{"grade": 7}', 7),
        ('<think>I cannot decide {"grade": 3}</think> The answer is {"grade": 7}.', 7),
        ('At first I thought {"grade": 3}. It is {"grade": 7}', 7),
        ('{"grade": 7} and not {"grade": 70}', 7),
        ('{"points": 1} {"grade": 7} {x}', 7),
        ("{{{ " * 20 + '{"grade": 7}', 7),
    ],
)
def test_an_answer_among_words(text, value):
    assert find_answer(text, GRADE) == ({"grade": value}, "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it holds no JSON value"),
        ("Seven.", "it holds no JSON value"),
        ('{"grade": 7', "it ends in the middle of a JSON value"),
        ('{"grade": "7"}', "at $.grade: '7' is not of type 'integer'"),
        ('{"grade": 11}', "at $.grade: 11 is greater than the maximum of 10"),
        ("{}", "at $: 'grade' is a required property"),
        ('<think>{"grade": 7}</think>', "it holds no JSON value"),
        ("7", "at $: 7 is not of type 'object'"),
        ("[" * 100_000, "it ends in the middle of a JSON value"),
        ("{" * 100_000, "it ends in the middle of a JSON value"),
    ],
)
def test_why_there_is_none(text, problem):
    assert find_answer(text, GRADE) == (None, problem)


@given(st.text() | st.text('{}[]"`:, \n1a'))
def test_no_text_is_a_failure(text):
    value, problem = find_answer(text, GRADE)
    assert problem or not violation(value, GRADE)


VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x), max_leaves=8)


@given(VALUES, st.text("abc \n.,", max_size=30), st.text("abc \n.,", max_size=30))
def test_any_value_among_words_is_found(value, before, after):
    schema = json.dumps({"type": "object", "required": ["it"]})
    assert find_answer(before + json.dumps({"it": value}) + after, schema) == ({"it": value}, "")


def test_a_reference_to_another_place_is_not_fetched():
    schema = json.dumps({"$ref": "http://127.0.0.1:9/schema.json"})
    with pytest.raises(Exception, match=r"schema\.json"):
        violation({}, schema)


def test_without_the_library_its_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "jsonschema", None)
    with pytest.raises(MissingExtraError, match=r"needs the package 'jsonschema': .*\[llm\]"):
        check_schema({"type": "object", "title": "asked for nowhere else"})


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        ({"type": "string"}, True),
        ({"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False}, True),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": False}, False),
        ({"type": "object", "properties": {"a": {}}, "required": ["a"]}, False),
        ({"type": "array", "items": {"type": "object", "properties": {}}}, False),
        ({"anyOf": [{"type": "string"}, {"type": "object"}]}, False),
    ],
)
def test_what_a_strict_mode_takes(schema, strict):
    assert is_strict(schema) is strict


def test_what_a_client_has_parsed_counts_if_it_follows_the_schema():
    from textbooks.llm import Completion

    answers = [Completion("seven", parsed={"grade": 7}), Completion("eleven", parsed={"grade": 11}), '{"grade": 1}']
    with ManagedChatClient(ScriptedChatClient(answers)) as client:
        schema = json.loads(GRADE)
        assert client.complete([Message("user", "one")], schema=schema).parsed == {"grade": 7}
        assert client.complete([Message("user", "two")], schema=schema).parsed == {"grade": 1}
