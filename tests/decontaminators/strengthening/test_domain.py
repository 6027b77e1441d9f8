"""New inputs stay in the domain that the published ones show."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.decontaminators.strengthening.domain import Domain, key_of, new_inputs


def made(*rows: tuple[object, ...], wanted: int = 60, seed: int = 0) -> list[tuple[object, ...]]:
    """Arguments of new inputs."""
    return [args for args, _ in new_inputs([(row, {}) for row in rows], wanted=wanted, rng=random.Random(seed))]


def test_numbers_lie_between_those_seen():
    values = {args[0] for args in made((3,), (10,), (40,))}
    assert values
    assert all(3 < value < 40 and value != 10 for value in values)


def test_no_number_becomes_negative_zero_or_finer():
    assert all(value > 0 for (value,) in made((1,), (9,), (100,)))
    assert 0 not in {value for (value,) in made((-5,), (4,), (9,))}
    assert all(round(value, 1) == value for (value,) in made((0.5,), (2.3,), (9.1,)))
    assert all(type(value) is int for (value,) in made((1,), (50,), (90,)))


def test_multiples_odd_and_binary_numbers_stay_such():
    assert all(value % 5 == 0 for (value,) in made((5,), (35,), (100,), (250,), (40,)))
    assert all(value % 2 for (value,) in made((5,), (35,), (101,), (251,), (41,)))
    assert all(set(str(value)) <= {"0", "1"} for (value,) in made((101,), (1100,), (111111,)))


def test_sorted_lists_stay_sorted_and_distinct_ones_distinct():
    lists = [args[0] for args in made(([1, 4, 9],), ([2, 3, 5, 8],), ([7, 20],))]
    assert len(lists) > 10
    assert all(items == sorted(set(items)) and 2 <= len(items) <= 4 for items in lists)


def test_unsorted_lists_are_permuted():
    lists = [tuple(args[0]) for args in made(([4, 1, 9],), ([2, 8, 5, 8],), ([7, 2],))]
    assert any(list(items) != sorted(items) for items in lists)
    assert all(set(items) <= set(range(1, 10)) for items in lists)


def test_no_list_is_empty_unless_one_was():
    assert all(args[0] for args in made(([4, 1, 9],), ([2, 8, 5],), ([7],)))
    assert all(args[0] for args in made(("ba",), ("cab",), ("abba",)))


def test_a_number_that_is_the_length_stays_the_length():
    rows = made(([4, 1, 9], 3), ([2, 8, 5, 8], 4), ([7, 2], 2))
    assert len(rows) > 10
    assert all(len(items) == n for items, n in rows)


def test_relations_between_arguments_hold():
    assert all(low < high for low, high in made((1, 5), (3, 20), (10, 12)))
    assert all(len(one) == len(other) for one, other in made(("abc", "bca"), ("ab", "ba"), ("cabb", "aaba")))
    assert all(item in items for items, item in made(([4, 1, 9], 1), ([2, 8, 5, 8], 8), ([7, 2], 7)))
    assert all(
        len(one) + 1 == len(other) for one, other in made(([1], [3, 2]), ([2, 3], [5, 1, 4]), ([1, 3, 2], [2] * 4))
    )


def test_words_and_alphabet_are_those_seen():
    words = set("the sky is a red sea of fire".split())
    texts = [args[0] for args in made(("the sky is red",), ("a sea of fire",), ("the sea is a sky",))]
    assert len(texts) > 20
    assert all(set(text.split(" ")) <= words for text in texts)
    assert all(set(args[0]) <= set("acgt") for args in made(("acgt",), ("gattaca",), ("ccta",)))


def test_many_letters_stand_for_those_between():
    letters = {letter for args in made(("bdfhjl",), ("nprtb",), ("dhlpt",), wanted=300) for letter in args[0]}
    assert letters > set("bdfhjlnprt")
    assert letters <= {chr(code) for code in range(ord("b"), ord("t") + 1)}


def test_dates_roman_numerals_and_brackets_keep_their_form():
    dates = [args[0] for args in made(("03-11-2000",), ("15-01-2012",), ("28-02-1999",), ("04-12-2003",))]
    assert dates
    assert all(re.fullmatch(r"\d\d-\d\d-\d{4}", date) for date in dates)
    brackets = [args[0] for args in made(("(()())",), ("()",), ("((()))()",), ("()(())",))]
    assert brackets
    for text in brackets:
        while "()" in text:
            text = text.replace("()", "")
        assert text == ""
    names = [args[0] for args in made(("XIV",), ("MMXX",), ("LXXIX",), ("CDIV",))]
    assert all(re.fullmatch("M*(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})", name) for name in names)


def test_tables_stay_tables_and_records_keep_their_fields():
    tables = [args[0] for args in made(([[1, 2], [3, 4]],), ([[5, 1], [2, 2], [7, 4]],), ([[9, 9]],))]
    assert tables
    assert all({len(row) for row in table} == {2} for table in tables)
    records = [args[0] for args in made(([("ann", 3), ("bob", 5)],), ([("cid", 1)],), ([("bob", 2), ("dan", 9)],))]
    assert records
    assert all(type(name) is str and type(age) is int for people in records for name, age in people)


def test_an_argument_that_never_changes_stays():
    assert all(base == 10 for _, base in made((3, 10), (80, 10), (45, 10)))


def test_keywords_and_numbers_of_arguments_are_kept_apart():
    published = [((1,), {"by": 2}), ((9,), {"by": 5}), ((3, 4), {}), ((5, 9), {})]
    found = new_inputs(published, wanted=40, rng=random.Random(0))
    assert {(len(args), tuple(kwargs)) for args, kwargs in found} == {(1, ("by",)), (2, ())}


def test_equal_inputs_are_one_and_types_count():
    assert key_of((({1, 2},), {})) == key_of((({2, 1},), {}))
    assert key_of(((1,), {})) != key_of(((1.0,), {}))
    assert key_of((([1],), {})) != key_of((((1,),), {}))
    assert key_of(((True,), {})) != key_of(((1,), {}))


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-50, 50) | st.floats(-9, 9) | st.text("ab (1", max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text("xy", max_size=2), inner, max_size=3)
        | st.frozensets(st.integers(0, 9), max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3).flatmap(lambda width: st.lists(st.tuples(*[PLAIN] * width), min_size=1, max_size=5)))
def test_any_plain_inputs_give_new_ones_inside_their_domain(rows):
    published = [(row, {}) for row in rows]
    before = [key_of(given) for given in published]
    domain = Domain(published)
    assert all(domain.contains(given) for given in published)
    found = new_inputs(published, wanted=12, rng=random.Random(3))
    keys = [key_of(given) for given in found]
    assert len({*keys, *before}) == len(keys) + len(set(before))
    assert all(domain.contains(given) for given in found)
    assert [key_of(given) for given in published] == before
    assert found == new_inputs(published, wanted=12, rng=random.Random(3)) or "nan" in repr(found)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(st.integers(-30, 30), min_size=1, max_size=6), min_size=2, max_size=6))
def test_lists_of_integers_stay_within_what_was_seen(lists):
    items = [item for one in lists for item in one]
    for (one,) in made(*((each,) for each in lists), wanted=15):
        assert min(map(len, lists)) <= len(one) <= max(map(len, lists))
        assert all(min(items) <= item <= max(items) for item in one)
        if all(each == sorted(each) for each in lists):
            assert one == sorted(one)
        if all(len(set(each)) == len(each) for each in lists if len(each) > 1):
            assert len(set(one)) == len(one)


@pytest.mark.parametrize("rows", [[()], [(None,), (True,)], [(b"a",), (1j,)], [([],)], [({},), (set(),)]])
def test_inputs_of_which_little_is_known_do_not_fail(rows):
    assert isinstance(made(*rows), list)
