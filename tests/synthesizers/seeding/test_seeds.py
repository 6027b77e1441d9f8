from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.synthesizers import Seed

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.dictionaries(st.text(min_size=1), VALUES, min_size=1, max_size=4)


@given(st.sampled_from(["exercise", "textbook"]), st.integers(0, 10**30), FIELDS)
def test_a_seed_survives_json_and_processes(kind, number, fields):
    seed = Seed(kind, number, fields)
    for back in (Seed.from_json(json.loads(json.dumps(seed.to_json()))), pickle.loads(pickle.dumps(seed))):
        assert back == seed
        assert hash(back) == hash(seed)


def test_seeds_are_equal_by_value():
    seeds = {Seed("textbook", 1, {"a": [1, 2]}), Seed("textbook", 1, {"a": (1, 2)}), Seed("textbook", 1, {"a": [2]})}
    assert len(seeds) == 2


def test_the_id_is_kind_and_number():
    assert Seed("exercise", 123, {"topic": "stacks"}).id == "exercise-0000123"
    assert Seed("textbook", 10**9, {"topic": "stacks"}).id == "textbook-1000000000"


def test_a_seed_shares_nothing_with_what_it_was_made_from():
    words = ["ledger"]
    seed = Seed("textbook", 0, {"words": words})
    words.append("stamp")
    seed.to_json()["fields"]["words"].append("tide")
    assert seed.fields == {"words": ["ledger"]}


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("poem", 0, {"a": 1}), ValueError, "kind must be one of exercise, textbook, got 'poem'"),
        (("textbook", -1, {"a": 1}), ValueError, "at least 0, got -1"),
        (("textbook", True, {"a": 1}), TypeError, "must be an int, got True"),
        (("textbook", 0, {}), ValueError, "at least one entry, got {}"),
        (("textbook", 0, {"a": {1}}), TypeError, r"got \{1\} of type set"),
        (("textbook", 0, {"a": {1: 2}}), TypeError, "of type dict"),
        (("textbook", 0, {"a": [float("nan")]}), ValueError, "finite numbers, got nan"),
    ],
)
def test_what_is_no_seed_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Seed(*arguments)


@pytest.mark.parametrize("value", [{}, {"kind": "textbook", "number": 0}, [], "textbook", None])
def test_json_that_is_no_seed_is_refused(value):
    with pytest.raises(ValueError, match="exactly the entries kind, number and fields"):
        Seed.from_json(value)
