"""Results agree within a tolerance, and NaN agrees with NaN."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.sandbox import values_agree

NAN = math.nan
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.complex_numbers(),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0.1 + 0.2, 0.3, True),
        (1.0, 1.001, False),
        (1e12, 1e12 + 1, True),
        (NAN, NAN, True),
        (NAN, 0.0, False),
        (math.inf, math.inf, True),
        (math.inf, -math.inf, False),
        (math.inf, 1e308, False),
        (10**400, 10**400, True),
        (10**400, 1.0, False),
        (10**20, 10**20 + 1, False),
        ([1.0], (1.0,), False),
        ([1, [NAN, 2.0]], [1, [NAN, 2.0 + 1e-9]], True),
        ({"a": 1.0}, {"a": 1.0 + 1e-9}, True),
        ({"a": 1}, {"b": 1}, False),
        ({1, 2}, {2, 1}, True),
        ({1}, frozenset({1}), False),
        ("1", 1, False),
        (None, None, True),
        (complex(1, NAN), complex(1, NAN), True),
        (complex(1, 0), 1, True),
        ([], [0], False),
    ],
)
def test_agreement(one, other, expected):
    assert values_agree(one, other) is expected
    assert values_agree(other, one) is expected


@given(VALUES)
def test_a_value_agrees_with_itself_and_not_with_more(value):
    assert values_agree(value, value)
    assert not values_agree([value], [value, value])


@given(VALUES, VALUES)
def test_agreement_is_symmetric(one, other):
    assert values_agree(one, other) == values_agree(other, one)


@given(VALUES.filter(lambda value: "nan" not in repr(value)))
def test_without_tolerance_equal_values_agree(value):
    assert values_agree(value, value, tolerance=0)


@pytest.mark.parametrize("tolerance", [-1, math.nan])
def test_the_tolerance_must_be_a_number(tolerance):
    with pytest.raises(ValueError, match="tolerance must be 0 or more"):
        values_agree(1, 1, tolerance=tolerance)


def test_too_deep_is_not_equal():
    deep = []
    for _ in range(300):
        deep = [deep]
    assert not values_agree(deep, deep)
