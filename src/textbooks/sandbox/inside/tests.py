"""The process that decides: it holds the tests, and meets the candidate by message alone."""

from __future__ import annotations

import builtins
import random
import socket
import sys
import traceback
import types

from .codec import DataError
from .remote import Connection, ProgramError, forget_messages, message_of_candidate
from .wire import Channel, ClosedError

__all__ = ["Tests"]

_FILE = "<tests>"


class Tests:
    """Tests, compiled once.

    Parameters
    ----------
    source : str
        Definitions and assertions.
    entry_point : str
        The function under test.
    call_check : bool
        Whether the tests define ``check(candidate)``, which is then called, or are assertions themselves.
    """

    def __init__(self, source: str, entry_point: str, *, call_check: bool) -> None:
        self._lines = source.splitlines()
        self._entry_point, self._call_check = entry_point, call_check
        self._code = compile(source, _FILE, "exec", dont_inherit=True)
        self._names = sorted({entry_point, *_names(self._code)} - (set(dir(builtins)) - {entry_point}))

    def decide(self, channel: socket.socket) -> list[str]:
        """Return the verdict: its status and a detail; ``gone`` when the candidate stopped answering."""
        try:
            self._run(Connection(Channel(channel)))
        except ProgramError as error:
            return _exceptional(*map(str, error.args))
        except (ClosedError, DataError) as error:
            return ["gone", str(error)]
        except AssertionError as error:
            return ["wrong_answer", self._where(error)]
        except BaseException as error:
            if (message := message_of_candidate(error)) is not None:
                return _exceptional(type(error).__name__, message)
            return _exceptional(type(error).__name__, f"{error!s:.500} (in the tests, {self._where(error)})")
        return ["passed", ""]

    def _run(self, connection: Connection) -> None:
        module = types.ModuleType("tests")
        sys.modules["tests"] = module
        found = connection.names(self._names)
        taken = {name: one for name, one in found.items() if name != self._entry_point or not _is_module(one)}
        module.__dict__.update(taken)
        random.seed(0)
        forget_messages()
        exec(self._code, module.__dict__)
        if self._call_check:
            if self._entry_point not in taken:
                msg = f"name {self._entry_point!r} is not defined"
                raise ProgramError("NameError", msg)  # noqa: EM101 - the name of a type
            module.__dict__["check"](taken[self._entry_point])

    def _where(self, error: BaseException) -> str:
        """Return the line of the tests at which it happened."""
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == _FILE]
        if not frames or not frames[-1].lineno:
            return ""
        number = frames[-1].lineno
        return f"line {number}: {self._lines[number - 1].strip()[:300] if number <= len(self._lines) else ''}"


def _exceptional(name: str, message: str) -> list[str]:
    return ["memory" if name == "MemoryError" else "exception", f"{name}: {message}"]


def _is_module(value: object) -> bool:
    return isinstance(value, types.ModuleType)


def _names(code: types.CodeType) -> set[str]:
    """Return the global names that the code reads, also within its functions."""
    inner: set[str] = set()
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inner |= _names(constant)
    return inner | set(code.co_names)
