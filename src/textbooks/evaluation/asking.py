"""Asking a language model many things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from textbooks.errors import CompletionError
from textbooks.llm import ChatClient, Completion, Message

__all__ = ["ask_all", "fenced"]


def ask_all(
    client: ChatClient, requests: Sequence[Sequence[Message]], *, schema: Mapping[str, Any], workers: int
) -> list[Completion | CompletionError]:
    """Return the answer to every request in order, and where there is none, the error.

    So that one refusal does not lose the answers that were paid for, errors are returned.

    Raises
    ------
    CompletionError
        The first of them, if no request got an answer.
    """

    def ask(messages: Sequence[Message]) -> Completion | CompletionError:
        try:
            return client.complete(messages, schema=schema)
        except CompletionError as error:
            return error

    pool = ThreadPoolExecutor(max_workers=workers)
    try:
        answers = list(pool.map(ask, requests))
    finally:
        pool.shutdown(cancel_futures=True)
    failed = [answer for answer in answers if isinstance(answer, CompletionError)]
    if failed and len(failed) == len(answers):
        raise failed[0]
    return answers


def fenced(text: str) -> str:
    """Return the text between fences that it cannot close itself."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text.rstrip()}\n{fence}"
