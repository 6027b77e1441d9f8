"""The options of every command that asks a language model, and the client that they describe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from textbooks.llm import ChatClient, OpenAIChatClient, Price

__all__ = [
    "BaseUrl",
    "BudgetOption",
    "Concurrency",
    "DryRun",
    "MaxTokens",
    "Model",
    "PriceOption",
    "Replay",
    "RequestsPerMinute",
    "Temperature",
    "TokensPerMinute",
    "build_client",
]

_PRICES = 2

Model = Annotated[str, typer.Option(help="Name of the model, as its server knows it.")]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="OpenAI-compatible server, such as http://localhost:8000/v1 (vLLM, SGLang, Ollama, llama.cpp). "
        "Default: OpenAI, with the key in OPENAI_API_KEY.",
        show_default=False,
    ),
]
MaxTokens = Annotated[int, typer.Option(help="Longest answer, in tokens.")]
Temperature = Annotated[
    float | None, typer.Option(help="Sampling temperature. Default: the server's.", show_default=False)
]
Concurrency = Annotated[int, typer.Option(help="Requests to have under way at a time.")]
RequestsPerMinute = Annotated[float | None, typer.Option(help="Limit of the server.", show_default=False)]
TokensPerMinute = Annotated[float | None, typer.Option(help="Limit of the server.", show_default=False)]
BudgetOption = Annotated[
    float | None,
    typer.Option("--budget", help="Most money to spend; needs --price. The run stops cleanly.", show_default=False),
]
PriceOption = Annotated[
    str | None,
    typer.Option(
        "--price",
        metavar="IN/OUT",
        help="Price of a million tokens sent and received, such as 0.15/0.60.",
        show_default=False,
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what the run would ask and cost, and ask nothing.")]
Replay = Annotated[
    Path | None,
    typer.Option(
        metavar="RECORDING",
        help="Answer from a recording (JSON Lines of `RecordingChatClient`) and ask no server.",
        show_default=False,
    ),
]


def build_client(
    *,
    model: str,
    base_url: str | None,
    cache: Path,
    max_tokens: int,
    temperature: float | None,
    concurrency: int,
    requests_per_minute: float | None,
    tokens_per_minute: float | None,
    budget: float | None,
    price: str | None,
    replay: Path | None,
) -> ChatClient:
    """Return the client that the options describe: a server's, or that of a recording.

    Raises
    ------
    ValueError
        If an option is out of range.
    """
    from textbooks.llm import Budget, OpenAIChatClient, ReplayChatClient

    if replay is not None:
        return ReplayChatClient(replay)
    client: OpenAIChatClient = OpenAIChatClient(
        model,
        base_url=base_url,
        cache=cache,
        max_tokens=max_tokens,
        temperature=temperature,
        concurrency=concurrency,
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
        budget=None if budget is None else Budget(cost=budget),
        prices=None if price is None else {model: parse_price(price)},
    )
    return client


def parse_price(text: str) -> Price:
    """Return the price in a text such as ``0.15/0.60``.

    Raises
    ------
    ValueError
        If it is no such text.
    """
    from textbooks.llm import Price

    parts = text.split("/")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) != _PRICES:
        msg = f"--price must be two numbers with a slash between, such as 0.15/0.60, got {text!r}"
        raise ValueError(msg)
    return Price(*numbers)
