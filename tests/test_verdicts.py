"""Verdicts and results: values, equality, counts."""

from __future__ import annotations

import json
import math
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.verdicts import FilterResult, Reason, Status, Verdict

verdicts = st.one_of(
    st.builds(Verdict.kept, st.floats(0, 5)),
    st.builds(Verdict.dropped, st.sampled_from([Reason.SYNTAX, Reason.LOW_EDU_VALUE]), st.floats(0, 5)),
    st.builds(Verdict.quarantined, st.sampled_from([Reason.NOT_TEXT, Reason.INVALID_UNICODE])),
)


def test_only_a_kept_verdict_keeps():
    assert Verdict.kept(3.0).keep
    assert not Verdict.dropped(Reason.SYNTAX).keep
    assert not Verdict.quarantined(Reason.NOT_TEXT).keep


def test_a_quarantined_verdict_has_no_score():
    assert math.isnan(Verdict.quarantined(Reason.NOT_TEXT).score)


@given(verdicts)
def test_a_verdict_equals_its_copy_even_when_its_score_is_nan(verdict):
    assert deepcopy(verdict) == verdict
    assert hash(deepcopy(verdict)) == hash(verdict)


def test_verdicts_that_differ_in_anything_differ():
    verdict = Verdict.dropped(Reason.SYNTAX, 0.5, share=0.5)
    assert verdict != Verdict.dropped(Reason.TOO_SHORT, 0.5, share=0.5)
    assert verdict != Verdict.dropped(Reason.SYNTAX, 0.6, share=0.5)
    assert verdict != Verdict.dropped(Reason.SYNTAX, 0.5, share=0.6)
    assert verdict != Verdict(Status.KEPT, Reason.SYNTAX, 0.5, {"share": 0.5})
    assert verdict != "syntax"


def test_metadata_are_a_float_a_string_and_json():
    metadata = Verdict.dropped(Reason.SYNTAX, 1, b=[1, 2], a="x").as_metadata("syntax")
    assert metadata == {"syntax_score": 1.0, "syntax_reason": "syntax", "syntax_evidence": '{"a": "x", "b": [1, 2]}'}
    assert type(metadata["syntax_score"]) is float
    assert type(metadata["syntax_reason"]) is str
    assert Verdict.kept(2.0).as_metadata("x")["x_reason"] == ""


@given(st.lists(verdicts, max_size=30))
def test_every_record_is_in_exactly_one_list_and_in_order(listed):
    result = FilterResult(list(range(len(listed))), listed)
    for records, status in ((result.kept, "kept"), (result.dropped, "dropped"), (result.quarantined, "quarantined")):
        assert records == [i for i, verdict in enumerate(listed) if verdict.status == status]
    assert result.counts.total() == len(listed)
    assert result.counts["kept"] == len(result.kept)
    assert list(result) == list(enumerate(listed))


def test_a_result_wants_one_verdict_a_record():
    with pytest.raises(ValueError, match="2 records but 1 verdicts"):
        FilterResult(["a", "b"], [Verdict.kept()])


def test_a_result_without_thresholds_says_so():
    with pytest.raises(TypeError, match="no thresholds to change"):
        FilterResult(["a"], [Verdict.kept()]).rethreshold(min_score=1)


def test_rethreshold_can_be_repeated():
    result = FilterResult([1], [Verdict.kept(3.0)], redecide=lambda low: [Verdict.kept(low)])
    assert result.rethreshold(low=2).rethreshold(low=5).verdicts == [Verdict.kept(5)]


def test_repr_counts_reasons():
    result = FilterResult("ab", [Verdict.kept(), Verdict.dropped(Reason.SYNTAX)])
    assert repr(result) == "FilterResult(2 records: 1 kept, syntax=1)"


def test_reasons_are_slugs():
    for reason in Reason:
        assert reason.value == reason.name.lower()
        assert json.loads(json.dumps({reason: 1})) == {reason.value: 1}
