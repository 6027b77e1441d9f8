"""The protocol, and the client that answers from a script."""

from __future__ import annotations

import json
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.errors import CompletionError, TextbooksError
from textbooks.llm import ChatClient, Completion, Message, ScriptedChatClient, Usage, extract_json

ASK = [Message("system", "Be brief."), Message("user", "Hi!")]


def test_answers_in_order_and_notes_what_was_asked():
    client = ScriptedChatClient(["one", Completion("two", Usage(3, 4), model="m")])
    assert client.complete(ASK) == Completion("one")
    assert client.complete(ASK[1:]).usage == Usage(3, 4)
    assert client.requests == [tuple(ASK), (ASK[1],)]


def test_it_is_a_chat_client():
    assert isinstance(ScriptedChatClient([]), ChatClient)
    assert not isinstance(object(), ChatClient)


def test_the_end_of_the_script_is_an_error_that_no_retry_mends():
    with pytest.raises(CompletionError, match="the script has ended after 0 answers") as caught:
        ScriptedChatClient([]).complete(ASK)
    assert caught.value.retryable is False
    assert isinstance(caught.value, TextbooksError)


def test_an_error_in_the_script_is_raised():
    client = ScriptedChatClient([CompletionError("busy", retryable=True), "fine"])
    with pytest.raises(CompletionError, match="busy") as caught:
        client.complete(ASK)
    assert caught.value.retryable
    assert client.complete(ASK).text == "fine"


def test_a_function_answers_by_the_messages():
    client = ScriptedChatClient(lambda messages: messages[-1].content.upper())
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda n: client.complete([Message("user", f"m{n}")]).text, range(100)))
    assert texts == [f"M{n}" for n in range(100)]
    assert len(client.requests) == 100


def test_parsed_only_with_a_schema():
    answers = ['{"grade": 3}', '{"grade": 3}', "no JSON", Completion("x", parsed={"kept": 1})]
    client = ScriptedChatClient(answers)
    assert client.complete(ASK).parsed is None
    assert [client.complete(ASK, schema={}).parsed for _ in range(3)] == [{"grade": 3}, None, {"kept": 1}]


def test_bad_arguments():
    with pytest.raises(TypeError, match="put it in a list"):
        ScriptedChatClient("answer")
    with pytest.raises(ValueError, match="at least one message"):
        ScriptedChatClient(["x"]).complete([])
    with pytest.raises(ValueError, match="role must be one of system, user, assistant, got 'robot'"):
        Message("robot", "Hi!")


def test_usage_adds_up():
    assert sum([Usage(1, 2), Usage(3, 4)], Usage()) == Usage(4, 6)


def test_the_error_survives_a_process_boundary():
    error = pickle.loads(pickle.dumps(CompletionError("busy", retryable=True)))
    assert (str(error), error.retryable) == ("busy", True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('Sure!\n```json\n{"a": [1, {"b": 2}]}\n```\nDone {x}', {"a": [1, {"b": 2}]}),
        ("{not json} then [1, 2]", [1, 2]),
        ("the set {1, 2} and {'a': 1}", None),
        ("", None),
        ("7", None),
        ("{" * 100_000, None),
        ("[" * 100_000, None),
        ('{"a": "\\ud800"}', {"a": "\ud800"}),
    ],
)
def test_json_is_found(text, value):
    assert extract_json(text) == value


PLAIN = st.none() | st.booleans() | st.integers() | st.text()


@given(st.recursive(PLAIN, lambda x: st.lists(x) | st.dictionaries(st.text(), x)), st.text("abc \n`"))
def test_json_among_words(value, words):
    assert extract_json(f"{words}{json.dumps([value])}{words}") == [value]
