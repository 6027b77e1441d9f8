"""The side of the tests: what the candidate defines, reached by message; results are rebuilt here as plain data."""

from __future__ import annotations

import builtins
import importlib
from typing import Any

from .codec import DataError, dump, load
from .wire import Channel

__all__ = ["CandidateError", "Connection", "RemoteObject", "forget_messages", "message_of_candidate"]

_MODULES = frozenset(
    {"cmath", "collections", "copy", "datetime", "itertools", "math", "operator", "random", "re", "sys"}
)
"""Modules that tests may take over from the candidate by name; they are imported here, never sent."""


# A candidate cannot fail an assertion in the tests' name, nor end their loops; UnicodeError takes other arguments.
_NOT_RAISED = (AssertionError, UnicodeError, StopIteration, StopAsyncIteration)


class CandidateError(Exception):
    """The candidate raised something that is no built-in `Exception`."""


class ProgramError(Exception):
    """The candidate's program failed before anything could be called."""


_LENGTHS = {"['value']": 2, "['exception']": 3, "['failed']": 3}
_raised: list[tuple[BaseException, str]] = []


def forget_messages() -> None:
    """Start a new candidate: what the one before raised is of no more use."""
    _raised.clear()


def message_of_candidate(error: BaseException) -> str | None:
    """Return what the candidate's exception said, if this one was raised here in its place."""
    return next((message for one, message in _raised if one is error), None)


class RemoteObject:
    """Something that the candidate holds and that is no plain data: a function, a class, an instance.

    It can be called, and its attributes read and set. It equals itself alone and has no truth value, so that no
    object of the candidate's making can pass for a result.
    """

    __slots__ = ("_connection", "_id", "_kind")

    def __init__(self, connection: Connection, identity: int, kind: str) -> None:
        for name, value in (("_connection", connection), ("_id", identity), ("_kind", kind)):
            object.__setattr__(self, name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Have the candidate call it; what it raises is raised here as the built-in exception of that name."""
        return self._connection.ask("call", self, args, kwargs)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        if name.startswith("__"):
            raise AttributeError(name)
        return self._connection.ask("get", self, name)

    def __setattr__(self, name: str, value: object) -> None:
        self._connection.ask("set", self, name, value)

    def __bool__(self) -> bool:
        msg = f"the candidate returned a {self._kind!r}, which is no plain data and has no truth value here"
        raise TypeError(msg)


class Connection:
    """The channel to the candidate, one request at a time."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def names(self, wanted: list[str]) -> dict[str, Any]:
        """Return what the candidate's program defines of these names.

        Raises
        ------
        ProgramError
            If the program failed.
        """
        found = self.ask("names", wanted)
        if type(found) is not dict:
            msg = "the candidate's names are damaged"
            raise DataError(msg)
        return {name: found[name] for name in wanted if name in found}  # and nothing that was not asked for

    def ask(self, *request: Any) -> Any:  # noqa: ANN401
        """Send a request and return the answer, or raise what it tells of."""
        self._channel.send(dump(list(request), self._refer))
        answer = load(self._channel.receive(), self._resolve)
        if type(answer) is not list or len(answer) != _LENGTHS.get(str(answer[:1])):
            msg = "the candidate's answer is damaged"
            raise DataError(msg)
        kind, *rest = answer
        if kind == "value":
            return rest[0]
        name, message = map(str, rest)
        if kind == "failed":
            raise ProgramError(name, message)
        error = _exception(name)(message)
        _raised.append((error, message))
        raise error

    def _refer(self, value: object) -> Any:  # noqa: ANN401
        if isinstance(value, RemoteObject):
            return value._id
        msg = f"a test gave the candidate a {type(value).__name__!r}, which is no plain data"
        raise TypeError(msg)

    def _resolve(self, reference: Any) -> Any:  # noqa: ANN401
        kind, *rest = reference
        if kind == "module" and rest[0] in _MODULES:
            return importlib.import_module(rest[0])
        return RemoteObject(self, int(rest[0]), str(rest[-1])[:100])


def _exception(name: str) -> type[Exception]:
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, _NOT_RAISED):
        return kind
    return type(name if name.isidentifier() else "CandidateError", (CandidateError,), {})
