"""Names: what a text defines, what it uses, and where the names it uses come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.columns import share
from textbooks.scoring.name_traits import Trait

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textbooks.scoring.identifiers import Identifiers
    from textbooks.scoring.syntax_tree import SyntaxForest

NAMES: tuple[str, ...] = (
    "used_builtin_name_share",
    "used_local_name_share",
    "used_foreign_name_share",
    "used_unknown_name_share",
    "called_builtin_share",
    "called_local_share",
    "called_foreign_share",
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


def name_features(forest: SyntaxForest, identifiers: Identifiers) -> NDArray[np.float64]:
    """Measure the names of each text of a batch.

    Parameters
    ----------
    forest : SyntaxForest
        The parsed texts.
    identifiers : Identifiers
        Their identifiers.

    Returns
    -------
    ndarray (documents, len(NAMES)) float64
        Shares in [0, 1]; counts are ``log(1 + n)`` where the name says so.
    """
    if not forest.documents:
        return np.empty((0, len(NAMES)))
    columns = [*_usage_columns(forest, identifiers), *_definition_columns(forest, identifiers)]
    columns += [*_spelling_columns(forest, identifiers), *_import_columns(forest, identifiers)]
    return np.stack(columns, axis=1)


def _usage_columns(forest: SyntaxForest, names: Identifiers) -> list[NDArray[np.float64]]:
    def per_text(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        return forest.count_per_document(names.row[mask])

    origins = (names.builtin, names.local, names.foreign, names.unknown)
    calls = forest.count_per_document(forest.rows_of("call"))
    method_calls = forest.rows_of("attribute")
    method_calls = method_calls[
        forest.is_kind(forest.parent[method_calls], "call") & (method_calls == forest.parent[method_calls] + 1)
    ]
    prints = per_text(names.called & names.have(Trait.PRINT))
    prints = prints + forest.count_per_document(forest.rows_of("print_statement"))
    return [
        *(share(per_text(names.used & origin), per_text(names.used)) for origin in origins),
        *(share(per_text(names.called & origin), calls) for origin in origins),
        share(forest.count_per_document(method_calls), calls),
        share(prints, calls),
        np.log1p(prints),
        np.log1p(per_text(names.called & names.have(Trait.INPUT))),
        share(per_text(names.have(Trait.SELF)), per_text(np.ones(len(names.row), dtype=np.bool_))),
        np.minimum(per_text(names.have(Trait.DUNDER_NAME)), 1).astype(np.float64),
    ]


def _definition_columns(forest: SyntaxForest, names: Identifiers) -> list[NDArray[np.float64]]:
    is_function_name = forest.is_kind(forest.parent[names.row], "function_definition")
    functions = forest.count_per_document(names.row[is_function_name])
    function = forest.parent[names.row[is_function_name]]
    # A function is recursive when the next call of its name after its definition lies within it.
    key, ends = names.key[is_function_name], forest.subtree_end[function]
    rows_of_calls, keys_of_calls = names.row[names.called], names.key[names.called]
    size = np.int64(len(forest.kind) + 1)
    ordered = np.sort(keys_of_calls * size + rows_of_calls)
    begin = np.searchsorted(ordered, key * size + function)
    stop = np.searchsorted(ordered, key * size + ends)
    recursive = stop > begin
    called_here = names.share_key(names.called)[is_function_name]
    test = names.have(Trait.STARTS_WITH_TEST)[is_function_name]
    dunder = names.have(Trait.STARTS_WITH_DUNDER)[is_function_name]
    flags = (called_here, test, dunder)
    return [
        forest.count_per_document(function[recursive]).astype(np.float64),
        *(share(forest.count_per_document(function[flag]), functions) for flag in flags),
    ]


def _spelling_columns(forest: SyntaxForest, names: Identifiers) -> list[NDArray[np.float64]]:
    row = names.row[names.first]
    count = forest.count_per_document(row)
    length = forest.size(row)
    characters = np.bincount(forest.document[row], weights=length, minlength=forest.documents)
    spellings = (Trait.ONE_LETTER, Trait.SNAKE_CASE, Trait.CAMEL_CASE, Trait.UPPER_CASE, Trait.NUMBERED)
    return [
        share(count, forest.count_per_document(names.row)),
        np.log1p(count),
        share(characters, count),
        *(share(forest.count_per_document(row[names.have(spelling)[names.first]]), count) for spelling in spellings),
    ]


def _import_columns(forest: SyntaxForest, names: Identifiers) -> list[NDArray[np.float64]]:
    modules = forest.count_per_document(names.row[names.module])

    def per_text(origin: Trait) -> NDArray[np.int64]:
        return forest.count_per_document(names.row[names.module & names.have(origin)])

    standard, common = per_text(Trait.STANDARD_LIBRARY), per_text(Trait.COMMON_LIBRARY)
    relative = forest.count_per_document(forest.rows_of("relative_import"))
    other = modules - standard - common
    return [
        np.log1p(modules),
        share(standard, modules),
        share(common, modules),
        per_text(Trait.WEB_FRAMEWORK).astype(np.float64),
        np.log1p(other),
        relative.astype(np.float64),
        ((other == 0) & (relative == 0)).astype(np.float64),
        forest.count_per_document(forest.rows_of("wildcard_import")).astype(np.float64),
    ]
