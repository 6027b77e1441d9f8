"""Syntax trees of many texts as flat arrays: one row a node, in source order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np
import tree_sitter
import tree_sitter_python

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MAX_NODES = 10_000
"""Nodes visited per text; what lies beyond is not counted."""

MAX_BYTES = 12_000
"""Bytes parsed per text; a rated window never has more (2,601 characters of at most 4 bytes)."""

_READERS = tuple(map(attrgetter, ("kind_id", "start_byte", "end_byte")))
_NODES_PER_SEARCH = 16


@dataclass(frozen=True, slots=True)
class SyntaxForest:
    """The nodes of a batch of syntax trees, in pre-order, text after text.

    Attributes
    ----------
    source : bytes
        The parsed texts, each followed by one line end.
    document : ndarray (nodes,) int64
        Index of the text that a node belongs to.
    kind : ndarray (nodes,) int64
        Node kind of the Python grammar; the number after its last stands for what error recovery made.
    start, end : ndarray (nodes,) int64
        Byte span in ``source``.
    depth : ndarray (nodes,) int64
        Levels below the root of the text.
    parent : ndarray (nodes,) int64
        Row of the parent; a root is its own parent.
    subtree_end : ndarray (nodes,) int64
        Row after the last descendant.
    root : ndarray (documents,) int64
        Row of the root of each text.
    line_end : ndarray (lines,) int64
        Bytes of ``source`` that end a line.
    by_kind : ndarray (nodes,) int64
        Rows ordered by kind, those of one kind in source order.
    kind_begin : ndarray (kinds + 1,) int64
        Where the rows of each kind begin in ``by_kind``.
    """

    source: bytes
    document: NDArray[np.int64]
    kind: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    depth: NDArray[np.int64]
    parent: NDArray[np.int64]
    subtree_end: NDArray[np.int64]
    root: NDArray[np.int64]
    line_end: NDArray[np.int64]
    by_kind: NDArray[np.int64]
    kind_begin: NDArray[np.int64]

    @property
    def documents(self) -> int:
        """Number of texts."""
        return len(self.root)

    def rows_of(self, *kinds: str) -> NDArray[np.int64]:
        """Return the rows of the nodes of some kinds, in source order; not to be written to."""
        begin = self.kind_begin
        parts = [self.by_kind[begin[kind] : begin[kind + 1]] for kind in kind_numbers(*kinds)]
        return parts[0] if len(parts) == 1 else np.sort(np.concatenate(parts))

    def is_kind(self, rows: NDArray[np.int64], *kinds: str) -> NDArray[np.bool_]:
        """Tell for each row whether its node is of one of the kinds."""
        return _kind_mask(*kinds)[self.kind[rows]]

    def count_per_document(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many of the rows belong to each text, shape (documents,)."""
        return np.bincount(self.document[rows], minlength=self.documents)

    def count_within(self, rows: NDArray[np.int64], *kinds: str) -> NDArray[np.int64]:
        """Return for each row the number of its descendants of some kinds."""
        return self.count_rows_within(rows, self.rows_of(*kinds))

    def count_rows_within(self, rows: NDArray[np.int64], members: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each row the number of its descendants that are among the members, sorted rows."""
        counts: NDArray[np.int64]
        # To search twice for a row costs as much as to count over some nodes.
        if len(rows) * _NODES_PER_SEARCH < len(self.kind):
            counts = np.searchsorted(members, self.subtree_end[rows]) - np.searchsorted(members, rows + 1)
            return counts
        before = np.zeros(len(self.kind) + 1, dtype=np.int64)
        before[members + 1] = 1
        np.cumsum(before, out=before)
        counts = before[self.subtree_end[rows]] - before[rows + 1]
        return counts

    def mark(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return one entry a node: whether it is among the rows."""
        marked = np.zeros(len(self.kind), dtype=np.bool_)
        marked[rows] = True
        return marked

    def line_of(self, position: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of line ends in ``source`` before each byte."""
        return np.searchsorted(self.line_end, position)

    def size(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the bytes that each row spans."""
        sizes: NDArray[np.int64] = self.end[rows] - self.start[rows]
        return sizes


def parse_batch(texts: Sequence[str]) -> SyntaxForest:
    """Parse texts with the tolerant tree-sitter grammar and flatten the trees.

    Time and memory are bounded: at most ``MAX_BYTES`` bytes are parsed and ``MAX_NODES`` nodes visited per text, and
    the walk keeps no stack, so nesting depth does not matter.

    Parameters
    ----------
    texts : sequence of str
        Texts that encode as UTF-8 (see ``rated_window``).

    Returns
    -------
    SyntaxForest
        The nodes of all trees.
    """
    sources = [text.encode("utf-8")[:MAX_BYTES] for text in texts]
    parser = tree_sitter.Parser(python_language())  # one per call: a parser must not be shared between threads
    flat = [_flatten(parser.parse(source)) for source in sources]
    visited = np.array([columns.shape[1] for columns in flat], dtype=np.int64)
    kind, start, end, depth = np.concatenate([np.empty((4, 0), dtype=np.int64), *flat], axis=1)
    kind = np.minimum(kind, _error_kind())
    lengths = np.array([len(source) + 1 for source in sources], dtype=np.int64)
    offset = np.repeat(np.cumsum(lengths) - lengths, visited)
    # Spans are compared by binary search: keep them sorted even where error recovery reorders empty nodes.
    start = np.maximum.accumulate(start + offset) if len(start) else start
    end += offset
    source = b"\n".join([*sources, b""])
    by_kind, kind_begin = _order_by_kind(kind)
    return SyntaxForest(
        source=source,
        document=np.repeat(np.arange(len(sources)), visited),
        kind=kind,
        start=start,
        end=end,
        depth=depth,
        parent=_parents(depth),
        subtree_end=_subtree_ends(start, end, len(source)),
        root=np.cumsum(visited) - visited,
        line_end=np.flatnonzero(np.frombuffer(source, dtype=np.uint8) == ord("\n")),
        by_kind=by_kind,
        kind_begin=kind_begin,
    )


def _flatten(tree: tree_sitter.Tree) -> NDArray[np.int64]:
    """Return kind, start, end and depth of the nodes of a tree, shape (4, nodes)."""
    nodes, depths = _walk(tree)
    columns = np.empty((len(_READERS) + 1, len(nodes)), dtype=np.int64)
    for column, read in zip(columns, _READERS, strict=False):
        # One attribute of all nodes after another: the loop is not the interpreter's.
        column[:] = np.fromiter(map(read, nodes), dtype=np.int64, count=len(nodes))
    columns[-1] = depths
    return columns


def _walk(tree: tree_sitter.Tree) -> tuple[list[tree_sitter.Node], list[int]]:
    """Return the first nodes of a tree in pre-order, with their levels below the root."""
    cursor = tree.walk()
    to_child, to_sibling, to_parent = cursor.goto_first_child, cursor.goto_next_sibling, cursor.goto_parent
    nodes: list[tree_sitter.Node] = []
    levels: list[int] = []
    add_node, add_level = nodes.append, levels.append
    level = 0
    for _ in range(MAX_NODES):
        node = cursor.node
        if node is None:
            break
        add_node(node)
        add_level(level)
        if to_child():
            level += 1
            continue
        while not to_sibling():
            if not to_parent():
                return nodes, levels
            level -= 1
    return nodes, levels


def _parents(depth: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each node's parent: the last node before it that is one level higher (pre-order)."""
    rows = np.arange(len(depth))
    keys = depth * (len(depth) + 1) + rows
    # Depths are small numbers: a stable sort of 16 bits is linear, and leaves the keys sorted.
    order = np.argsort(depth.astype(np.uint16), kind="stable")
    above = np.searchsorted(keys[order], keys[order] - (len(depth) + 1)) - 1
    parent = np.empty_like(rows)
    parent[order] = order[np.maximum(above, 0)]
    return np.where(depth == 0, rows, parent)


def _subtree_ends(start: NDArray[np.int64], end: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return the row after the last descendant of each row: the first that starts where it ends or later."""
    started_before = np.zeros(size + 2, dtype=np.int64)
    np.cumsum(np.bincount(start, minlength=size + 1), out=started_before[1:])
    return np.maximum(started_before[end], np.arange(1, len(start) + 1))


def _order_by_kind(kind: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    by_kind = np.argsort(kind.astype(np.uint16), kind="stable")
    counts = np.bincount(kind, minlength=_error_kind() + 1)
    return by_kind, np.concatenate(([0], np.cumsum(counts)))


@cache
def python_language() -> tree_sitter.Language:
    """Return the Python grammar."""
    return tree_sitter.Language(tree_sitter_python.language())


@cache
def _error_kind() -> int:
    """Return what stands for the grammar's 2**16 - 1, so that tables of all kinds are small."""
    return python_language().node_kind_count


@cache
def kind_numbers(*kinds: str) -> tuple[int, ...]:
    """Return the numbers that stand for some kinds of named nodes, ``ERROR`` among them.

    Raises
    ------
    ValueError
        If the grammar has none of them.
    """
    return (*_numbers(kinds, named=True), *([_error_kind()] if "ERROR" in kinds else []))


@cache
def token_numbers(*tokens: str) -> tuple[int, ...]:
    """Return the numbers that stand for some keywords or punctuation.

    Raises
    ------
    ValueError
        If the grammar has none of them.
    """
    return _numbers(tokens, named=False)


def _numbers(kinds: tuple[str, ...], *, named: bool) -> tuple[int, ...]:
    language = python_language()
    every = [number for number in range(language.node_kind_count) if language.node_kind_is_named(number) == named]
    numbers = tuple(number for number in every if language.node_kind_for_id(number) in kinds)
    if not numbers and "ERROR" not in kinds:
        msg = f"the Python grammar has no node kind among {kinds!r}"
        raise ValueError(msg)
    return numbers


@cache
def _kind_mask(*kinds: str) -> NDArray[np.bool_]:
    mask = np.zeros(_error_kind() + 1, dtype=np.bool_)
    mask[list(kind_numbers(*kinds))] = True
    return mask
