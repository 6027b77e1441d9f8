"""The client against a server that fails in every way: kinds of failure, repetition, formats, keys, notebooks."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import time
from email.utils import formatdate

import pytest

from tests.llm.conftest import QUICK
from tests.llm.loopback import Reply
from textbooks.errors import (
    AnswerTimeoutError,
    ConnectionLostError,
    ContextTooLongError,
    MalformedAnswerError,
    MissingExtraError,
    RateLimitError,
    RefusedAnswerError,
    RefusedKeyError,
    RefusedRequestError,
    ServerError,
    ServerUnreachableError,
)
from textbooks.llm import BatchChatClient, ChatClient, ChatRequest, Message, OpenAIChatClient, RetryPolicy, Usage

ASK = [Message("system", "Be brief."), Message("user", "Hi!")]
GRADE = {
    "type": "object",
    "properties": {"grade": {"type": "integer", "minimum": 0, "maximum": 10}},
    "required": ["grade"],
    "additionalProperties": False,
}


def ask(text):
    return [Message("user", text)]


def one_after_another(*replies):
    waiting = iter(replies)
    return lambda arrival: next(waiting)


def test_a_request_and_its_answer(start):
    server, client = start(lambda arrival: Reply("Hello."), temperature=0.5, max_tokens=9, parameters={"seed": 7})
    answer = client.complete(ASK)
    assert (answer.text, answer.model, answer.finish_reason) == ("Hello.", "m", "stop")
    assert answer.usage == Usage(11, 1)
    [arrival] = server.arrivals
    assert arrival.path == "/v1/chat/completions"
    assert arrival.body == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi!"}],
        "temperature": 0.5,
        "max_tokens": 9,
        "seed": 7,
    }
    assert client.spent.usage == Usage(11, 1)
    assert client.spent.requests == 1
    assert isinstance(client, ChatClient)
    assert isinstance(client, BatchChatClient)


def test_a_url_without_a_path_gets_one(start):
    server, _ = start()
    with OpenAIChatClient("m", base_url=f"http://127.0.0.1:{server.port}/") as client:
        assert client.complete(ASK).text == "fine"
    assert server.arrivals[0].path == "/v1/chat/completions"


@pytest.mark.parametrize(
    ("reply", "kind", "retryable"),
    [
        (Reply(status=401), RefusedKeyError, False),
        (Reply(status=403), RefusedKeyError, False),
        (Reply(status=400), RefusedRequestError, False),
        (Reply(status=404), RefusedRequestError, False),
        (Reply(status=422), RefusedRequestError, False),
        (Reply(status=501), RefusedRequestError, False),
        (Reply(status=400, error={"message": "This model's maximum context length is 8"}), ContextTooLongError, False),
        (Reply(status=400, error={"message": "no", "code": "context_length_exceeded"}), ContextTooLongError, False),
        (Reply(status=413), ContextTooLongError, False),
        (Reply(status=400, error={"message": "no", "code": "content_filter"}), RefusedAnswerError, False),
        (Reply(status=429), RateLimitError, True),
        (Reply(status=429, error={"message": "no", "code": "insufficient_quota"}), RateLimitError, False),
        (Reply(status=408), ServerError, True),
        (Reply(status=500), ServerError, True),
        (Reply(status=503, raw=b"<html>busy</html>"), ServerError, True),
        (Reply(drop="before"), ConnectionLostError, True),
        (Reply(drop="middle"), ConnectionLostError, True),
        (Reply(delay=5), AnswerTimeoutError, True),
        (Reply(trickle=0.05), AnswerTimeoutError, True),
        (Reply(raw=b"not JSON"), MalformedAnswerError, True),
        (Reply(raw=b"\xff\xfe"), MalformedAnswerError, True),
        (Reply(raw=b"[" * 100_000), MalformedAnswerError, True),
        (Reply(raw=b'{"choices": []}'), MalformedAnswerError, True),
        (Reply(raw=b'{"choices": [null]}'), MalformedAnswerError, True),
        (Reply(raw=b"null"), MalformedAnswerError, True),
        (Reply(raw=b'{"error": {"message": "provider down"}}'), ServerError, True),
        (Reply(finish_reason="content_filter", text=""), RefusedAnswerError, False),
        (Reply(message={"content": None, "refusal": "I cannot help."}), RefusedAnswerError, False),
    ],
)
def test_every_failure_has_its_kind_and_is_repeated_only_if_that_may_help(start, reply, kind, retryable):
    policy = RetryPolicy(attempts=2, first_wait=0, longest_wait=0)
    server, client = start(lambda arrival: reply, timeout=0.3, retry=policy)
    with pytest.raises(kind) as caught:
        client.complete(ASK)
    assert type(caught.value) is kind
    assert caught.value.retryable is retryable
    assert len(server.arrivals) == (2 if retryable else 1)


def test_nobody_listens():
    with OpenAIChatClient("m", base_url="http://127.0.0.1:9", retry=RetryPolicy(attempts=1)) as client:
        with pytest.raises(ServerUnreachableError, match=r"no connection to http://127.0.0.1:9/v1"):
            client.complete(ASK)
        assert client.spent.requests == 0


def test_what_fails_and_passes_is_answered(start):
    replies = (Reply(status=500), Reply(status=429), Reply(drop="before"), Reply("at last"))
    server, client = start(one_after_another(*replies))
    assert client.complete(ASK).text == "at last"
    assert len(server.arrivals) == 4
    assert client.spent.requests == 4
    assert client.spent.uncertain == 1


@pytest.mark.parametrize("headers", [{"retry-after": "1"}, {"retry-after-ms": "600"}])
def test_what_the_server_asks_to_wait_is_waited_by_everyone(start, headers):
    answers = one_after_another(Reply(status=429, headers=headers), *[Reply()] * 3)
    server, client = start(answers, concurrency=1)
    found = list(client.complete_all([ask(f"q{number}") for number in range(3)]))
    assert [one.text for one in found] == ["fine"] * 3
    first, *others = [arrival.at for arrival in server.arrivals]
    assert min(others) - first >= 0.6
    assert len(others) == 3


def test_a_date_to_wait_for(start):
    date = formatdate(time.time() + 2, usegmt=True)
    _server, client = start(one_after_another(Reply(status=503, headers={"retry-after": date}), Reply()))
    began = time.time()
    assert client.complete(ASK).text == "fine"
    assert time.time() - began > 0.5


def test_a_server_that_asks_for_more_than_the_whole_wait_is_not_asked_again(start):
    server, client = start(lambda arrival: Reply(status=429, headers={"retry-after": "3600"}))
    with pytest.raises(RateLimitError) as caught:
        client.complete(ASK)
    assert caught.value.retry_after == 3600
    assert len(server.arrivals) == 1


def test_a_failed_item_is_listed_in_its_place_and_stops_nothing(start):
    _server, client = start(lambda arrival: Reply(status=400) if arrival.asked == "q3" else Reply(arrival.asked))
    found = list(client.complete_all([ask(f"q{number}") for number in range(6)]))
    assert [getattr(one, "text", type(one)) for one in found] == ["q0", "q1", "q2", RefusedRequestError, "q4", "q5"]
    unordered = dict(client.as_completed([ask(f"q{number}") for number in range(6)]))
    assert {number: type(one).__name__ for number, one in unordered.items()} == {
        number: "RefusedRequestError" if number == 3 else "Completion" for number in range(6)
    }


def test_so_many_at_a_time_and_no_more(start):
    server, client = start(lambda arrival: Reply(delay=0.03), concurrency=7)
    assert len(list(client.complete_all(ask(f"q{number}") for number in range(60)))) == 60
    assert server.most_at_once == 7


def test_equal_requests_under_way_are_asked_once(start):
    server, client = start(lambda arrival: Reply(delay=0.2))
    found = list(client.complete_all([ask("same")] * 10))
    assert [one.text for one in found] == ["fine"] * 10
    assert len(server.arrivals) == 1
    assert sum(not one.cached for one in found) == 1


def test_the_key_goes_to_the_server_and_nowhere_else(start, caplog, monkeypatch, tmp_path):
    caplog.set_level(logging.DEBUG)
    refusal = Reply(status=401, error={"message": "Incorrect API key provided: k-secret-1."})
    server, client = start(lambda arrival: refusal, api_key="k-secret-1", cache=tmp_path / "cache")
    with pytest.raises(RefusedKeyError, match=r"provided: \*\*\*") as caught:
        client.complete(ASK)
    assert server.arrivals[0].headers["authorization"] == "Bearer k-secret-1"
    shown = [caplog.text, repr(client), repr(client._running().transport.server), str(caught.value)]
    assert not [one for one in shown if "secret" in one]
    assert b"secret" not in pickle.dumps(client)
    assert caught.value.__cause__ is None
    assert not [path for path in tmp_path.iterdir() if b"secret" in path.read_bytes()]


def test_a_key_of_openai_is_not_sent_to_others(start, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k-openai")
    server, client = start()
    client.complete(ASK)
    monkeypatch.setenv("TEXTBOOKS_API_KEY", "k-others")
    with OpenAIChatClient("m", base_url=server.url) as other:
        other.complete(ASK)
    assert [one.headers["authorization"] for one in server.arrivals] == ["Bearer none", "Bearer k-others"]


def test_openai_without_a_key_is_not_asked():
    with pytest.raises(RefusedKeyError, match="set OPENAI_API_KEY"):
        OpenAIChatClient("m").complete(ASK)


def test_without_the_library_its_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openai", None)
    with pytest.raises(MissingExtraError, match=r"OpenAIChatClient needs the package 'openai': .*\[llm\]"):
        OpenAIChatClient("m", base_url="http://127.0.0.1:9").complete(ASK)


def test_it_works_within_a_running_loop(start):
    _server, client = start(lambda arrival: Reply(arrival.asked))

    async def cell():
        first = client.complete(ask("one")).text
        return first, [answer.text for answer in client.complete_all([ask("two"), ask("three")])]

    assert asyncio.run(cell()) == ("one", ["two", "three"])


def test_it_travels_to_another_process_unopened(start):
    _server, client = start()
    client.complete(ASK)
    copy = pickle.loads(pickle.dumps(client))
    assert copy.spent.requests == 0
    with copy:
        assert copy.complete(ASK).text == "fine"
    assert copy.spent.requests == client.spent.requests == 1


class TestFormats:
    def test_a_schema_is_sent_and_the_answer_parsed(self, start):
        server, client = start(lambda arrival: Reply('{"grade": 7}'))
        assert client.complete(ASK, schema=GRADE).parsed == {"grade": 7}
        form = server.arrivals[0].body["response_format"]
        assert form == {"type": "json_schema", "json_schema": {"name": "answer", "schema": GRADE, "strict": True}}

    def test_what_the_server_refuses_is_not_tried_again(self, start):
        def answer(arrival):
            kind = arrival.body.get("response_format", {}).get("type")
            if kind:
                return Reply(status=400, error={"message": f"response_format {kind} is not supported"})
            return Reply('{"grade": 7}')

        server, client = start(answer)
        assert client.complete(ASK, schema=GRADE).parsed == {"grade": 7}
        assert client.complete(ask("again"), schema=GRADE).parsed == {"grade": 7}
        kinds = [arrival.body.get("response_format", {}).get("type") for arrival in server.arrivals]
        assert kinds == ["json_schema", "json_object", None, None]
        assert json.dumps(GRADE) in server.arrivals[-1].asked

    def test_another_mistake_is_not_taken_for_the_format(self, start):
        server, client = start(lambda arrival: Reply(status=400, error={"message": "temperature too high"}))
        with pytest.raises(RefusedRequestError, match="temperature too high"):
            client.complete(ASK, schema=GRADE)
        assert len(server.arrivals) == 1

    def test_one_repair_shows_the_model_its_error(self, start):
        replies = (Reply('{"grade": 11}', usage={"prompt_tokens": 5, "completion_tokens": 2}), Reply('{"grade": 10}'))
        server, client = start(one_after_another(*replies))
        answer = client.complete(ASK, schema=GRADE)
        assert answer.parsed == {"grade": 10}
        assert answer.usage.completion_tokens == 4
        assert answer.usage.prompt_tokens > 5
        shown = server.arrivals[1].body["messages"]
        assert shown[2] == {"role": "assistant", "content": '{"grade": 11}'}
        assert "at $.grade: 11 is greater than the maximum of 10" in shown[3]["content"]

    def test_a_second_wrong_answer_is_an_error_that_holds_it(self, start):
        server, client = start(lambda arrival: Reply("The grade is 7."))
        with pytest.raises(MalformedAnswerError, match="it holds no JSON value") as caught:
            client.complete(ASK, schema=GRADE)
        assert caught.value.completion.text == "The grade is 7."
        assert len(server.arrivals) == 2

    def test_an_answer_that_was_cut_off_is_asked_for_in_brief(self, start):
        replies = (Reply('{"grade": 1, "why": "because', finish_reason="length"), Reply('{"grade": 1}'))
        server, client = start(one_after_another(*replies))
        assert client.complete(ASK, schema=GRADE).parsed == {"grade": 1}
        assert "Answer more briefly" in server.arrivals[1].asked

    def test_what_is_no_schema_is_found_before_anything_is_asked(self, start):
        server, client = start()
        with pytest.raises(ValueError, match="schema must be a JSON Schema"):
            client.complete(ASK, schema={"type": "no such type"})
        with pytest.raises(ValueError, match="schema must be a JSON Schema"):
            list(client.complete_all([ChatRequest(ASK, {"type": 3})]))
        assert server.arrivals == []


@pytest.mark.parametrize(
    ("usage", "estimated"),
    [
        (None, 1),
        ("nonsense", 1),
        ({"prompt_tokens": -5, "completion_tokens": 3}, 1),
        ({"prompt_tokens": "12", "completion_tokens": 3}, 1),
        ({"prompt_tokens": True, "completion_tokens": 3}, 1),
        ({"prompt_tokens": 0, "completion_tokens": 0}, 1),
        ({"prompt_tokens": 12, "completion_tokens": 0}, 1),
        ({"prompt_tokens": 12, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 8}}, 0),
        ({"prompt_tokens": 12, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 99}}, 0),
        ({"prompt_tokens": 12, "completion_tokens": 3, "prompt_tokens_details": None}, 0),
    ],
)
def test_figures_that_make_no_sense_are_estimated(start, usage, estimated):
    _server, client = start(lambda arrival: Reply("two words", usage=usage))
    answer = client.complete(ASK)
    assert client.spent.estimated == estimated
    assert client.spent.usage.completion_tokens == (3 if not estimated else 2)
    assert answer.usage.cached_tokens <= answer.usage.prompt_tokens == (0 if estimated else 12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"base_url": "localhost:8000"}, "base_url must be a URL"),
        ({"temperature": -1}, "temperature must be at least 0, got -1"),
        ({"max_tokens": 0}, "max_tokens must be at least 1, got 0"),
        ({"timeout": 0}, "timeout must be above 0 seconds, got 0"),
        ({"answer_format": "xml"}, "answer_format must be one of json_schema, json_object, words, got 'xml'"),
        ({"concurrency": 0}, "concurrency must be at least 1, got 0"),
        ({"requests_per_minute": 0}, "requests_per_minute must be above 0, got 0"),
        ({"tokens_per_minute": float("nan")}, "tokens_per_minute must be above 0, got nan"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        OpenAIChatClient("m", **options)


def test_content_in_parts(start):
    parts = [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}, 3]
    _, client = start(lambda arrival: Reply(message={"content": parts}), retry=QUICK)
    assert client.complete(ASK).text == "one two"
