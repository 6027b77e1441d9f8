"""A chat client that answers from a script: for tests, examples and dry runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from textbooks.errors import CompletionError
from textbooks.llm.client import Completion, Message
from textbooks.llm.structured import extract_json

__all__ = ["ScriptedChatClient"]

Answer = str | Completion | Exception


class ScriptedChatClient:
    """Answers with what it was given, in order or by a function; asks no model and no network.

    Parameters
    ----------
    answers : iterable of (str, Completion or Exception), or callable
        The answers in order, each used once; or a function from the messages to an answer. An exception is raised.

    Attributes
    ----------
    requests : list of tuple of Message
        The conversations it was asked to complete, in order.

    Examples
    --------
    >>> client = ScriptedChatClient(["Hello."])
    >>> client.complete([Message("user", "Hi!")]).text
    'Hello.'
    """

    def __init__(self, answers: Iterable[Answer] | Callable[[Sequence[Message]], Answer]) -> None:
        if isinstance(answers, str):
            msg = f"answers must be a list of answers or a function, got the string {answers!r:.80}: put it in a list"
            raise TypeError(msg)
        self.answers = answers
        self.requests: list[tuple[Message, ...]] = []
        self._answers = None if callable(answers) else iter(answers)
        self._lock = threading.Lock()

    def complete(self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None = None) -> Completion:
        """Return the next answer; with a schema, `parsed` is the JSON in it, unchecked.

        Raises
        ------
        ValueError
            If there is no message.
        CompletionError
            If the script has ended.
        """
        if not messages:
            msg = "messages must hold at least one message, got none"
            raise ValueError(msg)
        answer = self._next(tuple(messages))
        if isinstance(answer, Exception):
            raise answer
        completion = Completion(answer) if isinstance(answer, str) else answer
        if schema is not None and completion.parsed is None:
            return replace(completion, parsed=extract_json(completion.text))
        return completion

    def _next(self, messages: tuple[Message, ...]) -> Answer:
        with self._lock:
            self.requests.append(messages)
            if self._answers is None:
                assert callable(self.answers)
                return self.answers(messages)
            try:
                return next(self._answers)
            except StopIteration:
                msg = f"the script has ended after {len(self.requests) - 1} answers"
                raise CompletionError(msg, retryable=False) from None
