"""In and out: any record becomes a document and comes back in its own type."""

from __future__ import annotations

import pytest
from datatrove.data import Document
from hypothesis import given
from hypothesis import strategies as st

from textbooks.records import as_records, from_document, to_document, why_unjudgeable
from textbooks.verdicts import Reason

keys = st.text(min_size=1).filter(lambda key: key not in ("text", "id"))
rows = st.fixed_dictionaries({"text": st.text()}, optional={"id": st.integers() | st.text()}).flatmap(
    lambda row: st.dictionaries(keys, st.integers()).map(lambda more: {**more, **row})
)


@given(rows)
def test_a_mapping_comes_back_as_it_was(row):
    before = dict(row)
    assert from_document(to_document(row), like=row) == before == row


@given(st.text())
def test_a_string_comes_back_as_it_was(text):
    assert from_document(to_document(text), like=text) == text


def test_a_document_passes_as_it_is_and_comes_back_as_another():
    document = Document(text="x", id="1", metadata={"a": 1})
    assert to_document(document) is document
    back = from_document(document, like=document)
    assert back == document
    assert back is not document


def test_the_index_is_the_id_of_what_has_none():
    assert to_document("x", index=7).id == "7"
    assert to_document({"text": "x"}, index=7).id == "7"
    assert to_document({"text": "x", "id": 3}, index=7).id == "3"


def test_the_text_may_have_another_name():
    document = to_document({"content": "x", "text": "other"}, text_key="content")
    assert document.text == "x"
    assert document.metadata == {"text": "other"}


def test_metadata_that_a_step_wrote_come_back_with_a_mapping():
    document = to_document({"text": "x", "stars": 2})
    document.metadata["edu_value_score"] = 1.0
    assert from_document(document, like={"text": "x", "stars": 2}) == {"text": "x", "stars": 2, "edu_value_score": 1.0}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, Reason.TEXT_MISSING),
        (5, Reason.NOT_TEXT),
        (b"x", Reason.NOT_TEXT),
        (["x"], Reason.NOT_TEXT),
        ("\ud800", Reason.INVALID_UNICODE),
        ("a\udcffb", Reason.INVALID_UNICODE),
        ("", None),
        ("\0", None),
        ("\U0001f600é", None),
    ],
)
def test_why_a_text_cannot_be_judged(text, reason):
    assert why_unjudgeable(text) is reason


@given(st.text(st.characters(exclude_categories=())))
def test_judgeable_is_what_has_a_utf8_form(text):
    try:
        text.encode()
        expected = None
    except UnicodeEncodeError:
        expected = Reason.INVALID_UNICODE
    assert why_unjudgeable(text) is expected


@pytest.mark.parametrize("single", ["text", b"text", {"text": "x"}, Document(text="x", id="1")])
def test_a_single_record_is_not_a_list(single):
    with pytest.raises(TypeError, match="wrap it in a list"):
        as_records(single)


def test_a_data_frame_is_not_a_list():
    class Frame:
        columns = ("text",)
        iloc = None

    with pytest.raises(TypeError, match="to_dict"):
        as_records(Frame())


def test_any_iterable_of_records_is_taken():
    assert as_records(text for text in ("a", "b")) == ["a", "b"]
