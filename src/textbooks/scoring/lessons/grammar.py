"""What Python's grammar says of a piece of text: is it Python, and how much of it is not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import tree_sitter
import tree_sitter_python

from textbooks.scoring.syntax_tree import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["error_share", "is_python"]

_STATEMENTS = frozenset(
    """
    assignment augmented_assignment call import_statement import_from_statement function_definition class_definition
    if_statement for_statement while_statement with_statement try_statement return_statement raise_statement
    assert_statement print_statement delete_statement
    """.split()
)
_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))
_NODES_LOOKED_AT = 4_000
_BYTES_JUDGED = 6_000
_EDGES_TRIED = 3
_EDGE = re.compile(rb"\n(?=(?:@|(?:async +def|def|class|if|for|with|try|import|from)\b|[A-Za-z_]\w* *=|[\w.]+\())")


def is_python(code: str) -> bool:
    """Return whether code parses as Python and does something: it holds a call, an assignment, an import or the like.

    Of a long text the first 12,000 bytes are parsed.
    """
    root = _PARSER.parse(code.encode("utf-8", "replace")[:MAX_BYTES]).root_node
    return not root.has_error and any(node.type in _STATEMENTS for node in _nodes(root, within_errors=False))


def error_share(text: str) -> float:
    """Return the share of a text's first bytes that stand in parts which are no Python, in [0, 1].

    6,000 bytes are parsed. A longer text is cut before a statement, so that what is cut off does not count as broken.
    """
    source = text.encode("utf-8", "replace")
    if len(source) > _BYTES_JUDGED:
        edges = [found.start() for found in _EDGE.finditer(source, 0, _BYTES_JUDGED)]
        shares = [_error_share(source[:edge]) for edge in edges[-1 : -_EDGES_TRIED - 1 : -1]]
        if shares:
            return min(shares)
    return _error_share(source[:_BYTES_JUDGED])


def _error_share(source: bytes) -> float:
    root = _PARSER.parse(source).root_node
    if not root.has_error:
        return 0.0
    wrong = sum(node.end_byte - node.start_byte for node in _nodes(root, within_errors=True) if node.type == "ERROR")
    return wrong / max(len(source), 1)


def _nodes(root: tree_sitter.Node, *, within_errors: bool) -> Iterator[tree_sitter.Node]:
    """Yield a tree's first nodes in source order, without recursion.

    Parameters
    ----------
    within_errors : bool
        Enter only what holds an error and is none itself.
    """
    cursor = root.walk()
    for _ in range(_NODES_LOOKED_AT):
        node = cursor.node
        if node is None:
            return
        yield node
        enter = not within_errors or (node.has_error and node.type != "ERROR")
        if enter and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
