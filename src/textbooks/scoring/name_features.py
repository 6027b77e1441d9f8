"""Names: what a text defines, what it uses, and where the names it uses come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.known_names import (
    BUILTIN_NAMES,
    COMMON_LIBRARY_MODULES,
    STANDARD_LIBRARY_MODULES,
    WEB_FRAMEWORK_MODULES,
)
from textbooks.scoring.syntax_features import share

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from textbooks.scoring.syntax_tree import SyntaxForest

NAMES: tuple[str, ...] = (
    "used_builtin_name_share",
    "used_local_name_share",
    "used_unknown_name_share",
    "called_builtin_share",
    "called_local_share",
    "called_unknown_share",
    "called_attribute_share",
    "called_print_share",
    "called_print_log_count",
    "called_input_log_count",
    "self_share",
    "uses_main_guard",
    "recursive_function_count",
    "defined_function_called_share",
    "test_function_share",
    "dunder_function_share",
    "distinct_identifier_share",
    "distinct_identifier_log_count",
    "mean_identifier_length",
    "one_letter_identifier_share",
    "snake_case_identifier_share",
    "camel_case_identifier_share",
    "upper_case_identifier_share",
    "numbered_identifier_share",
    "imported_module_log_count",
    "imported_standard_library_share",
    "imported_common_library_share",
    "imported_web_framework_count",
    "imported_other_module_log_count",
    "relative_import_count",
    "imports_nothing_unknown",
    "wildcard_import_count",
)

_BINDING_PARENTS = (
    "function_definition class_definition pattern_list parameters lambda_parameters typed_parameter tuple_pattern "
    "list_splat_pattern dictionary_splat_pattern as_pattern_target aliased_import global_statement"
).split()
_BINDING_FIRST_CHILD = ("assignment", "default_parameter", "typed_default_parameter", "named_expression")
_BINDING_SECOND_CHILD = ("for_statement", "for_in_clause")


@dataclass(frozen=True, slots=True)
class _Identifiers:
    """The identifiers of a batch: their rows, texts, and the roles that their place gives them."""

    row: NDArray[np.int64]
    text: list[str]
    key: NDArray[np.int64]
    bound: NDArray[np.bool_]
    attribute: NDArray[np.bool_]
    imported: NDArray[np.bool_]
    called: NDArray[np.bool_]

    def where(self, test: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Tell which identifiers pass a test of their text."""
        known: dict[str, bool] = {text: test(text) for text in set(self.text)}
        return np.fromiter((known[text] for text in self.text), dtype=np.bool_, count=len(self.text))


def name_features(forest: SyntaxForest) -> NDArray[np.float64]:
    """Measure the names of each text of a batch.

    Parameters
    ----------
    forest : SyntaxForest
        The parsed texts.

    Returns
    -------
    ndarray (documents, len(NAMES)) float64
        Shares in [0, 1]; counts are ``log(1 + n)`` where the name says so.
    """
    if not forest.documents:
        return np.empty((0, len(NAMES)))
    identifiers = _identifiers(forest)
    columns = [*_usage_columns(forest, identifiers), *_definition_columns(forest, identifiers)]
    columns += [*_spelling_columns(forest, identifiers), *_import_columns(forest, identifiers)]
    return np.stack(columns, axis=1)


def _identifiers(forest: SyntaxForest) -> _Identifiers:
    row = forest.rows_of("identifier")
    source = forest.source
    spans = zip(forest.start[row].tolist(), forest.end[row].tolist(), strict=True)
    text = [source[start:end].decode("utf-8", "replace") for start, end in spans]
    vocabulary: dict[str, int] = {}
    name = np.array([vocabulary.setdefault(word, len(vocabulary)) for word in text], dtype=np.int64)
    parent = forest.parent[row]
    imported = forest.is_kind(parent, "dotted_name", "aliased_import")
    bound = forest.is_kind(parent, *_BINDING_PARENTS) | imported
    bound |= forest.is_kind(parent, *_BINDING_FIRST_CHILD) & (row == parent + 1)
    bound |= forest.is_kind(parent, *_BINDING_SECOND_CHILD) & (row == parent + 2)
    attribute = forest.is_kind(parent, "attribute") & (row != parent + 1)
    attribute |= forest.is_kind(parent, "keyword_argument") & (row == parent + 1)
    return _Identifiers(
        row=row,
        text=text,
        key=forest.document[row] * max(len(vocabulary), 1) + name,
        bound=bound,
        attribute=attribute,
        imported=imported,
        called=forest.is_kind(parent, "call") & (row == parent + 1),
    )


def _usage_columns(forest: SyntaxForest, names: _Identifiers) -> list[NDArray[np.float64]]:
    def per_text(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        return forest.count_per_document(names.row[mask])

    used = ~names.bound & ~names.attribute
    builtin = names.where(BUILTIN_NAMES.__contains__)
    local = np.isin(names.key, names.key[names.bound]) & ~builtin
    unknown = ~builtin & ~local
    calls = forest.count_per_document(forest.rows_of("call"))
    method_calls = forest.rows_of("attribute")
    method_calls = method_calls[
        forest.is_kind(forest.parent[method_calls], "call") & (method_calls == forest.parent[method_calls] + 1)
    ]
    prints = per_text(names.called & names.where("print".__eq__))
    prints = prints + forest.count_per_document(forest.rows_of("print_statement"))
    return [
        *(share(per_text(used & origin), per_text(used)) for origin in (builtin, local, unknown)),
        *(share(per_text(names.called & origin), calls) for origin in (builtin, local, unknown)),
        share(forest.count_per_document(method_calls), calls),
        share(prints, calls),
        np.log1p(prints),
        np.log1p(per_text(names.called & names.where({"input", "raw_input"}.__contains__))),
        share(per_text(names.where("self".__eq__)), per_text(np.ones(len(names.row), dtype=np.bool_))),
        np.minimum(per_text(names.where("__name__".__eq__)), 1).astype(np.float64),
    ]


def _definition_columns(forest: SyntaxForest, names: _Identifiers) -> list[NDArray[np.float64]]:
    is_function_name = forest.is_kind(forest.parent[names.row], "function_definition")
    functions = forest.count_per_document(names.row[is_function_name])
    function = forest.parent[names.row[is_function_name]]
    # A function is recursive when the next call of its name after its definition lies within it.
    key, ends = names.key[is_function_name], forest.subtree_end(function)
    rows_of_calls, keys_of_calls = names.row[names.called], names.key[names.called]
    size = np.int64(len(forest.kind) + 1)
    ordered = np.sort(keys_of_calls * size + rows_of_calls)
    begin = np.searchsorted(ordered, key * size + function)
    stop = np.searchsorted(ordered, key * size + ends)
    recursive = stop > begin
    called_here = np.isin(key, keys_of_calls)
    test = names.where(lambda text: text.startswith("test"))[is_function_name]
    dunder = names.where(lambda text: text.startswith("__"))[is_function_name]
    flags = (called_here, test, dunder)
    return [
        forest.count_per_document(function[recursive]).astype(np.float64),
        *(share(forest.count_per_document(function[flag]), functions) for flag in flags),
    ]


def _spelling_columns(forest: SyntaxForest, names: _Identifiers) -> list[NDArray[np.float64]]:
    distinct, first = np.unique(names.key, return_index=True)
    del distinct
    row = names.row[first]
    count = forest.count_per_document(row)
    length = (forest.end - forest.start)[row]
    characters = np.bincount(forest.document[row], weights=length, minlength=forest.documents)
    tests: tuple[Callable[[str], bool], ...] = (
        lambda text: len(text) == 1,
        lambda text: "_" in text.strip("_") and text.islower(),
        lambda text: not text.islower() and not text.isupper(),
        lambda text: text.isupper() and len(text) > 1,
        lambda text: text[-1:].isdigit(),
    )
    return [
        share(count, forest.count_per_document(names.row)),
        np.log1p(count),
        share(characters, count),
        *(share(forest.count_per_document(row[names.where(test)[first]]), count) for test in tests),
    ]


def _import_columns(forest: SyntaxForest, names: _Identifiers) -> list[NDArray[np.float64]]:
    parent = forest.parent[names.row]
    holder = forest.parent[parent]
    aliased = forest.is_kind(holder, "aliased_import")
    statement = np.where(aliased, forest.parent[holder], holder)
    # The module of "from module import name" is the first dotted name after the keyword.
    is_module = forest.is_kind(parent, "dotted_name") & (names.row == parent + 1)
    plain = forest.is_kind(statement, "import_statement")
    is_module &= plain | (forest.is_kind(statement, "import_from_statement") & (parent == statement + 2))
    modules = forest.count_per_document(names.row[is_module])

    def per_text(members: frozenset[str]) -> NDArray[np.int64]:
        return forest.count_per_document(names.row[is_module & names.where(members.__contains__)])

    standard, common = per_text(STANDARD_LIBRARY_MODULES), per_text(COMMON_LIBRARY_MODULES)
    relative = forest.count_per_document(forest.rows_of("relative_import"))
    other = modules - standard - common
    return [
        np.log1p(modules),
        share(standard, modules),
        share(common, modules),
        per_text(WEB_FRAMEWORK_MODULES).astype(np.float64),
        np.log1p(other),
        relative.astype(np.float64),
        ((other == 0) & (relative == 0)).astype(np.float64),
        forest.count_per_document(forest.rows_of("wildcard_import")).astype(np.float64),
    ]
