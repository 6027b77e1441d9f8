"""Files of labelled texts."""

from __future__ import annotations

import json

import pytest
from datatrove.data import Document

from textbooks.annotators import MARKS, Annotation, LabelledTexts, label_rows, read_labels, write_labels
from textbooks.errors import InputError, OutputError

DOCUMENTS = [
    Document(text="x = 1\n", id="a", metadata={"score": 9, "stars": 3}),
    Document(text="y = é\n", id="b", metadata={"stars": 4}),
    Document(text="z", id="c", metadata={}),
]
RATED = [
    Annotation("a", 1, dict.fromkeys(MARKS, False), "Little.", model="m"),
    Annotation("b", 2, dict.fromkeys(MARKS, True), "Some.", model="m"),
    Annotation("c", None, problem="refused"),
]


def test_a_row_holds_text_rating_and_what_the_document_knew():
    first, second = label_rows(DOCUMENTS, RATED)
    marks = dict.fromkeys(MARKS, False)
    told = {"reason": "Little.", "model": "m"}
    assert first == {"id": "a", "text": "x = 1\n", "score": 1, **marks, **told, "score_input": 9, "stars": 3}
    assert second["stars"] == 4


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_what_is_written_is_read_again(tmp_path, suffix):
    path = tmp_path / f"labels.{suffix}"
    write_labels(path, DOCUMENTS, RATED)
    found = read_labels(path)
    assert found.ids == ("a", "b")
    assert found.texts == ("x = 1\n", "y = é\n")
    assert found.scores == (1.0, 2.0)
    assert found.groups is None
    assert found.representative == (True, True)
    assert found.marks == {name: (False, True) for name in MARKS}
    assert found.rows()[1] == {"id": "b", "score": 2.0, **dict.fromkeys(MARKS, True)}


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_no_label_is_a_file_too(tmp_path, suffix):
    path = tmp_path / f"labels.{suffix}"
    write_labels(path, DOCUMENTS[2:], RATED[2:])
    assert read_labels(path).texts == ()


def test_a_mark_that_one_row_lacks_is_left_out():
    rows = [{"text": "x", "score": 1, "boilerplate": True}, {"text": "y", "score": 2, "boilerplate": None}]
    assert LabelledTexts.of(rows).marks == {}
    assert LabelledTexts.of(rows[:1]).marks == {"boilerplate": (True,)}


def test_groups_and_what_is_representative_are_read():
    rows = [{"text": "x", "score": 1, "name": "r"}, {"text": "y", "score": 2, "group": "s", "representative": False}]
    found = LabelledTexts.of(rows)
    assert (found.groups, found.representative) == (("r", "s"), (True, False))
    assert LabelledTexts.of([*rows, {"text": "z", "score": 0}]).groups is None


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"text": "x"}, "row 2: 'score' must be a number from 0 to 5, got None"),
        ({"text": "x", "score": 6}, "got 6"),
        ({"text": "x", "score": "3"}, "got '3'"),
        ({"text": "x", "score": True}, "got True"),
        ({"text": "x", "score": float("nan")}, "got nan"),
        ({"score": 3}, "text"),
    ],
)
def test_a_row_that_is_no_label_is_named(tmp_path, row, problem):
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in ({"text": "x", "score": 1}, row)))
    with pytest.raises(InputError, match=problem):
        read_labels(path)


def test_a_row_that_is_no_json_is_named(tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text('{"text": "x", "score": 1}\n{"text":')
    with pytest.raises(InputError, match="row 2"):
        read_labels(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        read_labels(tmp_path / "none.jsonl")


def test_a_column_that_parquet_has_no_type_for_is_said_and_leaves_no_file(tmp_path):
    documents = [Document(text="x", id="a", metadata={"odd": 1}), Document(text="y", id="b", metadata={"odd": "two"})]
    with pytest.raises(OutputError, match="cannot write"):
        write_labels(tmp_path / "labels.parquet", documents, RATED[:2])
    assert list(tmp_path.iterdir()) == []
