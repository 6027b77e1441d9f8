"""Findings by wording and structure, held against what the code does."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.decontaminators.findings import Finding
from textbooks.decontaminators.weighing import check_combine, suspects, weigh
from textbooks.verdicts import Reason


@dataclass(frozen=True)
class Ran:
    benchmark: str
    id: str
    span: tuple[int, int]
    outcome: str


@dataclass(frozen=True)
class Hits:
    hits: tuple[Ran, ...]


def found(identity="1", *, method="similarity", strength=0.9, span=(10, 20)):
    return Finding("b", identity, method, strength, Reason.SIMILAR_PROBLEM, span, "text")


def ran(outcome, identity="1", *, span=(0, 30)):
    return Ran("b", identity, span, outcome)


def weighed(textual, behaved, runs, max_refutable=0.9):
    result = weigh(textual, behaved, runs, max_refutable=max_refutable)
    return result.standing, result.refuted


def test_a_match_whose_function_differs_is_refuted():
    assert weighed([found()], [], [ran("differs")]) == ([], [found()])


@pytest.mark.parametrize("outcome", ["agrees", "undecided"])
def test_a_match_stands_unless_its_function_differs(outcome):
    assert weighed([found()], [], [ran(outcome)]) == ([found()], [])


def test_a_match_stands_where_nothing_was_run():
    assert weighed([found()], [], []) == ([found()], [])


def test_a_match_stands_when_one_of_its_functions_could_not_be_run():
    runs = [ran("differs", span=(0, 15)), ran("undecided", span=(15, 30))]
    assert weighed([found()], [], runs) == ([found()], [])


def test_only_functions_in_the_passage_count():
    assert weighed([found(span=(10, 20))], [], [ran("differs", span=(20, 30)), ran("differs", span=(0, 10))])[1] == []
    assert weighed([found(span=(10, 20))], [], [ran("differs", span=(19, 30))])[1] == [found(span=(10, 20))]


def test_what_was_run_for_another_problem_does_not_count():
    assert weighed([found("1")], [], [ran("differs", "2")]) == ([found("1")], [])


def test_a_match_of_a_problem_that_some_function_solves_stands():
    solves = Finding("b", "1", "behaviour", 1.0, Reason.SOLVES_PROBLEM, (40, 60), "text")
    assert weighed([found()], [solves], [ran("differs")]) == ([solves, found()], [])


@pytest.mark.parametrize(("strength", "refuted"), [(0.89, True), (0.9, False), (1.0, False)])
def test_nearly_all_of_a_wording_is_never_refuted(strength, refuted):
    copied = found(method="ngram", strength=strength)
    assert weighed([copied], [], [ran("differs")]) == (([], [copied]) if refuted else ([copied], []))


def test_the_strength_of_a_structure_saves_it_from_nothing():
    assert weighed([found(strength=1.0)], [], [ran("differs")])[1] == [found(strength=1.0)]


@given(
    st.lists(st.tuples(st.sampled_from("123"), st.sampled_from(["ngram", "similarity"]), st.floats(0, 1))),
    st.lists(st.tuples(st.sampled_from("123"), st.sampled_from(["agrees", "differs", "undecided"]))),
)
def test_every_finding_stands_or_is_refuted_once_and_the_strongest_come_first(textual, runs):
    findings = [found(identity, method=method, strength=strength) for identity, method, strength in textual]
    standing, refuted = weighed(findings, [], [ran(outcome, identity) for identity, outcome in runs])
    assert sorted(map(id, standing + refuted)) == sorted(map(id, findings))
    for group in (standing, refuted):
        assert [one.strength for one in group] == sorted((one.strength for one in group), reverse=True)
    for one in refuted:
        assert {outcome for identity, outcome in runs if identity == one.id} == {"differs"}


def test_suspects_are_named_once_in_order_and_at_most_fifty_of_each_match():
    many = Hits(tuple(ran("differs", str(number)) for number in range(80)))
    few = Hits((ran("differs", "79"), ran("differs", "3")))
    assert suspects(few, None, many) == [("b", name) for name in ["79", "3", "0", "1", "2", *map(str, range(4, 50))]]
    assert suspects(None, None) == []


def test_an_unknown_way_to_combine_is_refused():
    with pytest.raises(ValueError, match="combine must be one of weighed, any, got 'all'"):
        check_combine("all")
