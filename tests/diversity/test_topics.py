"""Topics where the caller names none: clusters that favour neither set."""

from __future__ import annotations

import numpy as np
import pytest

from textbooks.diversity import diversity_report
from textbooks.diversity.topics import TOPICS, cluster, topic_draws, topics_for
from textbooks.embedders import StaticEmbedder


class Corners:
    """A text of one letter is a corner of a cube."""

    dimensions, identity = 26, "corners"

    def embed(self, texts):
        rows = np.zeros((len(texts), 26), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            if text:
                row[ord(text) - 97] = 1
        return rows


def test_equal_texts_share_a_topic_and_those_without_a_vector_have_their_own():
    first, second, third, fourth, empty = cluster(Corners().embed(["a", "b", "a", "b", ""]), TOPICS, 0)
    assert (first, second, empty) == (third, fourth, TOPICS)
    assert first != second


@pytest.mark.parametrize("texts", [[], [""], ["", ""]])
def test_without_a_vector_there_is_one_topic(texts):
    assert cluster(Corners().embed(texts), TOPICS, 0).tolist() == [TOPICS] * len(texts)


def test_draws_count_the_topics_of_as_many_texts_of_each_set():
    vectors = Corners().embed([*"abcd" * 10, *"xy" * 3])
    sets = [np.arange(40), np.arange(40, 46)]
    found = topic_draws(vectors, sets, 6, topics=20, times=50, seed=0)
    assert found[:, 1].tolist() == pytest.approx([2] * 50)
    assert 2.5 < found[:, 0].mean() < 4
    assert topic_draws(vectors, sets, 6, topics=20, times=3, seed=0).tolist() == found[:3].tolist()
    assert topic_draws(vectors, sets, 0, topics=1, times=2, seed=0).tolist() == [[0, 0], [0, 0]]


def test_a_set_is_as_diverse_as_a_larger_one_of_its_kind():
    """That is what neither clusters of all texts nor weights could give."""
    rows = np.random.default_rng(0).normal(size=(360, 8)).astype(np.float32)
    found = topic_draws(rows, [np.arange(300), np.arange(300, 360)], 60, topics=1, times=20, seed=0).mean(axis=0)
    assert found[0] == pytest.approx(found[1], rel=0.12)


def test_a_report_shows_topics_of_draws_and_of_labels(exercises):
    found = diversity_report(exercises, against=exercises[:10], subsamples=4)
    vectors = StaticEmbedder().embed([*exercises, *exercises[:10]])
    expected = topic_draws(vectors, [np.arange(40), np.arange(40, 50)], 10, topics=3, times=4, seed=0)
    assert [one.measures["topics"].value for one in found.sets] == pytest.approx(expected.mean(axis=0).tolist())
    assert found.sets[0].measures["topics"].error == pytest.approx(expected[:, 0].std(ddof=1))
    labelled = diversity_report(exercises, labels=["one"] * 40, subsamples=0)
    assert labelled.sets[0].measures["topics"].value == 1


def test_few_texts_make_few_topics():
    assert [topics_for(n) for n in (0, 5, 12, 20, 119, 120, 4000)] == [1, 1, 2, 3, 19, 20, 20]
