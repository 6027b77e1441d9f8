"""What carries one request to a model and its answer back, once, with nothing around it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from textbooks.llm.client import ChatClient, ChatRequest, Completion

__all__ = ["ClientTransport", "FormatRefused", "Transport"]


class FormatRefused(Exception):  # noqa: N818 - it says to go on otherwise, at once
    """The server does not know the form in which an answer was asked for; the next time it is asked in another."""


class Transport(Protocol):
    """Carries requests, in one event loop."""

    async def ask(self, request: ChatRequest) -> Completion:
        """Return the answer as it comes, unchecked.

        Raises
        ------
        CompletionError
            If there is none.
        FormatRefused
            If the same request is to be sent again at once.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class ClientTransport:
    """Carries requests to a synchronous client, in threads.

    Parameters
    ----------
    client : ChatClient
        The client.
    workers : int
        Most threads.
    """

    def __init__(self, client: ChatClient, workers: int) -> None:
        self._client = client
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="textbooks-llm")

    async def ask(self, request: ChatRequest) -> Completion:
        """Return the client's answer."""

        def complete() -> Completion:
            """Ask the client."""
            return self._client.complete(request.messages, schema=request.schema)

        return await asyncio.get_running_loop().run_in_executor(self._pool, complete)

    async def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False)
