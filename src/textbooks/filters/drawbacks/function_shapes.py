"""How long, branched, nested and explained each function of a text is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textbooks.filters.drawbacks.parsed_code import ParsedCode

MODULE: Final = "<module>"
"""The name under which the code outside of all functions is judged."""

_CONTROL = ("for_statement", "while_statement", "if_statement", "try_statement", "with_statement", "match_statement")
_BRANCHES = (
    "for_statement while_statement if_statement elif_clause except_clause case_clause conditional_expression "
    "boolean_operator for_in_clause if_clause"
).split()
_LOOPS = ("for_statement", "while_statement", "for_in_clause")
_OPERATORS = ("binary_operator", "comparison_operator", "augmented_assignment", "subscript", "unary_operator")
_STATEMENTS = (
    "expression_statement return_statement assert_statement raise_statement delete_statement print_statement "
    "if_statement elif_clause for_statement while_statement try_statement with_statement match_statement"
).split()
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class FunctionShape:
    """One function, or the code of a text outside of all functions.

    Attributes
    ----------
    name : str
        `MODULE` for what stands outside of functions.
    line, lines : int
        Where it begins, from 1; how many lines it spans.
    statements, branches, loops, operators : int
        Statements; decisions (loops, ``if``, ``elif``, ``except``, ``case``, conditions, ``and``, ``or``), which is
        the cyclomatic complexity less one; those of them that loop; arithmetic, comparisons and subscripts.
    nesting : int
        The deepest level of loops, branches, ``try``, ``with`` and ``match`` inside each other.
    words : int
        Words of its docstring and comments.
    """

    name: str
    line: int
    lines: int
    statements: int
    branches: int
    loops: int
    operators: int
    nesting: int
    words: int

    @property
    def burden(self) -> float:
        """What a reader must untangle without help: decisions and nesting, over explaining words a statement.

        ``(branches + nesting) / (1 + words / statements)``; ours.
        """
        return (self.branches + self.nesting) / (1 + self.words / max(1, self.statements))


@dataclass(frozen=True, slots=True)
class CodeShape:
    """The functions of one text, and how it is explained as a whole.

    Attributes
    ----------
    functions : list of FunctionShape
        In source order, the code outside of functions last.
    words : int
        Words of all docstrings and comments.
    documented : int
        Functions with a docstring or comment of at least three words.
    name_length : float
        Mean length of the distinct identifiers, in characters.
    """

    functions: list[FunctionShape]
    words: int
    documented: int
    name_length: float

    @property
    def worst(self) -> FunctionShape:
        """The function of the greatest burden; of equals the first."""
        return max(self.functions, key=lambda function: function.burden)


def code_shapes(code: ParsedCode) -> list[CodeShape]:
    """Measure the functions of each text of a batch."""
    forest = code.forest
    rows = forest.rows_of("function_definition")
    words_at, words = _explaining_words(code)
    columns = _columns(code, rows)
    columns["words"] = _sum_between(words_at, words, rows, code.subtree_end(rows))
    functions = _functions(code, rows, columns)
    outside = _outside_of_functions(code, rows, words_at, words)
    total = np.bincount(forest.document[words_at], weights=words, minlength=forest.documents)
    lengths = _name_lengths(code)
    return [
        CodeShape(
            functions=[*functions[number], outside[number]],
            words=int(total[number]),
            documented=sum(function.words >= 3 for function in functions[number]),
            name_length=lengths[number],
        )
        for number in range(forest.documents)
    ]


def _columns(code: ParsedCode, rows: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    forest = code.forest
    return {
        "lines": code.lines(rows),
        "statements": forest.count_within(rows, *_STATEMENTS),
        "branches": forest.count_within(rows, *_BRANCHES),
        "loops": forest.count_within(rows, *_LOOPS),
        "operators": forest.count_within(rows, *_OPERATORS),
        "nesting": _nesting(code, rows),
    }


def _functions(
    code: ParsedCode, rows: NDArray[np.int64], columns: dict[str, NDArray[np.int64]]
) -> list[list[FunctionShape]]:
    forest = code.forest
    found: list[list[FunctionShape]] = [[] for _ in range(forest.documents)]
    values = zip(*(column.tolist() for column in columns.values()), strict=True)
    named = dict(zip(forest.parent[code.names.row[::-1]].tolist(), code.word[::-1].tolist(), strict=True))
    for row, one in zip(rows.tolist(), values, strict=True):
        name = code.words[named[row]] if row in named else "?"
        shape = dict(zip(columns, one, strict=True))
        found[forest.document[row]].append(FunctionShape(name=name, line=code.line(row), **shape))
    return found


def _outside_of_functions(
    code: ParsedCode, functions: NDArray[np.int64], words_at: NDArray[np.int64], words: NDArray[np.int64]
) -> list[FunctionShape]:
    """Measure what is left of each text without its functions."""
    forest = code.forest
    inside = _covered(len(forest.kind), functions, code.subtree_end(functions)) > 0
    depth = _control_depth(code)

    def count(*kinds: str) -> NDArray[np.int64]:
        rows = forest.rows_of(*kinds)
        return forest.count_per_document(rows[~inside[rows]])

    control = forest.rows_of(*_CONTROL)
    control = control[~inside[control]]
    nesting = np.zeros(forest.documents, dtype=np.int64)
    np.maximum.at(nesting, forest.document[control], depth[control])
    free = ~inside[words_at]
    counts = {
        "statements": count(*_STATEMENTS),
        "branches": count(*_BRANCHES),
        "loops": count(*_LOOPS),
        "operators": count(*_OPERATORS),
        "nesting": nesting,
        "words": np.bincount(forest.document[words_at[free]], weights=words[free], minlength=forest.documents),
        "lines": _lines_outside(code, functions),
    }
    return [
        FunctionShape(name=MODULE, line=1, **{name: int(column[number]) for name, column in counts.items()})
        for number in range(forest.documents)
    ]


def _lines_outside(code: ParsedCode, functions: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the lines of each text less those of its outermost functions."""
    forest = code.forest
    whole = np.array([part.count("\n") + bool(part and not part.endswith("\n")) for part in code.heads], dtype=np.int64)
    inside = _covered(len(forest.kind), functions, code.subtree_end(functions))
    outermost = functions[inside[functions] == 1]
    spanned = np.bincount(forest.document[outermost], weights=code.lines(outermost), minlength=forest.documents)
    return np.maximum(whole - spanned.astype(np.int64), 0)


def _covered(nodes: int, begin: NDArray[np.int64], stop: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each node in how many of the ranges it lies."""
    edges = np.zeros(nodes + 1, dtype=np.int64)
    np.add.at(edges, begin, 1)
    np.add.at(edges, stop, -1)
    return np.cumsum(edges)[:-1]


def _control_depth(code: ParsedCode) -> NDArray[np.int64]:
    """Return for each node how many loops, branches and the like it lies in, itself counted."""
    control = code.forest.rows_of(*_CONTROL)
    return _covered(len(code.forest.kind), control, code.subtree_end(control))


def _nesting(code: ParsedCode, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    forest = code.forest
    depth, control = _control_depth(code), forest.rows_of(*_CONTROL)
    levels = depth[control]
    begin, stop = np.searchsorted(control, rows), np.searchsorted(control, code.subtree_end(rows))
    deepest = [
        max(0, int(levels[first:last].max(initial=0)) - int(depth[row]))
        for row, first, last in zip(rows.tolist(), begin.tolist(), stop.tolist(), strict=True)
    ]
    return np.array(deepest, dtype=np.int64)


def _explaining_words(code: ParsedCode) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of comments and bare strings, and how many words each has."""
    forest = code.forest
    strings = forest.rows_of("string")
    above = forest.parent[strings]
    strings = strings[forest.is_kind(above, "expression_statement") & (strings == above + 1)]
    rows = np.sort(np.concatenate((forest.rows_of("comment"), strings)))
    return rows, np.array([len(_WORD.findall(code.text(row))) for row in rows.tolist()], dtype=np.int64)


def _sum_between(
    rows: NDArray[np.int64], values: NDArray[np.int64], begin: NDArray[np.int64], stop: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the sum of the values whose rows lie in each range."""
    running = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(values, dtype=np.int64)))
    sums: NDArray[np.int64] = running[np.searchsorted(rows, stop)] - running[np.searchsorted(rows, begin)]
    return sums


def _name_lengths(code: ParsedCode) -> list[float]:
    """Return the mean length of each text's different identifiers, 0 where it has none."""
    _, first = np.unique(code.names.key, return_index=True)
    rows = code.names.row[first]
    forest = code.forest
    total = np.bincount(forest.document[rows], weights=(forest.end - forest.start)[rows], minlength=forest.documents)
    means: list[float] = (total / np.maximum(forest.count_per_document(rows), 1)).tolist()
    return means
