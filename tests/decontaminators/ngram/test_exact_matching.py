"""Shared n-grams are exactly those of a plain set of tuples, whatever the batch, the blocks and the hashes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.decontaminators import NGramDecontaminator, code_tokens
from textbooks.decontaminators.ngram import common_grams
from textbooks.decontaminators.ngram import index as ngram_index
from textbooks.problems import Problem

PROGRAM = '''def running_maximum(readings, window):
    """Return the largest reading seen in each window of the given width, oldest first."""
    answer = []
    for start in range(len(readings) - window + 1):
        answer.append(max(readings[start:start + window]))
    return (answer)
'''
SHORT = "def inc(value):\n    return value + 1\n"
PROBLEMS = (
    Problem("mine", "m/1", "Running maximum.", PROGRAM, "", "running_maximum"),
    Problem("other", "o/1", "Say it.", SHORT, "", "inc"),
)

WORDS = st.sampled_from("a b c + ( été".split())
TEXTS = st.lists(WORDS, max_size=30).map(" ".join)


def problem(benchmark: str, number: int, prompt: str) -> Problem:
    return Problem(benchmark, str(number), prompt, "", "", "")


def fitted(*problems: Problem, **parameters: object) -> NGramDecontaminator:
    return NGramDecontaminator(**parameters).fit(problems or PROBLEMS)


def grams(text: str, n: int, min_tokens: int) -> set[tuple[str, ...]]:
    tokens = code_tokens(text)
    if len(tokens) < n:
        return {tuple(tokens)} if len(tokens) >= min_tokens else set()
    return {tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)}


def oracle(prompts: list[str], text: str, n: int, min_tokens: int) -> dict[str, tuple[int, int]]:
    """Return the shared and the total number of n-grams of every prompt that shares one."""
    tokens = code_tokens(text)
    answer = {}
    for number, prompt in enumerate(prompts):
        wanted = grams(prompt, n, min_tokens)
        present = {gram for gram in wanted if any(tuple(tokens[i : i + len(gram)]) == gram for i in range(len(tokens)))}
        if present:
            answer[str(number)] = (len(present), len(wanted))
    return answer


class TestAgainstOracle:
    @settings(max_examples=200, deadline=None)
    @given(
        st.lists(TEXTS, min_size=1, max_size=4),
        st.lists(TEXTS, max_size=5),
        st.integers(1, 6),
        st.integers(1, 6),
        st.data(),
    )
    def test_counts(self, prompts, texts, n, min_tokens, data):
        parameters = {"n": n, "min_tokens": min_tokens, "index": ("prompt",)}
        problems = [problem("p", number, prompt) for number, prompt in enumerate(prompts)]
        if not any(grams(prompt, n, min_tokens) for prompt in prompts):
            with pytest.raises(ValueError, match="to look for"):
                fitted(*problems, **parameters)
            return
        decontaminator = fitted(*problems, **parameters)
        texts += [f"b {prompt} a" for prompt in prompts]
        for text, verdict in zip(texts, decontaminator.judge_batch(texts), strict=True):
            expected = oracle(prompts, text, n, min_tokens)
            match = decontaminator.match(text)
            assert {hit.id: (hit.shared, hit.total) for hit in (match.hits if match else ())} == expected
            best = max((shared / total for shared, total in expected.values()), default=0.0)
            assert verdict.score == best
            assert verdict.keep == (best < 0.5)

    @settings(deadline=None)
    @given(TEXTS, TEXTS, TEXTS)
    def test_span_holds_shared_tokens_and_nothing_more(self, before, prompt, after):
        tokens = code_tokens(prompt)
        if len(tokens) < 3:
            return
        decontaminator = fitted(problem("p", 0, prompt), n=3, index=("prompt",))
        text = f"« é\n{before} {prompt}\t{after}"
        match = decontaminator.match(text)
        found = code_tokens(text[slice(*match.span)])
        assert match.text == text[slice(*match.span)].strip()
        assert len(found) >= len(tokens)
        assert grams(match.text, 3, 3) <= grams(prompt, 3, 3)

    @settings(deadline=None)
    @given(st.lists(TEXTS, max_size=8))
    def test_batch_makes_no_difference(self, texts):
        decontaminator = fitted(problem("p", 0, "a b c + ( a b"), n=3, index=("prompt",))
        assert decontaminator.judge_batch(texts) == [decontaminator.judge(text) for text in texts]

    def test_no_ngram_spans_two_texts(self):
        decontaminator = fitted(problem("p", 0, "a b c d"), n=4, index=("prompt",))
        assert decontaminator.keep_batch(["a b", "c d", "", "a b c", "d", "a b c d"]) == [True] * 5 + [False]

    @pytest.mark.parametrize("block", [1, 3, 16])
    def test_blocks_make_no_difference(self, monkeypatch, block):
        decontaminator = fitted(n=5, min_tokens=2)
        texts = [f"import os\n{PROGRAM}\nx = 1", SHORT, "é " + PROGRAM * 3]
        whole = decontaminator.judge_batch(texts)
        monkeypatch.setattr(ngram_index, "_BLOCK", block)
        monkeypatch.setattr(common_grams, "_BATCH", block)
        assert decontaminator.judge_batch(texts) == whole

    @pytest.mark.parametrize("room", [1, 2, 1 << 20])
    def test_room_for_occurrences_makes_no_difference(self, monkeypatch, room):
        texts = [f"import os\n{PROGRAM}\nx = 1" * 5, "é" + SHORT * 3]
        whole = fitted().judge_batch(texts)
        monkeypatch.setattr(ngram_index, "_ROOM", room)
        assert fitted().judge_batch(texts) == whole

    def test_colliding_hashes_never_reach_the_result(self):
        """The n-gram `b` gets the hash of `a` and stands before it: neither is taken for the other."""
        a, b = (tuple(text.encode().split()) for text in ("a b c", "a é c"))
        table = ngram_index.build_table([a], [7])
        twins = dataclasses.replace(
            table,
            keys=np.repeat(table.keys, 2), gram_lengths=np.repeat(table.gram_lengths, 2), buckets=table.buckets * 2,
            numbers=np.array([8, 7]), places=np.array([6, 0]), spelled=np.frombuffer("a b c a é c ".encode(), np.uint8),
        )  # fmt: skip
        only_b = dataclasses.replace(table, spelled=np.frombuffer("a é c ".encode(), np.uint8))
        assert b in [tuple(ngram_index.tokens_of("a é c"))]
        source, bounds = b"x a b c y a b d\n", np.array([0, 16])
        assert table.scan(source, bounds).tolist() == twins.scan(source, bounds).tolist() == [[1, 7, 2, 7]]
        assert only_b.scan(source, bounds).tolist() == []

    def test_tokens_alike_at_both_ends_are_told_apart(self):
        long_name = "beginning" + "x" * 9 + "conclusion"
        decontaminator = fitted(problem("p", 0, f"a b {long_name} c"), n=4, index=("prompt",))
        assert decontaminator.keep_batch([f"a b {long_name} c", f"a b {long_name.replace('x', 'y')} c"]) == [
            False,
            True,
        ]
