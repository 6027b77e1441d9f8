from __future__ import annotations

import sys
import time

import pytest
from datatrove.data import Document
from datatrove.pipeline.inference.run_inference import InferenceConfig, InferenceRunner
from datatrove.pipeline.inference.types import InferenceError, ServerError
from datatrove.pipeline.writers import JsonlWriter

from tests.llm.completion_server import completing
from textbooks.llm import ChatRollout, Message, RetryPolicy, read_rollouts
from textbooks.llm.endpoint_runner import EndpointRunner

pytest.importorskip("httpx")
pytest.importorskip("aiofiles")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs all of 127.0.0.0/8")

ELSEWHERE = "127.0.0.2"  # loopback, and not what datatrove takes for this machine
FAST = {"server_ready_delay_sec": 0.05, "server_ready_max_attempts": 4, "server_start_max_retries": 0}


def run(folder, url, questions=("one",), runner=EndpointRunner, **config):
    rollout = ChatRollout(
        lambda document: [Message("user", document.metadata["question"])],
        retry=RetryPolicy(attempts=3, first_wait=0.01),
    )
    config = InferenceConfig("endpoint", "tiny", endpoint_url=url, **{**FAST, **config})
    documents = [Document(text="", id=str(i), metadata={"question": one}) for i, one in enumerate(questions)]
    runner(rollout, config, JsonlWriter(str(folder), compression=None)).run(iter(documents))
    written = sorted(read_rollouts(folder), key=lambda document: int(document.id))
    return [document.metadata["rollout_results"][0] for document in written]


@pytest.mark.parametrize("host", ["127.0.0.1", ELSEWHERE])
@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/"])
def test_a_server_anywhere_is_reached_with_its_key(host, path, tmp_path):
    with completing(host=host, key="secret") as server:
        [found] = run(tmp_path, server.url + path, api_key="secret")
    assert found["answer"] == "ONE"
    assert server.bodies[0]["model"] == "tiny"


@pytest.mark.parametrize(("path", "error"), [("", InferenceError), ("/v1", ServerError)])
def test_datatrove_alone_does_not_reach_it(path, error, tmp_path):
    """The reason for all this; when datatrove mends it, this test fails."""
    pytest.importorskip("openai")
    with completing(host=ELSEWHERE) as server, pytest.raises(error):
        run(tmp_path, server.url + path, runner=InferenceRunner, api_key="secret")


def test_failures_of_requests_end_no_task(tmp_path):
    questions = ["one", "busy two", "broken three", "gone four", "bad five", "down six"]
    with completing(host=ELSEWHERE) as server:
        found = run(tmp_path, server.url, questions)
    assert [one["answer"] for one in found] == [question.upper() for question in questions[:4]] + ["", ""]
    assert [one["attempts"] for one in found] == [1, 2, 2, 2, 1, 3]
    assert found[4]["error"] == "RefusedRequestError: the server answered 400: bad on purpose"
    assert found[5]["error"] == "ServerError: the server answered 503: down on purpose"


def test_it_waits_as_long_as_the_server_asks(tmp_path):
    with completing() as server:
        began = time.monotonic()
        [found] = run(tmp_path, server.url, ["busy"])
    assert found["attempts"] == 2
    assert time.monotonic() - began >= 0.2


def test_the_key_of_the_environment_is_not_sent(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "of OpenAI alone")
    with completing(host=ELSEWHERE, key="of OpenAI alone") as server, pytest.raises(ServerError):
        run(tmp_path, server.url)
    assert server.bodies == []


def test_a_time_limit_is_kept(tmp_path):
    with completing() as server:
        server.pause = 0.5
        [found] = run(tmp_path, server.url, request_timeout=0.05)
    assert found["attempts"] == 3
    assert "ReadTimeout" in found["error"]


def test_a_refused_request_is_one_for_skip_bad_requests(tmp_path):
    async def plain(document, generate):
        return await generate({"messages": [{"role": "user", "content": document.metadata["question"]}]})

    with completing() as server:
        config = InferenceConfig("endpoint", "tiny", endpoint_url=server.url, **FAST)
        runner = EndpointRunner(plain, config, JsonlWriter(str(tmp_path), compression=None), skip_bad_requests=True)
        asked = [Document(text="x", id=str(i), metadata={"question": one}) for i, one in enumerate(["bad", "good"])]
        runner.run(iter(asked))
    assert [document.id for document in read_rollouts(tmp_path)] == ["1"]


def test_an_endpoint_needs_an_address(tmp_path):
    with pytest.raises(ValueError, match="endpoint_url must be the address of a server, got None"):
        run(tmp_path, None)


def test_other_servers_stay_as_they_are(tmp_path):
    runner = EndpointRunner(None, InferenceConfig("vllm", "tiny"), JsonlWriter(str(tmp_path)))
    assert isinstance(runner, InferenceRunner)
    assert runner.config.server_type == "vllm"
