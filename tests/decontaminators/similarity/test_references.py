"""The programs of problems, and the search that must lose nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from textbooks.decontaminators.similarity.references import FLOOR, Shortlist, gather_programs, room
from textbooks.problems import Problem

PROMPT = 'def total(xs):\n    """Add the numbers."""\n'
BODY = "    result = 0\n    for x in xs:\n        result += x\n    return result\n"
sequences = st.text(alphabet="abcd", max_size=30)


def parts_of(problem, min_nodes=1):
    found, too_small = gather_programs([problem], min_nodes)
    return [(one.part, one.unit.qualified_name) for one in found], too_small


def test_a_program_of_one_function_is_that_function():
    assert parts_of(Problem("mine", "1", PROMPT, BODY, "", "total")) == ([("function", "total")], ())


def test_a_program_with_helpers_is_searched_for_as_a_whole_too():
    problem = Problem("mine", "1", "def one(x):\n    return x\n\n" + PROMPT, BODY, "", "total")
    assert parts_of(problem)[0] == [("function", "total"), ("program", "")]


def test_a_program_without_the_function_that_is_called_is_searched_for_as_a_whole():
    assert parts_of(Problem("mine", "1", "", "total = lambda xs: sum(xs)\n", "", "total"))[0] == [("program", "")]


def test_the_last_definition_of_a_name_counts():
    problem = Problem("mine", "1", "", f"def total(xs):\n    pass\n\n{PROMPT}{BODY}", "", "total")
    found, _ = gather_programs([problem], 1)
    assert found[0].texts[0] == (PROMPT + BODY).rstrip("\n")
    assert "Add the numbers" not in found[0].texts[1]


def test_what_is_too_small_is_listed():
    problem = Problem("mine", "1", "", "def total(xs):\n    return sum(xs)\n", "", "total")
    assert parts_of(problem, min_nodes=10) == ([], (("mine", "1", "function"),))


@given(st.lists(sequences, max_size=12), sequences)
def test_the_shortlist_loses_nothing(searched, sequence):
    listed = Shortlist(searched).near(sequence).tolist()
    assert listed == sorted(set(listed))
    for row, other in enumerate(searched):
        larger = max(len(sequence), len(other))
        rate = 1 - Levenshtein.distance(sequence, other) / larger if larger else 1.0
        assert rate < FLOOR or row in listed


def test_the_shortlist_leaves_out_other_sizes_and_other_labels():
    assert Shortlist(["aaaa", "aaaaaaaaaa", "bbbbbbbbbb", "aaaaaaabbb", "aaaaaabbbb"]).near("aaaaaaaaaa").tolist() == [
        1,
        3,
    ]


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_room_is_what_the_floor_leaves(first, second):
    larger = max(first, second)
    most = int(room(first, np.array([second]))[0])
    assert 1 - most / larger >= FLOOR - 1e-12
    assert 1 - (most + 1) / larger < FLOOR
