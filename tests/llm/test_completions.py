"""Answers on the disk: nothing is paid for twice, whatever happens to the process and to the file."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.loopback import Reply
from textbooks.errors import MalformedAnswerError, OutputError, RefusedAnswerError
from textbooks.llm import (
    ChatRequest,
    Completion,
    ManagedChatClient,
    Message,
    OpenAIChatClient,
    ScriptedChatClient,
    Usage,
)
from textbooks.llm.completions import CompletionCache, identity_of, request_key

SOURCES = Path(__file__).resolve().parents[2] / "src"
ASK = [Message("user", "Hi!")]
NUMBER = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}

MESSAGES = st.lists(
    st.builds(Message, st.sampled_from(["system", "user", "assistant"]), st.text(max_size=5) | st.just("\ud800")),
    min_size=1,
    max_size=3,
)
SCHEMAS = st.none() | st.just({}) | st.just({"type": "object", "a": 1}) | st.just({"a": 1, "type": "object"})
PARAMETERS = st.dictionaries(st.sampled_from(["temperature", "seed"]), st.integers(0, 2) | st.just(0.5))


@given(st.lists(st.tuples(st.sampled_from(["m", "n"]), PARAMETERS, SCHEMAS, MESSAGES), min_size=2, max_size=8))
def test_keys_are_equal_exactly_where_model_parameters_schema_and_messages_are(asked):
    keys = [request_key(ChatRequest(messages, schema), identity_of(m, ps)) for m, ps, schema, messages in asked]
    for one, key in zip(asked, keys, strict=True):
        for other, other_key in zip(asked, keys, strict=True):
            assert (key == other_key) == (one == other)
    assert {len(key) for key in keys} == {32}


def test_what_was_put_is_found(tmp_path):
    cache = CompletionCache(tmp_path / "below" / "cache")
    completion = Completion("x\ud800\0", Usage(1, 2, 1), {"a": [1]}, "m", "stop")
    cache.put({b"k": completion})
    cache.close()
    [found] = CompletionCache(tmp_path / "below" / "cache").get([b"k", b"other"]).values()
    assert found == completion
    assert found.cached


def test_what_another_version_wrote_is_asked_again(tmp_path):
    cache = CompletionCache(tmp_path / "cache")
    for number, value in enumerate([b"no JSON", b"[]", b"{}", b'{"text": "x"}', b'{"text": "x", "usage": {"z": 1}}']):
        cache._values.write({bytes([number]): value})
    assert cache.get([bytes([number]) for number in range(5)]) == {}


class Counted:
    """A client that counts what it is asked."""

    def __init__(self, answer=lambda text: text.upper()):
        self.asked = Counter()
        self.client = ScriptedChatClient(self._answer)
        self._by = answer

    def _answer(self, messages):
        self.asked[messages[-1].content] += 1
        return self._by(messages[-1].content)

    def managed(self, **options):
        return ManagedChatClient(self.client, **options)


def asks(*texts):
    return [[Message("user", text)] for text in texts]


def test_the_same_is_asked_once_over_runs_and_a_change_asks_again(tmp_path):
    counted, path = Counted(), tmp_path / "cache"
    for options in ({}, {}, {"model": "n"}, {"parameters": {"temperature": 1}}):
        with counted.managed(cache=path, **options) as client:
            assert [one.text for one in client.complete_all(asks("a", "b", "a"))] == ["A", "B", "A"]
    assert counted.asked == {"a": 3, "b": 3}
    with counted.managed(cache=path) as client:
        assert client.complete(asks("a!")[0]).text == "A!"
        assert client.complete(asks("a")[0]).cached
        assert client.spent.requests == 1


def test_two_clients_share_a_file(tmp_path):
    counted = Counted()
    with counted.managed(cache=tmp_path / "c") as one, counted.managed(cache=tmp_path / "c") as other:
        one.complete(ASK)
        assert other.complete(ASK).cached


def test_a_wrong_answer_and_its_repair_are_both_kept(tmp_path):
    counted = Counted(lambda text: "no JSON")
    for _ in range(2):
        with counted.managed(cache=tmp_path / "c") as client, pytest.raises(MalformedAnswerError):
            client.complete(ASK, schema=NUMBER)
    assert sum(counted.asked.values()) == 2
    with counted.managed(cache=tmp_path / "c") as client:
        client.forget([ChatRequest(ASK, NUMBER)])
        with pytest.raises(MalformedAnswerError):
            client.complete(ASK, schema=NUMBER)
    assert counted.asked["Hi!"] == 2


def test_a_refusal_that_was_paid_for_is_kept(tmp_path):
    counted = Counted(lambda text: Completion("no", finish_reason="refusal"))
    for _ in range(2):
        with counted.managed(cache=tmp_path / "c") as client, pytest.raises(RefusedAnswerError):
            client.complete(ASK)
    assert counted.asked == {"Hi!": 1}


def test_an_estimate_before_the_run(tmp_path):
    counted = Counted(lambda text: Completion(text, Usage(10, 20)))
    with counted.managed(cache=tmp_path / "c", parameters={"max_tokens": 99}) as client:
        before = client.estimate(asks("a", "b", "b"))
        assert (before.requests, before.cached, before.basis, before.answer_tokens) == (3, 1, "max_tokens", 99)
        client.complete(asks("a")[0])
        after = client.estimate(asks("a", "b", "b", "c"))
        assert (after.requests, after.cached, after.basis, after.answer_tokens) == (4, 2, "measured", 20)
        assert after.usage.completion_tokens == 40
        assert client.estimate(asks("b"), completion_tokens=7).usage.completion_tokens == 7
    assert counted.asked == {"a": 1}
    assert "4 requests, 2 of them cached" in str(after)


def test_a_damaged_file_is_set_aside_and_the_run_goes_on(tmp_path, caplog):
    path, counted = tmp_path / "cache", Counted()
    path.write_bytes(b"not a database" * 1_000)
    with counted.managed(cache=path) as client:
        assert [one.text for one in client.complete_all(asks("a", "b", "a"))] == ["A", "B", "A"]
        assert client.complete(asks("a")[0]).cached
    assert (tmp_path / "cache.damaged").exists()
    assert "it is set aside as cache.damaged" in caplog.text


@pytest.mark.parametrize("damage", range(6))
def test_damage_within_the_file_never_gives_a_wrong_answer(tmp_path, damage):
    path = tmp_path / "cache"
    cache = CompletionCache(path)
    known = {bytes([number]) * 32: Completion(f"text {number} " * 200) for number in range(100)}
    cache.put(known)
    cache.close()
    content = bytearray(path.read_bytes())
    place = len(content) * (damage + 1) // 7
    content[place : place + 2_000] = random.Random(damage).randbytes(2_000) if damage % 2 else b""
    path.write_bytes(content)
    cache = CompletionCache(path)
    for key, completion in known.items():
        found = cache.get([key])
        assert found in ({}, {key: completion})
        cache.put({key: completion})
    assert cache.get(known) == known
    cache.close()


def test_what_cannot_be_kept_stops_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr("textbooks.cachefile._SECONDS_TO_WAIT", 0.05)
    counted = Counted()
    with counted.managed(cache=tmp_path / "c") as client:
        client.complete(asks("a")[0])
        other = sqlite3.connect(tmp_path / "c")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputError, match="cannot be written: database is locked"):
            list(client.complete_all(asks("b", "c")))
        other.close()
    with pytest.raises(OutputError, match="cannot be opened"):
        counted.managed(cache=tmp_path).complete(ASK)


def test_stopping_early_keeps_what_was_sent_and_sends_nothing_more(start, tmp_path):
    server, client = start(lambda arrival: Reply(arrival.asked, delay=0.1), concurrency=4, cache=tmp_path / "c")
    answers = client.complete_all(asks(*(f"q{number}" for number in range(100))))
    assert next(answers).text == "q0"
    answers.close()
    client.close()
    sent = len(server.arrivals)
    assert sent <= 12
    with OpenAIChatClient("m", base_url=server.url, cache=tmp_path / "c") as again:
        found = list(again.complete_all(asks(*(arrival.asked for arrival in server.arrivals[:sent]))))
    assert all(one.cached for one in found)
    assert len(server.arrivals) == sent


def test_who_asks_what_was_just_given_up_asks_anew(start):
    _server, client = start(lambda arrival: Reply(arrival.asked, delay=0.05), concurrency=1)
    for _ in range(20):
        answers = client.complete_all(asks("a", "b"))
        assert next(answers).text == "a"
        answers.close()
        assert client.complete(asks("b")[0]).text == "b"


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_after_a_fork_has_a_loop_a_file_and_books_of_its_own(tmp_path):
    with ManagedChatClient(ScriptedChatClient(lambda messages: "x"), cache=tmp_path / "c") as client:
        client.complete(asks("a")[0])
        child = os.fork()
        if child == 0:
            known, new = client.complete(asks("a")[0]), client.complete(asks("b")[0])
            os._exit(0 if known.cached and new.text == "x" and client.spent.requests == 1 else 1)
        for _ in range(200):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                break
            time.sleep(0.05)
        else:
            os.kill(child, signal.SIGKILL)
        assert status == 0
        assert ended == child
        assert client.complete(asks("b")[0]).cached


RUN = """
import sys
from textbooks.llm import Message, OpenAIChatClient
url, cache, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with OpenAIChatClient("m", base_url=url, cache=cache, concurrency=8) as client:
    for number, answer in client.as_completed([[Message("user", f"q{n}")] for n in range(count)]):
        print(number, answer.text, flush=True)
"""


def run(url, cache, count):
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    command = [sys.executable, "-c", RUN, url, str(cache), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment | {"PYTHONPATH": str(SOURCES)})


def reported_until(process, before, enough, pause):
    """Return what a run reports until it and those before have reported enough, and then until it is dead."""
    reported = {}
    for line in process.stdout:
        number, text = line.rstrip("\n").split(" ", 1)
        reported[number] = text
        if len({*before, *reported}) >= enough:
            break
    time.sleep(pause)
    process.send_signal(signal.SIGKILL)
    for line in process.stdout.read().splitlines(keepends=True):
        if line.endswith("\n"):
            number, text = line.rstrip("\n").split(" ", 1)
            reported[number] = text
    return reported


@pytest.mark.parametrize("points", [pytest.param(2), pytest.param(20, marks=pytest.mark.slow)])
def test_killed_at_random_points_no_answer_is_lost_or_paid_for_twice(start, tmp_path, points):
    chance, count, times = random.Random(points), 40 + 20 * points, {}
    server, _ = start(lambda arrival: Reply(f"answer to {arrival.asked}", delay=chance.uniform(0.002, 0.02)))
    for _ in range(points):
        enough, pause = len(times) + chance.randint(1, 20), chance.uniform(0, 0.02)
        with run(server.url, tmp_path / "c", count) as process:
            reported = reported_until(process, times, enough, pause)
        assert all(text == f"answer to q{number}" for number, text in reported.items())
        asked = Counter(arrival.asked for arrival in server.arrivals)
        times |= {number: times.get(number, asked[f"q{number}"]) for number in reported}
    with run(server.url, tmp_path / "c", count) as process:
        final = dict(line.split(" ", 1) for line in process.stdout.read().splitlines())
    assert process.returncode == 0
    assert final == {str(number): f"answer to q{number}" for number in range(count)}
    asked = Counter(arrival.asked for arrival in server.arrivals)
    assert {number: asked[f"q{number}"] for number in times} == times  # what a run had reported was never asked again
    # What was under way at a kill had not reached the client: it alone is asked again.
    again = sum(asked.values()) - count
    assert again <= 8 * points
    assert len(times) >= points
