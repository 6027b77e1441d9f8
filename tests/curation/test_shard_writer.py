"""The parquet file of a task: rows, atomicity, and several users of one file."""

from __future__ import annotations

import datetime
import json
import math

import pyarrow.parquet as pq
import pytest
from datatrove.data import Document

from textbooks.curation.shard_writer import ShardWriter, StrictQuarantine, row_of, to_json
from textbooks.errors import DamagedRecordError
from textbooks.filters import SizeFilter
from textbooks.schema import KEPT_SCHEMA, REJECTED_SCHEMA
from textbooks.verdicts import Reason, Verdict


def document(number: int, text: str = "x = 1") -> Document:
    return Document(text=text, id=str(number), metadata={"source": f"f#{number}"})


def test_the_file_appears_when_the_last_user_is_done(tmp_path):
    writer = ShardWriter(tmp_path, REJECTED_SCHEMA)
    rejected = document(1)
    rejected.metadata["filter_reason"] = "syntax"
    with writer:
        with writer:
            writer.write(rejected, 3)
        assert not list(tmp_path.glob("*.parquet"))
        writer.write(rejected, 3)
    assert [file.name for file in tmp_path.iterdir()] == ["00003.parquet"]
    assert pq.read_table(tmp_path / "00003.parquet")["id"].to_pylist() == ["1", "1"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, GeneratorExit])
def test_a_failure_of_any_user_leaves_no_file(tmp_path, error):
    writer = ShardWriter(tmp_path, KEPT_SCHEMA)

    def fail():
        with writer:
            writer.write(document(1))
            with writer:
                raise error

    with pytest.raises(error):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_pipeline_that_is_abandoned_leaves_no_file(tmp_path):
    kept, dropped = ShardWriter(tmp_path / "kept", KEPT_SCHEMA), ShardWriter(tmp_path / "dropped", REJECTED_SCHEMA)
    documents = [document(i, "x = 1" * (1 if i % 2 else 50)) for i in range(10)]
    steps = kept.run(SizeFilter(exclusion_writer=dropped).run(iter(documents)))
    next(steps)
    steps.close()
    assert not [f for f in tmp_path.rglob("*") if f.is_file()]


def test_a_task_without_documents_writes_an_empty_file(tmp_path):
    assert list(ShardWriter(tmp_path, KEPT_SCHEMA).run([], 7)) == []
    table = pq.read_table(tmp_path / "00007.parquet")
    assert (table.num_rows, table.schema.equals(KEPT_SCHEMA)) == (0, True)


def test_two_filters_and_two_statuses_share_files(tmp_path):
    dropped, quarantine = (ShardWriter(tmp_path / name, REJECTED_SCHEMA) for name in ("dropped", "quarantine"))
    kept = ShardWriter(tmp_path / "kept", KEPT_SCHEMA)
    to = {"exclusion_writer": dropped, "quarantine_writer": quarantine}
    first, second = SizeFilter(min_chars=2, **to), SizeFilter(min_chars=0, max_chars=100, batch_size=4, **to)
    texts = ["", "x" * 200, None, "good", "y" * 200, "fine"]
    documents = [Document(text=text, id=str(i)) for i, text in enumerate(texts)]
    assert [d.id for d in kept.run(second.run(first.run(iter(documents))))] == ["3", "5"]
    ids = {name: pq.read_table(tmp_path / name)["id"].to_pylist() for name in ("kept", "dropped", "quarantine")}
    assert ids == {"kept": ["3", "5"], "dropped": ["0", "1", "4"], "quarantine": ["2"]}


def test_rows_are_grouped_by_number_and_by_size(tmp_path):
    writer = ShardWriter(tmp_path, KEPT_SCHEMA)
    list(writer.run([document(i) for i in range(2_500)] + [document(i, "x" * 9_000_000) for i in range(3)]))
    groups = pq.ParquetFile(tmp_path / "00000.parquet").metadata
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [1_000, 1_000, 502, 1]


def test_a_row_holds_score_reason_evidence_and_the_rest():
    judged = document(1)
    judged.metadata |= Verdict.kept(120).as_metadata("size")
    judged.metadata |= Verdict.dropped(Reason.LOW_EDU_VALUE, 1.5, top=["a"]).as_metadata("edu_value")
    judged.metadata |= {"filter_reason": "low_edu_value", "stars": 3, "my_evidence": "not a step's"}
    assert row_of(judged, REJECTED_SCHEMA, "edu_value_score") == {
        "id": "1",
        "text": "x = 1",
        "score": 1.5,
        "reasons": ["low_edu_value"],
        "evidence": '{"edu_value":{"top":["a"]}}',
        "source": "f#1",
        "metadata": '{"my_evidence":"not a step\'s","stars":3}',
        "reason": "low_edu_value",
    }


def test_no_score_is_null():
    unscored = document(1)
    assert row_of(unscored, KEPT_SCHEMA, "edu_value_score")["score"] is None
    unscored.metadata["edu_value_score"] = math.nan
    assert row_of(unscored, KEPT_SCHEMA, "edu_value_score")["score"] is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"when": datetime.date(2023, 6, 20)}, {"when": "2023-06-20"}),
        ({"raw": b"x"}, {"raw": "b'x'"}),
        ({"large": 2**70}, {"large": 2**70}),
        ({"bad": "\ud800"}, {"bad": "\ud800"}),
        ({1: math.nan}, {"1": None}),
    ],
)
def test_anything_has_a_json_form(value, expected):
    assert json.loads(to_json(value)) == expected


def test_what_is_nested_too_deeply_is_named():
    nested: object = []
    for _ in range(100_000):
        nested = [nested]
    assert "RecursionError" in json.loads(to_json({"x": nested}))["not_json"]


def test_evidence_of_somebody_else_may_be_no_json():
    judged = document(1)
    judged.metadata |= {"mine_score": 1.0, "mine_reason": "x", "mine_evidence": "{not json", "stars": 3}
    row = row_of(judged, KEPT_SCHEMA, "edu_value_score")
    assert json.loads(row["evidence"]) == {"mine": "{not json"}


def test_strict_quarantine_names_source_reason_and_what_was_wrong():
    damaged = document(7)
    damaged.metadata |= {"filter_reason": "not_text"} | Verdict.quarantined(Reason.NOT_TEXT, type="int").as_metadata(
        "x"
    )
    with pytest.raises(DamagedRecordError, match=r"f#7: not_text: .*'type': 'int'"):
        StrictQuarantine().write(damaged)
