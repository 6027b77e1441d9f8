"""What was spent is counted, and a budget is never overshot."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.llm.loopback import Reply
from textbooks.errors import BudgetExceededError
from textbooks.llm import Budget, Completion, ManagedChatClient, Message, Price, ScriptedChatClient, Usage
from textbooks.llm.money import Ledger

PRICE = Price(prompt=2.0, completion=8.0, cached=0.5)


def asks(count, size=1):
    return [[Message("user", f"q{number} " + "word " * size)] for number in range(count)]


def test_a_price():
    assert PRICE.of(Usage(1_000_000, 500_000)) == 6.0
    assert PRICE.of(Usage(1_000_000, 0, cached_tokens=400_000)) == 1.4
    assert Price(2.0, 8.0).of(Usage(1_000_000, 0, cached_tokens=400_000)) == 2.0


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 2 * 10**6))
def test_a_price_is_never_below_nothing_nor_above_the_full_one(prompt, completion, cached):
    cost = PRICE.of(Usage(prompt, completion, cached))
    assert 0 <= cost <= Price(2.0, 8.0).of(Usage(prompt, completion)) + 1e-12


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 100)), min_size=1, max_size=40),
    st.integers(0, 3_000),
    st.sampled_from(["tokens", "cost", "requests"]),
    st.integers(0, 10),
)
def test_no_order_of_events_overshoots(requests, limit, kind, seed):
    """Requests come and end in any order; whatever each costs up to its most, no sum ever exceeds the budget."""
    amount = {"tokens": limit, "cost": limit * 8 / 1e6, "requests": limit // 100}[kind]
    chance = random.Random(seed)
    exceeded = []

    async def run():
        ledger = Ledger(Budget(**{kind: amount}), PRICE)

        async def one(prompt, completion):
            await asyncio.sleep(chance.random() / 1e4)
            try:
                reservation = await ledger.reserve(Usage(prompt, completion))
            except BudgetExceededError:
                exceeded.append(Usage(prompt, completion))
                return
            await asyncio.sleep(chance.random() / 1e4)
            await chance.choice(
                [
                    lambda: reservation.settle(Usage(chance.randint(0, prompt), chance.randint(0, completion))),
                    reservation.forfeit,
                    reservation.release,
                ]
            )()

        await asyncio.gather(*(one(*request) for request in requests))
        assert ledger._reserved == Usage()
        return ledger

    ledger = asyncio.run(run())
    spent = ledger.spent
    assert {"tokens": spent.usage.tokens, "cost": spent.cost, "requests": spent.requests}[kind] <= amount
    assert spent.requests + len(exceeded) == len(requests)
    if kind == "tokens" and sum(map(sum, requests)) <= limit:
        assert not exceeded


def test_a_request_waits_while_only_others_are_in_the_way():
    async def run():
        ledger = Ledger(Budget(tokens=100), None)
        first = await ledger.reserve(Usage(60, 0))
        waiting = asyncio.ensure_future(ledger.reserve(Usage(60, 0)))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        await first.settle(Usage(40, 0))
        second = await waiting
        await second.settle(Usage(60, 0))
        return ledger.spent

    spent = asyncio.run(run())
    assert (spent.requests, spent.usage, spent.cost) == (2, Usage(100, 0), None)


def test_after_the_first_that_does_not_fit_nothing_is_sent():
    """Else only short questions would be asked at the end."""

    async def run():
        ledger = Ledger(Budget(tokens=100), None)
        with pytest.raises(BudgetExceededError, match="0 of 100 tokens are spent, and the next may need more"):
            await ledger.reserve(Usage(101, 0))
        with pytest.raises(BudgetExceededError):
            await ledger.reserve(Usage(1, 0))

    asyncio.run(run())


@pytest.mark.parametrize(
    "budget", [Budget(requests=13), Budget(tokens=6_000), Budget(cost=0.0085)], ids=["requests", "tokens", "cost"]
)
def test_a_run_stops_at_its_budget_with_everything_kept(start, tmp_path, budget):
    options = {"cache": tmp_path / "c", "budget": budget, "prices": {"m": Price(1.0, 2.0)}, "max_tokens": 50}
    reply = Reply(" ".join(["word"] * 50), delay=0.005)
    server, client = start(lambda arrival: reply, concurrency=8, **options)
    found = list(client.complete_all(asks(200, size=50)))
    answered = [one for one in found if isinstance(one, Completion)]
    assert {type(one) for one in found if one not in answered} == {BudgetExceededError}
    assert 5 < len(answered) == len(server.arrivals) < 200
    true = sum(sum(len(m["content"].split()) + 4 for m in one.body["messages"]) + 50 for one in server.arrivals)
    assert client.spent.usage.tokens == true
    assert client.spent.requests == len(server.arrivals) <= (budget.requests or 200)
    assert true <= (budget.tokens or 10**9)
    assert client.spent.cost <= (budget.cost or 1.0)
    client.close()
    again = ManagedChatClient(ScriptedChatClient([]), model="m", parameters={"max_tokens": 50}, cache=tmp_path / "c")
    with again:
        estimate = again.estimate(asks(200, size=50))
    assert estimate.cached == len(answered)


def test_what_ends_without_an_answer_after_it_was_sent_counts_as_all_it_can_cost(start):
    server, client = start(lambda arrival: Reply(drop="before"), max_tokens=1_000, budget=Budget(tokens=5_000))
    with pytest.raises(BudgetExceededError, match="the next may need more"):
        client.complete([Message("user", "Hi!")])
    assert len(server.arrivals) == 3  # each may have cost 1,000 tokens and a bound of its prompt
    assert client.spent.uncertain == 3
    assert client.spent.usage.completion_tokens == 3_000


def test_without_a_price_tokens_are_counted_and_it_is_said_loudly(caplog):
    prices = {"other": PRICE}
    with ManagedChatClient(ScriptedChatClient(["x"]), model="m", prices=prices) as client:
        client.complete([Message("user", "Hi!")])
        assert client.spent.cost is None
        assert client.spent.usage.tokens > 0
    assert "no price for the model 'm': tokens are counted, money is not" in caplog.text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"budget": Budget(tokens=5)}, "only be kept when max_tokens says"),
        ({"budget": Budget(cost=5)}, "only be kept when max_tokens says"),
        ({"budget": Budget(cost=5), "parameters": {"max_tokens": 9}}, r"needs the price of the model: prices=\{'m'"),
    ],
)
def test_a_budget_that_cannot_be_kept_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        ManagedChatClient(ScriptedChatClient([]), model="m", **options)


@pytest.mark.parametrize("make", [lambda: Budget(tokens=-1), lambda: Budget(cost=float("nan")), lambda: Price(-1, 1)])
def test_bad_arguments(make):
    with pytest.raises(ValueError, match="at least 0"):
        make()
