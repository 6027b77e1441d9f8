"""Runs the statements at the top of a text one by one, and collects the functions that the text itself defines."""

from __future__ import annotations
import __future__

import ast
import builtins
import copy
import random
import re
import sys
import time
import types
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from .limited import Clock

__all__ = ["FILE", "NAME", "Found", "functions_of", "owned", "run_text", "statements"]

FILE = "text.py"
"""The file that the code of a text says it comes from."""

NAME = "text"
"""The module that a text becomes: not ``"__main__"``, so that what it does as a script is left out."""

_SECONDS = 0.5  # of processor time for one statement
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
_CHUNK = re.compile(r"^(?=(?:def|class|async def|import|from|@)\b|@)", re.MULTILINE)
_UNINDENTED = re.compile(r"(?<=\n)(?!def\b|class\b|async\b)[^\s@#)\]}]")
_OFTEN_MISSING = "bisect collections copy functools heapq itertools json math operator random re string typing"
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Found(NamedTuple):
    """A function or class that a text defines.

    Attributes
    ----------
    name : str
        Its name at the top of the text.
    value : object
        The function or class.
    lines : tuple of int
        First and last line, from 1; (0, 0) where unknown.
    """

    name: str
    value: Any
    lines: tuple[int, int]


def statements(text: str) -> list[ast.stmt]:
    """Return the statements at the top of a text; of one that does not parse those of its parts that do.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        If it does not parse, and falls into no parts.
    """
    try:
        return ast.parse(text, FILE).body
    except _UNREADABLE:
        starts = _starts(text)
        if not starts or "\0" in text:
            raise
    found: list[ast.stmt] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        found += [ast.increment_lineno(node, text.count("\n", 0, start)) for node in _part(text[start:end])]
    return found


def _starts(text: str) -> list[int]:
    """Return where a part begins: each line with a definition or import, but for what follows a decorator."""
    starts = [match.start() for match in _CHUNK.finditer(text)]
    return [one for place, one in enumerate(starts) if not place or text[starts[place - 1]] != "@"]


def _part(text: str) -> list[ast.stmt]:
    """Return the statements of a part; where it does not parse, its first one, without what follows unindented."""
    for shortened in (text, text[: match.start()] if (match := _UNINDENTED.search(text)) else ""):
        try:
            return ast.parse(shortened, FILE).body
        except _UNREADABLE:
            continue
    return []


def run_text(
    text: str, clock: Clock, *, lenient: bool = False, seen: Callable[[ast.stmt, dict[str, Any]], None] | None = None
) -> dict[str, Any]:
    """Run the statements at the top of a text one by one, and return its names.

    A statement that raises or takes too long is left: an import that fails hides no function. Sleeping takes no time.

    Parameters
    ----------
    text : str
        Anything.
    clock : Clock
        Limits each statement.
    lenient : bool
        Whether common imports may be missing, annotations name what is not there, and decorators fail: a cutting of
        a program still defines its functions.
    seen : callable, optional
        Called with each statement that was run and the names then.
    """
    module = types.ModuleType(NAME)
    names = module.__dict__
    names["__builtins__"] = builtins
    sys.modules[NAME] = module
    sys.argv = [FILE]
    time.sleep = lambda _: None
    random.seed(0)
    if lenient:
        names |= _often_missing()
    try:
        parsed = statements(text)
    except _UNREADABLE:
        parsed = []
    flags = __future__.annotations.compiler_flag if lenient else 0
    for node in parsed:
        if clock.is_over:
            break
        flags |= _flags(node)
        done = _run(node, flags, names, clock)
        if not done and lenient and isinstance(node, _DEFINITIONS) and node.decorator_list:
            bare = copy.copy(node)
            bare.decorator_list = []
            _run(bare, flags, names, clock)
        if seen is not None:
            seen(node, names)
    sys.settrace(None)
    sys.setprofile(None)
    return names


def _run(node: ast.stmt, flags: int, names: dict[str, Any], clock: Clock) -> bool:
    """Run one statement; return whether it came to its end."""

    def run(code: types.CodeType) -> bytes:
        exec(code, names)
        return b""

    try:
        code = compile(ast.Module([node], []), FILE, "exec", flags=flags, dont_inherit=True)
    except _UNREADABLE:
        return False
    return clock.run(partial(run, code), _SECONDS, lambda: None) == b""


def _flags(node: ast.stmt) -> int:
    """Return what an import from ``__future__`` asks of the compiler."""
    if not isinstance(node, ast.ImportFrom) or node.module != "__future__":
        return 0
    features = (getattr(__future__, alias.name, None) for alias in node.names)
    return sum(feature.compiler_flag for feature in features if feature is not None)


def _often_missing() -> dict[str, Any]:
    """Return what a cutting of a program most often takes for granted."""
    modules = {name: sys.modules[name] for name in _OFTEN_MISSING.split() if name in sys.modules}
    collections, typing = modules.get("collections"), modules.get("typing")
    found: dict[str, Any] = {name: getattr(typing, name) for name in getattr(typing, "__all__", ())}
    found |= {name: getattr(collections, name) for name in ("Counter", "OrderedDict", "defaultdict", "deque")}
    return found | modules


def owned(value: Any) -> types.FunctionType | None:  # noqa: ANN401
    """Return the function of the text behind a value, also behind a cache; None where there is none."""
    for _ in range(3):
        if type(value) is types.FunctionType:
            return value if value.__code__.co_filename == FILE else None
        try:
            value = object.__getattribute__(value, "__wrapped__")
        except AttributeError:
            return None
    return None


def functions_of(text: str, clock: Clock) -> list[Found]:
    """Run a text and return the functions and classes that it defines itself, in the order of their lines.

    A name that is defined twice gives both. What is imported, and another name for it, is not the text's own.
    """
    found: dict[int, Found] = {}

    def keep(name: str, value: Any, lines: tuple[int, int]) -> None:  # noqa: ANN401
        """Note a value once, if the text defines it itself."""
        is_class = isinstance(value, type) and type.__getattribute__(value, "__module__") == NAME
        function = owned(value)
        if is_class or function is not None:
            lines = lines if any(lines) or function is None else _lines(function.__code__)
            found.setdefault(id(value), Found(name, value, lines))

    def seen(node: ast.stmt, names: dict[str, Any]) -> None:
        if isinstance(node, _DEFINITIONS):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            keep(node.name, names.get(node.name), (first, node.end_lineno or first))

    names = run_text(text, clock, lenient=True, seen=seen)
    for name, value in list(names.items()):
        keep(str(name), value, (0, 0))
    return sorted(found.values(), key=lambda one: one.lines)


def _lines(code: types.CodeType) -> tuple[int, int]:
    """Return the first and the last line of a function."""
    return code.co_firstlineno, max(_all_lines(code), default=code.co_firstlineno)


def _all_lines(code: types.CodeType) -> Iterator[int]:
    yield from (line for _, _, line in code.co_lines() if line)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _all_lines(constant)
