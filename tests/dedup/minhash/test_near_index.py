"""The index of near-duplicates, beside a search through all texts."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import HOSTILE_TEXTS, NOT_TEXTS
from tests.dedup.minhash.texts import edited, program, snippets, true_jaccard
from textbooks.dedup import NearDuplicate, NearDuplicateIndex


def naive(text, earlier, threshold):
    """The most similar one at or above the threshold; ties to the earliest."""
    best = max(range(len(earlier)), key=lambda i: (true_jaccard(text, earlier[i]), -i), default=None)
    if best is None or true_jaccard(text, earlier[best]) < threshold:
        return None
    return NearDuplicate(f"t{best}", true_jaccard(text, earlier[best]))


def filled(texts, **arguments):
    index = NearDuplicateIndex(**arguments)
    for number, text in enumerate(texts):
        index.add(text, f"t{number}")
    return index


def family(seed, size):
    randomness = random.Random(seed)
    roots = [program(randomness, 25) for _ in range(4)]
    return [edited(randomness.choice(roots), randomness, randomness.random() / 3) for _ in range(size)]


@settings(deadline=None)  # the first call compiles
@given(st.lists(snippets, max_size=12), snippets)
def test_what_is_found_is_true_and_equal_texts_are_always_found(earlier, text):
    found = filled(earlier, threshold=0.5).find(text)
    if found is not None:
        assert found.jaccard == true_jaccard(text, earlier[int(found.key[1:])]) >= 0.5
    if any(true_jaccard(text, other) == 1 for other in earlier):
        assert found == naive(text, earlier, 0.5)


@pytest.mark.parametrize("threshold", [0.3, 0.7, 0.9])
def test_the_most_similar_text_is_found_as_by_a_search_through_all(threshold):
    earlier, later = family(1, 80), family(1, 160)[80:]
    index = filled(earlier, threshold=threshold)
    expected = [naive(text, earlier, threshold) for text in later]
    assert sum(one is not None for one in expected) >= 8
    assert [index.find(text) for text in later] == expected


def test_ties_go_to_the_earliest():
    index = filled(["a b c d e f", "z y x w v u", "a b c d e f"])
    assert index.find("a  b c d e f") == NearDuplicate("t0", 1.0)
    halves = filled(["q b c d e f", "a b c d e g"], threshold=0.3)
    assert halves.find("a b c d e f") == NearDuplicate("t0", 1 / 3)


def test_what_is_added_counts_and_what_is_looked_up_does_not():
    index = filled(["a", "a", "b", ""])
    index.find("new")
    assert len(index) == 4
    assert index.find("new") is None
    assert NearDuplicateIndex().find("") is None


def test_texts_without_tokens_equal_each_other_only():
    assert filled(["", "a"]).find(" \n") == NearDuplicate("t0", 1.0)
    assert filled(["a"]).find(" \n") is None


def test_equal_texts_take_no_more_memory_and_time_than_one():
    index = NearDuplicateIndex()
    for number in range(5_000):
        index.add("def mean(values):\n    return sum(values) / len(values)", str(number))
    assert len(index) == 5_000
    assert len(index._sets) == 1
    assert index.find("def mean(values): return sum(values) / len(values)") == NearDuplicate("0", 1.0)


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_a_hostile_text_finds_itself(text):
    assert filled([text]).find(text) == NearDuplicate("t0", 1.0)


@pytest.mark.parametrize("value", [value for value in NOT_TEXTS.values() if not isinstance(value, str)], ids=repr)
def test_what_is_no_string_is_refused(value):
    with pytest.raises(TypeError, match="text must be a string, got"):
        NearDuplicateIndex().find(value)
    with pytest.raises(TypeError, match="text must be a string, got"):
        NearDuplicateIndex().add(value, "key")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"threshold": 0}, "threshold must be above 0, got 0"),
        ({"threshold": 1.5}, "threshold must be between 0 and 1, got 1.5"),
        ({"shingle_size": 0}, "shingle_size must be at least 1, got 0"),
        ({"num_perm": 0}, "num_perm must be between 1 and 4096, got 0"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        NearDuplicateIndex(**arguments)
