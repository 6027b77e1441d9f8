"""Near-duplicates in memory, beside a comparison of all pairs."""

from __future__ import annotations

import random
import struct

import pytest
from datatrove.data import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dedup.minhash.texts import edited, program, snippets, true_jaccard
from textbooks.dedup import MinHashDeduplicator
from textbooks.dedup.exact_stages import digest
from textbooks.verdicts import Reason, Status

CERTAIN = {"threshold": 0.5, "bands": 64, "rows": 2}  # misses a pair at the threshold once in 10 ** 8 cases

corpora = st.lists(st.tuples(snippets, st.integers(0, 3)), max_size=14)


def naive(texts, ranks, threshold):
    """Position of the text that stays for each, by comparing with all that stay already."""
    order = sorted(
        range(len(texts)), key=lambda i: (-ranks[i], -len(texts[i]), *struct.unpack("<2Q", digest(texts[i])), i)
    )
    kept, partner = [], {}
    for i in order:
        similar = [(-true_jaccard(texts[i], texts[j]), order.index(j), j) for j in kept]
        best = min(similar, default=(0.0, 0, -1))
        if -best[0] >= threshold:
            partner[i] = best[2]
        else:
            kept.append(i)
            partner[i] = i
    return [partner[i] for i in range(len(texts))]


def partners(result):
    return [verdict.evidence.get("duplicate_of", i) for i, verdict in enumerate(result.verdicts)]


def family(seed, size, share=3):
    randomness = random.Random(seed)
    roots = [program(randomness, 25) for _ in range(5)]
    return [edited(randomness.choice(roots), randomness, randomness.random() / share) for _ in range(size)]


def as_records(corpus):
    return [{"text": text, "score": score} for text, score in corpus]


@settings(deadline=None, max_examples=80)
@given(corpora)
def test_the_decision_is_that_of_comparing_with_all_that_stay(corpus):
    result = MinHashDeduplicator(key="score", **CERTAIN).fit_apply(as_records(corpus))
    texts = [text for text, _ in corpus]
    assert partners(result) == naive(texts, [score for _, score in corpus], 0.5)
    for text, verdict in zip(texts, result.verdicts, strict=True):
        if not verdict.keep:
            assert verdict.reason is Reason.NEAR_DUPLICATE
            expected = true_jaccard(text, texts[verdict.evidence["duplicate_of"]])
            assert verdict.score == verdict.evidence["jaccard"] == expected >= 0.5


@settings(deadline=None)
@given(corpora, st.sampled_from(["score", None]), st.randoms(use_true_random=False))
def test_the_kept_set_does_not_depend_on_the_order(corpus, key, randomness):
    records = as_records(corpus)
    judge = MinHashDeduplicator(threshold=0.4, key=key)
    expected = sorted(record["text"] for record in judge.fit_apply(records).kept)
    shuffled = randomness.sample(records, len(records))
    assert sorted(record["text"] for record in judge.fit_apply(shuffled).kept) == expected


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.9])
def test_edited_programs_are_decided_as_by_comparing_all(threshold):
    texts = family(1, 100)
    expected = naive(texts, [0] * len(texts), threshold)
    result = MinHashDeduplicator(threshold=threshold, bands=64, rows=2).fit_apply(texts)
    assert 5 < len(result.kept) < 95
    assert partners(result) == expected
    fewer_candidates = MinHashDeduplicator(threshold=threshold).fit_apply(texts)
    assert len(fewer_candidates.kept) <= len(result.kept) + 2


def test_cluster_sizes_are_those_of_the_texts_that_one_stands_for():
    texts = family(2, 60)
    result = MinHashDeduplicator(threshold=0.6).fit_apply(texts)
    stays = partners(result)
    assert [v.evidence["cluster_size"] for v in result.verdicts] == [stays.count(one) for one in stays]
    assert sum(v.evidence["cluster_size"] for v in result.verdicts if v.keep) == len(texts)


def test_a_chain_of_similar_texts_keeps_its_unlike_ends():
    chain = [{"text": text} for text in ("a b c d e f g h", "b c d e f g h i", "c d e f g h i j")]
    judge = MinHashDeduplicator(threshold=0.6, key="rank", bands=128, rows=1)
    for ranks, stays in [((3, 2, 1), [0, 2]), ((2, 3, 1), [1]), ((1, 2, 3), [0, 2])]:
        records = [{**record, "rank": rank} for record, rank in zip(chain, ranks, strict=True)]
        assert judge.fit_apply(records).kept == [records[i] for i in stays]


def test_without_a_key_the_longest_stays_and_of_equal_texts_the_first():
    texts = ["a b  c", "a b c", "a b   c", "a b   c"]
    result = MinHashDeduplicator().fit_apply(texts)
    assert partners(result) == [2, 2, 2, 2]


@pytest.mark.parametrize("key", ["edu", lambda record: record["edu"]])
def test_the_best_by_key_stays_and_what_has_none_comes_last(key):
    text = "def mean(values):\n    return sum(values) / len(values)"
    values = [None, 1.0, float("nan"), "high", 3.0, 2.0]
    records = [{"text": text, "edu": value} for i, value in enumerate(values)]
    result = MinHashDeduplicator(key=key).fit_apply([*records, {"text": "other", "edu": 0}])
    assert [record["edu"] for record in result.kept] == [3.0, 0]
    assert result.verdicts[0].evidence == {"duplicate_of": 4, "jaccard": 1.0, "cluster_size": 6}


def test_the_key_of_documents_stands_in_their_metadata():
    documents = [Document(text="a b", id=str(i), metadata={"score": score}) for i, score in enumerate([1, 5, 5, 2])]
    result = MinHashDeduplicator(key="score").fit_apply(documents)
    assert [document.id for document in result.kept] == ["1"]


def test_positions_in_evidence_count_all_records():
    result = MinHashDeduplicator().fit_apply([None, "a  b", 5, "a b"])
    assert result.verdicts[3].evidence == {"duplicate_of": 1, "jaccard": 1.0, "cluster_size": 2}
    assert [v.status for v in result.verdicts[::2]] == [Status.QUARANTINED] * 2


def test_texts_without_tokens_equal_each_other_only():
    assert MinHashDeduplicator(threshold=0.01).fit_apply(["", "a", " \n", '"']).kept == ["a", " \n"]


@pytest.mark.parametrize("threshold", [0.5, 0.6, 0.8, 1.0])
def test_another_threshold_decides_as_a_fit_with_it(threshold):
    records = [*family(3, 80), None]
    judge = MinHashDeduplicator(threshold=0.5)
    again = judge.fit_apply(records).rethreshold(threshold=threshold)
    assert again.verdicts == MinHashDeduplicator(threshold=threshold).fit_apply(records).verdicts
    assert again.rethreshold(threshold=0.5).verdicts == judge.fit_apply(records).verdicts


def test_a_threshold_below_that_of_the_fit_is_refused():
    result = MinHashDeduplicator(threshold=0.7).fit_apply(["a"])
    with pytest.raises(ValueError, match=r"threshold must be at least 0\.7, that of the fit, got 0\.6: fit again"):
        result.rethreshold(threshold=0.6)
    with pytest.raises(ValueError, match="threshold must be between 0 and 1, got 7"):
        result.rethreshold(threshold=7)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"threshold": 0.0}, "threshold must be above 0"),
        ({"num_perm": 5000}, "num_perm must be between 1 and 4096, got 5000"),
        ({"bands": 4}, "bands=4 and rows=None: give both or neither"),
        ({"bands": 20, "rows": 7}, "20 bands of 7 rows need 140 slots, got num_perm=128"),
        ({"bands": 0, "rows": 7}, "bands must be at least 1, got 0"),
        ({"seed": -1}, "seed must be between 0"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        MinHashDeduplicator(**arguments)


def test_the_seed_has_no_say_where_no_pair_is_missed():
    texts = family(4, 60)
    kept = [MinHashDeduplicator(seed=seed, **CERTAIN).fit_apply(texts).kept for seed in range(3)]
    assert kept[0] == kept[1] == kept[2]


def test_a_hundred_thousand_equal_texts_and_thousands_of_similar_ones_are_one_cluster():
    """Each is compared with the one that stays and with no other: all pairs would be six thousand million."""
    licence = program(random.Random(5), 12)
    similar = [f"{licence}\nYEAR = {number}" for number in range(10_000)]
    result = MinHashDeduplicator(key=lambda text: text == licence).fit_apply([*[licence] * 100_000, *similar])
    assert result.kept == [licence]
    assert result.verdicts[0].evidence == {"cluster_size": 110_000}


def test_a_long_text_of_repetitions_has_few_shingles():
    line = "x = x + 1\n"
    result = MinHashDeduplicator().fit_apply([line * 200_000, line * 3, "y = 2"])
    assert partners(result) == [0, 0, 2]
    assert result.verdicts[1].evidence["jaccard"] == 1.0
