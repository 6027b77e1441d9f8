from __future__ import annotations

import json
from pathlib import Path

import pytest
from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.inference.run_inference import InferenceConfig, InferenceRunner
from datatrove.pipeline.writers import JsonlWriter
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.completion_server import completing
from tests.synthesizers.speaker import speak
from textbooks.llm import ChatRollout, Message, ReplayChatClient, ScriptedChatClient, read_rollouts, record_rollouts
from textbooks.synthesizers import ExerciseSynthesizer, SeedReader, exercise_seeds, seed_of
from textbooks.synthesizers.prompts import exercise_messages

SPACE = exercise_seeds(seed=4)


@given(st.integers(0, 30), st.integers(0, 10), st.integers(1, 7))
def test_the_tasks_share_the_seeds_out(n, start, world_size):
    reader = SeedReader(SPACE, n, start=start)
    shares = [list(reader.run(None, rank, world_size)) for rank in range(world_size)]
    drawn = [seed_of(document) for share in shares for document in share]
    assert sorted(drawn, key=lambda seed: seed.number) == list(SPACE.draw(n, start))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_a_document_is_its_seed_and_no_text():
    [document] = SeedReader(SPACE, 1, start=12).run()
    assert (document.id, document.text) == ("exercise-0000012", "")
    assert seed_of(document) == SPACE[12]
    as_string = Document(text="", id="x", metadata={"seed": json.dumps(SPACE[12].to_json())})
    assert seed_of(as_string) == SPACE[12]


def test_documents_of_a_step_before_pass():
    before = [Document(text="x", id="before")]
    assert [document.id for document in SeedReader(SPACE, 1).run(before)] == ["before", "exercise-0000000"]


def test_seeds_that_there_are_not_are_refused_at_once():
    with pytest.raises(IndexError, match="this space has"):
        SeedReader(SPACE, 1, start=SPACE.size)


def test_a_document_without_a_seed_is_refused():
    with pytest.raises(ValueError, match="got None"):
        seed_of(Document(text="", id="x"))


def messages(document):
    """Ask for a seed's text."""
    fields = seed_of(document).fields
    return [Message("system", "You write exercises."), Message("user", f"{fields['function_name']}, {fields['level']}")]


@pytest.mark.slow
def test_seeds_become_answers_in_two_tasks_of_an_executor_and_are_replayed(tmp_path):
    """Whole: processes, dill, shards, resume."""
    pytest.importorskip("httpx")
    pytest.importorskip("aiofiles")
    with completing() as server:
        config = InferenceConfig("endpoint", "tiny", endpoint_url=server.url, server_ready_delay_sec=0.2)
        for _ in range(2):  # the second run finds everything done
            steps = [
                SeedReader(SPACE, 9),
                InferenceRunner(ChatRollout(messages), config, JsonlWriter(str(tmp_path / "out"))),
            ]
            LocalPipelineExecutor(steps, tasks=2, workers=2, logging_dir=str(tmp_path / "logs")).run()
        assert len(server.bodies) == 9
    written = list(read_rollouts(tmp_path / "out"))
    assert sorted(document.id for document in written) == [seed.id for seed in SPACE.draw(9)]
    assert len(list(Path(tmp_path / "out").iterdir())) == 2
    assert record_rollouts(written, messages, tmp_path / "recording.jsonl") == 9
    client = ReplayChatClient(tmp_path / "recording.jsonl")
    for document in SeedReader(SPACE, 9).run():
        assert client.complete(messages(document)).text == messages(document)[-1].content.upper()


def asked(document):
    """Ask for a seed's exercise, as the synthesizer does."""
    return exercise_messages(seed_of(document))


def test_what_a_runner_was_answered_is_checked_by_the_synthesizer(tmp_path, sandbox):
    documents = list(SeedReader(SPACE, 12).run())
    for document in documents:
        result = {"answer": speak(asked(document)), "error": "", "finish_reason": "stop"}
        result |= {"prompt_tokens": 5, "completion_tokens": 7}
        document.metadata["rollout_results"] = [result]
    assert record_rollouts(documents, asked, tmp_path / "recording.jsonl") == 12
    replay = ExerciseSynthesizer(ReplayChatClient(tmp_path / "recording.jsonl"), sandbox=sandbox)
    spoken = ExerciseSynthesizer(ScriptedChatClient(speak), sandbox=sandbox)
    found, expected = (list(one.synthesize(SPACE.draw(12))) for one in (replay, spoken))
    assert [one.verdict for one in found] == [one.verdict for one in expected]
    assert [one.text for one in found if one.keep] == [one.text for one in expected if one.keep] != []
