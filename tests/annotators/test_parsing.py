"""What is understood of an answer, and that nothing is made up."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.annotators.conftest import answer
from textbooks.annotators import ANNOTATION_SCHEMA, MARKS, parse_annotation
from textbooks.llm import Completion


@pytest.mark.parametrize(
    ("text", "score"),
    [
        (answer(0), 0),
        (answer(5), 5),
        (answer("4"), 4),
        (answer("4/5"), 4),
        (answer("4 out of 5"), 4),
        (answer(3.0), 3),
        ("```json\n" + answer(2) + "\n```", 2),
        ("Sure, here it is: " + answer(1) + " I hope that helps!", 1),
        ('<think>maybe {"score": 1}? no</think>' + answer(3), 3),
        (answer(2) + "\n" + answer(2), 2),
        ('{"reason": "cut off", "score": 3', 3),
        ("A loop, hardly explained. Score: 3", 3),
        ("**Score:** 4", 4),
        ("The score is 2.", 2),
        ("score (0 to 5): 1", 1),
        ("I would give it 3/5.", 3),
        ("3 out of 5", 3),
        ("Educational value: 5", 5),
    ],
)
def test_a_score_is_understood(text, score):
    assert (parse_annotation(text).score, parse_annotation(text).problem) == (score, "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no score"),
        ("I cannot rate this.", "no score"),
        (answer(6), "the score 6 is no class"),
        (answer(-1), "the score -1 is no class"),
        (answer(3.5), "the score 3.5 is no class"),
        (answer(True), "the score True is no class"),
        (answer(None), "the score None is no class"),
        (answer("4/10"), "the score 4/10 is no class"),
        (answer([3]), "no class"),
        (answer("high"), "the score high is no class"),
        ("Score: 7", "the score 7 is no class"),
        ("Score: 3.5", "the score 3.5 is no class"),
        ("Score: 4/10", "no score"),
        ("Score: 3 to 4", "no score"),
        ("Score: 3-4", "no score"),
        ("Score: 13 to 15", "no score"),
        ("Score: 2? No. Score: 3", "several scores in the answer: 2, 3"),
        (answer(5) + answer(1), "several scores in the answer: 5, 1"),
        ("The rubric goes from 0 to 5.", "no score"),
        ("There are 3 functions in 5 classes.", "no score"),
        ("{" * 5000, "no score"),
        ('{"a":' * 5000, "no score"),
    ],
)
def test_no_score_is_made_up(text, problem):
    found = parse_annotation(text)
    assert found.score is None
    assert problem in found.problem


def test_the_file_s_own_rating_in_an_answer_does_not_count_beside_the_model_s():
    quoted = f"The file says {answer(5)} of itself, but it is a table. {answer(0)}"
    assert parse_annotation(quoted).score is None


@pytest.mark.parametrize(
    ("said", "mark"),
    [(True, True), (False, False), (1, True), (0, False), ("yes", True), ("No", False), ("TRUE", True), ("0", False)],
)
def test_marks_are_understood(said, mark):
    assert parse_annotation(answer(3, boilerplate=said)).marks["boilerplate"] is mark


@pytest.mark.parametrize("said", [None, 2, "maybe", "", [], 0.5, {}])
def test_a_mark_that_says_nothing_is_left_out_and_the_score_stays(said):
    found = parse_annotation(answer(3, boilerplate=said))
    assert set(found.marks) == set(MARKS) - {"boilerplate"}
    assert found.score == 3


def test_the_reason_is_what_stands_before_the_score():
    assert parse_annotation(answer(3, reason=" It counts words. ")).reason == "It counts words."
    assert parse_annotation("It counts words.\n\nScore: 3").reason == "It counts words."


def test_what_a_client_parsed_is_used_where_the_text_says_nothing():
    assert parse_annotation(Completion("", parsed={"score": 4, "reason": "x"})).score == 4
    assert parse_annotation(Completion(answer(2), parsed={"score": 4})).score == 2
    assert parse_annotation(Completion("Score: 1", parsed=[4])).score == 1


def test_the_schema_asks_for_the_reason_and_the_marks_before_the_score():
    assert list(ANNOTATION_SCHEMA["properties"]) == ["reason", *MARKS, "score"]
    assert ANNOTATION_SCHEMA["required"] == list(ANNOTATION_SCHEMA["properties"])


@settings(deadline=None)
@given(st.text())
def test_any_text_gives_a_class_or_a_problem(text):
    found = parse_annotation(text)
    assert (found.score in range(6)) != bool(found.problem)


@settings(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists), st.text())
def test_any_json_value_as_score_gives_a_class_or_a_problem(value, reason):
    found = parse_annotation(json.dumps({"reason": reason, "score": value}))
    assert (found.score in range(6)) != bool(found.problem)
    if isinstance(value, float | int) and not isinstance(value, bool):
        assert found.score == (value if value in range(6) else None)
