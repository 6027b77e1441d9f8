"""A Python file as the tutorial that its author might have written: docstrings and comments as prose around code."""

from __future__ import annotations

import ast
import inspect
import json
from dataclasses import dataclass

__all__ = ["Part", "as_html", "as_markdown", "as_notebook", "split_file"]


@dataclass(frozen=True, slots=True)
class Part:
    """Prose or code of a file."""

    is_code: bool
    text: str


def split_file(source: str) -> list[Part]:
    """Split a file into prose and code.

    Prose are the docstrings of the module and of its functions and classes, and the comments that stand between
    statements of the module. A docstring comes before the code that it was in. Comments within code stay there.

    Raises
    ------
    SyntaxError, ValueError
        If it does not parse.
    """
    lines = source.split("\n")
    parts: list[Part] = []
    done = 0
    for statement in ast.parse(source).body:
        first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))]) - 1
        parts += _between(lines[done:first])
        end = statement.end_lineno or first + 1
        parts += _split_statement(statement, lines, first, end)
        done = end
    return _merged([*parts, *_between(lines[done:])])


def _between(lines: list[str]) -> list[Part]:
    """Return the comments between two statements."""
    prose = [line.strip().lstrip("#!").strip() for line in lines]
    return [Part(False, "\n".join(prose))] if any(prose) else []


def _split_statement(statement: ast.stmt, lines: list[str], first: int, end: int) -> list[Part]:
    if (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    ):
        return [Part(False, inspect.cleandoc(statement.value.value))]
    code = lines[first:end]
    own = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    prose = ast.get_docstring(statement) if own and len(statement.body) > 1 else None
    if prose is None:
        return [Part(True, "\n".join(code))]
    begin, stop = statement.body[0].lineno - 1 - first, (statement.body[0].end_lineno or 0) - first
    if begin == 0:  # on the line of the def
        return [Part(True, "\n".join(code))]
    return [Part(False, prose), Part(True, "\n".join(code[:begin] + code[stop:]))]


def _merged(parts: list[Part]) -> list[Part]:
    merged: list[Part] = []
    for part in parts:
        if merged and merged[-1].is_code == part.is_code:
            between = "\n" if part.is_code else "\n\n"
            merged[-1] = Part(part.is_code, merged[-1].text + between + part.text)
        else:
            merged.append(part)
    return merged


def as_markdown(parts: list[Part]) -> str:
    """Return the parts as Markdown with fences that name Python."""
    return "\n\n".join(f"````python\n{part.text}\n````" if part.is_code else part.text for part in parts) + "\n"


def as_html(parts: list[Part]) -> str:
    """Return the parts as a post: paragraphs, and code that names no language."""
    shown = []
    for part in parts:
        text = part.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        shown.append(f"<pre><code>{text}\n</code></pre>" if part.is_code else f"<p>{text}</p>")
    return "\n\n".join(shown) + "\n"


def as_notebook(parts: list[Part]) -> str:
    """Return the parts as the JSON of a notebook."""
    cells = [
        {
            "cell_type": "code" if part.is_code else "markdown",
            "metadata": {},
            "source": part.text.splitlines(keepends=True),
        }
        for part in parts
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
