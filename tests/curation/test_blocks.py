"""Blocks: where they end, that whatever interrupts them leaves whole ones, and that whole ones are not judged again."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.curation.conftest import digest_of
from textbooks.curation.blocks import Blocks, DamagedInbox
from textbooks.curation.markers import Markers
from textbooks.curation.shard_writer import ShardWriter
from textbooks.dedup import ExactDedupBuckets, ExactDedupFilter, ExactDedupSignature
from textbooks.errors import InputError
from textbooks.filters import SizeFilter
from textbooks.schema import KEPT_SCHEMA, REJECTED_SCHEMA

LONG = "x = 1\n" * 20


class Reader(PipelineStep):
    """Yields a document for each text, and hands a damaged record to its quarantine writer for each None."""

    name, type = "given", "READER"

    def __init__(self, texts, quarantine_writer=None):
        super().__init__()
        self.texts = texts
        self.quarantine_writer = quarantine_writer

    def run(self, data=None, rank=0, world_size=1):
        for number, text in enumerate(self.texts):
            found = Document(text=text, id=str(number), metadata={"source": f"f#{number}"})
            if text is None:
                found.metadata["filter_reason"] = "text_missing"
                self.quarantine_writer.write(found, rank)
            else:
                yield found


class Watch(PipelineStep):
    """Notes what it is given, and fails at the given document of its life."""

    name, type = "watch", "TEST"

    def __init__(self, fail_at=None):
        super().__init__()
        self.fail_at = fail_at
        self.blocks = []

    def run(self, data=None, rank=0, world_size=1):
        self.blocks.append([])
        for document in data:
            if self.fail_at is not None and sum(map(len, self.blocks)) >= self.fail_at:
                raise OSError(28, "No space left on device")
            self.blocks[-1].append(document.id)
            self.stat_update("seen")
            yield document


def pipeline(out, texts, *, size, watch=None, rank=0):
    kept = ShardWriter(out / "kept", KEPT_SCHEMA)
    dropped, quarantine = (ShardWriter(out / name, REJECTED_SCHEMA) for name in ("dropped", "quarantine"))
    inbox = DamagedInbox(quarantine)
    steps = [watch or Watch(), SizeFilter(exclusion_writer=dropped, quarantine_writer=quarantine, batch_size=3), kept]
    blocks = Blocks(steps, [kept, dropped, quarantine], Markers(out, out / ".notes"), damaged=inbox, block_records=size)
    assert list(blocks.run(Reader(texts, inbox).run(rank=rank), rank)) == []
    return blocks


def cut(texts, size):
    """Say naively which records are in which block."""
    blocks, current = [], []
    for number, text in enumerate(texts):
        if text is not None and len(current) >= size:
            blocks.append(current)
            current = []
        current.append(number)
    return [*blocks, current]


def ids(out, name, block, rank=0):
    file = out / name / f"{rank:05d}-{block:05d}.parquet"
    return pq.read_table(file)["id"].to_pylist() if file.exists() else None


TEXTS = st.lists(st.sampled_from([LONG, "", None]), max_size=24)


@settings(max_examples=40, deadline=None)
@given(texts=TEXTS, size=st.integers(1, 8))
def test_every_record_is_in_its_block_and_in_one_folder(tmp_path_factory, texts, size):
    out, watch = tmp_path_factory.mktemp("blocks"), Watch()
    pipeline(out, texts, size=size, watch=watch)
    expected = cut(texts, size)
    assert watch.blocks == [[str(i) for i in block if texts[i] is not None] for block in expected]
    for number, block in enumerate(expected):
        for name, text in (("kept", LONG), ("dropped", ""), ("quarantine", None)):
            assert ids(out, name, number) == ([str(i) for i in block if texts[i] == text] or None)
        marker = Markers(out, out / ".notes").read(0, number)
        assert marker.records == len(block)
        assert marker.documents == len(watch.blocks[number])
        assert marker.size == sum(len(texts[i] or "") for i in block)
        assert marker.is_last == (number == len(expected) - 1)
    assert ids(out, "kept", len(expected)) is None


@settings(max_examples=40, deadline=None)
@given(texts=TEXTS, size=st.integers(1, 8), stops=st.lists(st.integers(0, 24), max_size=3))
def test_interrupted_anywhere_the_files_are_the_same_and_nothing_is_judged_twice(tmp_path_factory, texts, size, stops):
    whole, out = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("out")
    pipeline(whole, texts, size=size)
    judged = []
    for stop in [*stops, None]:
        watch = Watch(fail_at=stop)
        markers = list(Markers(out, out / ".notes").of_task(0))
        try:
            pipeline(out, texts, size=size, watch=watch)
        except OSError:
            after = Markers(out, out / ".notes")
            watch.blocks = watch.blocks[: len(list(after.of_task(0))) - len(markers)]  # the last was cut off
        judged += watch.blocks
    assert digest_of(out) == digest_of(whole)
    assert [path.read_bytes() for path in sorted((out / ".notes").iterdir())] == [
        path.read_bytes() for path in sorted((whole / ".notes").iterdir())
    ]
    assert judged == [[str(i) for i in block if texts[i] is not None] for block in cut(texts, size)]


MIXED = [LONG, "", None, LONG, LONG, "", "", None, None, LONG]


@pytest.mark.parametrize("lost", ["marker", "part", "cut off", "damaged marker"])
def test_a_block_that_is_not_whole_is_judged_again_and_no_other(tmp_path, lost):
    pipeline(tmp_path, MIXED, size=3)
    before = digest_of(tmp_path)
    part, marker = tmp_path / "dropped" / "00000-00001.parquet", tmp_path / ".notes" / "00000-00001.json"
    if lost == "marker":
        marker.unlink()
    elif lost == "part":
        part.unlink()
    elif lost == "cut off":
        part.write_bytes(part.read_bytes()[:-1])
    else:
        marker.write_bytes(marker.read_bytes()[:-9])
    watch = Watch()
    pipeline(tmp_path, MIXED, size=3, watch=watch)
    assert watch.blocks == [["3", "4", "5"]]
    assert digest_of(tmp_path) == before


def test_what_an_unfinished_block_left_is_removed_though_it_gets_no_file_again(tmp_path):
    (tmp_path / "dropped").mkdir()
    (tmp_path / "dropped" / "00000-00000.parquet").write_bytes(b"of another time")
    pipeline(tmp_path, [LONG], size=3)
    assert list(digest_of(tmp_path)) == ["kept/00000-00000.parquet"]


def test_a_task_without_records_has_one_block_without_files(tmp_path):
    pipeline(tmp_path, [], size=3)
    assert digest_of(tmp_path) == {}
    marker = Markers(tmp_path, tmp_path / ".notes").read(0, 0)
    assert (marker.records, marker.is_last, marker.parts) == (0, True, ())


def test_statistics_are_those_of_all_blocks_also_when_some_were_done_before(tmp_path):
    first = pipeline(tmp_path, MIXED, size=3)
    counted = {label: metric.total for label, metric in first.stats.stats.items()}
    assert counted["read"] == 10
    assert (counted["kept"], counted["dropped"], counted["quarantine"]) == (4, 3, 3)
    assert (counted["blocks"], counted["watch/seen"], counted["size/dropped_too_short"]) == (4, 7, 3)
    (tmp_path / ".notes" / "00000-00002.json").unlink()
    second = pipeline(tmp_path, MIXED, size=3)
    again = {label: metric.total for label, metric in second.stats.stats.items()}
    assert again == {**counted, "finished_before": 3}


def test_an_input_that_has_changed_under_a_finished_block_is_refused(tmp_path):
    pipeline(tmp_path, MIXED, size=3)
    (tmp_path / ".notes" / "00000-00002.json").unlink()
    with pytest.raises(InputError, match="block 0 of task 0 has 2 records, but had 3"):
        pipeline(tmp_path, MIXED[:2], size=3)


def test_a_record_that_a_step_loses_is_an_error_and_leaves_no_marker(tmp_path):
    class Loses(Watch):
        """Passes on the first two documents only."""

        def run(self, data=None, rank=0, world_size=1):
            yield from takewhile(lambda document: document.id != "1", data)

    with pytest.raises(RuntimeError, match=r"block 0 of task 0: \d+ records were read but 1 written"):
        pipeline(tmp_path, [LONG] * 5, size=9, watch=Loses())
    assert not list(Path(tmp_path / ".notes").glob("*"))


@pytest.mark.parametrize("size", [0, -1, float("nan")])
def test_a_block_has_records(size):
    with pytest.raises(ValueError, match="block_records must be at least 1"):
        Blocks([], [], Markers("x", "y"), block_records=size)


def test_duplicates_are_found_by_their_positions_in_the_whole_task(tmp_path):
    texts = ["a", "b", None, "a", "c", "b", "d", "c", None, "a", "e"]
    writers = [ShardWriter(tmp_path / name, REJECTED_SCHEMA) for name in ("dropped", "quarantine")]
    dropped, quarantine = writers
    inbox = DamagedInbox(quarantine)
    list(ExactDedupSignature(tmp_path / "dedup").run(Reader(texts, inbox).run()))
    list(ExactDedupBuckets(tmp_path / "dedup").run())
    kept = ShardWriter(tmp_path / "kept", KEPT_SCHEMA)
    steps = [ExactDedupFilter(tmp_path / "dedup", exclusion_writer=dropped), kept]
    markers = Markers(tmp_path, tmp_path / ".notes")
    for _ in range(2):
        blocks = Blocks(steps, [kept, *writers], markers, damaged=inbox, block_records=2)
        list(blocks.run(Reader(texts, inbox).run()))
        assert pq.read_table(tmp_path / "kept")["text"].to_pylist() == ["a", "b", "c", "d", "e"]
        assert pq.read_table(tmp_path / "dropped")["id"].to_pylist() == ["3", "5", "7", "9"]
        (tmp_path / ".notes" / "00000-00003.json").unlink()  # the second time, a block in the middle alone
