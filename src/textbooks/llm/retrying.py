"""When to ask again, and how long to wait until then."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from textbooks.errors import CompletionError

__all__ = ["RetryPolicy", "parse_retry_after"]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to ask again after a failure that may pass, and how long to wait.

    Before the n-th repetition a request waits a random time from 0 to ``first_wait * 2 ** (n - 1)``, at most
    `longest_wait` ("full jitter"), after what the server asks for.

    Attributes
    ----------
    attempts : int
        Most times to ask, at least 1.
    first_wait : float
        Seconds, at least 0.
    longest_wait : float
        Seconds, at least 0; what the server asks for may be longer.
    total_wait : float
        Most seconds that a request waits in all, at least 0. A server that asks for more is not asked again.
    """

    attempts: int = 6
    first_wait: float = 0.5
    longest_wait: float = 30.0
    total_wait: float = 300.0

    def __post_init__(self) -> None:
        if self.attempts < 1:
            msg = f"attempts must be at least 1, got {self.attempts!r}"
            raise ValueError(msg)
        for name in ("first_wait", "longest_wait", "total_wait"):
            if not getattr(self, name) >= 0:
                msg = f"{name} must be at least 0 seconds, got {getattr(self, name)!r}"
                raise ValueError(msg)

    def wait(self, failures: int, error: CompletionError, waited: float, chance: random.Random) -> float | None:
        """Return the seconds to wait before asking again, or None to give up.

        Parameters
        ----------
        failures : int
            How often the request has failed, at least 1.
        error : CompletionError
            How it failed now.
        waited : float
            Seconds that it has waited so far.
        chance : random.Random
            Where chance comes from.
        """
        if not error.retryable or failures >= self.attempts:
            return None
        longest = min(self.longest_wait, self.first_wait * 2.0 ** min(failures - 1, 60))
        wait = (error.retry_after or 0.0) + chance.uniform(0.0, longest)
        return wait if waited + wait <= self.total_wait else None


def parse_retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that the headers of an answer ask to wait, or None if they do not say.

    Understood are ``retry-after-ms``, and ``retry-after`` in seconds or as a date of HTTP; a date that is past is 0.

    Parameters
    ----------
    headers : mapping of str to str
        By names in small letters.
    now : float
        Seconds since 1970, to compare a date with.

    Examples
    --------
    >>> parse_retry_after({"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, now=90.0)
    10.0
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        seconds = _number(headers.get(name), unit)
        if seconds is not None:
            return seconds
    try:
        date = parsedate_to_datetime(headers.get("retry-after", ""))
        # A date without a zone, or in the zone "-0000", is meant in UTC.
        seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return max(0.0, seconds)


def _number(text: str | None, unit: float) -> float | None:
    try:
        seconds = float(text or "") * unit
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
