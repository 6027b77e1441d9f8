"""One request to an OpenAI-compatible server, and its answer or its failure by kind."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from textbooks.errors import (
    AnswerTimeoutError,
    CompletionError,
    ConnectionLostError,
    ContextTooLongError,
    MalformedAnswerError,
    MissingExtraError,
    RateLimitError,
    RefusedAnswerError,
    RefusedKeyError,
    RefusedRequestError,
    ServerError,
    ServerUnreachableError,
)
from textbooks.llm.client import ChatRequest, Completion, Usage
from textbooks.llm.retrying import parse_retry_after
from textbooks.llm.schemas import instruction, is_strict
from textbooks.llm.transport import FormatRefused

__all__ = ["FORMATS", "NO_KEY", "OpenAITransport", "Server", "to_completion", "to_error", "to_usage"]

FORMATS = ("json_schema", "json_object", "words")
"""How an answer by a schema can be asked for, best first: each server takes the later ones."""

NO_KEY = "none"
"""What is sent where there is no key: servers on one's own machine ask for none, and the library insists."""

_NOT_SENT = ("ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "LocalProtocolError")
_OF_THE_FORMAT = re.compile(r"response_format|json_schema|json_object|structured|schema|grammar|guided", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context[ _](length|window|size)|maximum (context|input|model)[ \w]*len|too (many tokens|long)|context_length",
    re.IGNORECASE,
)
_USED_UP = re.compile(r"insufficient_quota|billing|credit", re.IGNORECASE)
_MOST_OF_A_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class Server:
    """Where and what to ask.

    Attributes
    ----------
    base_url : str
        Where the server is, with the path that stands before ``/chat/completions``.
    key : str
        What the server takes as its key; never shown.
    model : str
        Name of the model.
    parameters : mapping
        What else a request holds.
    timeout : float
        Seconds that one attempt may take.
    concurrency : int
        Most connections.
    """

    base_url: str
    key: str = field(repr=False)
    model: str
    parameters: Mapping[str, Any]
    timeout: float
    concurrency: int


class OpenAITransport:
    """Carries requests to an OpenAI-compatible server, through the library `openai` with its own repetitions off.

    Parameters
    ----------
    server : Server
        Whom to ask.
    answer_format : {"json_schema", "json_object", "words"}
        How to ask for an answer by a schema. What the server refuses is not tried again.
    used_by : str
        Who needs the library.
    """

    def __init__(self, server: Server, answer_format: str, *, used_by: str) -> None:
        try:
            import openai
        except ImportError as error:
            package = "openai"
            raise MissingExtraError(package, extra="llm", used_by=used_by) from error
        self._openai = openai
        self.server = server
        self.answer_format = answer_format
        self._client = openai.AsyncOpenAI(
            base_url=server.base_url, api_key=server.key, max_retries=0, timeout=server.timeout
        )

    async def ask(self, request: ChatRequest) -> Completion:
        """Return the answer as it comes, unchecked.

        Raises
        ------
        CompletionError
            If there is none.
        FormatRefused
            If the server does not know the form in which the answer was asked for.
        """
        used = self.answer_format
        try:
            async with asyncio.timeout(self.server.timeout):
                content = await self._send(request, used)
        except TimeoutError as error:
            msg = f"no answer within {self.server.timeout:g} s"
            raise AnswerTimeoutError(msg) from error
        except self._openai.OpenAIError as error:
            found = self._error(error)
            if request.schema is not None and _refuses_format(found, error) and used != FORMATS[-1]:
                if self.answer_format == used:
                    self.answer_format = FORMATS[FORMATS.index(used) + 1]
                raise FormatRefused from error
            raise found from None  # the original holds the request with its key
        return to_completion(content)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _send(self, request: ChatRequest, answer_format: str) -> bytes:
        messages, response_format = _body(request, answer_format)
        response = await self._client.chat.completions.with_raw_response.create(
            model=self.server.model,
            messages=messages,  # type: ignore[arg-type]
            extra_body={**self.server.parameters, **response_format},
        )
        return bytes(response.content)

    def _error(self, error: Exception) -> CompletionError:
        openai, hidden = self._openai, self._hidden
        if isinstance(error, openai.APIStatusError):
            return to_error(error.status_code, hidden(error.response.text), error.response.headers)
        if isinstance(error, openai.APIConnectionError):
            cause = type(error.__cause__).__name__
            what = hidden(f"{cause}: {error.__cause__}")
            if cause in _NOT_SENT:
                return ServerUnreachableError(f"no connection to {self.server.base_url}: {what}")
            if isinstance(error, openai.APITimeoutError):
                return AnswerTimeoutError(f"no answer within {self.server.timeout:g} s")
            return ConnectionLostError(f"the connection to {self.server.base_url} broke: {what}")
        return MalformedAnswerError(hidden(f"{type(error).__name__}: {error}"), retryable=True)

    def _hidden(self, text: str) -> str:
        """Return a text without the key."""
        return text.replace(self.server.key, "***") if self.server.key != NO_KEY else text


def _refuses_format(found: CompletionError, error: Exception) -> bool:
    status = getattr(error, "status_code", 0)
    mistaken = isinstance(found, RefusedRequestError) and not isinstance(found, ContextTooLongError)
    return mistaken and status in (400, 422, 501) and bool(_OF_THE_FORMAT.search(str(found)))


def _body(request: ChatRequest, answer_format: str) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """Return the messages to send, and the member that asks for a form of the answer."""
    messages = [{"role": message.role, "content": message.content} for message in request.messages]
    schema = request.schema
    if schema is None:
        return messages, {}
    if answer_format == "json_schema":
        form = {"name": "answer", "schema": dict(schema), "strict": is_strict(schema)}
        return messages, {"response_format": {"type": "json_schema", "json_schema": form}}
    # To the last message, as some templates take a system's message only at the start.
    messages[-1]["content"] += "\n\n" + instruction(schema)
    of_object = answer_format == "json_object" and schema.get("type", "object") == "object"
    return messages, {"response_format": {"type": "json_object"}} if of_object else {}


def to_error(status: int, body: str, headers: Mapping[str, str]) -> CompletionError:
    """Return the failure that a status other than success stands for."""
    retry_after = parse_retry_after({name.lower(): value for name, value in headers.items()}, time.time())
    msg = f"the server answered {status}: {_message(body)}"
    if status == 429:
        return RateLimitError(msg, retryable=not _USED_UP.search(body), retry_after=retry_after)
    if status in (401, 403):
        return RefusedKeyError(msg)
    if status in (408, 409, 425) or (status >= 500 and status != 501):
        return ServerError(msg, retry_after=retry_after)
    if "content_filter" in body or "content management policy" in body:
        return RefusedAnswerError(msg)
    return (ContextTooLongError if status == 413 or _TOO_LONG.search(body) else RefusedRequestError)(msg)


def _message(body: str) -> str:
    """Return what the body of a failure says, in one line."""
    said: object = body
    try:
        value = json.loads(body)
        error = value.get("error", value) if isinstance(value, Mapping) else value
        said = error.get("message") or error.get("detail") or error if isinstance(error, Mapping) else error
    except (ValueError, RecursionError):
        pass
    return " ".join(str(said).split())[:_MOST_OF_A_MESSAGE] or "(nothing)"


def to_completion(content: bytes) -> Completion:
    """Return the completion that the body of a successful answer holds.

    Raises
    ------
    MalformedAnswerError
        If it holds none.
    ServerError
        If it holds an error.
    """
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        msg = f"the server's answer is no JSON: {content[:200]!r}"
        raise MalformedAnswerError(msg, retryable=True) from None
    if isinstance(body, Mapping) and body.get("error") and not body.get("choices"):
        msg = f"the server answered with an error: {_message(content.decode(errors='replace'))}"
        raise ServerError(msg)
    choices = body.get("choices") if isinstance(body, Mapping) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, Mapping) else None
    if not isinstance(choice, Mapping) or not isinstance(message, Mapping):
        msg = f"the server's answer holds no message: {content[:200]!r}"
        raise MalformedAnswerError(msg, retryable=True)
    text = _text(message.get("content"))
    finish_reason = str(choice.get("finish_reason") or "")
    if message.get("refusal") and not text:
        text, finish_reason = str(message["refusal"]), "refusal"
    return Completion(text, to_usage(body.get("usage"), text), None, str(body.get("model") or ""), finish_reason)


def _text(content: object) -> str:
    """Return the text of a message, which may come in parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, Sequence) else ()
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, Mapping))


def to_usage(usage: object, text: str) -> Usage:
    """Return a server's figures, or zeros where they are missing or make no sense."""
    if not isinstance(usage, Mapping):
        return Usage()
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    if not prompt or completion is None or (text and not completion):
        return Usage()
    details = usage.get("prompt_tokens_details")
    cached = _count(details.get("cached_tokens")) if isinstance(details, Mapping) else 0
    return Usage(prompt, completion, min(cached or 0, prompt))


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_count else None  # type: ignore[return-value]
