"""Style: the care that a text was written with, in its spacing and in the names that it binds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.columns import share, take_named_logarithms
from textbooks.scoring.name_traits import Trait
from textbooks.scoring.syntax_tree import token_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from textbooks.scoring.identifiers import Identifiers
    from textbooks.scoring.syntax_tree import SyntaxForest

NAMES: tuple[str, ...] = (
    "tight_assignment_share",
    "tight_comparison_share",
    "tight_operator_share",
    "tight_comma_share",
    "comma_log_count",
    "semicolon_log_count",
    "space_before_call_share",
    "parenthesised_condition_share",
    "long_line_of_80_share",
    "trailing_space_line_share",
    "double_blank_line_share",
    "bound_name_log_count",
    "bound_once_share",
    "bound_short_share",
    "bound_builtin_share",
    "imported_unused_share",
    "parameter_mean_length",
    "parameter_short_share",
    "function_camel_case_share",
    "function_short_name_share",
    "function_numbered_name_share",
    "function_name_mean_length",
    "printed_text_share",
    "printed_name_share",
    "printed_constant_share",
)
"""Names of the columns of ``style_features``."""

_SHORT = 2
_SHORT_FUNCTION = 3
_WIDE = 79
_OPERATORS = {
    "assignment": ("=",),
    "comparison_operator": ("<", ">", "==", "!=", "<=", ">="),
    "binary_operator": ("+", "-", "*", "/", "%", "//", "**", "<<", ">>", "&", "|", "^"),
}
_PRINTED = (
    ("string", "concatenated_string", "binary_operator"),
    ("identifier", "attribute", "subscript", "call"),
    ("integer", "true", "false"),
)
_BLANK = np.isin(np.arange(256), np.frombuffer(b" \t\n", dtype=np.uint8))
_BLANK_OR_CLOSING = _BLANK | np.isin(np.arange(256), np.frombuffer(b")]}", dtype=np.uint8))


def style_features(windows: Sequence[str], forest: SyntaxForest, identifiers: Identifiers) -> NDArray[np.float64]:
    """Measure the spacing and the bound names of each text of a batch.

    Parameters
    ----------
    windows : sequence of str
        The rated windows.
    forest : SyntaxForest
        The parsed windows.
    identifiers : Identifiers
        Their identifiers.

    Returns
    -------
    ndarray (documents, len(NAMES)) float64
        Shares in [0, 1]; counts are ``log(1 + n)`` where the name says so; lengths are in bytes.

    Notes
    -----
    Ours: the rubric tells a sloppy script from a useful one, and spacing after PEP 8 tells how much care was taken.
    """
    if not forest.documents:
        return np.empty((0, len(NAMES)))
    columns = [
        *_spacing_columns(forest),
        *np.array([_line_row(window) for window in windows]).T,
        *_binding_columns(forest, identifiers),
        *_parameter_columns(forest, identifiers),
        *_function_name_columns(forest, identifiers),
        *_print_columns(forest, identifiers),
    ]
    return take_named_logarithms(np.stack(columns, axis=1).astype(np.float64), NAMES)


def _tokens(forest: SyntaxForest, *tokens: str) -> NDArray[np.int64]:
    """Return the rows of keywords or punctuation, in no order."""
    begin = forest.kind_begin
    return np.concatenate([forest.by_kind[begin[kind] : begin[kind + 1]] for kind in token_numbers(*tokens)])


def _spacing_columns(forest: SyntaxForest) -> list[NDArray[np.float64]]:
    count = forest.count_per_document
    source = np.frombuffer(forest.source + b"\n", dtype=np.uint8)
    shares = []
    for parent, tokens in _OPERATORS.items():
        rows = _tokens(forest, *tokens)
        rows = rows[forest.is_kind(forest.parent[rows], parent)]
        tight = ~_BLANK[source[forest.start[rows] - 1]] | ~_BLANK[source[forest.end[rows]]]
        shares.append(share(count(rows[tight]), count(rows)))
    commas = _tokens(forest, ",")
    tight = ~_BLANK_OR_CLOSING[source[forest.end[commas]]]
    opening = _tokens(forest, "(")
    opening = opening[forest.is_kind(forest.parent[opening], "argument_list", "parameters")]
    apart = _BLANK[source[forest.start[opening] - 1]]
    conditional = ("if_statement", "elif_clause", "while_statement")
    bracketed = forest.rows_of("parenthesized_expression")
    bracketed = bracketed[forest.is_kind(forest.parent[bracketed], *conditional)]
    return [
        *shares,
        share(count(commas[tight]), count(commas)),
        count(commas).astype(np.float64),
        count(_tokens(forest, ";")).astype(np.float64),
        share(count(opening[apart]), count(opening)),
        np.minimum(share(count(bracketed), count(forest.rows_of(*conditional))), 1.0),
    ]


def _line_row(window: str) -> tuple[float, float, float]:
    lines = window.split("\n")
    wide = sum(len(line) > _WIDE for line in lines)
    trailing = window.count(" \n") + window.count("\t\n")
    return wide / len(lines), trailing / len(lines), window.count("\n\n\n") / len(lines)


def _binding_columns(forest: SyntaxForest, names: Identifiers) -> list[NDArray[np.float64]]:
    parent = forest.parent[names.row]
    assigned = forest.is_kind(parent, "assignment", "pattern_list", "for_statement") & names.bound
    imported = forest.is_kind(parent, "dotted_name", "aliased_import") & names.bound
    occurrences = np.bincount(names.key, minlength=len(names.first))
    once = (occurrences == 1)[names.key]

    def per_text(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        return forest.count_per_document(names.row[mask])

    return [
        per_text(assigned).astype(np.float64),
        share(per_text(assigned & once), per_text(assigned)),
        share(per_text(assigned & (forest.size(names.row) <= _SHORT)), per_text(assigned)),
        share(per_text(assigned & names.builtin), per_text(assigned)),
        share(per_text(imported & once), per_text(imported)),
    ]


def _parameter_columns(forest: SyntaxForest, names: Identifiers) -> list[NDArray[np.float64]]:
    parent = forest.parent[names.row]
    typed = ("typed_parameter", "default_parameter", "typed_default_parameter")
    row = names.row[forest.is_kind(parent, "parameters", *typed) & names.bound & ~names.have(Trait.SELF)]
    count, size = forest.count_per_document(row), forest.size(row)
    characters = np.bincount(forest.document[row], weights=size, minlength=forest.documents)
    return [share(characters, count), share(forest.count_per_document(row[size <= _SHORT]), count)]


def _function_name_columns(forest: SyntaxForest, names: Identifiers) -> list[NDArray[np.float64]]:
    defined = forest.is_kind(forest.parent[names.row], "function_definition")
    row = names.row[defined]
    count, size = forest.count_per_document(row), forest.size(row)
    characters = np.bincount(forest.document[row], weights=size, minlength=forest.documents)
    flags = (names.have(Trait.CAMEL_CASE)[defined], size <= _SHORT_FUNCTION, names.have(Trait.NUMBERED)[defined])
    return [*(share(forest.count_per_document(row[flag]), count) for flag in flags), share(characters, count)]


def _print_columns(forest: SyntaxForest, names: Identifiers) -> list[NDArray[np.float64]]:
    """Return how many prints say something in words, and how many only show a name or a number."""
    called = names.row[names.called & names.have(Trait.PRINT)]
    called = called[called + 3 < len(forest.kind)]
    first = called + 3  # print, its argument list, the bracket, the first argument
    inside = forest.parent[first] == called + 1
    count = forest.count_per_document(called)
    shares = []
    for kinds in _PRINTED:
        shown = called[inside & forest.is_kind(first, *kinds)]
        shares.append(share(forest.count_per_document(shown), count))
    return shares
