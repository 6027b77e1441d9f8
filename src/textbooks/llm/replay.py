"""Answers of an earlier run: recorded to a file, and given again without asking anyone."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from textbooks.errors import InputError, MalformedAnswerError, OutputError, UnknownRequestError
from textbooks.llm.batching import answer_all
from textbooks.llm.client import Answer, ChatClient, ChatRequest, Completion, Message
from textbooks.llm.completions import CompletionCache, completion_from, completion_to, request_key
from textbooks.llm.managed import ManagedChatClient
from textbooks.llm.schemas import conversation

__all__ = ["RecordingChatClient", "ReplayChatClient"]

_LOG = logging.getLogger(__name__)


class ReplayChatClient:
    """Answers as an earlier run was answered; asks no model and no network.

    Parameters
    ----------
    recording : path
        What `RecordingChatClient` wrote, read on first use. Of several answers to a request the last counts.

    See Also
    --------
    ReplayChatClient.of_cache : the answers that a client's cache holds.
    """

    def __init__(self, recording: str | os.PathLike[str]) -> None:
        self.recording = recording
        self._find: Callable[[ChatRequest], Completion | None] | None = None
        self._lock = threading.Lock()

    @classmethod
    def of_cache(cls, client: ManagedChatClient) -> Self:
        """Return a client that answers what another's cache can answer, by its model and parameters.

        Raises
        ------
        ValueError
            If the client has no cache.
        """
        if client.cache is None:
            msg = "the client must have a cache, got one with cache=None"
            raise ValueError(msg)
        made = cls(client.cache)
        cache = CompletionCache(client.cache)
        identity = client._identity()

        def find(request: ChatRequest) -> Completion | None:
            """Look into the cache."""
            key = request_key(request, identity)
            return cache.get([key]).get(key)

        made._find = find
        return made

    def complete(self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None = None) -> Completion:
        """Return the recorded answer; with a schema, `parsed` follows it.

        Raises
        ------
        UnknownRequestError
            If the request was not recorded.
        CompletionError
            If what was recorded is a refusal, or does not follow the schema.
        InputError
            If the recording cannot be read.
        """
        asked = conversation(ChatRequest(tuple(messages), schema))
        wanted = next(asked)
        while True:
            found = self._lookup(wanted)
            try:
                wanted = asked.throw(self._unknown(wanted)) if found is None else asked.send(found)
            except StopIteration as end:
                final: Completion = end.value
                return final

    def _lookup(self, request: ChatRequest) -> Completion | None:
        with self._lock:
            if self._find is None:
                known = dict(_read(Path(self.recording)))
                self._find = lambda wanted: known.get(request_key(wanted))
            return self._find(request)

    def _unknown(self, request: ChatRequest) -> UnknownRequestError:
        shape = "with a schema" if request.schema is not None else "without a schema"
        last = request.messages[-1].content
        return UnknownRequestError(f"{os.fspath(self.recording)!r} holds no answer {shape} to {last!r:.200}")


def _read(path: Path) -> Iterator[tuple[bytes, Completion]]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        msg = f"cannot read the recording {str(path)!r}: {error.strerror}"
        raise InputError(msg) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            messages = tuple(Message(**message) for message in record["messages"])
            request = ChatRequest(messages, record.get("schema"))
            yield request_key(request), completion_from(record["completion"])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            if number == len(lines):  # what follows the last newline is torn by a kill
                _LOG.warning("%s: line %d is torn and left out", path, number)
                continue
            msg = f"{str(path)!r}, line {number}: this is no record of a request and its answer ({error})"
            raise InputError(msg) from error


class RecordingChatClient:
    """Asks another client, and writes down what it answers.

    Parameters
    ----------
    client : ChatClient
        Whom to ask.
    recording : path
        JSON Lines to add to, one record an answer: ``messages``, ``schema``, ``completion``. Errors are not recorded;
        an answer that does not follow its schema is, and will not follow it in a replay either.
    """

    def __init__(self, client: ChatClient, recording: str | os.PathLike[str]) -> None:
        self.client, self.recording = client, recording
        self._lock = threading.Lock()

    def complete(self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None = None) -> Completion:
        """Return the client's answer, once it is written down.

        Raises
        ------
        CompletionError
            If there is no answer.
        OutputError
            If it cannot be written.
        """
        request = ChatRequest(tuple(messages), schema)
        try:
            completion = self.client.complete(messages, schema=schema)
        except MalformedAnswerError as error:
            self._note(request, error)
            raise
        self._note(request, completion)
        return completion

    def as_completed(self, requests: Iterable[ChatRequest]) -> Iterator[tuple[int, Answer]]:
        """Yield the number of each request and what became of it, as they come, once it is written down."""
        sent: dict[int, ChatRequest] = {}

        def noted() -> Iterator[ChatRequest]:
            """Remember what is sent until it is answered."""
            for number, request in enumerate(requests):
                sent[number] = request
                yield request

        for number, found in answer_all(self.client, noted()):
            self._note(sent.pop(number), found)
            yield number, found

    def _note(self, request: ChatRequest, found: Answer) -> None:
        completion = found.completion if isinstance(found, MalformedAnswerError) else found
        if not isinstance(completion, Completion):
            return
        messages = [asdict(message) for message in request.messages]
        record = {"messages": messages, "schema": request.schema, "completion": completion_to(completion)}
        line = json.dumps(record, default=repr).encode() + b"\n"
        path = Path(self.recording)
        try:
            with self._lock, path.open("ab", buffering=0) as file:
                file.write(line)
        except OSError as error:
            msg = f"cannot write the recording {str(path)!r}: {error.strerror}"
            raise OutputError(msg) from error
