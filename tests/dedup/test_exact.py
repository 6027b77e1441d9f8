"""Exact duplicates: in memory, over shards, and the same in both."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from datatrove.data import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.dedup import ExactDedupBuckets, ExactDedupFilter, ExactDeduplicator, ExactDedupSignature
from textbooks.dedup.exact_stages import buckets_for
from textbooks.verdicts import Reason, Verdict

texts = st.lists(st.sampled_from(["a", "b", "a ", "A", "é", "e\u0301", "", "a\n", "a\r\n"]), max_size=40)


class Kept(list):
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def write(self, document, rank):
        self.append(document)


def naive(corpus: Sequence[str]) -> list[int]:
    return [i for i, text in enumerate(corpus) if text not in corpus[:i]]


def run_stages(folder, shards: Sequence[Sequence[str]], *, buckets: int, order: Sequence[int] | None = None):
    """Run the three stages, the tasks of each in `order`; returns kept ids and the dropped with their originals."""

    def documents(rank):
        return [
            Document(text=text, id=f"{rank}/{i}", metadata={"source": f"s{rank}#{i}"})
            for i, text in enumerate(shards[rank])
        ]

    order = order or range(len(shards))
    for rank in order:
        assert list(ExactDedupSignature(folder, buckets=buckets).run(documents(rank), rank)) == []
    for bucket in reversed(range(buckets)):
        assert list(ExactDedupBuckets(folder).run(None, bucket)) == []
    kept, dropped = set(), {}
    for rank in order:
        excluded = Kept()
        step = ExactDedupFilter(folder, exclusion_writer=excluded, batch_size=3)
        kept |= {document.id for document in step.run(documents(rank), rank)}
        dropped |= {document.id: document.metadata["exact_duplicate_evidence"] for document in excluded}
    return kept, dropped


@given(texts)
def test_the_first_of_equals_stays(corpus):
    result = ExactDeduplicator().fit_apply(corpus)
    assert [i for i, verdict in enumerate(result.verdicts) if verdict.keep] == naive(corpus)
    for i, verdict in enumerate(result.verdicts):
        if not verdict.keep:
            assert verdict == Verdict.dropped(Reason.EXACT_DUPLICATE, duplicate_of=corpus.index(corpus[i]))


def test_positions_in_evidence_count_all_records():
    result = ExactDeduplicator().fit_apply([None, "a", 5, "a"])
    assert result.verdicts[3].evidence == {"duplicate_of": 1}


@settings(max_examples=30, deadline=None)
@given(st.lists(texts, min_size=1, max_size=5), st.integers(1, 4), st.randoms(use_true_random=False))
def test_stages_keep_what_the_memory_keeps(tmp_path_factory, shards, buckets, randomness):
    folder = tmp_path_factory.mktemp("dedup")
    order = randomness.sample(range(len(shards)), len(shards))
    kept, dropped = run_stages(folder, shards, buckets=buckets, order=order)
    ids = [f"{rank}/{i}" for rank, shard in enumerate(shards) for i in range(len(shard))]
    corpus = [text for shard in shards for text in shard]
    assert kept == {ids[i] for i in naive(corpus)}
    assert sorted([*kept, *dropped]) == sorted(ids)


def test_the_evidence_of_a_stage_is_the_source_that_stays(tmp_path):
    _, dropped = run_stages(tmp_path, [["a", "b"], ["c", "b", "a", "a"]], buckets=2)
    assert dropped == {
        "1/1": '{"duplicate_of": "s0#1"}',
        "1/2": '{"duplicate_of": "s0#0"}',
        "1/3": '{"duplicate_of": "s0#0"}',
    }


def test_many_documents_over_many_buckets(tmp_path):
    randomness = random.Random(3)
    shards = [[f"text {randomness.randrange(400)}" for _ in range(200)] for _ in range(5)]
    kept, _ = run_stages(tmp_path, shards, buckets=7)
    assert len(kept) == len({text for shard in shards for text in shard})


@pytest.mark.parametrize(("shards", "buckets"), [(1, 1), (64, 1), (65, 2), (6_400, 100)])
def test_buckets_grow_with_the_shards(shards, buckets):
    assert buckets_for(shards) == buckets


def test_buckets_out_of_range_are_refused(tmp_path):
    with pytest.raises(ValueError, match="buckets must be at least 1, got 0"):
        ExactDedupSignature(tmp_path, buckets=0)
