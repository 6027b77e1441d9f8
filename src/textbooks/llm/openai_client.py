"""The client for OpenAI-compatible servers: OpenAI, vLLM, SGLang, Ollama, llama.cpp, `transformers serve`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from textbooks.errors import RefusedKeyError
from textbooks.llm.completions import identity_of
from textbooks.llm.managed import ManagedChatClient
from textbooks.llm.money import Budget, Price
from textbooks.llm.openai_transport import FORMATS, NO_KEY, OpenAITransport, Server
from textbooks.llm.retrying import RetryPolicy
from textbooks.llm.transport import Transport

__all__ = ["OpenAIChatClient"]

_OPENAI = "https://api.openai.com/v1"
_KEY_OF_OPENAI = "OPENAI_API_KEY"
_KEY_OF_OTHERS = "TEXTBOOKS_API_KEY"


class OpenAIChatClient(ManagedChatClient):
    """Asks a model behind an OpenAI-compatible endpoint for chat completions. Needs the extra ``[llm]``.

    Parameters
    ----------
    model : str
        Name of the model, as the server knows it.
    base_url : str or None, default=None
        Where the server is, such as ``http://localhost:8000/v1``; without a path, ``/v1`` is added. None for OpenAI.
    api_key : str or None, default=None
        The key. None reads ``OPENAI_API_KEY`` from the environment for OpenAI, and ``TEXTBOOKS_API_KEY`` for any
        other server, so that a key is never sent to a server that it was not meant for. It is neither logged nor
        kept, and does not travel to another process: there the environment is read.
    temperature : float or None, default=None
        At least 0; None leaves it to the server.
    max_tokens : int or None, default=None
        Most tokens of an answer, at least 1; None leaves it to the server.
    parameters : mapping or None, default=None
        Further members of the request, as JSON types, such as ``{"seed": 1, "top_p": 0.9}``.
    timeout : float, default=120.0
        Seconds that one attempt may take, above 0.
    answer_format : {"json_schema", "json_object", "words"}, default="json_schema"
        How an answer by a schema is asked for. Where the server refuses one, the next is used from then on.
    cache, concurrency, requests_per_minute, tokens_per_minute, retry, budget, prices, seed
        As of `ManagedChatClient`.

    Raises
    ------
    ValueError
        If an argument is out of range, or a budget cannot be kept.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        parameters: Mapping[str, Any] | None = None,
        timeout: float = 120.0,
        answer_format: Literal["json_schema", "json_object", "words"] = "json_schema",
        cache: str | os.PathLike[str] | None = None,
        concurrency: int = 16,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        retry: RetryPolicy | None = None,
        budget: Budget | None = None,
        prices: Mapping[str, Price] | None = None,
        seed: int = 0,
    ) -> None:
        _check(base_url, temperature, max_tokens, timeout, answer_format)
        self.base_url, self.temperature, self.max_tokens = base_url, temperature, max_tokens
        self.timeout, self.answer_format = timeout, answer_format
        self._api_key = api_key
        super().__init__(
            None,
            model=model,
            parameters=parameters,
            cache=cache,
            concurrency=concurrency,
            requests_per_minute=requests_per_minute,
            tokens_per_minute=tokens_per_minute,
            retry=retry,
            budget=budget,
            prices=prices,
            seed=seed,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.model!r}, base_url={self.base_url!r})"

    def __getstate__(self) -> dict[str, Any]:
        """Return what travels to another process: the arguments without the key."""
        return super().__getstate__() | {"_api_key": None}

    def _identity(self) -> str:
        return identity_of(self.model, self._members())

    def _max_tokens(self) -> int | None:
        return self.max_tokens

    def _members(self) -> dict[str, Any]:
        """Return what a request holds beside model, messages and form; what is None is left out."""
        # OpenAI's newer models refuse the old name, and other servers may not know the new one.
        most = "max_completion_tokens" if self.base_url is None else "max_tokens"
        members = {"temperature": self.temperature, most: self.max_tokens}
        return {name: value for name, value in members.items() if value is not None} | dict(self.parameters or {})

    def _transport(self) -> Transport:
        server = Server(
            _with_path(self.base_url or _OPENAI),
            self._find_key(),
            self.model,
            self._members(),
            self.timeout,
            self.concurrency,
        )
        return OpenAITransport(server, self.answer_format, used_by=type(self).__name__)

    def _find_key(self) -> str:
        variable = _KEY_OF_OPENAI if self.base_url is None else _KEY_OF_OTHERS
        key = self._api_key or os.environ.get(variable)
        if key is None and self.base_url is None:
            msg = f"there is no key: set {variable}, give api_key=, or give the base_url= of another server"
            raise RefusedKeyError(msg)
        return key or NO_KEY


def _check(
    base_url: str | None, temperature: float | None, max_tokens: int | None, timeout: float, answer_format: str
) -> None:
    """Raise unless the arguments are in range."""
    if base_url is not None and (urlsplit(base_url).scheme not in ("http", "https") or not urlsplit(base_url).netloc):
        msg = f"base_url must be a URL such as 'http://localhost:8000/v1', got {base_url!r}"
        raise ValueError(msg)
    if temperature is not None and not temperature >= 0:
        msg = f"temperature must be at least 0, got {temperature!r}"
        raise ValueError(msg)
    if max_tokens is not None and max_tokens < 1:
        msg = f"max_tokens must be at least 1, got {max_tokens!r}"
        raise ValueError(msg)
    if not timeout > 0:
        msg = f"timeout must be above 0 seconds, got {timeout!r}"
        raise ValueError(msg)
    if answer_format not in FORMATS:
        msg = f"answer_format must be one of {', '.join(FORMATS)}, got {answer_format!r}"
        raise ValueError(msg)


def _with_path(base_url: str) -> str:
    return base_url.rstrip("/") + ("" if urlsplit(base_url).path.strip("/") else "/v1")
