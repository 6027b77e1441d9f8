"""Worked examples and their opposites: what runs on its own, what only declares, what only passes calls on."""

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

_SIMPLE_STATEMENTS = ("expression_statement", "return_statement", "assert_statement", "raise_statement")
_LITERALS = ("string", "integer", "float", "true", "false", "none")

NAMES: tuple[str, ...] = (
    "assert_log_count",
    "assert_independent_log_count",
    "assert_independent_share",
    "test_function_independent_log_count",
    "test_function_independent_share",
    "test_function_commented_share",
    "blank_to_fill_log_count",
    "stub_function_share",
    "stub_function_documented_log_count",
    "one_statement_function_share",
    "statements_per_function",
    "literal_answer_branch_log_count",
    "literal_answer_branch_share",
    "longest_elif_chain",
    "computing_statement_share",
    "computing_statement_log_count",
    "passing_on_statement_share",
    "literal_assignment_share",
    "field_from_parameter_share",
    "class_level_assignment_share",
    "decorated_function_share",
    "outside_name_log_count",
    "outside_names_per_statement",
    "statement_with_outside_name_share",
)


def example_features(forest: SyntaxForest, names: Identifiers) -> NDArray[np.float64]:
    """Measure how far the texts of a batch work something out that can be followed on the spot.

    Parameters
    ----------
    forest : SyntaxForest
        The parsed texts.
    names : Identifiers
        Their identifiers.

    Returns
    -------
    ndarray (documents, len(NAMES)) float64
        Shares in [0, 1]; counts are ``log(1 + n)`` where the name says so.
    """
    if not forest.documents:
        return np.empty((0, len(NAMES)))
    outside = names.row[names.outside]
    columns = [*_assertion_columns(forest, names, outside), *_stub_columns(forest, names)]
    columns += [*_branch_columns(forest), *_statement_columns(forest, names, outside)]
    return np.stack(columns, axis=1)


def _shares(forest: SyntaxForest, rows: NDArray[np.int64], *flags: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    whole = forest.count_per_document(rows)
    return [share(forest.count_per_document(rows[flag]), whole) for flag in flags]


def _logs(forest: SyntaxForest, *rows: NDArray[np.int64]) -> list[NDArray[np.float64]]:
    return [np.log1p(forest.count_per_document(some)) for some in rows]


def _assertion_columns(
    forest: SyntaxForest, names: Identifiers, outside: NDArray[np.int64]
) -> list[NDArray[np.float64]]:
    called = forest.parent[names.row[names.have(Trait.STARTS_WITH_ASSERT)]]
    calls = forest.parent[called[forest.is_kind(called, "attribute")]]
    calls = calls[forest.is_kind(calls, "call")]
    asserts = np.concatenate((forest.rows_of("assert_statement"), calls))
    alone = forest.count_rows_within(asserts, outside) == 0
    named = names.row[names.have(Trait.STARTS_WITH_TEST)]
    tests = forest.parent[named]
    tests = tests[forest.is_kind(tests, "function_definition")]
    independent = forest.count_rows_within(tests, outside) == 0
    commented = forest.count_within(tests, "comment") > 0
    blanks = names.row[names.have(Trait.UNDERSCORES)]
    return [
        *_logs(forest, asserts, asserts[alone]),
        *_shares(forest, asserts, alone),
        *_logs(forest, tests[independent]),
        *_shares(forest, tests, independent, commented),
        *_logs(forest, blanks),
    ]


def _stub_columns(forest: SyntaxForest, names: Identifiers) -> list[NDArray[np.float64]]:
    functions = forest.rows_of("function_definition")
    docstrings = docstring_rows(forest)
    # A statement that only documents or stands for nothing says what a stub says.
    statements = _statements(forest)
    strings = forest.is_kind(np.minimum(statements + 1, len(forest.kind) - 1), "string", "ellipsis")
    idle = strings & forest.is_kind(statements, "expression_statement")
    idle |= forest.is_kind(statements, "pass_statement")
    refused = names.row[names.have(Trait.NOT_IMPLEMENTED)]
    idle |= forest.is_kind(statements, "raise_statement") & (forest.count_rows_within(statements, refused) > 0)
    working = forest.count_rows_within(functions, statements[~idle])
    stub = working == 0
    documented = forest.mark(documented_rows(forest, docstrings))[functions]
    per_document = np.bincount(forest.document[functions], weights=working, minlength=forest.documents)
    return [
        *_shares(forest, functions, stub),
        *_logs(forest, functions[stub & documented]),
        *_shares(forest, functions, working == 1),
        np.log1p(share(per_document, forest.count_per_document(functions))),
    ]


def _statements(forest: SyntaxForest) -> NDArray[np.int64]:
    """Return the rows of the statements that hold no other statements, in source order."""
    return forest.rows_of(*_SIMPLE_STATEMENTS, "pass_statement", "print_statement")


def _branch_columns(forest: SyntaxForest) -> list[NDArray[np.float64]]:
    branches = forest.rows_of("if_statement", "elif_clause")
    blocks = forest.rows_of("block")
    owner = forest.parent[blocks]
    in_branch = forest.is_kind(owner, "if_statement", "elif_clause")
    # A branch that prints or returns nothing but literals gives an answer away instead of working it out.
    blocks, owner = blocks[in_branch], owner[in_branch]
    named = forest.count_within(blocks, "identifier")
    answers = forest.count_within(blocks, "call", "return_statement", "print_statement")
    literals = forest.count_within(blocks, *_LITERALS)
    called = forest.count_within(blocks, "call")
    given = (
        (answers > 0) & (literals >= answers) & (named <= called) & (forest.count_within(blocks, "if_statement") == 0)
    )
    against = forest.count_within(owner, "comparison_operator") > 0
    giving = owner[given & against]
    chains = np.zeros(forest.documents)
    heads = forest.rows_of("if_statement")
    clauses = forest.rows_of("elif_clause")
    length = np.bincount(forest.parent[clauses], minlength=len(forest.kind))[heads]
    np.maximum.at(chains, forest.document[heads], length)
    whole = forest.count_per_document(branches)
    return [*_logs(forest, giving), share(forest.count_per_document(giving), whole), np.log1p(chains)]


def _statement_columns(
    forest: SyntaxForest, names: Identifiers, outside: NDArray[np.int64]
) -> list[NDArray[np.float64]]:
    rows = _statements(forest)
    computes = forest.count_within(
        rows, "binary_operator", "comparison_operator", "subscript", "augmented_assignment", "for_in_clause"
    )
    calls = forest.count_within(rows, "call")
    assigned = forest.is_kind(np.minimum(rows + 1, len(forest.kind) - 1), "assignment")
    read = forest.count_rows_within(rows, names.row[names.used])
    literal = assigned & (read == 0) & (forest.count_within(rows, *_LITERALS) > 0)
    # self.x = x: an assignment that reads self and one name, and calls nothing.
    own = forest.count_rows_within(rows, names.row[names.have(Trait.SELF)])
    field = assigned & (own == 1) & (calls == 0) & (read <= 2) & (computes == 0)
    holder = forest.parent[forest.parent[rows]]
    in_class = assigned & forest.is_kind(holder, "class_definition")
    foreign = forest.count_rows_within(rows, outside)
    functions = forest.rows_of("function_definition")
    decorated = forest.is_kind(forest.parent[functions], "decorated_definition")
    distinct = forest.count_per_document(names.row[names.first[names.share_key(names.outside)[names.first]]])
    return [
        *_shares(forest, rows, computes > 0),
        *_logs(forest, rows[computes > 0]),
        *_shares(forest, rows, (computes == 0) & (calls > 0), literal, field, in_class),
        *_shares(forest, functions, decorated),
        np.log1p(distinct),
        share(distinct, forest.count_per_document(rows)),
        *_shares(forest, rows, foreign > 0),
    ]
