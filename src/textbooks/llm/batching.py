"""Many requests at a time, to any client: bounded, as they come or in order, and no answer lost to a failure."""

from __future__ import annotations

import contextlib
import queue
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from functools import partial

from textbooks.errors import CompletionError
from textbooks.llm.client import Answer, BatchChatClient, ChatClient, ChatRequest

__all__ = ["answer", "answer_all", "answer_in_order", "in_order", "unordered"]

Submit = Callable[[ChatRequest], "Future[Answer]"]


def answer(client: ChatClient, request: ChatRequest) -> Answer:
    """Return a client's answer to a request, or the error that stands in its place."""
    try:
        return client.complete(request.messages, schema=request.schema)
    except CompletionError as error:
        return error


def answer_all(
    client: ChatClient, requests: Iterable[ChatRequest], *, workers: int | None = None
) -> Iterator[tuple[int, Answer]]:
    """Yield the number of each request and what became of it, as they come.

    Parameters
    ----------
    client : ChatClient
        Whom to ask. A `BatchChatClient` asks in its own way, and has as many under way as it was told; any other is
        called from threads.
    requests : iterable of ChatRequest
        What to ask. They are drawn as there is room.
    workers : int or None, default=None
        Requests to have under way at a time; None for 1, and for a `BatchChatClient` its own number.
    """
    if workers is None and isinstance(client, BatchChatClient):
        yield from client.as_completed(requests)
        return
    count = workers or 1
    with ThreadPoolExecutor(max_workers=count) as pool:
        yield from unordered(lambda request: pool.submit(answer, client, request), requests, window=count)


def answer_in_order(
    client: ChatClient, requests: Iterable[ChatRequest], *, workers: int | None = None
) -> Iterator[Answer]:
    """Yield what became of each request, in their order.

    Parameters
    ----------
    client, requests, workers
        As those of `answer_all`. A client with a `complete_all` of its own decides how far ahead it asks; what another
        `BatchChatClient` answers before its turn is held.
    """
    if workers is None and (complete_all := getattr(client, "complete_all", None)):
        yield from complete_all(requests)
    elif workers is None and isinstance(client, BatchChatClient):
        yield from _sorted(client.as_completed(requests))
    else:
        count = workers or 1
        with ThreadPoolExecutor(max_workers=count) as pool:
            yield from in_order(lambda request: pool.submit(answer, client, request), requests, window=count)


def _sorted(found: Iterator[tuple[int, Answer]]) -> Iterator[Answer]:
    held: dict[int, Answer] = {}
    due = 0
    for number, one in found:
        held[number] = one
        while due in held:
            yield held.pop(due)
            due += 1


def unordered(submit: Submit, requests: Iterable[ChatRequest], *, window: int) -> Iterator[tuple[int, Answer]]:
    """Yield the number of each request and what became of it, as they come, with at most `window` under way.

    When something else than an answer comes of one, or the wait is interrupted, no further request is sent; those that
    are under way are waited for and yielded, and then the exception is raised: it costs no answer.
    """
    done: queue.SimpleQueue[tuple[int, Future[Answer]]] = queue.SimpleQueue()
    waiting = enumerate(requests)
    running: dict[int, Future[Answer]] = {}

    def fill() -> None:
        """Send requests while there is room."""
        while len(running) < window:
            number, request = next(waiting, (None, None))
            if number is None or request is None:
                return
            running[number] = submit(request)
            running[number].add_done_callback(partial(_note, done, number))

    try:
        fill()
        while running:
            number, future = done.get()
            found = future.result()
            del running[number]
            yield number, found
            fill()
    except GeneratorExit:
        raise
    except BaseException:
        yield from _finished(running)
        raise
    finally:
        for future in running.values():
            future.cancel()


def _note(done: queue.SimpleQueue[tuple[int, Future[Answer]]], number: int, future: Future[Answer]) -> None:
    done.put((number, future))


def _finished(running: dict[int, Future[Answer]]) -> Iterator[tuple[int, Answer]]:
    """Wait for what is under way, and yield the answers among what comes of it."""
    for number, future in list(running.items()):
        with contextlib.suppress(Exception, CancelledError):
            yield number, future.result()


def in_order(submit: Submit, requests: Iterable[ChatRequest], *, window: int) -> Iterator[Answer]:
    """Yield what became of each request, in their order, with at most `window` sent and not yet yielded."""
    running: deque[Future[Answer]] = deque()
    try:
        for request in requests:
            running.append(submit(request))
            if len(running) >= window:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        for future in running:
            future.cancel()
