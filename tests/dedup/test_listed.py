"""Filters of listed positions: over a shard at once, or block by block."""

from __future__ import annotations

import pytest
from datatrove.data import Document
from hypothesis import given
from hypothesis import strategies as st

from tests.dedup.test_exact import Kept
from textbooks.dedup.listed import Listed, ListedFilter
from textbooks.errors import InputError
from textbooks.verdicts import Reason, Verdict


class Told(ListedFilter):
    """Drops what it is told to."""

    name = "told"

    def __init__(self, shards, **arguments):
        super().__init__("nowhere", **arguments)
        self.shards = shards
        self.loads = 0

    def _load(self, rank):
        self.loads += 1
        return self.shards[rank]

    def _judge(self, document, listed):
        return Verdict.kept() if listed is None else Verdict.dropped(Reason.EXACT_DUPLICATE, duplicate_of=listed)


def documents(count, start=0):
    return [Document(text="x", id=str(number)) for number in range(start, start + count)]


def test_what_is_listed_goes_and_the_rest_stays():
    out = Kept()
    step = Told({2: Listed({1: "a", 3: "b"}, 4)}, exclusion_writer=out, batch_size=3)
    assert [document.id for document in step.run(documents(4), 2)] == ["0", "2"]
    assert {d.id: d.metadata["told_evidence"] for d in out} == {
        "1": '{"duplicate_of": "a"}',
        "3": '{"duplicate_of": "b"}',
    }


@given(st.sets(st.integers(0, 19)), st.lists(st.integers(0, 6), max_size=6), st.integers(1, 4))
def test_a_run_in_blocks_says_what_a_run_at_once_says(gone, sizes, batch):
    count = sum(sizes)
    shard = Listed({position: position for position in gone if position < count}, count)
    expected = [document.id for document in Told({0: shard}).run(documents(count))]
    step, kept, done = Told({0: shard}, batch_size=batch), [], 0
    for size in sizes:
        step.start_at(done)
        kept += [document.id for document in step.run(documents(size, done))]
        done += size
    step.check_documents(0, done)
    assert kept == expected


def test_a_block_in_the_middle_can_come_first_and_blocks_share_what_is_listed():
    step = Told({0: Listed({5: "a"}, 8), 1: Listed({}, 2)})
    for start, kept in [(4, ["4"]), (6, ["6", "7"])]:
        step.start_at(start)
        assert [document.id for document in step.run(documents(2, start))] == kept
    assert step.loads == 1
    assert len(list(step.run(documents(2), 1))) == 2
    assert step.loads == 2


def test_a_run_without_a_start_begins_at_the_first_document_again():
    step = Told({0: Listed({0: "a"}, 2)})
    step.start_at(1)
    list(step.run(documents(1, 1)))
    assert [document.id for document in step.run(documents(2))] == ["1"]


def test_another_number_of_documents_is_refused_where_it_is_known():
    shards = {0: Listed({}, 3), 1: Listed({})}
    with pytest.raises(InputError, match="shard 0 has 2 documents, but had 3"):
        list(Told(shards).run(documents(2)))
    with pytest.raises(InputError, match="shard 0 has 4 documents, but had 3"):
        Told(shards).check_documents(0, 4)
    assert len(list(Told(shards).run(documents(9), 1))) == 9


def test_a_negative_start_is_refused():
    with pytest.raises(ValueError, match="position must be at least 0, got -1"):
        Told({}).start_at(-1)
