"""Two looks at the same code that ought to be embedded alike: what the static embedder learns from."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

MOST_CHARS = 4_000
"""What is read of a text in training."""

_FEWEST_LINES_TO_HALVE = 10
_FEWEST_CHARS = 30


@dataclass(frozen=True, slots=True)
class Views:
    """The views of one text; an empty string where there is none.

    Attributes
    ----------
    whole : str
        The text.
    documentation : str
        Its first docstring.
    code : str
        The text without that docstring.
    first, second : str
        The halves of ``code``.
    renamed : str
        ``code`` as Python would write it, with other names for its functions, arguments and variables.
    """

    whole: str
    documentation: str = ""
    code: str = ""
    first: str = ""
    second: str = ""
    renamed: str = ""


PAIRS: tuple[tuple[str, str, float], ...] = (
    ("documentation", "code", 0.3),
    ("first", "second", 0.3),
    ("whole", "renamed", 0.25),
    ("code", "renamed", 0.15),
)
"""Which views are taught to be near, and the share of the training of each pair."""


def parse_quietly(text: str) -> ast.Module | None:
    """Return the syntax tree, or None for what does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def collect_names(texts: Sequence[str], most: int) -> list[str]:
    """Return the names that texts give to functions, arguments and variables, the most frequent first."""
    counts: dict[str, int] = {}
    for text in texts:
        tree = parse_quietly(text)
        for name in _own_names(tree) if tree is not None else ():
            counts[name] = counts.get(name, 0) + 1
    return sorted(counts, key=lambda name: (-counts[name], name))[:most]


def make_views(text: str, names: Sequence[str], random: np.random.Generator) -> Views:
    """Return the views of a text.

    Parameters
    ----------
    text : str
        Any text; what does not parse as Python has halves only.
    names : sequence of str
        What to rename to.
    random : Generator
        Draws the new names.

    Returns
    -------
    Views
        Each at most ``MOST_CHARS`` long; views shorter than 30 characters are left empty.
    """
    tree = parse_quietly(text)
    documentation, code = _split_documentation(text, tree)
    lines = code[:MOST_CHARS].splitlines(keepends=True)
    middle = len(lines) // 2 if len(lines) >= _FEWEST_LINES_TO_HALVE else 0
    views = {
        "documentation": documentation,
        "code": code,
        "first": "".join(lines[:middle]),
        "second": "".join(lines[middle:]) if middle else "",
        "renamed": _rename(tree, names, random) if tree is not None else "",
    }
    kept = {name: view[:MOST_CHARS] for name, view in views.items() if len(view) >= _FEWEST_CHARS}
    return Views(whole=text[:MOST_CHARS], **kept)


def _split_documentation(text: str, tree: ast.Module | None) -> tuple[str, str]:
    """Return the first docstring and the text without it; takes it out of the tree, too."""
    for node in ast.walk(tree) if tree is not None else ():
        if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        documentation = ast.get_docstring(node)
        if documentation:
            statement = node.body[0]
            lines = text.splitlines(keepends=True)
            node.body = node.body[1:] or [ast.Pass()]
            return documentation, "".join(lines[: statement.lineno - 1] + lines[statement.end_lineno :])
    return "", text


def _own_names(tree: ast.Module) -> list[str]:
    """Return the names that the code itself binds, in order of appearance, each once."""
    names: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            names[node.arg] = None
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names[node.id] = None
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names[node.name] = None
    return [name for name in names if name not in ("self", "cls")]


def _rename(tree: ast.Module, names: Sequence[str], random: np.random.Generator) -> str:
    own = _own_names(tree)
    if not own or len(own) > len(names):
        return ""
    chosen = random.choice(len(names), size=len(own), replace=False)
    renamer = _Renamer({name: names[number] for name, number in zip(own, chosen, strict=True)})
    try:
        return ast.unparse(renamer.visit(tree))
    except (RecursionError, ValueError):
        return ""


class _Renamer(ast.NodeTransformer):
    """Gives new names and drops annotations of functions, in place."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self.names.get(node.arg, node.arg)
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name = self.names.get(node.name, node.name)
        node.returns = None
        self.generic_visit(node)
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        node.name = self.names.get(node.name, node.name)
        node.returns = None
        self.generic_visit(node)
        return node
