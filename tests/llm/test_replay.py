"""What was recorded is answered again, and nothing else."""

from __future__ import annotations

import json

import pytest

from tests.llm.conftest import QUICK
from textbooks.errors import CompletionError, InputError, MalformedAnswerError, OutputError, UnknownRequestError
from textbooks.llm import (
    BatchChatClient,
    ChatRequest,
    Completion,
    ManagedChatClient,
    Message,
    RecordingChatClient,
    ReplayChatClient,
    ScriptedChatClient,
    Usage,
    answer_all,
)

NUMBER = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def ask(text):
    return [Message("user", text)]


def by_text(messages):
    answers = {
        "one": Completion("1", Usage(3, 1), model="m", finish_reason="stop"),
        "two": '{"n": 2}',
        "words": "no number",
        "busy": CompletionError("busy", retryable=True),
    }
    return answers.get(messages[-1].content, "no number")


def test_what_was_recorded_is_answered(tmp_path):
    path = tmp_path / "recording.jsonl"
    client = RecordingChatClient(ScriptedChatClient(by_text), path)
    one = client.complete(ask("one"))
    two = client.complete(ask("two"), schema=NUMBER)
    with pytest.raises(CompletionError, match="busy"):
        client.complete(ask("busy"))
    replay = ReplayChatClient(path)
    assert replay.complete(ask("one")) == one
    assert replay.complete(ask("two"), schema=NUMBER) == two
    for unknown, schema in ((ask("busy"), None), (ask("two"), None), (ask("one"), NUMBER), (ask("one ") * 2, None)):
        with pytest.raises(UnknownRequestError, match=r"recording.jsonl' holds no answer with") as caught:
            replay.complete(unknown, schema=schema)
        assert not caught.value.retryable
    assert [json.loads(line)["completion"]["text"] for line in path.read_text().splitlines()] == ["1", '{"n": 2}']


@pytest.mark.parametrize("managed", [False, True])
def test_a_batch_is_recorded_as_it_comes(tmp_path, managed):
    inner = ScriptedChatClient(by_text)
    inner = ManagedChatClient(inner, retry=QUICK) if managed else inner
    client = RecordingChatClient(inner, tmp_path / "r")
    assert isinstance(client, BatchChatClient)
    requests = [ChatRequest(ask(text)) for text in ("one", "busy", "two")]
    found = dict(answer_all(client, requests))
    assert found[0].text == "1"
    replay = ReplayChatClient(tmp_path / "r")
    again = dict(answer_all(replay, requests, workers=3))
    assert again[0] == found[0]
    assert again[2] == found[2]
    assert isinstance(again[1], UnknownRequestError)


def test_a_repaired_answer_is_replayed_whole_from_a_recording_and_from_a_cache(tmp_path):
    script = iter(["no JSON", '{"n": 5}'])
    managed = ManagedChatClient(ScriptedChatClient(lambda _: next(script)), model="m", cache=tmp_path / "c")
    with managed:
        answer = RecordingChatClient(managed, tmp_path / "r").complete(ask("n?"), schema=NUMBER)
    assert answer.parsed == {"n": 5}
    assert ReplayChatClient(tmp_path / "r").complete(ask("n?"), schema=NUMBER) == answer
    assert ReplayChatClient.of_cache(managed).complete(ask("n?"), schema=NUMBER) == answer
    with pytest.raises(UnknownRequestError, match="holds no answer with a schema to 'other'"):
        ReplayChatClient.of_cache(managed).complete(ask("other"), schema=NUMBER)


def test_an_answer_against_its_schema_is_one_in_a_replay_too(tmp_path):
    with ManagedChatClient(ScriptedChatClient(by_text)) as managed:
        client = RecordingChatClient(managed, tmp_path / "r")
        for asked in (client, ReplayChatClient(tmp_path / "r")):
            with pytest.raises(MalformedAnswerError) as caught:
                asked.complete(ask("words"), schema=NUMBER)
            assert caught.value.completion.text == "no number"


def test_a_torn_last_line_is_left_out_and_any_other_is_an_error(tmp_path, caplog):
    path = tmp_path / "r"
    client = RecordingChatClient(ScriptedChatClient(by_text), path)
    client.complete(ask("one"))
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    assert ReplayChatClient(path).complete(ask("one")).text == "1"
    assert "line 2 is torn and left out" in caplog.text
    for damaged in (whole[:40] + b"\n" + whole, b"[]\n" + whole, b'{"messages": []}\n', b'{"messages": [3]}\n'):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"line 1: this is no record"):
            ReplayChatClient(path).complete(ask("one"))


def test_files_that_cannot_be_used(tmp_path):
    with pytest.raises(InputError, match="cannot read the recording"):
        ReplayChatClient(tmp_path / "no").complete(ask("one"))
    with pytest.raises(OutputError, match="cannot write the recording"):
        RecordingChatClient(ScriptedChatClient(by_text), tmp_path).complete(ask("one"))
    with pytest.raises(ValueError, match="got one with cache=None"):
        ReplayChatClient.of_cache(ManagedChatClient(ScriptedChatClient([])))
