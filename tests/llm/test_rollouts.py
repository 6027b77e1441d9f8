from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from datatrove.data import Document
from datatrove.pipeline.inference.run_inference import InferenceConfig, InferenceRunner
from datatrove.pipeline.inference.types import InferenceError, InferenceResult, ServerError
from datatrove.pipeline.writers import JsonlWriter

from tests.llm.completion_server import completing
from textbooks.errors import MissingExtraError, UnknownRequestError
from textbooks.llm import ChatRollout, Message, ReplayChatClient, RetryPolicy, read_rollouts, record_rollouts

AT_ONCE = RetryPolicy(first_wait=0.0)
GOOD = InferenceResult("fine", "stop", {"prompt_tokens": 5, "completion_tokens": 2})
SERVER = Path(__file__).with_name("completion_server.py")


def question(document):
    return [Message("user", str(document.metadata["question"]))]


def asked(*happens, document=None, **options):
    """Roll one document out; say what came of it, and with which payloads the runner was called."""
    answers, payloads = iter(happens), []

    async def generate(payload):
        payloads.append(dict(payload))
        payload.clear()  # the runner may do what it likes with it
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    document = document or Document(text="", id="0", metadata={"question": "why?"})
    rollout = ChatRollout(question, retry=AT_ONCE, **options)
    return asyncio.run(rollout(document, generate, pool="of the shared context")), payloads


def test_a_result_has_always_the_same_entries():
    document = Document(text="", id="0", metadata={"question": "why?"})
    found, payloads = asked(GOOD, document=document, max_tokens=9, temperature=0.5, parse=len)
    assert found == {
        "answer": "fine",
        "finish_reason": "stop",
        "prompt_tokens": 5,
        "completion_tokens": 2,
        "attempts": 1,
        "error": "",
        "parsed": 4,
    }
    assert payloads == [{"messages": [{"role": "user", "content": "why?"}], "max_tokens": 9, "temperature": 0.5}]
    assert document.text == "fine"
    failed, _ = asked(InferenceError(None, "Got BadRequestError from server: no"))
    assert failed.keys() == found.keys()


def test_a_document_keeps_its_text():
    document = Document(text="def f(): ...", id="0", metadata={"question": "why?"})
    asked(GOOD, document=document)
    assert document.text == "def f(): ..."


@pytest.mark.parametrize(
    "failure",
    [
        InferenceError(None, "'model'"),
        InferenceError(None, "Error http status 429"),
        InferenceError(None, "Error http status 503"),
        InferenceError(None, "Expecting value: line 1 column 1 (char 0)"),
        ServerError("Got InternalServerError from server: "),
        TimeoutError(),
    ],
    ids=str,
)
def test_what_may_pass_is_asked_again_with_a_payload_of_its_own(failure):
    found, payloads = asked(failure, failure, GOOD)
    assert (found["answer"], found["attempts"], found["error"]) == ("fine", 3, "")
    assert payloads[0] == payloads[1] == payloads[2] != {}


def test_what_fails_for_good_is_recorded():
    found, _ = asked(*[InferenceError(None, "Error http status 429")] * 6)
    assert found["error"] == "RateLimitError: the server answered 429: Error http status 429"
    assert (found["attempts"], found["answer"]) == (6, "")


def test_a_refused_request_is_recorded_and_not_repeated():
    found, payloads = asked(InferenceError(None, 'Got BadRequestError from server: {"error": {"message": "too odd"}}'))
    assert found["error"] == "RefusedRequestError: the server answered 400: too odd"
    assert len(payloads) == 1


def test_the_status_of_a_remote_endpoint_is_that_of_the_cause():
    error = InferenceError(None, "Error code: 429 is what the model was asked about")
    error.__cause__ = ValueError()
    error.__cause__.response = SimpleNamespace(status_code=400, text="too odd", headers={})
    found, payloads = asked(error)
    assert found["error"].startswith("RefusedRequestError")
    assert len(payloads) == 1


def test_words_of_the_question_are_not_taken_for_a_failure():
    payload = {"messages": "BadRequestError from server: Error http status 401"}
    found, payloads = asked(InferenceError(None, "Error http status 502", payload=payload), GOOD)
    assert found["answer"] == "fine"
    assert len(payloads) == 2


@pytest.mark.parametrize(
    "failure",
    [
        InferenceError(None, "Error http status 401"),
        InferenceError(None, "Error code: 403 - {'error': 'no'}"),
        InferenceError(None, "Error http status 404"),
        InferenceError(None, "Failed to process request after 6 attempts"),
        ServerError("Server unexpectedly terminated"),
    ],
    ids=str,
)
def test_what_no_request_can_survive_ends_the_task(failure):
    with pytest.raises(type(failure)) as raised:
        asked(failure)
    assert raised.value is failure


def test_an_answer_that_cannot_be_parsed_is_kept_with_the_error():
    found, _ = asked(GOOD, parse=json.loads)
    assert found["answer"] == "fine"
    assert found["parsed"] is None
    assert found["error"].startswith("JSONDecodeError: Expecting value")


def test_a_document_without_a_conversation_is_recorded():
    found, payloads = asked(document=Document(text="", id="0"))
    assert found["error"] == "KeyError: 'question'"
    assert payloads == []


def test_an_attempt_takes_no_longer_than_it_may():
    async def generate(payload):
        await asyncio.sleep(60)

    rollout = ChatRollout(question, timeout=0.01, retry=RetryPolicy(attempts=2, first_wait=0.0))
    document = Document(text="", id="0", metadata={"question": "why?"})
    found = asyncio.run(rollout(document, generate))
    assert found["error"] == "AnswerTimeoutError: there was no answer in time"
    assert found["attempts"] == 2


@pytest.mark.parametrize("package", ["httpx", "aiofiles"])
def test_a_package_that_the_runner_would_do_without_silently_is_asked_for(package, monkeypatch):
    monkeypatch.setattr("textbooks.llm.rollouts.find_spec", lambda name: None if name == package else object())
    with pytest.raises(MissingExtraError, match=rf"{package}.*rollouts"):
        asked(GOOD)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_tokens": 0}, "max_tokens must be at least 1, got 0"),
        ({"temperature": -0.1}, "temperature must be at least 0, got -0.1"),
        ({"temperature": float("nan")}, "temperature must be at least 0, got nan"),
        ({"timeout": 0}, "timeout must be above 0 seconds, got 0"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        ChatRollout(question, **options)


def run_real(folder, questions, **server):
    """Run datatrove's own runner, and return what it wrote, by question."""
    pytest.importorskip("httpx")
    pytest.importorskip("aiofiles")
    config = InferenceConfig(
        model_name_or_path="tiny",
        server_ready_delay_sec=0.2,
        max_concurrent_generations=4,
        metric_interval=999,
        **server,
    )
    rollout = ChatRollout(question, max_tokens=50, retry=RetryPolicy(attempts=3, first_wait=0.01))
    runner = InferenceRunner(rollout, config, JsonlWriter(str(folder), compression=None))
    documents = [Document(text="", id=str(i), metadata={"question": one}) for i, one in enumerate(questions)]
    runner.run(iter(documents))
    return {document.metadata["question"]: document for document in read_rollouts(folder)}


QUESTIONS = ["one", "busy two", "broken three", "gone four", "bad five", "down six", "seven"]


def test_the_runner_survives_every_failure_of_a_request(tmp_path):
    with completing() as server:
        written = run_real(tmp_path / "out", QUESTIONS, server_type="endpoint", endpoint_url=server.url)
    assert set(written) == set(QUESTIONS)
    results = {one: document.metadata["rollout_results"][0] for one, document in written.items()}
    for one in ("one", "busy two", "broken three", "gone four", "seven"):
        assert results[one]["answer"] == written[one].text == one.upper()
        assert results[one]["attempts"] == server.times[one] == (1 if one in ("one", "seven") else 2)
        assert results[one]["prompt_tokens"] == 7
    assert results["bad five"]["error"] == "RefusedRequestError: the server answered 400: bad on purpose"
    assert results["down six"]["error"] == "ServerError: the server answered 503: Error http status 503"
    assert server.times["down six"] == 3
    assert all(body["model"] == "tiny" and body["max_tokens"] == 50 for body in server.bodies)


@pytest.mark.parametrize("one", ["busy one", "gone one"])
def test_a_plain_rollout_ends_the_whole_task(one, tmp_path):
    """The reason for all this; when datatrove mends it, this test fails."""
    pytest.importorskip("httpx")

    async def plain(document, generate):
        return await generate({"messages": [{"role": "user", "content": document.metadata["question"]}]})

    with completing() as server:
        config = InferenceConfig("endpoint", "tiny", endpoint_url=server.url, server_ready_delay_sec=0.2)
        runner = InferenceRunner(plain, config, JsonlWriter(str(tmp_path)), skip_bad_requests=True)
        with pytest.raises((InferenceError, ServerError)):
            runner.run(iter([Document(text="", id="0", metadata={"question": one})]))


def test_answers_of_a_cluster_are_replayed(tmp_path):
    with completing() as server:
        run_real(tmp_path / "out", ["one", "bad two"], server_type="endpoint", endpoint_url=server.url)
    recording = tmp_path / "recording.jsonl"
    assert record_rollouts(read_rollouts(tmp_path / "out"), question, recording) == 1
    client = ReplayChatClient(recording)
    found = client.complete([Message("user", "one")])
    assert (found.text, found.finish_reason, found.usage.tokens) == ("ONE", "stop", 10)
    with pytest.raises(UnknownRequestError):
        client.complete([Message("user", "bad two")])


def test_the_dummy_server_of_datatrove_answers(tmp_path):
    """In a process of its own, for that server leaves its socket open."""
    program = (
        "import sys; from pathlib import Path; from tests.llm.test_rollouts import run_real\n"
        "print(run_real(Path(sys.argv[1]), ['one'], server_type='dummy')['one'].text)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SERVER.parents[2]), *filter(None, sys.path)])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "dummy text" in done.stdout


def test_a_server_of_the_user_is_started_and_stopped(tmp_path):
    script = {"server_script": str(SERVER)}
    written = run_real(tmp_path / "out", ["one", "gone two"], server_type="custom", model_kwargs=script)
    assert {one: document.text for one, document in written.items()} == {"one": "ONE", "gone two": "GONE TWO"}
