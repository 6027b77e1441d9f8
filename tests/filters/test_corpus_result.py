"""Pairs and clusters of what a corpus filter returns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from textbooks.dedup import ExactDeduplicator, MinHashDeduplicator
from textbooks.filters import CorpusResult
from textbooks.verdicts import Reason, Verdict

MEAN = "def mean(values):\n    return sum(values) / len(values)\n"
RECORDS = [
    {"text": MEAN, "score": 3},
    {"text": MEAN + "# the mean\nprint(mean([1]))\n", "score": 1},
    None,
    {"text": MEAN.replace("    ", "\t"), "score": 2},
    {"text": "import os", "score": 9},
]


def result(threshold=0.5):
    return MinHashDeduplicator(threshold=threshold, key="score").fit_apply(RECORDS)


def test_pairs_hold_the_callers_records_the_least_similar_first():
    pairs = result().pairs()
    assert [(pair.kept_position, pair.dropped_position) for pair in pairs] == [(0, 1), (0, 3)]
    assert all(pair.kept is RECORDS[0] and pair.dropped is RECORDS[pair.dropped_position] for pair in pairs)
    assert 0.5 <= pairs[0].similarity < pairs[1].similarity == 1.0
    assert repr(pairs) == f"DuplicatePairs(2, similarity {pairs[0].similarity:.3f} to 1.000)"


def test_pairs_follow_another_threshold():
    pairs = result().rethreshold(threshold=1.0).pairs()
    assert [pair.dropped_position for pair in pairs] == [3]


def test_a_slice_of_pairs_is_pairs_again():
    pairs = result().pairs()
    assert repr(pairs[1:]) == "DuplicatePairs(1, similarity 1.000 to 1.000)"
    assert list(pairs[:1]) == [pairs[0]]


def test_equal_texts_have_a_similarity_of_one():
    pairs = ExactDeduplicator().fit_apply(["a", "b", "a"]).pairs()
    assert [tuple(pair) for pair in pairs] == [("a", "a", 1.0, 0, 2)]


def test_what_is_dropped_for_no_other_record_makes_no_pair():
    verdicts = [Verdict.kept(), Verdict.dropped(Reason.OVERREPRESENTED_TOPIC, 3.0, topic=1)]
    empty = CorpusResult(["a", "b"], verdicts)
    assert (len(empty.pairs()), empty.clusters(), repr(empty.pairs())) == (0, [], "DuplicatePairs(none)")


@given(st.lists(st.sampled_from("abcd"), max_size=20))
def test_clusters_hold_each_record_that_goes_once(texts):
    clusters = ExactDeduplicator().fit_apply(texts).clusters()
    assert {cluster.kept: cluster.size for cluster in clusters} == {
        text: texts.count(text) for text in texts if texts.count(text) > 1
    }
    assert [cluster.size for cluster in clusters] == sorted((cluster.size for cluster in clusters), reverse=True)


def test_a_cluster_says_how_unlike_its_members_are():
    [cluster] = result().clusters()
    assert cluster.kept is RECORDS[0]
    assert [record["score"] for record in cluster.dropped] == [1, 2]
    assert cluster.least_similarity == result().pairs()[0].similarity
