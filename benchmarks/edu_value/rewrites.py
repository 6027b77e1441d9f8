"""The same code, commented otherwise: what the comment probe compares."""

from __future__ import annotations

import ast
import io
import random
import tokenize
from collections.abc import Callable, Sequence

DEFINITIONS = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
EVERY = 3


def _docstrings(tree: ast.Module) -> list[tuple[ast.AST, ast.Expr]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, DEFINITIONS) and ast.get_docstring(node, clean=False) is not None:
            found.append((node, node.body[0]))
    return found


def _replace(text: str, places: list[tuple[ast.Expr, str]]) -> str:
    """Put texts in the place of statements, from the last to the first."""
    lines = text.encode().splitlines(keepends=True)
    begins = [0]
    for line in lines:
        begins.append(begins[-1] + len(line))
    source = b"".join(lines)
    for node, new in sorted(places, key=lambda place: -place[0].lineno):
        begin = begins[node.lineno - 1] + node.col_offset
        end = begins[node.end_lineno - 1] + node.end_col_offset
        source = source[:begin] + new.encode() + source[end:]
    return source.decode()


def without_docstrings(text: str) -> str:
    return _replace(
        text, [(node, "pass" if len(owner.body) == 1 else "0") for owner, node in _docstrings(ast.parse(text))]
    )


def without_comments(text: str) -> str:
    lines = text.split("\n")
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(text).readline))):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    return "\n".join(lines)


def stripped(text: str, _others: Sequence[str], _draw: random.Random) -> str:
    """Leave neither comments nor docstrings."""
    return without_comments(without_docstrings(text))


def stuffed(text: str, others: Sequence[str], draw: random.Random) -> str:
    """Put a comment of another file before every third line of code."""
    pool = [line.strip() for other in others for line in other.split("\n") if line.strip().startswith("# ")] or ["# a"]
    starts = {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.NAME and not token.line[: token.start[1]].strip()
    }
    inside = {
        row
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.expr)
        for row in range(node.lineno + 1, (node.end_lineno or 0) + 1)
    }
    result = []
    for number, line in enumerate(text.split("\n"), start=1):
        if number in starts - inside and number % EVERY == 0:
            result.append(line[: len(line) - len(line.lstrip())] + draw.choice(pool))
        result.append(line)
    return "\n".join(result)


def minified(text: str, others: Sequence[str], draw: random.Random) -> str:
    """Strip, drop blank lines, and shorten the functions' own variables to a letter and a number."""
    tree = ast.parse(stripped(text, others, draw))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            _shorten(function)
    return ast.unparse(tree).replace("\n\n", "\n") + "\n"


def _shorten(function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    own = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    short = {name: f"v{number}" for number, name in enumerate(sorted(own))}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id in short:
            node.id = short[node.id]


def foreign_docstrings(text: str, others: Sequence[str], draw: random.Random) -> str:
    """Replace every docstring by one of another file."""
    pool = []
    for other in others:
        pool += [ast.get_source_segment(other, node) or '"""A."""' for _, node in _docstrings(ast.parse(other))]
    return _replace(text, [(node, draw.choice(pool or ['"""A."""'])) for _, node in _docstrings(ast.parse(text))])


REWRITES: dict[str, Callable[[str, Sequence[str], random.Random], str]] = {
    "stripped": stripped,
    "stuffed": stuffed,
    "minified": minified,
    "foreign_docstrings": foreign_docstrings,
}
