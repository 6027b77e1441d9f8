"""What runs in the confined process: functions called with many inputs, each call counted in lines of code.

Lines and not seconds, so that the outcome is the same on any machine, however busy; seconds are a second line for what
counts no lines. Standard library alone: the source of this module is the program that the sandbox runs.
"""

from __future__ import annotations

import faulthandler
import os
import random
import signal
import sys
import types
from collections.abc import Callable
from typing import Any

__all__ = ["agreements", "outputs", "passing"]

_PROCESSOR_SECONDS = 1.0
_WALL_SECONDS = 5.0
_HELD_SECONDS = 10.0
_MAX_ITEMS = 5_000
_MAX_TEXT = 20_000
_MAX_BITS = 10_000
_MAX_DEPTH = 50
_MAX_LATE = 3


class _Exhausted(BaseException):
    """A call used up its lines or its time; no Exception, so that `except Exception` does not hold it."""


class _NotPlainError(Exception):
    """A result is no plain data, or too large."""


def _plain(value: Any, left: list[int], depth: int = 0) -> Any:  # noqa: ANN401
    """Return a copy of plain data, of exact built-in types."""
    left[0] -= 1
    if left[0] < 0 or depth > _MAX_DEPTH:
        raise _NotPlainError
    if value is None or type(value) is bool:
        return value
    if isinstance(value, str | bytes):
        left[1] -= len(value)
        if left[1] < 0:
            raise _NotPlainError
        return str(value) if isinstance(value, str) else bytes(value)
    if isinstance(value, int):
        if value.bit_length() > _MAX_BITS:
            raise _NotPlainError
        return int(value)
    if isinstance(value, float | complex):
        return float(value) if isinstance(value, float) else complex(value)
    if isinstance(value, dict):
        return {_plain(key, left, depth + 1): _plain(item, left, depth + 1) for key, item in value.items()}
    kind = next((kind for kind in (list, tuple, set, frozenset) if isinstance(value, kind)), None)
    if kind is None:
        raise _NotPlainError
    return kind(_plain(item, left, depth + 1) for item in value)


def _copy(value: Any) -> Any:  # noqa: ANN401
    kind = type(value)
    if kind is dict:
        return {key: _copy(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return kind([_copy(item) for item in value])
    return set(value) if kind is set else value


class _Silence:
    """Takes what programs print."""

    def write(self, text: str) -> int:
        """Forget a text."""
        return len(text)

    def flush(self) -> None:
        """Do nothing."""


def _on_alarm(*_: object) -> None:
    raise _Exhausted


def _prepare() -> None:
    sys.stdout = sys.stderr = _Silence()
    sys.setrecursionlimit(2_000)
    for number in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(number, _on_alarm)


def _set_timers(processor: float, wall: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, processor, 0.05)
    signal.setitimer(signal.ITIMER_REAL, wall, 0.05)


def _watch() -> None:
    """End the process when nothing happens for long: in a call of what is not Python no alarm is heard."""
    faulthandler.dump_traceback_later(_HELD_SECONDS, exit=True, file=1)


def _note(number: int) -> None:
    """Say outside how far we are, in case this is the last that is heard of us."""
    os.write(1, b"%d\n" % number)
    _watch()


class _Counted:
    """Calls functions and counts the lines that they run."""

    def __init__(self) -> None:
        self.lines = 0

    def __call__(self, function: Callable[..., Any], given: Any, limit: float) -> tuple[str, Any]:  # noqa: ANN401
        """Return ``("value", result)``, ``("exception", type)`` or ``("timeout", None)``."""
        args, kwargs = _copy(given[0]), _copy(given[1])
        self.lines = 0
        _set_timers(_PROCESSOR_SECONDS, _WALL_SECONDS)
        try:
            sys.settrace(self._tracer(limit))
            result = function(*args, **kwargs)
            sys.settrace(None)
            return "value", _plain(result, [_MAX_ITEMS, _MAX_TEXT])
        except _Exhausted:
            return "timeout", None
        except BaseException as error:
            return "exception", type(error).__name__
        finally:
            sys.settrace(None)
            _set_timers(0, 0)

    def _tracer(self, limit: float) -> Callable[..., Any]:
        def local(frame: object, event: str, argument: object) -> Callable[..., Any]:
            """Count a line."""
            del frame, event, argument
            self.lines += 1
            if self.lines > limit:
                raise _Exhausted
            return local

        return local


def _load(program: str, name: str) -> Callable[..., Any]:
    """Run a program as a module of its own, and return one of its functions."""
    module = types.ModuleType("candidate")
    sys.modules["candidate"] = module
    counted = _Counted()
    kind, detail = counted(lambda: exec(compile(program, "program.py", "exec"), module.__dict__), ((), {}), 1e6)
    if kind != "value" or not callable(module.__dict__.get(name)):
        msg = f"no function {name!r}: {kind} {detail}"
        raise ValueError(msg)
    found: Callable[..., Any] = module.__dict__[name]
    return found


def _module(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "helper"}
    exec(compile(source, "helper.py", "exec"), names)
    return names


def outputs(job: dict[str, Any]) -> list[tuple[str, Any, int]]:
    """Return what a reference gives for each input, and how many lines it took.

    A value is ``("random", None, lines)`` where two calls differ.
    """
    _prepare()
    agree = _module(job["values"])["values_agree"]
    function, counted = _load(job["program"], job["name"]), _Counted()
    found = []
    for number, given in enumerate(job["inputs"]):
        _note(number)
        random.seed(0)
        first = counted(function, given, job["lines"])
        lines = counted.lines
        random.seed(1)
        second = counted(function, given, job["lines"]) if first[0] == "value" else first
        if first[0] != second[0] or (first[0] == "value" and not agree(first[1], second[1], tolerance=0.0)):
            first = ("random", None)
        found.append((*first, lines))
    return found


def agreements(job: dict[str, Any]) -> list[str]:
    """Return for each function, input by input, whether it gives what the reference gives: a string of 0 and 1.

    It ends with the published inputs for a function that differs on one of them. It is empty for a function that gives
    nothing of use for the first inputs: it raises, or returns another type. One that was stopped three times counts as
    differing from there on.
    """
    _prepare()
    agree = _module(job["values"])["values_agree"]
    names = _module(job["helpers"])
    counted, found = _Counted(), []
    for number, (source, name) in enumerate(job["functions"]):
        _note(number)
        try:
            function = _load(source, name) if name else eval(source, names)
        except Exception:
            found.append("")
            continue
        found.append(_compared(function, job, agree, counted))
    return found


def _compared(function: Callable[..., Any], job: dict[str, Any], agree: Callable[..., bool], counted: _Counted) -> str:
    marks: list[str] = []
    fits, late = False, 0
    for number, (given, expected, lines) in enumerate(zip(job["inputs"], job["expected"], job["lines"], strict=True)):
        if number == job["trial"] and not fits:
            return ""
        if number == job["published"] and "0" in marks:
            break  # it is told apart already
        if late == _MAX_LATE:
            marks.append("0")
            continue
        random.seed(0)
        kind, result = counted(function, given, lines)
        late += kind == "timeout"
        fits = fits or (kind == "value" and _similar(result, expected))
        marks.append("01"[kind == "value" and agree(result, expected)])
    return "".join(marks) if fits else ""


def passing(job: dict[str, Any]) -> list[list[int]]:
    """Return for each list of cases the numbers of the programs that pass all of them, of those in its row."""
    _prepare()
    agree = _module(job["values"])["values_agree"]
    loaded: dict[int, Callable[..., Any] | None] = {}
    counted, found = _Counted(), []
    for row, cases in zip(job["rows"], job["cases"], strict=True):
        passed = []
        _watch()
        for number in row:
            if job["noted"]:
                _note(number)
            if number not in loaded:
                loaded[number] = _loaded(*job["programs"][number])
            function = loaded[number]
            if function is not None and _pass_all(function, cases, agree, counted, job["lines"]):
                passed.append(number)
        found.append(passed)
    return found


def _loaded(program: str, name: str) -> Callable[..., Any] | None:
    try:
        return _load(program, name)
    except Exception:
        return None


def _pass_all(
    function: Callable[..., Any],
    cases: list[Any],
    agree: Callable[..., bool],
    counted: _Counted,
    lines: int,
) -> bool:
    for args, kwargs, expected in cases:
        kind, result = counted(function, (args, kwargs), lines)
        if kind != "value" or not agree(result, expected):
            return False
    return True


def _similar(one: object, other: object) -> bool:
    numbers = (int, float)
    return type(one) is type(other) or (type(one) in numbers and type(other) in numbers)
