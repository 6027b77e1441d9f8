"""Topics: which texts stay, naive oracles for the cap and the diversity, and independence of order."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import NOT_TEXTS
from tests.filters.hashing import HashingEmbedder
from textbooks.filters import TopicBalancer, TopicReport
from textbooks.filters.topics.balancer import _cap_for_share
from textbooks.filters.topics.clusters import cluster_texts, digest
from textbooks.filters.topics.report import Topic, effective_number
from textbooks.verdicts import Reason

WEB = [f"def view_{i}(request):\n    return render(request, template, page_{i})\n" for i in range(40)]
SORTING = [f"def sort_{i}(numbers):\n    swap(numbers, pivot)\n    return numbers[{i}:]\n" for i in range(10)]
GAMES = [f"class Player{i}:\n    lives, enemy, score = {i}, monster, points\n" for i in range(8)]
TEXTS = random.Random(0).sample([*WEB, *SORTING, *GAMES], 58)


def balancer(**arguments):
    return TopicBalancer(**{"embedder": HashingEmbedder(), "topics": 3, "max_ratio": 1.5, **arguments})


def kinds(texts):
    return {
        name: sum(text in group for text in texts) for name, group in (("web", WEB), ("sort", SORTING), ("g", GAMES))
    }


def test_the_crowded_topic_is_cut_to_the_cap():
    result = balancer().fit_apply(TEXTS)
    assert kinds(result.kept) == {"web": 15, "sort": 10, "g": 8}  # 1.5 times the median of 40, 10 and 8
    assert dict(result.counts) == {"kept": 33, "overrepresented_topic": 25}
    verdict = next(verdict for verdict in result.verdicts if not verdict.keep)
    assert verdict.reason is Reason.OVERREPRESENTED_TOPIC
    assert verdict.score == 40 / 58
    assert {**verdict.evidence, "rank": 0} == {"topic": 0, "size": 40, "cap": 15, "rank": 0}


def test_the_best_of_a_topic_stay():
    by_number = balancer(best_by=lambda texts: [float("".join(filter(str.isdigit, text)) or 0) for text in texts])
    kept = [text for text in by_number.fit_apply(WEB + SORTING + GAMES).kept if text in WEB]
    assert kept == WEB[25:]


def test_what_has_no_score_goes_first():
    nan_for_most = balancer(best_by=lambda texts: [1.0 if text in WEB[:15] else math.nan for text in texts])
    assert [text for text in nan_for_most.fit_apply(WEB + SORTING + GAMES).kept if text in WEB] == WEB[:15]


def test_without_a_key_the_smallest_digests_stay():
    kept = [text for text in balancer().fit_apply(TEXTS).kept if text in WEB]
    assert sorted(kept) == sorted(sorted(WEB, key=digest)[:15])


def test_best_by_must_give_one_number_a_text():
    with pytest.raises(ValueError, match="best_by must return one number a text, got 1 for 58 texts"):
        balancer(best_by=lambda _texts: [1.0]).fit_apply(TEXTS)


@pytest.mark.parametrize("seed", range(4))
def test_neither_order_nor_sample_order_matters(seed):
    texts = [*TEXTS, *WEB[:5]]
    expected = sorted(balancer(sample_size=20).fit_apply(texts).kept)
    shuffled = random.Random(seed).sample(texts, len(texts))
    assert sorted(balancer(sample_size=20).fit_apply(shuffled).kept) == expected


def test_threads_do_not_matter():
    threadpoolctl = pytest.importorskip("threadpoolctl")
    with threadpoolctl.threadpool_limits(limits=1):
        expected = balancer().fit_apply(TEXTS).verdicts
    with threadpoolctl.threadpool_limits(limits=4):
        assert balancer().fit_apply(TEXTS).verdicts == expected


def test_texts_beyond_the_sample_go_to_their_nearest_centre():
    clusters = cluster_texts(TEXTS, HashingEmbedder(), topics=3, sample_size=30, seed=0)
    whole = cluster_texts(TEXTS, HashingEmbedder(), topics=3, sample_size=1_000, seed=0)
    assert clusters.sizes.tolist() == whole.sizes.tolist() == [40, 10, 8]
    assert clusters.topic.tolist() == whole.topic.tolist()


def test_texts_without_anything_to_embed_are_a_topic_of_their_own():
    clusters = cluster_texts([*TEXTS, "", "1", "\n"], HashingEmbedder(), topics=3, sample_size=100, seed=0)
    assert clusters.sizes.tolist() == [40, 10, 8, 3]
    assert clusters.topic[-3:].tolist() == [3, 3, 3]
    nothing = cluster_texts(["", "1", ""], HashingEmbedder(), topics=None, sample_size=100, seed=0)
    assert nothing.sizes.tolist() == [3]


def test_weights_are_probabilities_that_level_the_topics():
    weights = balancer().weights([*TEXTS, None])
    assert weights[-1] == 0
    assert weights.sum() == pytest.approx(1)
    by_kind = {
        name: weights[[text in group for text in [*TEXTS, None]]] for name, group in (("w", WEB), ("s", SORTING))
    }
    assert by_kind["w"].sum() == pytest.approx(15 / 33)
    assert by_kind["s"].sum() == pytest.approx(10 / 33)
    assert len(set(by_kind["w"])) == 1
    assert balancer().weights([]).tolist() == []
    assert balancer().weights([None, 3]).tolist() == [0, 0]


def test_rethreshold_caps_again_without_embedding():
    given_to = balancer()
    result = given_to.fit_apply([*TEXTS, *NOT_TEXTS.values()])
    given_to.embedder = None
    for changed in ({"max_ratio": 1.0}, {"max_ratio": None}, {"max_ratio": None, "max_share": 0.4}):
        expected = balancer(**changed).fit_apply([*TEXTS, *NOT_TEXTS.values()]).verdicts
        assert result.rethreshold(**changed).verdicts == expected
    with pytest.raises(TypeError, match="no threshold 'topics'"):
        result.rethreshold(topics=2)
    with pytest.raises(ValueError, match="max_share must be above 0"):
        result.rethreshold(max_share=0)


@pytest.mark.parametrize(
    ("name", "value"), [("max_ratio", 0.5), ("max_share", 1.5), ("max_share", 0), ("topics", 0), ("sample_size", 0)]
)
def test_arguments_out_of_range_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must be .*, got {value}"):
        TopicBalancer(**{name: value})


SIZES = st.lists(st.integers(1, 60), min_size=1, max_size=8)


@given(SIZES, st.floats(0.01, 1))
def test_the_share_is_that_of_a_naive_search(sizes, share):
    def fits(cap):
        kept = [min(size, cap) for size in sizes]
        return max(kept) <= share * sum(kept) + 1e-9

    fitting = [cap for cap in range(min(sizes), max(sizes) + 1) if fits(cap)]
    assert _cap_for_share(np.array(sizes), share) == max(fitting, default=min(sizes))


@given(st.lists(st.integers(0, 50), max_size=8))
def test_the_effective_number_is_the_exponential_of_the_entropy(sizes):
    shares = [size / sum(sizes) for size in sizes if size]
    expected = math.prod(share**-share for share in shares) if shares else 0
    assert effective_number(sizes) == pytest.approx(expected)
    assert effective_number([3] * 7) == pytest.approx(7)
    assert effective_number([9]) == 1


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([*WEB[:6], *SORTING[:3], "", "x"]), max_size=20), st.randoms())
def test_any_corpus_is_balanced_whatever_its_order(texts, generator):
    result = balancer(topics=None).fit_apply(texts)
    assert len(result.kept) + len(result.dropped) == len(texts)
    shuffled = generator.sample(texts, len(texts))
    assert sorted(balancer(topics=None).fit_apply(shuffled).kept) == sorted(result.kept)


def test_the_report_says_what_was_done():
    made = balancer()
    assert made.report_ is None
    made.fit_apply(TEXTS)
    report = made.report_
    assert [(topic.before, topic.after) for topic in report.topics] == [(40, 15), (10, 10), (8, 8)]
    assert {"render", "request"} <= set(report.topics[0].words)
    assert {"swap", "pivot"} <= set(report.topics[1].words)
    assert (report.before, report.after, report.cap) == (58, 33, 15)
    assert report.effective_before == pytest.approx(effective_number([40, 10, 8]))
    assert report.effective_before < report.effective_after == pytest.approx(effective_number([15, 10, 8]))
    assert report.as_dict()["topics"][0]["before"] == 40
    assert report.embedder == HashingEmbedder.identity


def test_the_table_and_the_notebook_show_the_same():
    topics = (Topic(0, ("<b>", "form"), 4_000, 20), Topic(1, (), 10, 10))
    report = TopicReport(topics, 20, "words")
    assert report.table() == str(report)
    assert report.table().splitlines() == [
        "topic   before    after  typical words",
        "    0    4,000       20  <b>, form",
        "    1       10       10",
        "4,010 -> 30 texts, effective number of topics 1.0 -> 1.9, cap 20",
    ]
    assert "and 1 smaller topics" in report.table(most=1)
    html = report._repr_html_()
    assert "&lt;b&gt;, form" in html
    assert "<b>, form" not in html
    assert "<script" not in html


def test_the_default_embedder_is_the_static_one():
    made = TopicBalancer(max_ratio=1.5, topics=3)
    assert kinds(made.fit_apply(TEXTS).kept) == {"web": 15, "sort": 10, "g": 8}
    assert "StaticEmbedder" in made.report_.embedder


def test_nothing_to_balance_gives_no_report():
    made = balancer()
    made.fit_apply([])
    assert made.report_ is None
