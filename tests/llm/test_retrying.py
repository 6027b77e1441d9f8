"""How long to wait, and what the headers of an answer ask for."""

from __future__ import annotations

import random
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.errors import RateLimitError, RefusedKeyError
from textbooks.llm import RetryPolicy
from textbooks.llm.retrying import parse_retry_after

BUSY = RateLimitError("busy")
TIMES = st.floats(0, 100)


@given(st.integers(1, 2_000), TIMES, TIMES, st.integers(0, 5))
def test_a_wait_is_between_nothing_and_the_doubled_first(failures, first, longest, seed):
    policy = RetryPolicy(attempts=10_000, first_wait=first, longest_wait=longest, total_wait=1e9)
    wait = policy.wait(failures, BUSY, 0.0, random.Random(seed))
    assert 0 <= wait <= longest
    assert failures > 1_000 or wait <= first * 2 ** (failures - 1)
    assert wait == policy.wait(failures, BUSY, 0.0, random.Random(seed))


@given(st.floats(0, 1_000), st.floats(0, 1_000), st.integers(0, 5))
def test_the_server_s_wait_is_waited_and_the_whole_wait_is_bounded(asked, waited, seed):
    policy = RetryPolicy(attempts=9, total_wait=500)
    wait = policy.wait(1, RateLimitError("busy", retry_after=asked), waited, random.Random(seed))
    if wait is None:
        assert waited + asked + policy.first_wait > 500
    else:
        assert wait >= asked
        assert waited + wait <= 500


def test_jitter_is_full():
    waits = [RetryPolicy(first_wait=8).wait(1, BUSY, 0.0, random.Random(seed)) for seed in range(400)]
    assert min(waits) < 0.5
    assert max(waits) > 7.5
    assert 3.5 < sum(waits) / 400 < 4.5


def test_when_to_give_up():
    policy = RetryPolicy(attempts=3)
    assert policy.wait(2, BUSY, 0.0, random.Random(0)) is not None
    assert policy.wait(3, BUSY, 0.0, random.Random(0)) is None
    assert policy.wait(1, RefusedKeyError("no"), 0.0, random.Random(0)) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 0.25 "}, 0.25),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, 10),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, 0),
        ({"retry-after": "Thu, 01 Jan 1970 01:01:40 +0100"}, 10),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:40 -0000"}, 10),
        ({}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "later"}, None),
        ({"retry-after": "Thu, 99 Foo 1970 00:01:40 GMT"}, None),
    ],
)
def test_what_is_asked_for(headers, seconds):
    assert parse_retry_after(headers, now=90.0) == seconds


@given(st.integers(0, 4_000_000_000), st.integers(0, 4_000_000_000))
def test_every_date_is_understood(date, now):
    headers = {"retry-after": formatdate(date, usegmt=True)}
    assert parse_retry_after(headers, now) == max(0, date - now)


@given(st.text())
def test_no_header_is_a_failure(text):
    found = parse_retry_after({"retry-after": text, "retry-after-ms": text}, 0.0)
    assert found is None or found >= 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attempts": 0}, "attempts must be at least 1, got 0"),
        ({"first_wait": -1}, "first_wait must be at least 0 seconds, got -1"),
        ({"total_wait": float("nan")}, "total_wait must be at least 0 seconds, got nan"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        RetryPolicy(**options)
