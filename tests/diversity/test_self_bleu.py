"""Self-BLEU against sacrebleu's own, text by text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU

from textbooks.decontaminators.tokens import code_tokens
from textbooks.diversity import self_bleu

TEXTS = st.lists(
    st.lists(st.sampled_from("a b c + (".split()), min_size=1, max_size=12).map(" ".join), min_size=2, max_size=6
)


def naive(texts):
    bleu = BLEU(tokenize="none", effective_order=True)
    cut = [" ".join(code_tokens(text)) for text in texts]
    scores = [bleu.sentence_score(text, cut[:i] + cut[i + 1 :]).score for i, text in enumerate(cut)]
    return sum(scores) / len(scores)


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_is_the_mean_of_sacrebleu_against_all_others(texts):
    assert self_bleu(texts) == pytest.approx(naive(texts), abs=1e-9)


def test_is_that_on_code(exercises):
    assert self_bleu(exercises) == pytest.approx(naive(exercises), abs=1e-9)


def test_equal_texts_foretell_each_other_and_unrelated_ones_do_not():
    assert self_bleu(["a b c d e"] * 3) == pytest.approx(100)
    assert self_bleu(["a b c d e", "f g h i j"]) < 12


def test_texts_that_are_alike_score_higher(exercises, alike):
    assert self_bleu(alike) > self_bleu(exercises[:16]) + 3


def test_a_sample_is_drawn_by_the_seed(exercises):
    some = [self_bleu(exercises, sample=5, seed=seed) for seed in (0, 0, 1)]
    assert some[0] == some[1] != some[2]
    assert self_bleu(exercises, sample=40) == self_bleu(exercises, sample=400)


@pytest.mark.parametrize("texts", [[], ["a b c"], ["a b c", "", "\n"]])
def test_one_text_has_no_others(texts):
    assert math.isnan(self_bleu(texts))


def test_refuses_a_sample_of_one():
    with pytest.raises(ValueError, match="sample must be at least 2, got 1"):
        self_bleu(["a", "b"], sample=1)
