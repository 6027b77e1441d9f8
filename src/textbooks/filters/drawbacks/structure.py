"""All that the structural filters measure of a text, in one pass over one syntax tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from textbooks.filters.drawbacks.function_shapes import CodeShape, code_shapes
from textbooks.filters.drawbacks.name_origins import NameOrigins, name_origins
from textbooks.filters.drawbacks.parsed_code import parse_in_batches
from textbooks.filters.drawbacks.statement_roles import StatementRoles, statement_roles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textbooks.filters.drawbacks.parsed_code import ParsedCode

MOST_ERRORS = 0.25
"""Share of the text that the parser may skip; beyond it the text is taken for something else than Python. Ours."""

MOST_ERRORS_A_LINE = 0.5
"""The same for a text that is cut: the cut may leave a literal open, which is one error as long as the text. Ours."""


@dataclass(frozen=True, slots=True)
class CodeStructure:
    """The structure of one text.

    Attributes
    ----------
    origins : NameOrigins
        Where its names come from.
    roles : StatementRoles
        What its statements do.
    shape : CodeShape
        Its functions.
    cut : bool
        Whether only its first 12,000 bytes were read.
    error_share : float
        Share of what was read that is no Python, in [0, 1].
    errors_a_line : float
        Pieces that the parser skipped, for each line.
    """

    origins: NameOrigins
    roles: StatementRoles
    shape: CodeShape
    cut: bool
    error_share: float
    errors_a_line: float

    @property
    def is_python(self) -> bool:
        """Whether enough of the text parses to be judged."""
        return self.error_share <= MOST_ERRORS or (self.cut and self.errors_a_line <= MOST_ERRORS_A_LINE)


def measure_structure(texts: Sequence[str]) -> list[CodeStructure]:
    """Measure texts; time and memory are bounded, and each result depends on its text alone."""
    found = []
    for code in parse_in_batches(texts):
        errors = code.forest.count_per_document(code.forest.rows_of("ERROR")).tolist()
        a_line = [count / (part.count("\n") + 1) for count, part in zip(errors, code.heads, strict=True)]
        shapes = (name_origins(code), statement_roles(code), code_shapes(code))
        columns = (*shapes, code.cut.tolist(), _error_shares(code), a_line)
        found += [CodeStructure(*one) for one in zip(*columns, strict=True)]
    return found


def _error_shares(code: ParsedCode) -> list[float]:
    """Return the share of each text's bytes in outermost pieces that the parser skipped."""
    forest = code.forest
    rows = forest.rows_of("ERROR")
    reached = np.maximum.accumulate(forest.end[rows]) if len(rows) else rows
    begin = forest.start[rows].copy()
    begin[1:] = np.maximum(begin[1:], reached[:-1])
    skipped = np.bincount(forest.document[rows], np.maximum(forest.end[rows] - begin, 0), minlength=forest.documents)
    shares: list[float] = np.minimum(skipped / np.maximum(np.diff(code.first_byte) - 1, 1), 1.0).tolist()
    return shares
