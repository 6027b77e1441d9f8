"""Answers on the disk, so that no request is paid for twice."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from textbooks.cachefile import CacheFile
from textbooks.llm.client import ChatRequest, Completion, Usage

__all__ = ["CompletionCache", "completion_from", "completion_to", "identity_of", "request_key"]


def identity_of(model: str, parameters: Mapping[str, Any]) -> str:
    """Return what an answer depends on beside the request: model and parameters, as canonical JSON."""
    return _canonical({"model": model, "parameters": parameters})


def request_key(request: ChatRequest, identity: str = "") -> bytes:
    """Return the key of a request under an identity: SHA-256 over schema and messages, 32 bytes."""
    turns = [[message.role, message.content] for message in request.messages]
    content = f"{identity}\0{_canonical({'schema': request.schema, 'messages': turns})}"
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest()


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def completion_to(completion: Completion) -> dict[str, Any]:
    """Return a completion as a mapping of JSON types."""
    values = asdict(completion)
    del values["cached"]
    return values


def completion_from(values: Mapping[str, Any], *, cached: bool = False) -> Completion:
    """Return the completion that `completion_to` made a mapping of.

    Raises
    ------
    KeyError, TypeError
        If it is no such mapping.
    """
    return Completion(**{**values, "usage": Usage(**values["usage"]), "cached": cached})


class CompletionCache:
    """Keeps completions in one SQLite file, as `CacheFile` does; what it was given is on the disk when it returns.

    Parameters
    ----------
    path : path-like
        The file, made when it is missing; on a local disk.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        self._values = CacheFile(path, table="completions", column="completion", precious=True)

    def get(self, keys: Iterable[bytes]) -> dict[bytes, Completion]:
        """Return the completions that are known, by key.

        Raises
        ------
        OutputError
            If the file cannot be opened or read.
        """
        found = {}
        for key, value in self._values.read(list(keys)).items():
            try:
                found[key] = completion_from(json.loads(value), cached=True)
            except (ValueError, TypeError, KeyError):  # of another version: asked again, and replaced
                continue
        return found

    def put(self, completions: Mapping[bytes, Completion]) -> None:
        """Keep completions, by key: all or none.

        Raises
        ------
        OutputError
            If the file cannot be opened or written.
        """
        self._values.write(
            {key: json.dumps(completion_to(one), default=repr).encode() for key, one in completions.items()}
        )

    def remove(self, keys: Iterable[bytes]) -> None:
        """Forget completions.

        Raises
        ------
        OutputError
            If the file cannot be opened or written.
        """
        self._values.remove(keys)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._values.close()
