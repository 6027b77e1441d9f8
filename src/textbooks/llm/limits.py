"""How many requests and tokens a minute: token buckets, and a limiter that keeps to several of them at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

__all__ = ["RateLimiter", "TokenBucket"]

_MINUTE = 60.0


class TokenBucket:
    """What may go now, if no minute is to see more than its limit.

    It holds what one second brings, and at least 1; it fills a little slower than the limit, so that a full bucket and
    a minute's inflow together are the limit. What is larger than the bucket goes when the bucket is full and leaves a
    debt.

    Parameters
    ----------
    per_minute : float
        The limit, above 0.
    """

    def __init__(self, per_minute: float) -> None:
        self.per_minute = per_minute
        self.capacity = max(1.0, per_minute / _MINUTE)
        self.rate = (per_minute - (self.capacity - 1.0)) / _MINUTE
        self.level = self.capacity
        self._at: float | None = None

    def delay(self, amount: float, at: float) -> float:
        """Return how many seconds after `at` an amount may go: 0 for at once."""
        self._fill(at)
        return max(0.0, (min(amount, self.capacity) - self.level) / self.rate)

    def take(self, amount: float, at: float) -> None:
        """Let an amount go."""
        self._fill(at)
        self.level -= amount

    def correct(self, more: float) -> None:
        """Take what was estimated too low, or give back what was estimated too high (below 0)."""
        self.level = min(self.capacity, self.level - more)

    def _fill(self, at: float) -> None:
        if self._at is not None and at > self._at:
            self.level = min(self.capacity, self.level + (at - self._at) * self.rate)
        self._at = at if self._at is None else max(at, self._at)


class RateLimiter:
    """Lets requests go one after the other, as soon as all limits allow.

    Parameters
    ----------
    requests_per_minute, tokens_per_minute : float or None
        The limits; None for none.
    clock : callable, default=time.monotonic
        Returns seconds.
    sleep : callable, default=asyncio.sleep
        Waits for seconds.
    """

    def __init__(
        self,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._requests = None if requests_per_minute is None else TokenBucket(requests_per_minute)
        self._tokens = None if tokens_per_minute is None else TokenBucket(tokens_per_minute)
        self._clock, self._sleep = clock, sleep
        self._last = float("-inf")
        self._paused = float("-inf")

    def reserve(self, tokens: float) -> float:
        """Return the time at which the next request of so many tokens may go, and count it as gone then."""
        at = max(self._clock(), self._last, self._paused)
        wanted = [(bucket, amount) for bucket, amount in ((self._requests, 1.0), (self._tokens, tokens)) if bucket]
        for bucket, amount in wanted:
            at += bucket.delay(amount, at)
        for bucket, amount in wanted:
            bucket.take(amount, at)
        self._last = at
        return at

    async def acquire(self, tokens: float) -> None:
        """Wait until a request of about so many tokens may go."""
        while True:
            at = self.reserve(tokens)
            wait = at - self._clock()
            if wait > 0:
                await self._sleep(wait)
            if at >= self._paused:
                return

    def pause(self, seconds: float) -> None:
        """Let nothing go for some seconds: the server asked for it."""
        self._paused = max(self._paused, self._clock() + seconds)

    def correct(self, more: float) -> None:
        """Say by how many tokens the estimate of a request was too low; below 0 where it was too high."""
        if self._tokens:
            self._tokens.correct(more)
