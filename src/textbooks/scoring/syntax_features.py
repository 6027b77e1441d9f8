"""Structure counts: which constructs a text uses, how its functions look, how deep it nests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.columns import share
from textbooks.scoring.syntax_tree import kind_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textbooks.scoring.columns import share
from textbooks.scoring.syntax_tree import SyntaxForest

_COUNTED_KINDS = (
    "import_statement import_from_statement function_definition class_definition decorator return_statement yield "
    "if_statement elif_clause else_clause for_statement while_statement break_statement continue_statement "
    "try_statement except_clause raise_statement assert_statement with_statement pass_statement delete_statement "
    "global_statement lambda call keyword_argument attribute subscript slice assignment augmented_assignment "
    "binary_operator comparison_operator boolean_operator not_operator unary_operator conditional_expression "
    "list tuple dictionary set pair list_comprehension dictionary_comprehension generator_expression "
    "string string_content interpolation integer float none true false comment type default_parameter ERROR "
    "print_statement await named_expression list_splat dictionary_splat ellipsis"
).split()

_FREQUENT_KINDS = (
    "function_definition class_definition import_from_statement import_statement for_statement while_statement "
    "if_statement call return_statement assignment binary_operator comment string pair ERROR"
).split()

_STATEMENTS = (
    "expression_statement return_statement if_statement for_statement while_statement try_statement with_statement "
    "raise_statement assert_statement import_statement import_from_statement pass_statement delete_statement "
    "break_statement continue_statement global_statement print_statement function_definition class_definition"
).split()

_LOOPS = ("for_statement", "while_statement")
_BRANCHES = (*_LOOPS, "if_statement", "elif_clause", "except_clause", "conditional_expression", "boolean_operator")
_NESTING = (*_LOOPS, "if_statement", "with_statement", "try_statement", "function_definition", "class_definition")
_LITERALS = ("string", "integer", "float", "list", "tuple", "dictionary", "set")

_PER_FUNCTION = (
    "lines",
    "statements",
    "loops",
    "branches",
    "returns",
    "calls",
    "attributes",
    "operators",
    "assignments",
    "parameters",
    "typed_parameters",
)

NAMES: tuple[str, ...] = (
    *(f"{kind.lower()}_share" for kind in _COUNTED_KINDS),
    *(f"{kind.lower()}_log_count" for kind in _FREQUENT_KINDS),
    "syntax_nodes_log_count",
    "mean_node_depth",
    "max_node_depth",
    *(f"function_mean_{what}" for what in _PER_FUNCTION),
    *(f"function_max_{what}" for what in _PER_FUNCTION),
    "function_with_docstring_share",
    "function_with_loop_share",
    "function_with_return_value_share",
    "function_empty_share",
    "function_method_share",
    "function_annotated_return_share",
    "class_mean_methods",
    "class_with_base_share",
    "class_with_docstring_share",
    "module_has_docstring",
    "max_loop_nesting",
    "nested_loop_count",
    "bytes_in_functions_share",
    "bytes_in_classes_share",
    "bytes_in_comments_share",
    "bytes_in_strings_share",
    "bytes_in_docstrings_share",
    "bytes_in_imports_share",
    "bytes_in_literals_share",
    "largest_literal_share",
    "top_level_statement_log_count",
    "top_level_import_share",
    "top_level_assignment_share",
    "top_level_definition_share",
    "top_level_call_share",
    "top_level_control_flow_share",
    "call_mean_arguments",
    "longest_attribute_chain",
)


def syntax_features(forest: SyntaxForest) -> NDArray[np.float64]:
    """Measure the structure of each text of a batch.

    Parameters
    ----------
    forest : SyntaxForest
        The parsed texts.

    Returns
    -------
    ndarray (documents, len(NAMES)) float64
        Shares are in [0, 1] of the nodes, bytes, functions, classes or top-level statements; counts are ``log(1 + n)``
        where the name says so.
    """
    if not forest.documents:
        return np.empty((0, len(NAMES)))
    columns = [*_kind_columns(forest), *_function_columns(forest), *_class_columns(forest), *_loop_columns(forest)]
    columns += [*_byte_columns(forest), *_top_level_columns(forest), *_call_columns(forest)]
    return np.stack(columns, axis=1)


def docstring_rows(forest: SyntaxForest) -> NDArray[np.int64]:
    """Return the rows of the strings that document a module, class or function."""
    rows = forest.rows_of("string")
    statement = forest.parent[rows]
    owner = forest.parent[statement]
    first = (forest.is_kind(statement, "expression_statement")) & (rows == statement + 1)
    opens_block = (statement == owner + 1) & forest.is_kind(owner, "block")
    holder = forest.parent[owner]
    in_definition = opens_block & forest.is_kind(holder, "function_definition", "class_definition")
    in_module = forest.is_kind(owner, "module") & _is_first_statement(forest, statement)
    documenting: NDArray[np.int64] = rows[first & (in_definition | in_module)]
    return documenting


def _is_first_statement(forest: SyntaxForest, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which top-level statements come first in their text, comments aside."""
    top = _top_level_rows(forest)
    first_row = np.full(forest.documents, -1)
    first_row[forest.document[top[::-1]]] = top[::-1]  # written last to first: the first stays
    is_first: NDArray[np.bool_] = rows == first_row[forest.document[rows]]
    return is_first


def _top_level_rows(forest: SyntaxForest) -> NDArray[np.int64]:
    """Return the rows of the top-level statements: what lies right below a root, comments aside."""
    rows = np.flatnonzero(forest.depth == 1)
    return rows[~forest.is_kind(rows, "comment")]


def maximum(forest: SyntaxForest, rows: NDArray[np.int64], values: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the largest value per text over its rows, 0 where it has none."""
    result = np.zeros(forest.documents)
    np.maximum.at(result, forest.document[rows], values)
    return result


def total(forest: SyntaxForest, rows: NDArray[np.int64], values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return the sum of the values per text over its rows (whole numbers, so that any order gives the same)."""
    sums = np.bincount(forest.document[rows], weights=values, minlength=forest.documents)
    return sums.astype(np.float64)


def _kind_columns(forest: SyntaxForest) -> list[NDArray[np.float64]]:
    nodes = np.diff(forest.root, append=len(forest.kind))
    counts = dict(zip(_COUNTED_KINDS, _count_kinds(forest), strict=True))
    columns = [share(counts[kind], nodes) for kind in _COUNTED_KINDS]
    columns += [np.log1p(counts[kind]) for kind in _FREQUENT_KINDS]
    depth_sum, depth_max = (reduce.reduceat(forest.depth, forest.root) for reduce in (np.add, np.maximum))
    return [*columns, np.log1p(nodes), share(depth_sum, nodes), depth_max.astype(np.float64)]


def _count_kinds(forest: SyntaxForest) -> list[NDArray[np.int64]]:
    """Return for each counted kind its nodes in each text."""
    document = forest.document[forest.by_kind]
    counts = []
    for kind in _COUNTED_KINDS:
        parts = [document[forest.kind_begin[number] : forest.kind_begin[number + 1]] for number in kind_numbers(kind)]
        counts.append(np.bincount(np.concatenate(parts), minlength=forest.documents))
    return counts


def _per_function_counts(forest: SyntaxForest, rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    lines = forest.line_of(forest.end[rows]) - forest.line_of(forest.start[rows]) + 1
    kinds_of = (
        _STATEMENTS,
        _LOOPS,
        _BRANCHES,
        ("return_statement",),
        ("call",),
        ("attribute",),
        ("binary_operator", "comparison_operator", "augmented_assignment"),
        ("assignment",),
    )
    parameters = forest.rows_of("parameters")
    names = forest.rows_of("identifier", "default_parameter", "typed_default_parameter", "typed_parameter")
    direct = names[forest.mark(parameters)[forest.parent[names]]]
    parameter_count = forest.count_rows_within(rows, direct)
    typed = forest.count_within(rows, "typed_parameter", "typed_default_parameter")
    return [lines, *(forest.count_within(rows, *kinds) for kinds in kinds_of), parameter_count, typed]


def _function_columns(forest: SyntaxForest) -> list[NDArray[np.float64]]:
    rows = forest.rows_of("function_definition")
    functions = forest.count_per_document(rows)
    counts = _per_function_counts(forest, rows)
    columns = [share(total(forest, rows, values), functions) for values in counts]
    columns += [maximum(forest, rows, values) for values in counts]
    documented = forest.mark(documented_rows(forest, docstring_rows(forest)))[rows]
    returns = forest.rows_of("return_statement")
    with_value = returns[forest.subtree_end[returns] > returns + 2]
    running = np.searchsorted(with_value, forest.subtree_end[rows]) - np.searchsorted(with_value, rows)
    statements = counts[1] - documented
    empty = (statements <= 1) & (forest.count_within(rows, "pass_statement", "ellipsis", "raise_statement") > 0)
    holder = forest.parent[
        np.where(forest.is_kind(forest.parent[rows], "decorated_definition"), forest.parent[rows], rows)
    ]
    method = forest.is_kind(forest.parent[holder], "class_definition")
    annotated = forest.mark(forest.parent[forest.rows_of("type")])[rows]
    flags = (documented, counts[2] > 0, running > 0, empty, method, annotated)
    return columns + [share(total(forest, rows, flag), functions) for flag in flags]


def documented_rows(forest: SyntaxForest, docstrings: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the definition (or the module's parent, itself) that each docstring documents."""
    return forest.parent[forest.parent[forest.parent[docstrings]]]


def _class_columns(forest: SyntaxForest) -> list[NDArray[np.float64]]:
    rows = forest.rows_of("class_definition")
    classes = forest.count_per_document(rows)
    docstrings = docstring_rows(forest)
    with_base = forest.mark(forest.parent[forest.rows_of("argument_list")])[rows]
    documented = forest.mark(documented_rows(forest, docstrings))[rows]
    module_docstrings = docstrings[forest.depth[docstrings] == 2]
    return [
        share(total(forest, rows, forest.count_within(rows, "function_definition")), classes),
        share(total(forest, rows, with_base), classes),
        share(total(forest, rows, documented), classes),
        np.minimum(forest.count_per_document(module_docstrings), 1).astype(np.float64),
    ]


def _loop_columns(forest: SyntaxForest) -> list[NDArray[np.float64]]:
    loops = forest.rows_of(*_LOOPS)
    # A loop lies inside the loops that started before it and have not ended yet.
    ends = np.sort(forest.end[loops])
    nesting = np.arange(len(loops)) - np.searchsorted(ends, forest.start[loops], side="right") + 1
    return [maximum(forest, loops, nesting), total(forest, loops, nesting > 1)]


def _byte_columns(forest: SyntaxForest) -> list[NDArray[np.float64]]:
    size = forest.size(forest.root)
    docstrings = docstring_rows(forest)
    imports = forest.rows_of("import_statement", "import_from_statement", "future_import_statement")
    groups = [_outermost(forest, "function_definition"), _outermost(forest, "class_definition")]
    literals = _outermost(forest, *_LITERALS)
    literals = literals[~forest.mark(docstrings)[literals]]
    groups += [forest.rows_of("comment"), _outermost(forest, "string"), docstrings, imports, literals]
    columns = [share(total(forest, rows, forest.size(rows)), size) for rows in groups]
    return [*columns, share(maximum(forest, literals, forest.size(literals)), size)]


def _outermost(forest: SyntaxForest, *kinds: str) -> NDArray[np.int64]:
    """Return the rows of some kinds that lie in no other node of these kinds."""
    rows = forest.rows_of(*kinds)
    reached = np.maximum.accumulate(forest.end[rows]) if len(rows) else rows
    outermost = np.ones(len(rows), dtype=np.bool_)
    outermost[1:] = forest.start[rows[1:]] >= reached[:-1]
    return rows[outermost]


def _top_level_columns(forest: SyntaxForest) -> list[NDArray[np.float64]]:
    rows = _top_level_rows(forest)
    statements = forest.count_per_document(rows)
    only_child = np.minimum(rows + 1, len(forest.kind) - 1)
    expression = forest.is_kind(rows, "expression_statement")
    flags = (
        forest.is_kind(rows, "import_statement", "import_from_statement", "future_import_statement"),
        expression & forest.is_kind(only_child, "assignment"),
        forest.is_kind(rows, "function_definition", "class_definition", "decorated_definition"),
        expression & forest.is_kind(only_child, "call"),
        forest.is_kind(rows, *_LOOPS, "if_statement", "try_statement", "with_statement"),
    )
    return [np.log1p(statements), *(share(total(forest, rows, flag), statements) for flag in flags)]


def _call_columns(forest: SyntaxForest) -> list[NDArray[np.float64]]:
    calls = forest.rows_of("call")
    arguments = forest.rows_of("argument_list")
    arguments = arguments[forest.is_kind(forest.parent[arguments], "call")]
    separators = forest.count_within(arguments, "keyword_argument", "identifier", "string", "integer")
    attributes = forest.rows_of("attribute")
    chain = forest.count_within(attributes, "attribute") + 1
    return [
        share(total(forest, arguments, separators), forest.count_per_document(calls)),
        maximum(forest, attributes, chain),
    ]
