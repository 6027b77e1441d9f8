"""What requests cost, and a budget that no number of simultaneous requests can overshoot."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from textbooks.errors import BudgetExceededError
from textbooks.llm.client import Usage

__all__ = ["Budget", "Ledger", "Price", "Reservation", "Spending", "price_of"]

_LOG = logging.getLogger(__name__)
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, in any currency, per million tokens.

    Attributes
    ----------
    prompt : float
        Per million tokens of messages.
    completion : float
        Per million tokens of answers.
    cached : float or None
        Per million tokens of messages that the server had in its cache; None for the price of the others.
    """

    prompt: float
    completion: float
    cached: float | None = None

    def __post_init__(self) -> None:
        for name in ("prompt", "completion", "cached"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < float("inf"):
                msg = f"{name} must be a price per million tokens of at least 0, got {value!r}"
                raise ValueError(msg)

    def of(self, usage: Usage) -> float:
        """Return what tokens cost."""
        cached = min(usage.cached_tokens, usage.prompt_tokens)
        cached_price = self.prompt if self.cached is None else self.cached
        paid = (usage.prompt_tokens - cached) * self.prompt + cached * cached_price
        return (paid + usage.completion_tokens * self.completion) / _MILLION


def price_of(model: str, prices: Mapping[str, Price] | None) -> Price | None:
    """Return the price of a model, and None, said loudly in the log, where prices are given and this one is not."""
    price = (prices or {}).get(model)
    if prices and price is None:
        _LOG.warning("no price for the model %r: tokens are counted, money is not", model)
    return price


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent; None for no limit.

    Attributes
    ----------
    requests : int or None
        Requests sent, each attempt counted.
    tokens : int or None
        Tokens of messages and answers together.
    cost : float or None
        Money, in the currency of the prices.
    """

    requests: int | None = None
    tokens: int | None = None
    cost: float | None = None

    def __post_init__(self) -> None:
        for name in ("requests", "tokens", "cost"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                msg = f"{name} must be at least 0, got {value!r}"
                raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Spending:
    """What was spent.

    Attributes
    ----------
    requests : int
        Requests sent, each attempt counted.
    usage : Usage
        Tokens.
    cost : float or None
        Money, in the currency of the prices; None where the price of the model is not known.
    estimated : int
        How many of the requests were answered without figures that make sense: our estimate of their tokens counts.
    uncertain : int
        How many of the requests ended without an answer after they were sent: the server may charge for them, and
        the most that they can have cost counts.
    """

    requests: int = 0
    usage: Usage = field(default_factory=Usage)
    cost: float | None = None
    estimated: int = 0
    uncertain: int = 0


class Reservation:
    """What one request may cost at most, set aside until it is known what it did cost."""

    def __init__(self, ledger: Ledger, most: Usage) -> None:
        self._ledger = ledger
        self.most = most
        self._open = True

    async def settle(self, usage: Usage, *, estimated: bool = False) -> None:
        """Note what the request did cost."""
        await self._close(replace(self._ledger.spent, estimated=self._ledger.spent.estimated + estimated), usage)

    async def forfeit(self) -> None:
        """Note that the request ended without an answer and may have cost all that it could."""
        await self._close(replace(self._ledger.spent, uncertain=self._ledger.spent.uncertain + 1), self.most)

    async def release(self) -> None:
        """Note that the request was sent and cost no tokens."""
        await self._close(self._ledger.spent, Usage())

    async def withdraw(self) -> None:
        """Give everything back: the request was not sent."""
        await self._close(replace(self._ledger.spent, requests=self._ledger.spent.requests - 1), Usage())

    async def _close(self, spent: Spending, usage: Usage) -> None:
        if self._open:
            self._open = False
            await self._ledger._settle(self, spent, usage)


class Ledger:
    """Keeps the books of one client, in its event loop.

    Parameters
    ----------
    budget : Budget
        What may be spent.
    price : Price or None
        What the model costs.
    """

    def __init__(self, budget: Budget, price: Price | None) -> None:
        self.budget, self.price = budget, price
        self.spent = Spending(cost=None if price is None else 0.0)
        self._reserved = Usage()
        self._open = 0
        self._ended = ""
        self._changed: asyncio.Condition | None = None

    async def reserve(self, most: Usage) -> Reservation:
        """Set aside what a request may cost at most; wait while only what others have set aside is in the way.

        Raises
        ------
        BudgetExceededError
            If it may cost more than is left, or an earlier request did: what is asked of a model should not depend on
            which requests are short.
        """
        if self._changed is None:
            self._changed = asyncio.Condition()
        async with self._changed:
            while True:
                if self._ended:
                    raise BudgetExceededError(self._ended)
                lacking = self._lacking(self._reserved + most)
                if not lacking:
                    break
                if not self._open or self._lacking(most):
                    self._ended = f"the budget is used up: {lacking}"
                    self._changed.notify_all()
                    raise BudgetExceededError(self._ended)
                await self._changed.wait()
            self._reserved += most
            self._open += 1
            self.spent = replace(self.spent, requests=self.spent.requests + 1)
            return Reservation(self, most)

    def _lacking(self, more: Usage) -> str:
        """Return which limit the sum of what is spent, and of what may come, exceeds; empty for none."""
        total = self.spent.usage + more
        budget = self.budget
        if budget.requests is not None and self.spent.requests + 1 > budget.requests:
            return f"{self.spent.requests:,} of {budget.requests:,} requests are sent"
        if budget.tokens is not None and total.tokens > budget.tokens:
            return f"{self.spent.usage.tokens:,} of {budget.tokens:,} tokens are spent, and the next may need more"
        if budget.cost is not None and self.price is not None and self.price.of(total) > budget.cost:
            return f"{self.spent.cost:.4f} of {budget.cost:.4f} is spent, and the next may need more"
        return ""

    async def _settle(self, reservation: Reservation, spent: Spending, usage: Usage) -> None:
        most = reservation.most
        if usage.prompt_tokens > most.prompt_tokens or usage.completion_tokens > most.completion_tokens > 0:
            _LOG.warning("the server counts more tokens than the request can have: %s, at most %s", usage, most)
        self._open -= 1
        self._reserved = Usage(
            self._reserved.prompt_tokens - most.prompt_tokens,
            self._reserved.completion_tokens - most.completion_tokens,
        )
        total = spent.usage + usage
        cost = None if self.price is None else self.price.of(total)
        self.spent = replace(spent, usage=total, cost=cost)
        assert self._changed is not None
        async with self._changed:
            self._changed.notify_all()
