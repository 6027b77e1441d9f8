"""Bits per byte: every token of every document is predicted once, whatever windows and batches are."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from trainer.engine import World  # noqa: E402
from trainer.held_out import evaluate_corpus, windows  # noqa: E402

from textbooks.tokens import TokenizedCorpus  # noqa: E402

CPU = torch.device("cpu")


@given(st.lists(st.integers(1, 9), max_size=30), st.integers(1, 8))
def test_each_token_is_predicted_once_after_the_one_before(tokens, context):
    found = [window.tolist() for window in windows(np.array([*tokens, 0], dtype=np.uint16), context, 0)]
    pairs = [pair for window in found for pair in itertools.pairwise(window)]
    assert pairs == list(zip([0, *tokens], tokens, strict=False))
    assert all(2 <= len(window) <= context + 1 for window in found)


def bigram(ids):
    """A model whose logits depend on the last token alone."""
    table = torch.randn(320, 320, generator=torch.Generator().manual_seed(5))
    return table[ids]


def naive(corpus):
    """Sum of the losses, token by token."""
    total, documents = 0.0, corpus.as_documents()
    for number in range(len(documents)):
        before = corpus.end_of_text
        for token in documents[number][:-1].tolist():
            total -= float(torch.log_softmax(bigram(torch.tensor([before]))[0].double(), 0)[token])
            before = token
    return total


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 40), st.integers(1, 7))
def test_the_loss_is_that_of_a_naive_loop(tokens, context, batch_size):
    corpus = TokenizedCorpus.load(tokens / "held-out")
    world = World(0, 1, CPU, deepspeed=False)
    found = evaluate_corpus(bigram, corpus, context=context, batch_size=batch_size, world=world)
    wanted = naive(corpus)
    assert found.tokens == corpus.tokens - corpus.documents
    assert found.loss == pytest.approx(wanted / found.tokens, rel=1e-5)
    assert found.bits_per_byte == pytest.approx(wanted / math.log(2) / corpus.bytes, rel=1e-5)


def test_processes_share_the_documents(tokens):
    """Each takes every third batch; what they find adds up, also where there are fewer batches than processes."""
    corpus = TokenizedCorpus.load(tokens / "held-out")
    alone = evaluate_corpus(bigram, corpus, context=16, batch_size=2, world=World(0, 1, CPU, deepspeed=False))
    for size in (3, 50):
        found = []

        class Part(World):
            def sum(self, values, found=found):
                found.append(float(values))
                return values

        for rank in range(size):
            evaluate_corpus(bigram, corpus, context=16, batch_size=2, world=Part(rank, size, CPU, deepspeed=False))
        assert sum(found) == pytest.approx(alone.loss * alone.tokens, rel=1e-6)
