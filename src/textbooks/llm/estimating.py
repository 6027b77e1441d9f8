"""What a run will cost, before it begins."""

from __future__ import annotations

from dataclasses import dataclass

from textbooks.llm.client import Usage

__all__ = ["RunEstimate"]


@dataclass(frozen=True, slots=True)
class RunEstimate:
    """What a run will ask and cost, about.

    Attributes
    ----------
    requests : int
        Requests of the run.
    cached : int
        How many of them are answered by the cache, or by an equal request before them.
    usage : Usage
        Tokens that the others will use.
    cost : float or None
        Money that they will cost, in the currency of the prices; None where the price of the model is not known.
    answer_tokens : float
        Tokens of an answer that were assumed.
    basis : {"given", "measured", "max_tokens", "unknown"}
        What `answer_tokens` is: what the caller gave; the mean of the answers in the cache; the most that the client
        allows; or 0, as nothing is known.
    """

    requests: int
    cached: int
    usage: Usage
    cost: float | None
    answer_tokens: float
    basis: str

    def __str__(self) -> str:
        money = "price unknown" if self.cost is None else f"cost {self.cost:,.4f}"
        known = f"{self.answer_tokens:,.0f} an answer, {self.basis}"
        answers = "answers not counted" if self.basis == "unknown" else known
        return (
            f"{self.requests:,} requests, {self.cached:,} of them cached; about {self.usage.prompt_tokens:,} tokens to "
            f"send and {self.usage.completion_tokens:,} to receive ({answers}); {money}"
        )
