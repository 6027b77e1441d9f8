"""The client that the options of a command describe."""

from __future__ import annotations

import json

import pytest

from textbooks.cli.models import build_client, parse_price
from textbooks.llm import Budget, Message, OpenAIChatClient, Price

OPTIONS = {
    "model": "m",
    "base_url": "http://127.0.0.1:1/v1",
    "max_tokens": 100,
    "temperature": None,
    "concurrency": 2,
    "requests_per_minute": None,
    "tokens_per_minute": None,
    "budget": None,
    "price": None,
    "replay": None,
}


def test_options_become_a_client_with_a_cache_and_a_budget(tmp_path):
    client = build_client(**OPTIONS | {"budget": 2.5, "price": "0.15/0.6"}, cache=tmp_path / "answers.sqlite")
    assert isinstance(client, OpenAIChatClient)
    assert (client.budget, client.prices) == (Budget(cost=2.5), {"m": Price(0.15, 0.6)})
    assert (client.cache, client.concurrency, client.max_tokens) == (tmp_path / "answers.sqlite", 2, 100)


def test_a_budget_without_a_price_is_refused(tmp_path):
    with pytest.raises(ValueError, match="needs the price"):
        build_client(**OPTIONS | {"budget": 1.0}, cache=tmp_path / "answers.sqlite")


@pytest.mark.parametrize("text", ["", "1", "1/2/3", "one/two", "1,2"])
def test_what_is_no_price_is_shown(text):
    with pytest.raises(ValueError, match="two numbers with a slash"):
        parse_price(text)


def test_a_recording_answers_in_place_of_a_server(tmp_path):
    recording = tmp_path / "recording.jsonl"
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "cached_tokens": 0}
    completion = {"text": "yes", "usage": usage, "parsed": None, "model": "m", "finish_reason": "stop"}
    record = {"messages": [{"role": "user", "content": "ask"}], "schema": None, "completion": completion}
    recording.write_text(json.dumps(record) + "\n")
    client = build_client(**OPTIONS | {"replay": recording}, cache=tmp_path / "answers.sqlite")
    assert client.complete([Message("user", "ask")]).text == "yes"
