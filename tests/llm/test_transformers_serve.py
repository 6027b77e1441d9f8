"""Against a real server with a real model: the protocol holds though the text is noise."""

from __future__ import annotations

import pytest

from tests.llm.tiny_chat import MISSING, save_chat_model, serving_transformers
from textbooks.annotators import EduValueAnnotator
from textbooks.errors import MalformedAnswerError, RefusedRequestError
from textbooks.llm import Budget, Completion, Message, OpenAIChatClient, RetryPolicy

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"transformers serve needs {', '.join(MISSING)}")

ASK = [Message("system", "Be brief."), Message("user", "What is recursion?")]
SCHEMA = {
    "type": "object",
    "properties": {"score": {"type": "integer"}},
    "required": ["score"],
    "additionalProperties": False,
}
ONCE = RetryPolicy(attempts=1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Yield address, name of the model, and its tokenizer."""
    folder = tmp_path_factory.mktemp("tiny_chat")
    tokenizer = save_chat_model(folder)
    with serving_transformers(folder) as url:
        yield url, str(folder), tokenizer


@pytest.fixture
def client(server, tmp_path):
    url, model, _ = server
    options = {"max_tokens": 24, "temperature": 0.0, "retry": ONCE, "concurrency": 2}
    with OpenAIChatClient(model, base_url=url, cache=tmp_path / "answers.sqlite", **options) as made:
        yield made


def prompt_tokens(tokenizer, messages):
    turns = [{"role": one.role, "content": one.content} for one in messages]
    return len(tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=True)["input_ids"])


def test_the_figures_are_those_of_the_model(client, server):
    found = client.complete(ASK)
    assert found.usage.prompt_tokens == prompt_tokens(server[2], ASK)
    assert found.usage.completion_tokens == 24
    assert found.finish_reason == "length"
    assert found.model.startswith(server[1])
    assert client.spent.usage == found.usage
    assert client.spent.estimated == 0


def test_the_estimate_of_an_answer_is_what_it_costs(client):
    estimate = client.estimate([ASK])
    spent = client.complete(ASK).usage
    assert (estimate.answer_tokens, estimate.basis) == (24, "max_tokens")
    assert estimate.usage.completion_tokens == spent.completion_tokens


def test_a_second_client_finds_the_answer_in_the_cache(client, server):
    first = client.complete(ASK)
    with OpenAIChatClient(
        server[1], base_url="http://127.0.0.1:9/v1", cache=client.cache, max_tokens=24, temperature=0.0
    ) as other:
        again = other.complete(ASK)
        assert (again, again.cached) == (first, True)
        assert other.spent.requests == 0


def test_many_at_a_time_come_in_order(client):
    asked = [[Message("user", f"Say {number}.")] for number in range(6)]
    answers = list(client.complete_all(asked))
    assert all(isinstance(answer, Completion) for answer in answers)
    assert [answer.usage.prompt_tokens for answer in answers] == [len("Say 0.") + 3] * 6
    assert client.spent.requests == 6


def test_noise_by_a_schema_is_malformed_after_one_repair(client, server):
    with pytest.raises(MalformedAnswerError, match="nor does its repair") as raised:
        client.complete(ASK, schema=SCHEMA)
    completion = raised.value.completion
    assert completion.usage.completion_tokens == 48  # the answer and its repair
    assert client.spent.requests == 2  # the server takes `response_format`, and does nothing with it
    assert client.spent.usage == completion.usage


def test_a_budget_of_tokens_is_kept(server):
    url, model, tokenizer = server
    each = prompt_tokens(tokenizer, [Message("user", "Say 0.")]) + 8
    options = {"max_tokens": 8, "concurrency": 1, "retry": ONCE}
    with OpenAIChatClient(model, base_url=url, budget=Budget(tokens=400), **options) as client:
        answers = list(client.complete_all([[Message("user", f"Say {number}.")] for number in range(60)]))
        answered = [answer for answer in answers if isinstance(answer, Completion)]
        assert 0 < len(answered) < 60
        assert client.spent.usage.tokens == each * len(answered) + sum(len(str(n)) - 1 for n in range(len(answered)))
        assert client.spent.usage.tokens <= 400


def test_an_annotator_makes_up_no_score_of_noise(client, tmp_path):
    annotator = EduValueAnnotator(client, examples=(), rubric="5 is good.")
    found = annotator.annotate_all(["x = 1\n", "y = 2\n"], out=tmp_path / "labels.jsonl")
    assert [one.score for one in found] == [None, None]
    assert all(one.problem.startswith("no score in the answer") for one in found)
    assert all(one.usage.completion_tokens == 48 for one in found)
    assert (tmp_path / "labels.jsonl").read_text() == ""


def test_what_the_server_refuses_is_typed_and_says_why(server):
    url, model, _ = server
    with (
        OpenAIChatClient(model, base_url=url, parameters={"no_such_member": 2}, retry=ONCE) as client,
        pytest.raises(RefusedRequestError, match="no_such_member"),
    ):
        client.complete(ASK)
