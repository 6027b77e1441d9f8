"""Plain data survives the crossing; nothing else does."""

# ruff: noqa: E501
from __future__ import annotations

import collections
import enum
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.sandbox.inside.codec import DataError, dump, load

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.complex_numbers(allow_nan=False)
    | st.text(st.characters()) | st.binary()
)  # fmt: skip
HASHABLE = st.recursive(SCALARS, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=4), max_leaves=8)
DATA = st.recursive(
    HASHABLE,
    lambda inner: st.lists(inner, max_size=4) | st.sets(HASHABLE, max_size=4) | st.dictionaries(HASHABLE, inner, max_size=4)
    | st.tuples(inner, inner),
    max_leaves=20,
)  # fmt: skip


def same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return len(one) == len(other) and all(map(same, one.items(), other.items()))
    return one == other and repr(one) == repr(other) if isinstance(one, float | int) else one == other


@given(DATA)
def test_plain_data_survives(value):
    assert same(load(dump(value)), value)


@given(
    st.binary() | st.text().map(lambda text: text.encode()) | DATA.map(lambda value: json.dumps(repr(value)).encode())
)
def test_foreign_bytes_give_data_or_an_error(message):
    try:
        found = load(message)
    except DataError:
        return
    assert type(found) in (type(None), bool, int, float, str, list)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("tsfdbanceigyxr"), inner, max_size=2),
    max_leaves=12,
)


@given(JSON)
def test_forged_messages_give_plain_data_or_an_error(forged):
    try:
        found = load(json.dumps(forged).encode())
        dump(found)
    except DataError:
        return


class Liar(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__

    def __int__(self):
        return 2

    __index__ = __repr__ = __str__ = __int__


class LiarList(list):
    def __iter__(self):
        return iter([1, 2, 3])

    def __len__(self):
        return 3


class LiarDict(dict):
    def items(self):
        return [("forged", 1)]


class LiarText(str):
    def __str__(self):
        return "forged"


class Colour(enum.IntEnum):
    RED = 3


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Liar(7), 7),
        (LiarList([9]), [9]),
        (LiarDict({1: 2}), {1: 2}),
        (LiarText("own"), "own"),
        (Colour.RED, 3),
        (collections.Counter("aab"), {"a": 2, "b": 1}),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.namedtuple("Point", "x y")(1, 2), (1, 2)),
        (range(1, 9, 2), range(1, 9, 2)),
        (..., ...),
        (int, int),
        ("\ud800", "\ud800"),
        (-(2**5000), -(2**5000)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_subclasses_lose_their_class(value, plain):
    found = load(dump(value))
    assert found == plain
    assert type(found) is type(plain)


def test_iterators_are_read():
    assert list(load(dump(x * x for x in range(4)))) == [0, 1, 4, 9]
    assert list(load(dump(map(str, [1])))) == ["1"]
    assert list(load(dump(zip("ab", "cd", strict=True)))) == [("a", "c"), ("b", "d")]


def test_not_a_number_survives():
    assert math.isnan(load(dump([math.nan]))[0])


@pytest.mark.parametrize("value", [object(), print, type("C", (), {})(), json, [object()], memoryview(b"")])
def test_what_is_no_plain_data_is_refused(value):
    with pytest.raises(DataError):
        dump(value)


def test_cycles_depth_and_size_are_refused():
    circle = []
    circle.append(circle)
    for value in (circle, [0] * 1_000_001, bytes(20 << 20)):
        with pytest.raises(DataError):
            dump(value)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{}",
        b'{"z":1}',
        b'{"t":1}',
        b'{"d":[[[],1]]}',
        b'{"i":"zz"}',
        b'{"r":1}',
        b'{"t":[],"s":[]}',
        b"[" * 100_000,
        b'{"y":"object"}',
        b'{"t":{"g":[0,1000000000000000]}}',
        b'{"d":{"g":[0,1000000000000000]}}',
        b'{"c":{"g":[0,1000000000000000]}}',
        b'{"g":{"g":[0,1000000000000000]}}',
        b"[1] 2",
        b"\xff\xfe1\x00",
    ],
)
def test_damaged_messages_are_errors(message):
    with pytest.raises(DataError):
        load(message)


def test_a_reference_is_never_a_range_that_is_read_to_its_end():
    with pytest.raises(DataError):
        load(b'{"r":{"g":[0,1000000000000000]}}', lambda reference: [*reference])


def test_references_are_resolved_wherever_they_stand():
    held = {7: object(), "a": object()}
    found = load(b'["call",{"r":7},{"t":[{"d":[["k",{"r":["a"]}]]}]}]', lambda one: held[one if one == 7 else one[0]])
    assert found == ["call", held[7], ({"k": held["a"]},)]
