"""Where the Python in a text is, and the functions it defines, whether or not it parses."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import tree_sitter

from textbooks.decontaminators.fences import code_of, python_of
from textbooks.decontaminators.similarity.node_labels import (
    CLASS,
    DECORATED,
    EXPRESSION,
    LOOK_CLOSER,
    NAME,
    SKIPPED,
    TRANSPARENT,
    labelling,
)
from textbooks.scoring.syntax_tree import python_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["MAX_BYTES", "MAX_NODES", "CodeUnit", "code_of", "code_units", "python_of"]

MAX_BYTES = 4_000_000
"""Bytes parsed of a text."""

MAX_NODES = 1_000_000
"""Nodes visited of a text."""


@dataclass(frozen=True, slots=True)
class CodeUnit:
    """A piece of code that can be compared with another: a function, or the whole text.

    Attributes
    ----------
    kind : str
        ``"text"``, ``"function"`` or ``"method"`` (a function directly in a class).
    name : str
        Name of the function; empty for the text.
    qualified_name : str
        The name with those of the classes and functions around it, joined by dots.
    span : tuple of int
        First and past-the-last character in the text, with decorators.
    labels : str
        The kinds of the syntax nodes in pre-order, one character a node (see
        `textbooks.decontaminators.similarity.node_labels`).
        Names, the contents of literals, annotations, docstrings, comments, imports, decorators of the function and
        parentheses leave no trace.
    depths : ndarray (nodes,) int32
        How deep each of these nodes lies below the first, which has depth 0.
    complete : bool
        Whether all of it was seen; False for what lies across the limits `MAX_BYTES` and `MAX_NODES`.
    """

    kind: Literal["text", "function", "method"]
    name: str
    qualified_name: str
    span: tuple[int, int]
    labels: str
    depths: NDArray[np.int32] = field(repr=False, compare=False)
    complete: bool = True


def code_units(text: str) -> list[CodeUnit]:
    r"""Return the whole text and every function and method in it, also async, nested, decorated or broken ones.

    Time and memory are linear in the text and limited by `MAX_BYTES` and `MAX_NODES`. Nothing is executed.

    Parameters
    ----------
    text : str
        Python, or Markdown with Python in it (see `code_of`); any string will do.

    Returns
    -------
    list of CodeUnit
        The text first, then the functions in the order of their openings.

    Examples
    --------
    >>> [unit.qualified_name for unit in code_units("class A:\n    def f(self): pass\ndef g(): pass")]
    ['', 'A.f', 'g']
    """
    source = python_of(text).encode("utf-8", "replace")
    outline = _walk(tree_sitter.Parser(python_language()).parse(source[:MAX_BYTES]))
    complete = outline.complete and len(source) <= MAX_BYTES
    labels = outline.labels.tobytes().decode("latin-1")
    depths = np.frombuffer(outline.depths, dtype=np.int32) if labels else np.empty(0, np.int32)
    units = [CodeUnit("text", "", "", (0, len(text)), labels, depths, complete)]
    to_character = _characters(text, source)
    for scope in outline.scopes:
        if scope.is_class:
            continue
        inside = slice(scope.first, scope.last)
        whole = complete or scope.last < len(labels)
        kind: Literal["function", "method"] = "method" if scope.in_class else "function"
        span = to_character(scope.start), to_character(scope.end)
        own = depths[inside] - depths[scope.first]
        units.append(CodeUnit(kind, scope.name, scope.qualified_name, span, labels[inside], own, whole))
    return units


@dataclass(slots=True)
class _Scope:
    """A class or function: which of the labelled nodes, and which bytes."""

    is_class: bool
    in_class: bool
    name: str
    qualified_name: str
    start: int
    end: int
    first: int
    last: int
    level: int


class _Outline:
    """The labelled nodes of a tree in pre-order, and the scopes among them."""

    def __init__(self) -> None:
        self.labels = array("B")
        self.depths = array("i")
        self.scopes: list[_Scope] = []
        self.complete = True
        self.level = -1  # of the innermost open scope
        self._table = labelling()
        self._decorated = (-1, -1)  # level and first byte of the last definition with decorators
        self._open = [_Scope(False, False, "", "", 0, 0, 0, 0, -1)]

    def look(self, node: tree_sitter.Node, action: int, level: int) -> int:
        """Return what to do with a node whose kind alone does not say it."""
        table = self._table
        if action == NAME:
            return table.builtins.get(node.text or b"", table.name)
        if action == EXPRESSION:
            return SKIPPED if _is_bare_string(node) else TRANSPARENT
        if action == DECORATED:
            self._decorated = (level, node.start_byte)
            return TRANSPARENT
        self._open_scope(node, level, is_class=action == CLASS)
        return table.class_ if action == CLASS else table.function

    def close(self, level: int) -> None:
        """End the scopes that a node at this level is not in."""
        while self._open[-1].level >= level:
            self._open.pop().last = len(self.labels)
        self.level = self._open[-1].level

    def _open_scope(self, node: tree_sitter.Node, level: int, *, is_class: bool) -> None:
        around = self._open[-1]
        name_node = node.child_by_field_name("name")
        name = "" if name_node is None or name_node.text is None else name_node.text.decode("utf-8", "replace")
        qualified = f"{around.qualified_name}.{name}" if around.qualified_name else name
        start = self._decorated[1] if self._decorated[0] == level - 1 else node.start_byte
        self._decorated = (-1, -1)
        first = len(self.labels)
        scope = _Scope(is_class, around.is_class, name, qualified, start, node.end_byte, first, first, level)
        self.scopes.append(scope)
        self._open.append(scope)
        self.level = level


def _walk(tree: tree_sitter.Tree) -> _Outline:
    """Return the labelled nodes of a tree; it keeps a stack of its own, so that depth does not matter."""
    actions = labelling().actions
    outline = _Outline()
    add_label, add_depth = outline.labels.append, outline.depths.append
    cursor = tree.walk()
    to_child, to_sibling, to_parent = cursor.goto_first_child, cursor.goto_next_sibling, cursor.goto_parent
    path: list[bool] = []  # for each ancestor, whether it is labelled
    level = depth = 0
    for _ in range(MAX_NODES):
        node = cursor.node
        if node is None:
            break
        if level <= outline.level:
            outline.close(level)
        action = actions[node.kind_id]
        if action <= LOOK_CLOSER:
            action = outline.look(node, action, level)
        if action > 0:
            add_label(action)
            add_depth(depth)
        if action != SKIPPED and to_child():
            path.append(action > 0)
            level += 1
            depth += action > 0
            continue
        while not to_sibling():
            if not to_parent():
                outline.close(0)
                return outline
            level -= 1
            depth -= path.pop()
    outline.close(0)
    outline.complete = False
    return outline


def _is_bare_string(node: tree_sitter.Node) -> bool:
    """Tell whether a statement is nothing but a string: a docstring, or a comment written as one."""
    if node.child_count != 1:
        return False
    child = node.child(0)
    return child is not None and child.type in {"string", "concatenated_string"}


def _characters(text: str, source: bytes) -> Callable[[int], int]:
    """Return the function that turns a position in the bytes into one in the text."""
    if len(source) == len(text):
        return int
    begins = np.cumsum((np.frombuffer(source, dtype=np.uint8) & 0xC0) != 0x80)
    before = np.concatenate([[0], begins])
    return lambda position: int(before[position])
