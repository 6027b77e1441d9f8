"""A chat client with everything around it that a long run needs: cache, limits, repetition, budget, checked answers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Self, TypeVar

from textbooks.errors import CompletionError
from textbooks.llm.background import background_loop
from textbooks.llm.batching import in_order, unordered
from textbooks.llm.client import Answer, ChatClient, ChatRequest, Completion, Message, Usage, as_request
from textbooks.llm.completions import CompletionCache, identity_of, request_key
from textbooks.llm.engine import Engine, Setup
from textbooks.llm.estimating import RunEstimate
from textbooks.llm.money import Budget, Ledger, Price, Spending, price_of
from textbooks.llm.retrying import RetryPolicy
from textbooks.llm.schemas import check_schema
from textbooks.llm.tokens import estimate_prompt_tokens
from textbooks.llm.transport import ClientTransport, Transport

__all__ = ["ManagedChatClient"]

T = TypeVar("T")
Request = ChatRequest | Sequence[Message]
_ORDERED_WINDOW = 16  # times the concurrency: how far answers may be ahead of the one that is waited for


class ManagedChatClient:
    """Asks another client many things: at the same time, within limits and a budget, and nothing twice.

    Parameters
    ----------
    client : ChatClient
        Whom to ask. It is called from threads.
    model : str, default=""
        Name of the model, for the cache and for its price.
    parameters : mapping or None, default=None
        What else the client's answers depend on, as JSON types: part of the key of the cache. ``max_tokens`` among
        them says how long an answer is at most.
    cache : path or None, default=None
        File that keeps every answer, also for later runs and for several processes; None keeps none.
    concurrency : int, default=16
        Requests to have under way at a time, at least 1.
    requests_per_minute, tokens_per_minute : float or None, default=None
        Limits of the server, above 0; None for none.
    retry : RetryPolicy or None, default=None
        When to ask again; None for ``RetryPolicy()``.
    budget : Budget or None, default=None
        What may be spent by this client in this process; None for no limit. A limit of tokens or cost needs
        ``max_tokens``, and one of cost needs the price of the model.
    prices : mapping of str to Price or None, default=None
        Prices by model.
    seed : int, default=0
        Seed of the random part of the waits.

    Raises
    ------
    ValueError
        If a number is out of range, or a budget cannot be kept.
    """

    def __init__(
        self,
        client: ChatClient | None,
        *,
        model: str = "",
        parameters: Mapping[str, Any] | None = None,
        cache: str | os.PathLike[str] | None = None,
        concurrency: int = 16,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        retry: RetryPolicy | None = None,
        budget: Budget | None = None,
        prices: Mapping[str, Price] | None = None,
        seed: int = 0,
    ) -> None:
        if concurrency < 1:
            msg = f"concurrency must be at least 1, got {concurrency!r}"
            raise ValueError(msg)
        for name, limit in (("requests_per_minute", requests_per_minute), ("tokens_per_minute", tokens_per_minute)):
            if limit is not None and not limit > 0:
                msg = f"{name} must be above 0, got {limit!r}"
                raise ValueError(msg)
        self.client, self.model, self.parameters, self.cache = client, model, parameters, cache
        self.concurrency, self.seed = concurrency, seed
        self.requests_per_minute, self.tokens_per_minute = requests_per_minute, tokens_per_minute
        self.retry, self.budget, self.prices = retry, budget, prices
        self._price = price_of(model, prices)
        self._check_budget()
        self._engine: Engine | None = None
        self._ledger = Ledger(budget or Budget(), self._price)
        self._process = 0

    def complete(self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None = None) -> Completion:
        """Return the model's answer; with a schema, `parsed` follows it.

        Raises
        ------
        CompletionError
            If there is no answer, after all repetitions.
        ValueError
            If there is no message, or the schema is none.
        OutputError
            If the cache cannot be read or written.
        """
        return self._submit(ChatRequest(tuple(messages), schema)).result()

    def complete_all(self, requests: Iterable[Request], *, schema: Mapping[str, Any] | None = None) -> Iterator[Answer]:
        """Yield what became of each request, in their order: a completion, or the error that stands in its place.

        Parameters
        ----------
        requests : iterable of ChatRequest or of sequences of Message
            What to ask; drawn as there is room.
        schema : mapping or None, default=None
            A JSON Schema for the answers to sequences of messages.

        Raises
        ------
        ValueError, OutputError
            As `complete`. A `CompletionError` is yielded and not raised.
        """
        asked = (as_request(request, schema) for request in requests)
        return in_order(self._answer, asked, window=_ORDERED_WINDOW * self.concurrency)

    def as_completed(
        self, requests: Iterable[Request], *, schema: Mapping[str, Any] | None = None
    ) -> Iterator[tuple[int, Answer]]:
        """Yield the number of each request, counted from 0, and what became of it, as they come.

        Parameters and exceptions are those of `complete_all`.
        """
        asked = (as_request(request, schema) for request in requests)
        return unordered(self._answer, asked, window=2 * self.concurrency)

    def estimate(
        self,
        requests: Iterable[Request],
        *,
        schema: Mapping[str, Any] | None = None,
        completion_tokens: float | None = None,
    ) -> RunEstimate:
        """Return what a run will cost, without asking anything.

        Parameters
        ----------
        requests : iterable of ChatRequest or of sequences of Message
            What will be asked.
        schema : mapping or None, default=None
            A JSON Schema for the answers to sequences of messages.
        completion_tokens : float or None, default=None
            Tokens of an answer to assume; None for the mean of the answers to these requests that the cache knows,
            or else the most that the client allows.
        """
        prompts: dict[bytes, int] = {}
        total = 0
        for request in requests:
            total += 1
            asked = as_request(request, schema)
            prompts[self._key(asked)] = estimate_prompt_tokens(asked)
        known = {} if self.cache is None else CompletionCache(self.cache).get(prompts)
        answers = [found.usage.completion_tokens for found in known.values() if found.usage.completion_tokens]
        each, basis = self._answer_tokens(completion_tokens, answers)
        open_ = [tokens for key, tokens in prompts.items() if key not in known]
        usage = Usage(sum(open_), round(len(open_) * each))
        cost = None if self._price is None else self._price.of(usage)
        return RunEstimate(total, total - len(open_), usage, cost, each, basis)

    def forget(self, requests: Iterable[Request], *, schema: Mapping[str, Any] | None = None) -> None:
        """Drop the answers to requests from the cache, so that they are asked again."""
        if self.cache is not None:
            CompletionCache(self.cache).remove([self._key(as_request(request, schema)) for request in requests])

    @property
    def identity(self) -> str:
        """What its answers depend on beside the request: model and parameters, as JSON."""
        return self._identity()

    @property
    def spent(self) -> Spending:
        """What this client has spent in this process, also when it is closed."""
        return self._ledger.spent if self._process in (0, os.getpid()) else Ledger(Budget(), self._price).spent

    def close(self) -> None:
        """Wait for what was sent, and let go of connections and threads; the next use opens them again."""
        engine, self._engine = self._engine, None
        if engine is not None and self._process == os.getpid():
            _run(engine.close()).result()
            if engine.setup.cache is not None:
                engine.setup.cache.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        """Return what travels to another process: the arguments."""
        return self.__dict__ | {"_engine": None, "_process": 0, "_ledger": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Begin unopened, with nothing spent."""
        self.__dict__.update(state)
        self._ledger = Ledger(self.budget or Budget(), self._price)

    def _transport(self) -> Transport:
        """Return what carries the requests."""
        assert self.client is not None
        return ClientTransport(self.client, self.concurrency)

    def _max_tokens(self) -> int | None:
        """Return how long an answer is at most, if that is known."""
        found = (self.parameters or {}).get("max_tokens")
        return None if found is None else int(found)

    def _key(self, request: ChatRequest) -> bytes:
        return request_key(request, self._identity())

    def _identity(self) -> str:
        return identity_of(self.model, self.parameters or {})

    def _check_budget(self) -> None:
        budget = self.budget or Budget()
        if (budget.tokens is not None or budget.cost is not None) and self._max_tokens() is None:
            msg = "a budget of tokens or cost can only be kept when max_tokens says how long an answer is at most"
            raise ValueError(msg)
        if budget.cost is not None and self._price is None:
            msg = f"a budget of cost needs the price of the model: prices={{{self.model!r}: Price(...)}}"
            raise ValueError(msg)

    def _answer_tokens(self, given: float | None, answers: Sequence[int]) -> tuple[float, str]:
        if given is not None:
            return float(given), "given"
        if answers:
            return sum(answers) / len(answers), "measured"
        most = self._max_tokens()
        return (0.0, "unknown") if most is None else (float(most), "max_tokens")

    def _running(self) -> Engine:
        if self._process not in (0, os.getpid()):  # the other side of a fork keeps books of its own
            self._engine, self._ledger = None, Ledger(self.budget or Budget(), self._price)
        if self._engine is None:
            setup = Setup(
                identity=self._identity(),
                max_tokens=self._max_tokens(),
                concurrency=self.concurrency,
                requests_per_minute=self.requests_per_minute,
                tokens_per_minute=self.tokens_per_minute,
                retry=self.retry or RetryPolicy(),
                cache=None if self.cache is None else CompletionCache(self.cache),
                ledger=self._ledger,
                seed=self.seed,
            )
            self._engine, self._process = Engine(setup, self._transport()), os.getpid()
        return self._engine

    def _submit(self, request: ChatRequest) -> Future[Completion]:
        if request.schema is not None:
            check_schema(request.schema)
        return _run(self._running().answer(request))

    def _answer(self, request: ChatRequest) -> Future[Answer]:
        if request.schema is not None:
            check_schema(request.schema)
        return _run(_answer(self._running(), request))


async def _answer(engine: Engine, request: ChatRequest) -> Answer:
    try:
        return await engine.answer(request)
    except CompletionError as error:
        return error


def _run(work: Coroutine[Any, Any, T]) -> Future[T]:
    return asyncio.run_coroutine_threadsafe(work, background_loop())
