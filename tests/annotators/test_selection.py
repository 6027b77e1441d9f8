"""What to have rated next."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.annotators import Selection, select_for_annotation
from textbooks.annotators.selection import entropy

STRATEGIES = ["mixed", "uncertain", "high_score", "diverse", "stratified", "random"]


class Line:
    """A model whose score is the number in the text, sure of whole numbers and unsure between them."""

    def score(self, texts):
        return np.array([float(text.split()[0]) for text in texts])

    def class_probabilities(self, scores):
        near = 1 - np.abs(np.arange(6) - np.asarray(scores)[:, None])
        return np.maximum(near, 0.0)


class Planar:
    """Vectors on a line: the number in the text."""

    def embed(self, texts):
        return np.array([[float(text.split()[0]), 1.0] for text in texts], dtype=np.float32)


MODEL, EMBEDDER = Line(), Planar()
TEXTS = [f"{n / 10} x" for n in range(51)]
NUMBERS = st.lists(st.integers(0, 500).map(lambda n: f"{n / 100} x"), max_size=30)


def select(texts, n, strategy, **options):
    return select_for_annotation(texts, n, strategy=strategy, model=MODEL, embedder=EMBEDDER, **options)


def test_uncertain_takes_what_the_model_is_least_sure_of():
    assert {TEXTS[one.index] for one in select(TEXTS, 5, "uncertain")} == {f"{k}.5 x" for k in range(5)}


def test_high_score_takes_the_highest_in_order():
    assert [TEXTS[one.index] for one in select(TEXTS, 3, "high_score")] == ["5.0 x", "4.9 x", "4.8 x"]


def test_diverse_takes_what_lies_apart():
    found = [float(TEXTS[one.index].split()[0]) for one in select(TEXTS, 3, "diverse")]
    assert {0.0, 5.0} & set(found[1:2])
    assert min(abs(a - b) for a, b in zip(sorted(found), sorted(found)[1:], strict=False)) > 1.0


def test_stratified_takes_as_many_of_each_class_as_there_are():
    classes = [round(select(TEXTS, 51, "stratified")[place].score) for place in range(12)]
    assert sorted(classes) == sorted([*range(6)] * 2)
    lopsided = ["0 x", *(f"{3 + n / 100} x" for n in range(20))]
    assert sorted(round(one.score) for one in select(lopsided, 4, "stratified")) == [0, 3, 3, 3]


def test_mixed_takes_turns_and_half_at_random():
    reasons = [one.reason for one in select(TEXTS, 12, "mixed")]
    assert reasons == ["random", "uncertain", "random", "high_score", "random", "diverse"] * 2
    assert [one.representative for one in select(TEXTS, 2, "mixed")] == [True, False]


def test_random_needs_no_model_and_the_seed_decides():
    first = [select_for_annotation(TEXTS, 10, strategy="random", seed=seed) for seed in range(2)]
    assert {one.index for one in first[0]} != {one.index for one in first[1]}
    assert {(one.score, one.uncertainty) for one in first[0]} == {(None, None)}


def test_each_text_is_as_likely_as_another():
    counts = np.zeros(10)
    for seed in range(600):
        for one in select_for_annotation(TEXTS[:10], 3, strategy="random", seed=seed):
            counts[one.index] += 1
    assert counts / 600 == pytest.approx([0.3] * 10, abs=0.08)


@pytest.mark.parametrize("strategy", STRATEGIES)
@settings(deadline=None)
@given(texts=NUMBERS, n=st.integers(0, 35), random=st.randoms(use_true_random=False))
def test_the_choice_does_not_depend_on_the_order_of_the_texts(strategy, texts, n, random):
    found = select(texts, n, strategy)
    assert len(found) == min(n, len(set(texts)))
    assert len({texts[one.index] for one in found}) == len(found)  # no text twice
    shuffled = random.sample(texts, len(texts))
    other = select(shuffled, n, strategy)
    assert [(texts[a.index], a.reason) for a in found] == [(shuffled[b.index], b.reason) for b in other]


@pytest.mark.parametrize("strategy", STRATEGIES)
@settings(deadline=None)
@given(texts=NUMBERS, n=st.integers(0, 12))
def test_a_smaller_choice_is_the_beginning_of_a_larger(strategy, texts, n):
    assert select(texts, n, strategy) == select(texts, n + 9, strategy)[:n]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_what_is_no_text_is_never_chosen(strategy):
    texts = ["1 x", None, 3, "\ud800", "2 x"]
    assert sorted(one.index for one in select(texts, 9, strategy)) == [0, 4]


def test_scores_that_are_known_are_not_taken_again():
    model = SimpleNamespace(class_probabilities=Line().class_probabilities)
    scored = [4.0, 1.5, 3.0]
    found = select_for_annotation(["a", "b", "c"], 1, model=model, strategy="uncertain", scored=scored)
    assert found == [Selection(1, "uncertain", 1.5, 1.0)]


def test_the_bundled_model_and_embedder_do_without_being_asked():
    texts = [f"def f{n}(x):\n    return x + {n}\n" for n in range(8)]
    found = select_for_annotation(texts, 6)
    assert len({one.index for one in found}) == 6
    assert all(0 <= one.score <= 5 and 0 <= one.uncertainty <= 2.6 for one in found)


def test_entropy_is_in_bits():
    rows = np.array([[1, 0, 0, 0, 0, 0], [0.5, 0.5, 0, 0, 0, 0], [0.25] * 4 + [0, 0], [1 / 6] * 6])
    assert entropy(rows) == pytest.approx([0, 1, 2, math.log2(6)])


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"n": -1}, "n must be at least 0, got -1"),
        ({"strategy": "best"}, "strategy must be one of mixed, .*, got 'best'"),
        ({"scored": [1.0]}, r"one score a text, got shape \(1,\) for 2 texts"),
        ({"scored": [1.0, 7.0]}, "numbers from 0 to 5, got 7.0"),
        ({"scored": [1.0, math.nan]}, "numbers from 0 to 5, got nan"),
    ],
)
def test_arguments_out_of_range_are_refused(options, problem):
    with pytest.raises(ValueError, match=problem):
        select_for_annotation(["a", "b"], **{"n": 1, "model": MODEL} | options)


def test_a_single_string_is_refused():
    with pytest.raises(TypeError, match="wrap it in a list"):
        select_for_annotation("x = 1", 1)
