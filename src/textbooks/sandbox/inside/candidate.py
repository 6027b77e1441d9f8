"""The side of the candidate: runs the program and answers calls. It holds no test and decides nothing."""

from __future__ import annotations

import builtins
import random
import sys
import types
from collections.abc import Callable
from typing import Any

from .codec import DataError, dump, load
from .wire import Channel, ClosedError

__all__ = ["answer_calls", "execute", "run_calls"]


def execute(program: str, name: str) -> dict[str, Any]:
    """Run the program as a module of that name, and return its globals."""
    module = types.ModuleType(name)
    module.__dict__["__builtins__"] = builtins
    sys.modules[name] = module
    sys.argv = ["program.py"]
    random.seed(0)
    exec(compile(program, "program.py", "exec", dont_inherit=True), module.__dict__)
    return module.__dict__


def described(error: BaseException) -> tuple[str, str]:
    """Return type and message of an exception, whatever its own methods do."""
    try:
        message = str.__str__(str(error))[:2000]
    except BaseException:
        message = ""
    return str(type(error).__name__)[:200], message


def run_calls(function: Any, message: bytes) -> bytes:  # noqa: ANN401
    """Return the results of calling `function` with each input: one entry an input."""
    results: list[Any] = []
    for args, kwargs in load(message):
        try:
            results.append(("value", load(dump(function(*args, **kwargs)))))
        except BaseException as error:
            results.append(("exception", *described(error)))
    return dump(results)


class _Objects:
    """What the other side holds references to."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.held: dict[int, Any] = {}

    def refer(self, value: Any) -> list[Any]:  # noqa: ANN401
        if isinstance(value, types.ModuleType):
            return ["module", value.__name__]
        self.held[id(value)] = value
        return ["object", id(value), type(value).__name__]

    def resolve(self, reference: Any) -> Any:  # noqa: ANN401
        return self.held[reference]

    def answer(self, request: Any) -> Any:  # noqa: ANN401
        """Do what a request of the other side asks for."""
        kind, *rest = request
        if kind == "names":
            return {name: self.names[name] for name in rest[0] if name in self.names}
        if kind == "call":
            target, args, kwargs = rest
            return target(*args, **kwargs)
        if kind == "get":
            return getattr(rest[0], rest[1])
        if kind == "set":
            return setattr(rest[0], rest[1], rest[2])
        raise DataError(kind)


def answer_calls(channel: Channel, start: Callable[[], dict[str, Any]]) -> None:
    """Run the program, then answer requests until nobody asks any more."""
    failure: tuple[str, str] | None = None
    objects = _Objects({})
    try:
        objects.names = start()
    except BaseException as error:
        failure = described(error)
    while True:
        try:
            request = channel.receive()
        except ClosedError:
            return
        channel.send(_reply(objects, request, failure))


def _reply(objects: _Objects, request: bytes, failure: tuple[str, str] | None) -> bytes:
    if failure is not None:
        return dump(["failed", *failure])
    try:
        return dump(["value", objects.answer(load(request, objects.resolve))], objects.refer)
    except BaseException as error:
        return dump(["exception", *described(error)])
