"""Syntax trees of many texts as flat arrays: one row a node, in source order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
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
        Node kind of the Python grammar.
    start, end : ndarray (nodes,) int64
        Byte span in ``source``.
    depth : ndarray (nodes,) int64
        Levels below the root of the text.
    parent : ndarray (nodes,) int64
        Row of the parent; a root is its own parent.
    documents : int
        Number of texts.
    """

    source: bytes
    document: NDArray[np.int64]
    kind: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    depth: NDArray[np.int64]
    parent: NDArray[np.int64]
    documents: int

    def rows_of(self, *kinds: str) -> NDArray[np.int64]:
        """Return the rows of the nodes of some kinds, in source order."""
        return np.flatnonzero(_kind_mask(*kinds)[self.kind])

    def is_kind(self, rows: NDArray[np.int64], *kinds: str) -> NDArray[np.bool_]:
        """Tell for each row whether its node is of one of the kinds."""
        return _kind_mask(*kinds)[self.kind[rows]]

    def count_per_document(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many of the rows belong to each text, shape (documents,)."""
        return np.bincount(self.document[rows], minlength=self.documents)

    def subtree_end(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the row after the last descendant of each row."""
        return np.maximum(np.searchsorted(self.start, self.end[rows], side="left"), rows + 1)

    def count_within(self, rows: NDArray[np.int64], *kinds: str) -> NDArray[np.int64]:
        """Return for each row the number of its descendants of some kinds."""
        return self.count_marked_within(rows, _kind_mask(*kinds)[self.kind])

    def count_marked_within(self, rows: NDArray[np.int64], marked: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return for each row the number of its descendants that are marked; ``marked`` has one entry a node."""
        running = np.concatenate(([0], np.cumsum(marked)))
        counts: NDArray[np.int64] = running[self.subtree_end(rows)] - running[rows + 1]
        return counts

    def mark(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return one entry a node: whether it is among the rows."""
        marked = np.zeros(len(self.kind), dtype=np.bool_)
        marked[rows] = True
        return marked


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
    nodes: tuple[list[int], list[int], list[int], list[int]] = ([], [], [], [])
    parser = tree_sitter.Parser(_language())  # one per call: a parser must not be shared between threads
    visited = [_walk(parser.parse(source), nodes) for source in sources]
    kind, start, end, depth = (np.array(column, dtype=np.int64) for column in nodes)
    document = np.repeat(np.arange(len(sources)), visited)
    lengths = np.array([len(source) + 1 for source in sources], dtype=np.int64)
    offset = (np.cumsum(lengths) - lengths)[document] if len(sources) else document
    return SyntaxForest(
        source=b"\n".join([*sources, b""]),
        document=document,
        kind=kind,
        # Spans are compared by binary search: keep them sorted even where error recovery reorders empty nodes.
        start=np.maximum.accumulate(start + offset) if len(start) else start,
        end=end + offset,
        depth=depth,
        parent=_parents(depth),
        documents=len(sources),
    )


def _walk(tree: tree_sitter.Tree, nodes: tuple[list[int], list[int], list[int], list[int]]) -> int:
    cursor = tree.walk()
    add_kind, add_start, add_end, add_depth = (column.append for column in nodes)
    to_child, to_sibling, to_parent = cursor.goto_first_child, cursor.goto_next_sibling, cursor.goto_parent
    level = 0
    for visited in range(1, MAX_NODES + 1):
        node = cursor.node
        if node is None:
            return visited - 1
        add_kind(node.kind_id)
        add_start(node.start_byte)
        add_end(node.end_byte)
        add_depth(level)
        if to_child():
            level += 1
            continue
        while not to_sibling():
            if not to_parent():
                return visited
            level -= 1
    return MAX_NODES


def _parents(depth: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each node's parent: the last node before it that is one level higher (pre-order)."""
    rows = np.arange(len(depth))
    keys = depth * (len(depth) + 1) + rows
    order = np.argsort(keys)
    above = np.searchsorted(keys[order], keys - (len(depth) + 1)) - 1
    return np.where(depth == 0, rows, order[np.maximum(above, 0)])


@cache
def _language() -> tree_sitter.Language:
    return tree_sitter.Language(tree_sitter_python.language())


@cache
def _kind_mask(*kinds: str) -> NDArray[np.bool_]:
    language = _language()
    # The last entry stands for ERROR, whose kind is the largest 16-bit number (see ``error_kind``).
    mask = np.zeros(ERROR_KIND + 1, dtype=np.bool_)
    for kind in kinds:
        if kind == "ERROR":
            mask[ERROR_KIND] = True
        for identity in range(language.node_kind_count):
            if language.node_kind_is_named(identity) and language.node_kind_for_id(identity) == kind:
                mask[identity] = True
    if not mask.any():
        msg = f"the Python grammar has no node kind among {kinds!r}"
        raise ValueError(msg)
    return mask


ERROR_KIND = 2**16 - 1
"""Kind of the nodes that error recovery makes."""
