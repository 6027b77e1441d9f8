"""Estimates of tokens: near where they were measured, and a bound that holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.llm import ChatRequest, Message, estimate_tokens
from textbooks.llm.tokens import estimate_prompt_tokens, measure, most_prompt_tokens

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "llm" / "results_tokens.json"


@pytest.mark.parametrize(
    ("text", "truth"),  # tokens of cl100k_base
    [
        ("The quick brown fox jumps over the lazy dog.", 10),
        ("def mean(values):\n    return sum(values) / len(values)\n", 14),
        ("import os\nimport sys\n\nprint(os.getcwd(), sys.argv)\n", 16),
        ('{"grade": 7, "assessment": "Right but for the empty list."}', 17),
    ],
)
def test_near_a_real_tokenizer(text, truth):
    assert abs(estimate_tokens(text) - truth) <= 0.25 * truth + 1


def test_what_the_benchmark_found():
    for errors in json.loads(RESULTS.read_text()).values():
        assert all(abs(errors[kind]["together"]) <= 0.05 for kind in ("Python", "Markdown", "English"))


@given(st.text(), st.text())
def test_more_text_is_no_fewer_tokens_than_its_parts_alone(one, other):
    assert estimate_tokens(f"{one}\n\nx{other}") >= max(estimate_tokens(one) - 3, estimate_tokens(other) - 3)


@given(st.text())
def test_every_character_is_counted_once(text):
    counts = measure(text)
    assert all(count >= 0 for count in counts)
    assert sum(counts) <= 3 * len(text)


@given(st.lists(st.text(), min_size=1, max_size=4), st.booleans())
def test_the_bound_is_above_the_estimate_and_the_bytes(texts, with_schema):
    request = ChatRequest([Message("user", text) for text in texts], {"type": "object"} if with_schema else None)
    size = sum(len(text.encode()) for text in texts)
    assert most_prompt_tokens(request) > size
    assert most_prompt_tokens(request) > estimate_prompt_tokens(request) >= 4 * len(texts)


@given(st.text(st.characters(categories=["Cs", "Ll"])))
def test_lone_surrogates_are_counted(text):
    assert most_prompt_tokens(ChatRequest([Message("user", text)])) > len(text)
