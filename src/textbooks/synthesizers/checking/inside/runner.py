"""Runs the code of an exercise or a lesson step by step, and says what each step wrote; the program of a sandbox call.

Nothing here is trusted: the texts that it runs can change it. It answers in plain data.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import io
import linecache
import sys
import traceback
import types
from collections.abc import Callable
from functools import partial
from typing import Any

_MOST_OUTPUT = 10_000
_MOST_VALUE = 2_000
_FLAGS = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)


class _Capped(io.StringIO):
    """Keeps the beginning of what is written."""

    def write(self, text: str) -> int:
        """Take a text, and keep what there is room for."""
        room = _MOST_OUTPUT - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)


def run_examples(source: str, examples: list[str]) -> list[list[str]]:
    """Run a module, then examples in its namespace, as an interactive session would.

    Parameters
    ----------
    source : str
        The module.
    examples : list of str
        Sources of the examples, each ending with a newline.

    Returns
    -------
    list of [output, error]
        One for the module and one an example, up to the first of the module's own failure; the error is the last line
        of a traceback, such as ``"ValueError: no"``, and empty where there is none.
    """
    names = _module("exercise")
    flags: list[int] = []

    def run_module() -> None:
        """Run the module."""
        code = compile(source, _remember("exercise.py", source), "exec", dont_inherit=True)
        flags.append(code.co_flags & _FLAGS)
        exec(code, names)

    results = [_captured(run_module)]
    if results[0][1]:
        return results
    for number, example in enumerate(examples):
        code = partial(compile, example, f"<example {number + 1}>", "single", flags=flags[0], dont_inherit=True)
        results.append(_captured(lambda code=code: exec(code(), names)))  # type: ignore[misc]
    return results


def run_blocks(blocks: list[str]) -> list[list[Any]]:
    """Run blocks of code one after the other in one namespace, statement by statement.

    Parameters
    ----------
    blocks : list of str
        Sources; each parses.

    Returns
    -------
    list of [number of the block, first line, last line, output, value, error]
        One a statement at the top of a block, lines from 1, up to the first that fails; the value is the ``repr`` of a
        statement that is an expression and not None, else None.
    """
    names = _module("__main__")
    results: list[list[Any]] = []
    for number, block in enumerate(blocks):
        file = _remember(f"block_{number + 1}.py", block)
        for node in ast.parse(block).body:
            shown: list[str] = []
            ran = _captured(partial(_run_statement, node, file, names, shown))
            first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
            results.append([number, first, node.end_lineno, ran[0], shown[0] if shown else None, ran[1]])
            if ran[1]:
                return results
    return results


def _run_statement(node: ast.stmt, file: str, names: dict[str, Any], shown: list[str]) -> None:
    if not isinstance(node, ast.Expr):
        exec(compile(ast.Module([node], []), file, "exec", dont_inherit=True), names)
        return
    value = eval(compile(ast.Expression(node.value), file, "eval", dont_inherit=True), names)
    if value is not None:
        shown.append(repr(value)[:_MOST_VALUE])


def _module(name: str) -> dict[str, Any]:
    module = types.ModuleType(name)
    sys.modules[name] = module  # dataclasses and type hints look it up
    return module.__dict__


def _remember(file: str, source: str) -> str:
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    return file


def _captured(run: Callable[[], object]) -> list[str]:
    output = _Capped()
    error = ""
    with contextlib.redirect_stdout(output):
        try:
            run()
        except BaseException as raised:
            error = _last_line(raised)
    return [output.getvalue(), error]


def _last_line(error: BaseException) -> str:
    try:
        line = "".join(traceback.format_exception_only(error)).strip()
    except Exception:
        line = type(error).__name__
    if isinstance(error, SyntaxError):
        line = line.rsplit("\n", 1)[-1]
    return line.removeprefix("exercise.").removeprefix("__main__.")[:_MOST_VALUE]
