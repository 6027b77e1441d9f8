"""The layers around a transport, in one event loop.

answer       by the schema, with one repair           conversation
kept         asked once, found again for ever         CompletionCache, and one task for equal requests
repeated     after failures that may pass             RetryPolicy
bounded      so many at a time, so many a minute      Semaphore, RateLimiter
paid         within the budget                        Ledger
carried      to the model                             Transport
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from textbooks.errors import (
    AnswerTimeoutError,
    CompletionError,
    ConnectionLostError,
    MalformedAnswerError,
    RateLimitError,
    ServerUnreachableError,
)
from textbooks.llm.client import ChatRequest, Completion, Usage
from textbooks.llm.completions import CompletionCache, request_key
from textbooks.llm.limits import RateLimiter
from textbooks.llm.money import Ledger, Reservation
from textbooks.llm.retrying import RetryPolicy
from textbooks.llm.schemas import conversation
from textbooks.llm.tokens import estimate_prompt_tokens, estimate_tokens, most_prompt_tokens
from textbooks.llm.transport import FormatRefused, Transport

__all__ = ["Engine", "Setup"]

T = TypeVar("T")
_MAY_HAVE_COST = (AnswerTimeoutError, ConnectionLostError, MalformedAnswerError)
_GUESSED_ANSWER = 256  # tokens of an answer whose length nobody bounds, for the limit of tokens a minute alone


@dataclass(frozen=True, slots=True)
class Setup:
    """What an engine is made of.

    Attributes
    ----------
    identity : str
        What answers depend on beside the request.
    max_tokens : int or None
        Most tokens of an answer; None where nobody bounds them.
    concurrency : int
        Requests at a time.
    requests_per_minute, tokens_per_minute : float or None
        The limits.
    retry : RetryPolicy
        When to ask again.
    cache : CompletionCache or None
        Where answers are kept.
    ledger : Ledger
        The books.
    seed : int
        Seed of the waits.
    """

    identity: str
    max_tokens: int | None
    concurrency: int
    requests_per_minute: float | None
    tokens_per_minute: float | None
    retry: RetryPolicy
    cache: CompletionCache | None
    ledger: Ledger
    seed: int


@dataclass(slots=True)
class _Asked:
    """A request under way: its task, how many wait for it, and whether it was sent."""

    task: asyncio.Task[Completion] | None = None
    waiting: int = 0
    sent: bool = False


class Engine:
    """Answers requests in one event loop.

    Parameters
    ----------
    setup : Setup
        What it is made of.
    transport : Transport
        What carries the requests.
    """

    def __init__(self, setup: Setup, transport: Transport) -> None:
        self.setup, self.transport = setup, transport
        self._limiter = RateLimiter(setup.requests_per_minute, setup.tokens_per_minute)
        self._places = asyncio.Semaphore(setup.concurrency)
        self._chance = random.Random(setup.seed)
        self._disk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="textbooks-llm-cache")
        self._running: dict[bytes, _Asked] = {}
        self._unwritten: dict[bytes, Completion] = {}
        self._writing = asyncio.Lock()

    async def answer(self, request: ChatRequest) -> Completion:
        """Return the answer to a request, by its schema.

        Raises
        ------
        CompletionError
            If there is none.
        """
        asked = conversation(request)
        wanted = next(asked)
        while True:
            try:
                completion = await self._kept(wanted)
            except CompletionError as error:
                wanted = asked.throw(error)
                continue
            try:
                wanted = asked.send(completion)
            except StopIteration as end:
                final: Completion = end.value
                return final

    async def close(self) -> None:
        """Let go of connections and threads, once what is under way has ended."""
        under_way = [asked.task for asked in self._running.values() if asked.task]
        await asyncio.gather(*under_way, return_exceptions=True)
        await self.transport.close()
        self._disk.shutdown(wait=True)

    async def _kept(self, request: ChatRequest) -> Completion:
        """Return what is known, or ask; equal requests are asked together."""
        key = request_key(request, self.setup.identity)
        asked = self._running.get(key)
        if asked is None:
            asked = self._running[key] = _Asked()
            asked.task = asyncio.ensure_future(self._found(key, request, asked))
            asked.task.add_done_callback(partial(self._ended, key))
            return await self._waited_for(key, asked)
        return replace(await self._waited_for(key, asked), cached=True)

    def _ended(self, key: bytes, task: asyncio.Task[Completion]) -> None:
        if not task.cancelled():
            task.exception()  # where nobody waits any more, nobody is to be told that nobody looked
        asked = self._running.get(key)
        if asked is not None and asked.task is task:
            del self._running[key]

    async def _waited_for(self, key: bytes, asked: _Asked) -> Completion:
        """Wait for what is under way.

        When nobody waits any more it ends; but what was sent is paid for, and goes on to be kept for the next time.
        """
        assert asked.task is not None
        asked.waiting += 1
        try:
            return await asyncio.shield(asked.task)
        finally:
            asked.waiting -= 1
            if not asked.waiting and not (asked.sent and self.setup.cache):
                asked.task.cancel()
                if self._running.get(key) is asked:
                    del self._running[key]  # who asks the same from now on asks anew

    async def _found(self, key: bytes, request: ChatRequest, asked: _Asked) -> Completion:
        cache = self.setup.cache
        known = None if cache is None else (await self._on_disk(partial(cache.get, [key]))).get(key)
        return known or await self._repeated(key, request, asked)

    async def _keep(self, key: bytes, completion: Completion) -> None:
        """Return when a completion is on the disk; those that come while others are written go together."""
        cache = self.setup.cache
        if cache is None:
            return
        self._unwritten[key] = completion
        async with self._writing:
            if key not in self._unwritten:
                return  # those before have taken it along
            batch, self._unwritten = self._unwritten, {}
            try:
                await self._on_disk(partial(cache.put, batch))
            except BaseException:
                self._unwritten = batch | self._unwritten  # so that those behind do not take it for written
                raise

    async def _on_disk(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work)

    async def _repeated(self, key: bytes, request: ChatRequest, asked: _Asked) -> Completion:
        failures, waited = 0, 0.0
        while True:
            try:
                return await self._once(key, request, asked)
            except FormatRefused:
                continue
            except CompletionError as error:
                failures += 1
                wait = self.setup.retry.wait(failures, error, waited, self._chance)
                if wait is None or not asked.waiting:
                    raise
            await asyncio.sleep(wait)
            waited += wait

    async def _once(self, key: bytes, request: ChatRequest, asked: _Asked) -> Completion:
        estimated = estimate_prompt_tokens(request)
        most = Usage(most_prompt_tokens(request), self.setup.max_tokens or 0)
        async with self._places:
            reservation = await self.setup.ledger.reserve(most)
            try:
                await self._limiter.acquire(estimated + (self.setup.max_tokens or _GUESSED_ANSWER))
            except BaseException:
                await reservation.withdraw()
                raise
            asked.sent = True
            try:
                completion = await self._paid(self.transport.ask(request), reservation)
            except BaseException:
                asked.sent = False
                raise
            await self._settle(completion, estimated, reservation)
            await self._keep(key, completion)  # before its place is free: a kill loses no more than has a place
            return completion

    async def _paid(self, asking: Awaitable[Completion], reservation: Reservation) -> Completion:
        try:
            return await asking
        except ServerUnreachableError:
            await reservation.withdraw()
            raise
        except (*_MAY_HAVE_COST, asyncio.CancelledError):
            await reservation.forfeit()
            raise
        except RateLimitError as error:
            await reservation.release()
            if error.retryable and error.retry_after:
                self._limiter.pause(error.retry_after)
            raise
        except BaseException:
            await reservation.release()
            raise

    async def _settle(self, completion: Completion, estimated: int, reservation: Reservation) -> None:
        usage, guessed = completion.usage, not completion.usage.tokens
        if guessed:
            usage = Usage(estimated, estimate_tokens(completion.text))
        await reservation.settle(usage, estimated=guessed)
        self._limiter.correct(usage.tokens - estimated - (self.setup.max_tokens or _GUESSED_ANSWER))
