"""The identifiers of a batch of syntax trees, with the roles that their place gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.known_names import BUILTIN_NAMES, COMMON_LIBRARY_MODULES, STANDARD_LIBRARY_MODULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from textbooks.scoring.syntax_tree import SyntaxForest

_BINDING_PARENTS = (
    "function_definition class_definition pattern_list parameters lambda_parameters dotted_name typed_parameter "
    "tuple_pattern list_splat_pattern dictionary_splat_pattern as_pattern_target aliased_import global_statement"
).split()
_BINDING_FIRST_CHILD = ("assignment", "default_parameter", "typed_default_parameter", "named_expression")
_IMPORTS = ("import_statement", "import_from_statement")
_BINDING_SECOND_CHILD = ("for_statement", "for_in_clause")


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The identifiers of a batch, in source order.

    Attributes
    ----------
    row : ndarray (n,) int64
        Rows in the syntax forest.
    distinct : tuple of str
        The names, each once.
    name : ndarray (n,) int64
        Place in ``distinct``.
    key : ndarray (n,) int64
        Equal where text and name are equal.
    bound : ndarray (n,) bool
        The identifier defines, imports or receives the name.
    used : ndarray (n,) bool
        The name is looked up: neither bound here nor an attribute or keyword.
    called : ndarray (n,) bool
        The name is called.
    module : ndarray (n,) bool
        First part of an imported module's name.
    builtin, local, foreign, unknown : ndarray (n,) bool
        Where the name comes from, exactly one of: the language; this text or a well-known library; another module;
        nowhere in sight.
    """

    row: NDArray[np.int64]
    distinct: tuple[str, ...]
    name: NDArray[np.int64]
    key: NDArray[np.int64]
    bound: NDArray[np.bool_]
    used: NDArray[np.bool_]
    called: NDArray[np.bool_]
    module: NDArray[np.bool_]
    builtin: NDArray[np.bool_]
    local: NDArray[np.bool_]
    foreign: NDArray[np.bool_]
    unknown: NDArray[np.bool_]

    def where(self, test: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Tell which identifiers pass a test of their text."""
        return _flags(self.distinct, self.name, test)


def find_identifiers(forest: SyntaxForest) -> Identifiers:
    """Find the identifiers of a batch and tell their roles.

    Parameters
    ----------
    forest : SyntaxForest
        The parsed texts.

    Returns
    -------
    Identifiers
        One entry an identifier.
    """
    row = forest.rows_of("identifier")
    spans = zip(forest.start[row].tolist(), forest.end[row].tolist(), strict=True)
    text = [forest.source[start:end].decode("utf-8", "replace") for start, end in spans]
    vocabulary: dict[str, int] = {}
    name = np.array([vocabulary.setdefault(word, len(vocabulary)) for word in text], dtype=np.int64)
    key = forest.document[row] * max(len(vocabulary), 1) + name
    parent = forest.parent[row]
    bound = _bound(forest, row)
    attribute = forest.is_kind(parent, "attribute") & (row != parent + 1)
    attribute |= forest.is_kind(parent, "keyword_argument") & (row == parent + 1)
    module = _module_roots(forest, row)
    builtin = _flags(vocabulary, name, BUILTIN_NAMES.__contains__)
    well_known = _flags(vocabulary, name, (COMMON_LIBRARY_MODULES | STANDARD_LIBRARY_MODULES).__contains__)
    foreign = ~builtin & np.isin(key, key[_from_other_modules(forest, row, row[module & ~well_known])])
    local = ~builtin & ~foreign & np.isin(key, key[bound])
    return Identifiers(
        row=row,
        distinct=tuple(vocabulary),
        name=name,
        key=key,
        bound=bound,
        used=~bound & ~attribute,
        called=forest.is_kind(parent, "call") & (row == parent + 1),
        module=module,
        builtin=builtin,
        local=local,
        foreign=foreign,
        unknown=~builtin & ~local & ~foreign,
    )


def _flags(distinct: Iterable[str], name: NDArray[np.int64], test: Callable[[str], bool]) -> NDArray[np.bool_]:
    """Return the answer of a test for each occurrence of a name."""
    return np.array([test(word) for word in distinct], dtype=np.bool_)[name]


def _bound(forest: SyntaxForest, row: NDArray[np.int64]) -> NDArray[np.bool_]:
    parent = forest.parent[row]
    bound = forest.is_kind(parent, *_BINDING_PARENTS)
    bound |= forest.is_kind(parent, *_BINDING_FIRST_CHILD) & (row == parent + 1)
    bound |= forest.is_kind(parent, *_BINDING_SECOND_CHILD) & (row == parent + 2)
    return bound


def _import_statement(forest: SyntaxForest, row: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the import statement around each row, at most three levels up, or the row itself."""
    statement = row
    for _ in range(3):
        inside = ~forest.is_kind(statement, *_IMPORTS)
        statement = np.where(inside, forest.parent[statement], statement)
    return np.where(forest.is_kind(statement, *_IMPORTS), statement, row)


def _module_roots(forest: SyntaxForest, row: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which identifiers are the first part of the name of an imported module."""
    parent = forest.parent[row]
    statement = _import_statement(forest, row)
    root = forest.is_kind(parent, "dotted_name") & (row == parent + 1)
    # The module of "from module import name" is the first dotted name after the keyword.
    comes_first = forest.is_kind(statement, "import_from_statement") & (parent == statement + 2)
    first: NDArray[np.bool_] = root & (forest.is_kind(statement, "import_statement") | comes_first)
    return first


def _from_other_modules(forest: SyntaxForest, row: NDArray[np.int64], modules: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which identifiers stand in imports of other than well-known modules."""
    statement = _import_statement(forest, row)
    others = _import_statement(forest, np.concatenate((modules, forest.rows_of("relative_import"))))
    foreign: NDArray[np.bool_] = (statement != row) & np.isin(statement, others)
    return foreign
