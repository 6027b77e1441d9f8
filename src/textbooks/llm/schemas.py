"""Answers that follow a JSON Schema: found among what a model says, checked, and asked for once more."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from textbooks.errors import MalformedAnswerError, MissingExtraError, RefusedAnswerError, UnknownRequestError
from textbooks.llm.client import ChatRequest, Completion, Message

__all__ = ["Conversation", "check_schema", "conversation", "find_answer", "instruction", "is_strict", "violation"]

Conversation = Generator[ChatRequest, Completion, Completion]
"""What to ask, one request at a time, each answered by its completion; returns the final one."""

_REFUSED = ("content_filter", "refusal")
_CUT_OFF = ("length",)
_THOUGHTS = "</think>"
_START = re.compile(r"[{\[]")
_MOST_STARTS = 100  # a text full of braces must not take quadratic time


def conversation(request: ChatRequest) -> Conversation:
    """Have a request answered: by its schema, with at most one repair that shows the model its error.

    Raises
    ------
    RefusedAnswerError
        If the model refuses.
    MalformedAnswerError
        If the answer does not follow the schema, repaired or not; the error holds the last answer.
    """
    completion = _not_refused((yield request))
    if request.schema is None:
        return completion
    schema = json.dumps(request.schema)
    value, problem = find_answer(completion.text, schema)
    if not problem:
        return replace(completion, parsed=value)
    if completion.parsed is not None and not violation(completion.parsed, schema):
        return completion  # a client of another kind, whose text is not the whole of it
    try:
        repaired = _not_refused((yield _repair(request, completion, problem)))
    except UnknownRequestError as error:
        msg = f"the answer does not follow the schema, and no repair of it is known: {problem}"
        raise MalformedAnswerError(msg, completion=completion) from error
    both = replace(
        repaired, usage=completion.usage + repaired.usage, cached=completion.cached and repaired.cached, parsed=None
    )
    value, problem = find_answer(repaired.text, schema)
    if problem:
        msg = f"the answer does not follow the schema, nor does its repair: {problem}"
        raise MalformedAnswerError(msg, completion=both)
    return replace(both, parsed=value)


def _not_refused(completion: Completion) -> Completion:
    if completion.finish_reason in _REFUSED:
        said = f": {completion.text!r:.200}" if completion.text else ""
        msg = f"the model gave no answer ({completion.finish_reason}){said}"
        raise RefusedAnswerError(msg)
    return completion


def _repair(request: ChatRequest, completion: Completion, problem: str) -> ChatRequest:
    if completion.finish_reason in _CUT_OFF:
        problem = f"it was cut off for its length. Answer more briefly. ({problem})"
    asked = (
        f"Your answer cannot be used: {problem}\n"
        "Answer again, with one JSON value that follows this JSON Schema and nothing else:\n"
        f"{json.dumps(request.schema)}"
    )
    turns = (Message("assistant", completion.text or "(empty)"), Message("user", asked))
    return ChatRequest((*request.messages, *turns), request.schema)


def find_answer(text: str, schema: str) -> tuple[object, str]:
    """Return the value in a model's answer that follows a schema, and why there is none (empty where there is one).

    Looked at are the whole answer, and every JSON object and array in it; of several that follow the schema the last
    counts, as models think before they answer. What stands before ``</think>`` is no answer.

    Parameters
    ----------
    text : str
        The answer.
    schema : str
        The schema, as JSON.
    """
    said = text.rpartition(_THOUGHTS)[2]
    checked = [(value, violation(value, schema)) for value in _values(said)]
    found = [value for value, problem in checked if not problem]
    if found:
        return found[-1], ""
    if checked:
        return None, checked[-1][1]
    return None, "it ends in the middle of a JSON value" if _START.search(said) else "it holds no JSON value"


def _values(text: str) -> Iterator[object]:
    """Yield the JSON values in a text: all of it if it is one, else what stands in it from left to right."""
    try:
        yield json.loads(text)
    except (ValueError, RecursionError):
        yield from _values_within(text)


def _values_within(text: str) -> Iterator[object]:
    """Yield the JSON objects and arrays in a text from left to right."""
    decoder, position = json.JSONDecoder(), 0
    for _ in range(_MOST_STARTS):
        start = _START.search(text, position)
        if not start:
            return
        try:
            value, position = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            position = start.start() + 1
            continue
        yield value


def violation(value: object, schema: str) -> str:
    """Return how a value violates a schema (as JSON), in one line; empty if it follows it."""
    from jsonschema.exceptions import best_match

    error = best_match(_validator(schema).iter_errors(value))
    if error is None:
        return ""
    return f"at {error.json_path}: {' '.join(error.message.split())[:300]}"


def check_schema(schema: Mapping[str, Any]) -> None:
    """Raise unless this is a JSON Schema, and unless there is what checks it.

    Raises
    ------
    MissingExtraError
        If jsonschema is not installed.
    ValueError
        If it is no schema.
    """
    _validator(json.dumps(schema))


@lru_cache(maxsize=64)
def _validator(schema: str) -> Any:  # noqa: ANN401 - the library has no stubs
    try:
        import jsonschema
        from referencing import Registry
    except ImportError as error:
        package = "jsonschema"
        raise MissingExtraError(package, extra="llm", used_by="an answer by a schema") from error
    value = json.loads(schema)
    kind = jsonschema.validators.validator_for(value, default=jsonschema.Draft202012Validator)
    try:
        kind.check_schema(value)
    except jsonschema.SchemaError as error:
        msg = f"schema must be a JSON Schema: {' '.join(error.message.split())[:300]}"
        raise ValueError(msg) from error
    return kind(value, registry=Registry())  # an empty registry: a reference to another place is never fetched


def instruction(schema: Mapping[str, Any]) -> str:
    """Return the words that ask for an answer by a schema, for servers that cannot be told otherwise."""
    return f"Answer with one JSON value that follows this JSON Schema, and nothing else:\n{json.dumps(schema)}"


def is_strict(schema: object) -> bool:
    """Whether a server's strict mode takes a schema: every object names all its properties and requires them."""
    if isinstance(schema, Mapping):
        if schema.get("type") == "object" or "properties" in schema:
            properties = schema.get("properties", {})
            if schema.get("additionalProperties") is not False or {*schema.get("required", ())} != {*properties}:
                return False
        return all(map(is_strict, schema.values()))
    return all(map(is_strict, schema)) if isinstance(schema, list | tuple) else True
