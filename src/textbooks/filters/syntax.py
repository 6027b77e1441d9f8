"""Whether the text is Python at all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Self

import numpy as np
from datatrove.pipeline.writers.disk_base import DiskWriter
from numpy.typing import NDArray

from textbooks.filters.base import ScoreFilter
from textbooks.filters.formats import PYTHON
from textbooks.ranges import check_range
from textbooks.verdicts import Reason, Verdict

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

__all__ = ["SyntaxFilter"]


class SyntaxFilter(ScoreFilter):
    """Drop texts that do not parse as Python, with reason ``syntax``.

    The score is the share of the text, in bytes and in [0, 1], that the parser had to skip; a missing token
    counts as one byte. The grammar is tree-sitter's: it takes Python 2's ``print`` and ``exec`` statements and
    every later syntax, and never fails on hostile input. How rarely it differs from CPython's own parser on real code:
    ``benchmarks/syntax``.

    Parameters
    ----------
    max_error_share : float, default=0.0
        Drops when the share is above this. 1.0 keeps everything, parseable or not.
    exclusion_writer, quarantine_writer, batch_size
        See `Step`.

    Examples
    --------
    >>> SyntaxFilter().judge("def f(:").reason
    <Reason.SYNTAX: 'syntax'>
    """

    name = "syntax"
    thresholds = ("max_error_share",)

    def __init__(
        self,
        *,
        max_error_share: float = 0.0,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        check_range("max_error_share", max_error_share, 0, 1)
        self.max_error_share = max_error_share

    def _for_format(self, text_format: str) -> Self | None:
        return self if text_format == PYTHON else None

    def _score_valid(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return np.array([_error_share(text.encode()) for text in texts], dtype=np.float64)

    def _decide(self, measurement: float) -> Verdict:
        if measurement > self.max_error_share:
            return Verdict.dropped(Reason.SYNTAX, measurement, error_share=round(measurement, 6))
        return Verdict.kept(measurement)


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_python

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))


def _error_share(source: bytes) -> float:
    root = _parser().parse(source).root_node
    if not root.has_error:
        return 0.0
    skipped, pending = 0, [root]
    while pending:  # only into what holds errors: the rest of the tree is never visited
        node: Node = pending.pop()
        if node.is_error or node.is_missing:
            skipped += max(1, node.end_byte - node.start_byte)
        elif node.has_error:
            pending.extend(node.children)
    return min(1.0, skipped / max(1, len(source)))
