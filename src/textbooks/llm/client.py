"""What a chat client is: messages in, one completion out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from textbooks.errors import CompletionError

__all__ = ["Answer", "BatchChatClient", "ChatClient", "ChatRequest", "Completion", "Message", "Usage", "as_request"]

_ROLES = ("system", "user", "assistant")


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation.

    Attributes
    ----------
    role : {"system", "user", "assistant"}
        Who speaks.
    content : str
        What is said.
    """

    role: Literal["system", "user", "assistant"]
    content: str

    def __post_init__(self) -> None:
        if self.role not in _ROLES:
            msg = f"role must be one of {', '.join(_ROLES)}, got {self.role!r}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a completion cost, in tokens of the model.

    Attributes
    ----------
    prompt_tokens : int
        Tokens of the messages.
    completion_tokens : int
        Tokens of the answer, with those of its reasoning.
    cached_tokens : int
        How many of the `prompt_tokens` the server had in a cache of its own; they cost less.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cached_tokens + other.cached_tokens,
        )

    @property
    def tokens(self) -> int:
        """Tokens of the messages and of the answer."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's answer.

    Attributes
    ----------
    text : str
        The answer as it came.
    usage : Usage
        What it cost; zeros where the client does not know.
    parsed : object
        With a schema, the value of the answer's JSON, which a client may or may not have checked against the schema;
        None without a schema or where the answer holds no JSON.
    model : str
        Name of the model that answered; empty where the client does not know.
    finish_reason : str
        Why the model stopped, such as ``"stop"`` or ``"length"``; empty where the client does not know.
    cached : bool
        Whether it comes from the client's own cache, and cost nothing this time. It has no say in equality.
    """

    text: str
    usage: Usage = field(default_factory=Usage)
    parsed: Any = None
    model: str = ""
    finish_reason: str = ""
    cached: bool = field(default=False, compare=False)


Answer = Completion | CompletionError
"""What becomes of a request: an answer, or the error that stands in its place."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What to ask.

    Attributes
    ----------
    messages : tuple of Message
        The conversation so far, at least one message.
    schema : mapping or None
        A JSON Schema that the answer should follow; None for free text.
    """

    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "messages", tuple(self.messages))
        if not self.messages:
            msg = "messages must hold at least one message, got none"
            raise ValueError(msg)


def as_request(request: ChatRequest | Sequence[Message], schema: Mapping[str, Any] | None = None) -> ChatRequest:
    """Return a request as it is, and a conversation as the request for its completion."""
    return request if isinstance(request, ChatRequest) else ChatRequest(tuple(request), schema)


@runtime_checkable
class ChatClient(Protocol):
    """Anything that answers messages: a network client, a local model, a script.

    A client that is used with several workers is called from several threads.
    """

    def complete(self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None = None) -> Completion:
        """Return the model's answer to a conversation.

        Parameters
        ----------
        messages : sequence of Message
            The conversation so far, at least one message.
        schema : mapping or None, default=None
            A JSON Schema that the answer should follow; None for free text.

        Raises
        ------
        CompletionError
            If there is no answer; its `retryable` says whether asking again may help.
        """
        ...


@runtime_checkable
class BatchChatClient(ChatClient, Protocol):
    """A chat client with a way of its own to have many requests under way."""

    def as_completed(self, requests: Iterable[ChatRequest]) -> Iterator[tuple[int, Answer]]:
        """Yield the number of each request, counted from 0, and what became of it, as they come.

        A request without an answer yields its `CompletionError` and stops no other.
        """
        ...
