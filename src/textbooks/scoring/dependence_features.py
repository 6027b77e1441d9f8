"""Dependence: how far a text, and each of its functions, is understood without its project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.columns import share
from textbooks.scoring.name_traits import Trait
from textbooks.scoring.syntax_features import docstring_rows, documented_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textbooks.scoring.identifiers import Identifiers
    from textbooks.scoring.syntax_tree import SyntaxForest

NAMES: tuple[str, ...] = (
    "attribute_of_foreign_share",
    "attribute_of_local_share",
    "attribute_of_self_share",
    "self_attribute_undefined_share",
    "class_base_outside_share",
    "function_independent_share",
    "function_worked_share",
    "function_independent_log_count",
    "function_worked_log_count",
    "function_worked_and_documented_log_count",
    "function_independent_and_documented_log_count",
    "bytes_in_worked_functions_share",
    "printed_literal_share",
    "compared_with_string_share",
    "compared_with_number_share",
    "assert_with_literal_share",
)


def dependence_features(forest: SyntaxForest, names: Identifiers) -> NDArray[np.float64]:
    """Measure what each text of a batch needs from outside.

    A function is independent when every name it looks up is built in, defined in the text or from a well-known
    library; it is worked when it also computes: a loop, branch or comprehension, and a value returned or yielded.

    Parameters
    ----------
    forest : SyntaxForest
        The parsed texts.
    names : Identifiers
        Their identifiers.

    Returns
    -------
    ndarray (documents, len(NAMES)) float64
        Shares in [0, 1]; counts are ``log(1 + n)``.
    """
    if not forest.documents:
        return np.empty((0, len(NAMES)))
    outside = names.row[names.outside]
    columns = [*_attribute_columns(forest, names), _base_column(forest, outside)]
    columns += [*_function_columns(forest, outside), *_literal_columns(forest, names)]
    return np.stack(columns, axis=1)


def _attribute_columns(forest: SyntaxForest, names: Identifiers) -> list[NDArray[np.float64]]:
    parent = forest.parent[names.row]
    holder = forest.is_kind(parent, "attribute") & (names.row == parent + 1)
    holders = forest.count_per_document(names.row[holder])
    own = holder & names.have(Trait.SELF)
    columns = [
        share(forest.count_per_document(names.row[holder & origin]), holders)
        for origin in (names.foreign | names.unknown, names.local, own)
    ]
    # self . name: the name comes three nodes after the attribute.
    is_own = (parent == names.row - 3) & forest.mark(parent[own])[parent]
    assigned = is_own & forest.is_kind(forest.parent[parent], "assignment", "augmented_assignment", "pattern_list")
    assigned &= parent == forest.parent[parent] + 1
    method = forest.is_kind(parent, "function_definition")
    undefined = is_own & ~names.share_key(assigned | method)
    per_text = forest.count_per_document(names.row[undefined])
    return [*columns, share(per_text, forest.count_per_document(names.row[is_own]))]


def _base_column(forest: SyntaxForest, outside: NDArray[np.int64]) -> NDArray[np.float64]:
    bases = forest.rows_of("argument_list")
    bases = bases[forest.is_kind(forest.parent[bases], "class_definition")]
    other = bases[forest.count_rows_within(bases, outside) > 0]
    classes = forest.count_per_document(forest.rows_of("class_definition"))
    return share(forest.count_per_document(other), classes)


def _function_columns(forest: SyntaxForest, outside: NDArray[np.int64]) -> list[NDArray[np.float64]]:
    rows = forest.rows_of("function_definition")
    functions = forest.count_per_document(rows)
    independent = forest.count_rows_within(rows, outside) == 0
    computes = forest.count_within(rows, "for_statement", "while_statement", "if_statement", "for_in_clause") > 0
    computes &= forest.count_within(rows, "return_statement", "yield") > 0
    worked = independent & computes
    documented = forest.mark(documented_rows(forest, docstring_rows(forest)))[rows]
    worked_bytes = np.bincount(forest.document[rows], weights=forest.size(rows) * worked, minlength=forest.documents)
    flags = (independent, worked, worked & documented, independent & documented)
    counts = [forest.count_per_document(rows[flag]) for flag in flags]
    return [
        share(counts[0], functions),
        share(counts[1], functions),
        *(np.log1p(count) for count in counts),
        np.minimum(share(worked_bytes, forest.size(forest.root)), 1.0),
    ]


def _literal_columns(forest: SyntaxForest, names: Identifiers) -> list[NDArray[np.float64]]:
    def having(rows: NDArray[np.int64], *kinds: str) -> NDArray[np.float64]:
        """Return the share of the rows that have a child of one of the kinds."""
        children = forest.rows_of(*kinds)
        kept = rows[forest.mark(forest.parent[children])[rows]]
        return share(forest.count_per_document(kept), forest.count_per_document(rows))

    prints = forest.parent[names.row[names.called & names.have(Trait.PRINT)]]
    bare = prints[forest.count_within(prints, "identifier") == 1]
    comparisons, asserts = forest.rows_of("comparison_operator"), forest.rows_of("assert_statement")
    compared = comparisons[forest.is_kind(forest.parent[comparisons], "assert_statement")]
    literals = ("string", "integer", "float", "list", "tuple", "dictionary", "true", "false", "none")
    with_literal = compared[forest.mark(forest.parent[forest.rows_of(*literals)])[compared]]
    return [
        share(forest.count_per_document(bare), forest.count_per_document(prints)),
        having(comparisons, "string"),
        having(comparisons, "integer", "float"),
        share(forest.count_per_document(with_literal), forest.count_per_document(asserts)),
    ]
