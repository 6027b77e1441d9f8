"""Steps that change texts: the same on strings, records and in a pipeline; what cannot be judged is not passed on."""

from __future__ import annotations

import inspect
import json
from itertools import pairwise

import dill
import pytest
from datatrove.data import Document
from hypothesis import given
from hypothesis import strategies as st

from textbooks.filters import PersonalDataRedactor, SecretsRedactor
from textbooks.filters.privacy.redaction import Finding, Redactor, replaced, without_overlaps

TEXT = "# by ada@lovelace.org\npassword = 'hunter2!'\n"
REDACTED = {
    PersonalDataRedactor: "# by user1@example.com\npassword = 'hunter2!'\n",
    SecretsRedactor: "# by ada@lovelace.org\npassword = '<SECRET_1>'\n",
}


@pytest.fixture(params=REDACTED, ids=lambda cls: cls.__name__)
def cls(request):
    return request.param


class Kept(list):
    __enter__ = lambda self: self  # noqa: E731
    __exit__ = lambda self, *_: None  # noqa: E731
    write = lambda self, document, rank: self.append(document)  # noqa: E731


def test_the_contract_covers_the_redactors_of_the_library():
    assert {c for c in Redactor.__subclasses__() if c.__module__.startswith("textbooks.")} == set(REDACTED)


def test_strings_records_and_documents(cls):
    redactor, expected = cls(), REDACTED[cls]
    assert redactor.redact_batch([TEXT, "x = 1\n"]) == [expected, "x = 1\n"]
    row, document = {"text": TEXT, "stars": 3}, Document(text=TEXT, id="7", metadata={"stars": 3})
    text, mapping, other = redactor.apply([TEXT, row, document])
    assert (text, mapping, other.text, other.id) == (expected, {"text": expected, "stars": 3}, expected, "7")
    assert (row["text"], document.text) == (TEXT, TEXT)
    assert redactor.apply([None, {"stars": 3}, "\ud800"]) == []


def test_as_a_step(cls):
    quarantined = Kept()
    documents = [Document(text=text, id=str(i)) for i, text in enumerate([TEXT, "x = 1\n", None, "\ud800"])]
    step = cls(quarantine_writer=quarantined, batch_size=2)
    kept = list(step.run(documents))
    assert [document.text for document in kept] == [REDACTED[cls], "x = 1\n"]
    assert [document.id for document in quarantined] == ["2", "3"]
    assert kept[0].metadata[f"{step.name}_score"] == 1.0
    assert json.loads(kept[0].metadata[f"{step.name}_evidence"])["lines"] == [1 if cls is PersonalDataRedactor else 2]
    assert step.stats["redacted"].total == 1


def test_filter_batch_redacts_in_place(cls):
    document = Document(text=TEXT, id="0")
    assert cls().filter_batch([document]) == [True]
    assert document.text == REDACTED[cls]


def test_a_text_on_which_the_search_fails_is_not_passed_on(cls, monkeypatch):
    def fail(self, text):
        raise MemoryError("too much")

    monkeypatch.setattr(cls, "find", fail)
    assert list(cls().run([Document(text=TEXT, id="0")])) == []


def test_survives_dill_and_stores_its_arguments(cls):
    assert dill.loads(dill.dumps(cls())).redact(TEXT) == REDACTED[cls]
    made = cls()
    for name, parameter in list(inspect.signature(cls.__init__).parameters.items())[1:]:
        assert getattr(made, name) == parameter.default


def test_hostile_text_is_redacted_or_left(cls, hostile_text):
    redactor = cls()
    once = redactor.redact(hostile_text)
    assert redactor.redact(once) == once


spans = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6), st.sampled_from("ab")), max_size=8)


@given(st.text(alphabet="xyz", min_size=36, max_size=36), spans)
def test_placeholders_stand_where_findings_stood(text, drawn):
    kept = without_overlaps(Finding(a, a + n, k, text[a : a + n]) for a, n, k in drawn)
    assert all(first.end <= second.start for first, second in pairwise(kept))
    inside = {i for one in kept for i in range(one.start, one.end)}
    made = replaced(text, kept, lambda kind, number: f"<{kind}{number}>")
    assert made.count("<") == len(kept)
    rest = "".join(c for c in made if c in "xyz")
    assert rest == "".join(c for i, c in enumerate(text) if i not in inside)
