"""Texts of nearly the same meaning in memory, beside the oracle."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dedup.semantic.spaces import VectorOf, greedy, scattered
from textbooks.dedup import SemanticDeduplicator
from textbooks.dedup.exact_stages import digest
from textbooks.dedup.semantic.vectors import rounded
from textbooks.verdicts import Reason, Status

texts_of = st.text(alphabet="abc 1\n", max_size=4)
corpora = st.lists(st.tuples(texts_of, st.integers(0, 3)), max_size=25)
EMBEDDER = VectorOf(scattered)


def judge(**arguments):
    return SemanticDeduplicator(**{"threshold": 0.8, "embedder": EMBEDDER, "engine": "numpy", **arguments})


def oracle(texts, ranks, threshold):
    """Position of the text that stays for each, and their cosine."""
    order = sorted(
        range(len(texts)), key=lambda i: (-ranks[i], -len(texts[i]), *struct.unpack("<2Q", digest(texts[i])), i)
    )
    different = list(dict.fromkeys(texts[i] for i in order))
    partner, similarity = greedy(rounded(EMBEDDER.embed(different)), threshold)
    first = [next(i for i in order if texts[i] == text) for text in different]
    places = [different.index(text) for text in texts]
    return [first[partner[place]] for place in places], [similarity[place] for place in places]


def partners(result):
    return [verdict.evidence.get("duplicate_of", i) for i, verdict in enumerate(result.verdicts)]


def as_records(corpus):
    return [{"text": text, "score": score} for text, score in corpus]


@settings(deadline=None, max_examples=50)
@given(corpora, st.sampled_from([1, 3, None]), st.sampled_from([0.5, 0.8, 0.95]))
def test_the_decision_is_that_of_comparing_with_all_that_stay(corpus, cells, threshold):
    result = judge(key="score", cells=cells, threshold=threshold).fit_apply(as_records(corpus))
    expected, similarity = oracle([text for text, _ in corpus], [score for _, score in corpus], threshold)
    assert partners(result) == expected
    for verdict, value in zip(result.verdicts, similarity, strict=True):
        if not verdict.keep:
            assert verdict.reason is Reason.SEMANTIC_DUPLICATE
            assert verdict.score == verdict.evidence["similarity"] == value >= threshold
    sizes = [verdict.evidence["cluster_size"] for verdict in result.verdicts]
    assert sizes == [expected.count(one) for one in expected]


@settings(deadline=None, max_examples=20)
@given(corpora, st.sampled_from(["score", None]), st.randoms(use_true_random=False))
def test_the_kept_set_does_not_depend_on_the_order(corpus, key, randomness):
    records = as_records(corpus)
    expected = sorted(record["text"] for record in judge(key=key).fit_apply(records).kept)
    shuffled = randomness.sample(records, len(records))
    assert sorted(record["text"] for record in judge(key=key, cells=4, seed=9).fit_apply(shuffled).kept) == expected


def test_engines_cells_and_seeds_have_no_say():
    texts = [f"{letter}{number}" for letter in "abcdefghij" for number in range(60)]
    expected = judge(threshold=0.95).fit_apply(texts).verdicts
    assert 50 < sum(verdict.keep for verdict in expected) < 550
    for arguments in ({"cells": 30}, {"cells": 700, "seed": 5}, {"engine": "auto", "cells": 12}):
        assert judge(threshold=0.95, **arguments).fit_apply(texts).verdicts == expected


def test_another_threshold_decides_as_a_fit_with_it_and_embeds_nothing():
    records = [*[f"{letter}{number}" for letter in "abc" for number in range(40)], None, "", "a1"]
    embedder = VectorOf(scattered)
    result = judge(threshold=0.6, embedder=embedder).fit_apply(records)
    embedded = embedder.texts
    for threshold in (0.6, 0.85, 1.0):
        again = result.rethreshold(threshold=threshold)
        assert again.verdicts == judge(threshold=threshold).fit_apply(records).verdicts
        assert again.rethreshold(threshold=0.6).verdicts == result.verdicts
    assert embedder.texts == embedded == 121
    with pytest.raises(ValueError, match=r"threshold must be at least 0\.6, that of the fit, got 0\.5: fit again"):
        result.rethreshold(threshold=0.5)


@pytest.mark.parametrize("cells", [None, 1, 50])
def test_all_identical_and_all_unique_texts(cells):
    identical = judge(cells=cells).fit_apply(["x = 1"] * 300)
    assert identical.kept == ["x = 1"]
    assert identical.verdicts[299].evidence == {"duplicate_of": 0, "similarity": 1.0, "cluster_size": 300}
    axes = np.eye(8)
    unique = [str(number) for number in range(8)]
    assert judge(embedder=VectorOf(lambda text: axes[int(text)]), cells=cells).fit_apply(unique).kept == unique


def test_texts_of_one_vector_are_one_cluster():
    result = judge(embedder=VectorOf(lambda _: np.ones(8))).fit_apply([str(number) for number in range(3000)])
    assert len(result.kept) == 1
    assert max(verdict.evidence["cluster_size"] for verdict in result.verdicts) == 3000


@pytest.mark.parametrize("texts", [[], [""], ["a"], ["", "", " "], ["a", ""]])
def test_few_and_empty_texts(texts):
    assert judge().fit_apply(texts).kept == list(dict.fromkeys(texts))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_vector_that_is_not_finite_quarantines_its_text_alone(value):
    embedder = VectorOf(lambda text: np.full(8, value) if text == "bad" else scattered(text))
    result = judge(embedder=embedder).fit_apply(["bad", "a", "bad", "a"])
    assert [verdict.status for verdict in result.verdicts] == [
        Status.QUARANTINED, Status.KEPT, Status.QUARANTINED, Status.DROPPED,
    ]  # fmt: skip
    assert result.verdicts[2].reason is Reason.JUDGING_FAILED
    assert result.verdicts[3].evidence == {"duplicate_of": 1, "similarity": 1.0, "cluster_size": 2}


def test_an_embedder_that_breaks_its_word_is_refused():
    class Short(VectorOf):
        def embed(self, texts):
            return super().embed(texts)[:, :3]

    with pytest.raises(ValueError, match=r"the embedder must give \(1, 8\) numbers, got the shape \(1, 3\)"):
        judge(embedder=Short(scattered)).fit_apply(["a"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"threshold": 0.0}, "threshold must be above 0"),
        ({"threshold": 1.1}, "threshold must be between 0 and 1"),
        ({"cells": 0}, "cells must be at least 1, got 0"),
        ({"seed": -1}, "seed must be between 0"),
        ({"engine": "gpu"}, "engine must be one of"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        SemanticDeduplicator(**arguments)


def test_the_shipped_embedder_finds_a_function_in_other_words():
    total = (
        'def total(values):\n    """Return the sum of some numbers."""\n'
        "    result = 0\n    for value in values:\n        result += value\n    return result\n"
    )
    renamed = total.replace("value", "number").replace("result += ", "result = result + ")
    other = "def read(path):\n    with open(path) as file:\n        return file.read().splitlines()\n"
    result = SemanticDeduplicator(threshold=0.6, key=lambda text: text == total).fit_apply([total, renamed, other])
    assert result.kept == [total, other]
