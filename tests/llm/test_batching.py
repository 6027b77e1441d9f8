"""Many requests at a time: bounded, and an interruption costs no answer."""

from __future__ import annotations

import json
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.errors import CompletionError
from textbooks.evaluation import Grader
from textbooks.llm import ChatRequest, Completion, ManagedChatClient, Message, ScriptedChatClient, answer_all
from textbooks.problems import Problem

HALVE = Problem("exam", "exam/1", 'def halve(x):\n    """Return half of x."""\n', "    return x / 2\n", "", "halve")


def asks(count):
    return [ChatRequest([Message("user", f"{number}")]) for number in range(count)]


def by_number(messages):
    number = int(messages[-1].content)
    return CompletionError(f"no {number}") if number % 5 == 3 else f"answer {number}"


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 40), st.none() | st.integers(1, 8), st.booleans())
def test_every_request_gets_its_own_answer(count, workers, managed):
    client = ScriptedChatClient(by_number)
    client = ManagedChatClient(client, concurrency=3) if managed else client
    found = dict(answer_all(client, iter(asks(count)), workers=workers))
    assert sorted(found) == list(range(count))
    for number, answer in found.items():
        wanted = f"no {number}" if number % 5 == 3 else f"answer {number}"
        assert str(getattr(answer, "text", answer)) == wanted
    if managed:
        assert [str(getattr(one, "text", one)) for one in client.complete_all(asks(count))] == [
            f"no {number}" if number % 5 == 3 else f"answer {number}" for number in range(count)
        ]
        client.close()


def test_requests_are_drawn_as_there_is_room():
    drawn = []

    def requests():
        for request in asks(10_000):
            drawn.append(request)
            yield request

    with ManagedChatClient(ScriptedChatClient(lambda messages: "x"), concurrency=2) as client:
        for answers in (client.as_completed(requests()), client.complete_all(requests())):
            drawn.clear()
            next(answers)
            assert len(drawn) <= 33
            answers.close()


@pytest.mark.parametrize("managed", [False, True])
def test_a_failure_of_another_kind_is_raised_after_what_was_under_way(managed):
    def answer(messages):
        if messages[-1].content == "3":
            raise RuntimeError("pulled the plug")
        time.sleep(0.1)
        return "x"

    client = ScriptedChatClient(answer)
    client = ManagedChatClient(client, concurrency=4) if managed else client
    found = []
    with pytest.raises(RuntimeError, match="pulled the plug"):
        found.extend(number for number, _ in answer_all(client, asks(100), workers=None if managed else 4))
    assert {0, 1, 2} <= {*found} <= set(range(50)) - {3}  # on a busy machine the failure may be seen late


def test_an_error_in_the_requests_is_raised_after_what_was_under_way():
    def requests():
        yield from asks(3)
        raise ValueError("no more")

    found = []
    with (
        ManagedChatClient(ScriptedChatClient(lambda messages: "x")) as client,
        pytest.raises(ValueError, match="no more"),
    ):
        found.extend(number for number, _ in client.as_completed(requests()))
    assert sorted(found) == [0, 1, 2]


class Watched:
    """A client that notes how many ask it at a time."""

    def __init__(self):
        self.now = self.most = 0
        self._lock = threading.Lock()

    def complete(self, messages, *, schema=None):
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.02)
        with self._lock:
            self.now -= 1
        return Completion(json.dumps({"assessment": "Fine.", "grade": len(messages[1].content) % 11}))


def test_a_grader_asks_as_many_at_a_time_as_its_client_allows_and_finds_the_same(tmp_path):
    rows = [{"task_id": "exam/1", "completion": f"    return {'x' * number}\n"} for number in range(40)]
    alone = Grader(Watched()).grade_all([HALVE], rows)
    watched = Watched()
    with ManagedChatClient(watched, concurrency=6, cache=tmp_path / "c") as client:
        together = Grader(client).grade_all([HALVE], rows, results=tmp_path / "grades.jsonl")
    assert together == alone
    assert watched.most == 6


def test_a_grader_reads_what_is_not_by_the_schema():
    with ManagedChatClient(ScriptedChatClient(lambda messages: "Right. Grade: 8/10")) as client:
        [grade] = Grader(client).grade_all([HALVE], [{"task_id": "exam/1", "completion": "    return 1\n"}])
    assert (grade.value, grade.assessment) == (8.0, "Right.")


def test_a_completion_from_a_cache_is_equal_to_the_first():
    assert Completion("x", cached=True) == Completion("x")
