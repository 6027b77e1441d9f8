"""No minute sees more than its limit, and little less where there is enough to do."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.loopback import Reply
from textbooks.llm import Message
from textbooks.llm.limits import RateLimiter, TokenBucket


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds


def gone(limiter, clock, amounts, gaps):
    """Return when each amount goes, asked for one after the other with gaps in between."""
    times = []
    for amount, gap in zip(amounts, gaps, strict=True):
        clock.now += gap
        times.append(limiter.reserve(amount))
    return times


def most_in_a_minute(times, amounts):
    """The naive oracle: sum over every half-open minute that begins with a request, less a rounding of times."""
    return max(
        sum(amount for time, amount in zip(times, amounts, strict=True) if start <= time < start + 60 - 1e-6)
        for start in times
    )


GAPS = st.lists(st.floats(0, 3), min_size=1, max_size=150)


@given(st.integers(1, 200), GAPS)
def test_no_minute_sees_more_requests_than_the_limit(limit, gaps):
    clock = Clock()
    times = gone(RateLimiter(limit, clock=clock), clock, [1] * len(gaps), gaps)
    assert times == sorted(times)
    assert most_in_a_minute(times, [1] * len(times)) <= limit


@given(st.integers(60, 3_000), GAPS, st.data())
def test_no_minute_sees_more_tokens_than_the_limit(limit, gaps, data):
    amounts = [data.draw(st.integers(0, max(1, limit // 60))) for _ in gaps]
    clock = Clock()
    times = gone(RateLimiter(None, limit, clock=clock), clock, amounts, gaps)
    assert most_in_a_minute(times, amounts) <= limit + 1e-6


@given(st.integers(60, 3_000), GAPS, st.data())
def test_what_is_larger_than_the_bucket_exceeds_by_no_more_than_itself(limit, gaps, data):
    amounts = [data.draw(st.integers(0, limit)) for _ in gaps]
    clock = Clock()
    times = gone(RateLimiter(None, limit, clock=clock), clock, amounts, gaps)
    assert most_in_a_minute(times, amounts) <= limit + max(amounts) + 1e-6


@given(st.integers(1, 100), st.integers(60, 1_000), GAPS, st.data())
def test_both_limits_hold_at_once(requests, tokens, gaps, data):
    amounts = [data.draw(st.integers(0, tokens // 60)) for _ in gaps]
    clock = Clock()
    times = gone(RateLimiter(requests, tokens, clock=clock), clock, amounts, gaps)
    assert most_in_a_minute(times, [1] * len(times)) <= requests
    assert most_in_a_minute(times, amounts) <= tokens + 1e-6


@pytest.mark.parametrize("limit", [1, 7, 60, 600, 30_000])
def test_a_queue_goes_nearly_as_fast_as_the_limit(limit):
    clock = Clock()
    count = max(2, limit * 2)
    times = gone(RateLimiter(limit, clock=clock), clock, [1] * count, [0] * count)
    assert times[-1] <= 120 * 1.02
    assert times[-1] >= 60 * (count - max(1, limit / 60) - 1) / limit


def test_a_limit_that_is_not_there_makes_nobody_wait():
    clock = Clock()
    assert gone(RateLimiter(clock=clock), clock, [10**9] * 5, [0] * 5) == [0] * 5


def test_corrections_count():
    bucket = TokenBucket(600)
    bucket.take(10, at=0)
    assert bucket.delay(10, at=0) == pytest.approx(10 / bucket.rate)
    bucket.correct(-10)
    assert bucket.delay(10, at=0) == 0
    bucket.correct(-1_000)
    assert bucket.level == bucket.capacity
    bucket.correct(30)
    assert bucket.delay(10, at=0) == pytest.approx(30 / bucket.rate)


def test_a_pause_holds_those_that_wait_already():
    clock = Clock()
    limiter = RateLimiter(60, clock=clock)
    times = []

    async def sleep(seconds):
        if seconds < 5 and not times:
            limiter.pause(10)
        await clock.sleep(seconds)

    limiter._sleep = sleep
    limiter.reserve(0)

    async def go():
        await limiter.acquire(0)
        times.append(clock.now)

    asyncio.run(go())
    assert times[0] >= 10


def test_the_server_sees_requests_at_the_rate(start):
    server, client = start(lambda arrival: Reply(arrival.asked), requests_per_minute=1_200, concurrency=32)
    list(client.complete_all([[Message("user", f"q{number}")] for number in range(60)]))
    arrivals = sorted(arrival.at for arrival in server.arrivals)
    assert len(arrivals) == 60
    # 20 a second after a first 20; on a busy machine a request may arrive late, and so nearer to the next
    late = 0.75
    for place, first in enumerate(arrivals):
        for further, later in enumerate(arrivals[place:], start=1):
            assert further <= 21 + 20 * (later - first + late)
    assert arrivals[-1] - arrivals[0] > 1.2


def test_the_server_s_figures_correct_the_estimate(start):
    usage = {"prompt_tokens": 5, "completion_tokens": 400}
    server, client = start(lambda arrival: Reply(usage=usage), tokens_per_minute=60_000, concurrency=1, max_tokens=1)
    list(client.complete_all([[Message("user", f"q{number}")] for number in range(6)]))
    arrivals = [arrival.at for arrival in server.arrivals]
    assert arrivals[-1] - arrivals[0] > 0.8  # 2,000 tokens at 1,000 a second, less the first second's worth
