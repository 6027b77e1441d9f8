"""The identifiers of a batch of syntax trees, with the roles that their place gives them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from textbooks.scoring.name_traits import TRAITS, Trait

if TYPE_CHECKING:
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
    key : ndarray (n,) int64
        Equal where text and name are equal: 0 to the number of keys.
    first : ndarray (keys,) int64
        Place of each key's first identifier.
    traits : ndarray (n,) int64
        What the spelling tells, as bits of ``Trait``.
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
    key: NDArray[np.int64]
    first: NDArray[np.int64]
    traits: NDArray[np.int64]
    bound: NDArray[np.bool_]
    used: NDArray[np.bool_]
    called: NDArray[np.bool_]
    module: NDArray[np.bool_]
    builtin: NDArray[np.bool_]
    local: NDArray[np.bool_]
    foreign: NDArray[np.bool_]
    unknown: NDArray[np.bool_]

    def have(self, trait: Trait) -> NDArray[np.bool_]:
        """Tell which identifiers have a trait, or one of several."""
        held: NDArray[np.bool_] = (self.traits & int(trait)) != 0
        return held

    def share_key(self, some: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which identifiers have the text and name of one of some."""
        return _share_key(self.key, len(self.first), some)

    @property
    def outside(self) -> NDArray[np.bool_]:
        """Which identifiers look up a name from another module or from nowhere in sight."""
        return self.used & (self.foreign | self.unknown)


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
    key, first, traits = _number_names(forest, row)
    parent = forest.parent[row]
    bound = _bound(forest, row)
    attribute = forest.is_kind(parent, "attribute") & (row != parent + 1)
    attribute |= forest.is_kind(parent, "keyword_argument") & (row == parent + 1)
    module = _module_roots(forest, row)
    builtin = (traits & Trait.BUILTIN) != 0
    other = module & ((traits & (Trait.COMMON_LIBRARY | Trait.STANDARD_LIBRARY)) == 0)
    foreign = ~builtin & _share_key(key, len(first), _from_other_modules(forest, row, row[other]))
    local = ~builtin & ~foreign & _share_key(key, len(first), bound)
    return Identifiers(
        row=row,
        key=key,
        first=first,
        traits=traits,
        bound=bound,
        used=~bound & ~attribute,
        called=forest.is_kind(parent, "call") & (row == parent + 1),
        module=module,
        builtin=builtin,
        local=local,
        foreign=foreign,
        unknown=~builtin & ~local & ~foreign,
    )


class _Numbering(dict[bytes, int]):
    """Numbers the names of one text in the order of their first occurrence."""

    def __init__(self, begin: int) -> None:
        super().__init__()
        self._begin = begin

    def __missing__(self, name: bytes) -> int:
        number = self[name] = self._begin + len(self)
        return number


def _number_names(
    forest: SyntaxForest, row: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return for each identifier the number of its text and name; the first of each number; each one's traits."""
    source = forest.source
    spans = zip(forest.start[row].tolist(), forest.end[row].tolist(), strict=True)
    names = [source[start:end] for start, end in spans]
    bounds = np.searchsorted(row, np.append(forest.root, len(forest.kind))).tolist()
    numbers: list[int] = []
    distinct: list[bytes] = []
    for begin, end in pairwise(bounds):
        numbering = _Numbering(len(distinct))
        numbers += map(numbering.__getitem__, names[begin:end])
        distinct += numbering
    key = np.array(numbers, dtype=np.int64)
    traits = np.fromiter(map(TRAITS.__getitem__, distinct), dtype=np.int64, count=len(distinct))
    # Numbers were given in order: a number is new where it is larger than all before.
    first = np.flatnonzero(np.diff(np.maximum.accumulate(key), prepend=-1)) if len(key) else key
    return key, first, traits[key]


def _share_key(key: NDArray[np.int64], keys: int, some: NDArray[np.bool_]) -> NDArray[np.bool_]:
    held = np.zeros(keys, dtype=np.bool_)
    held[key[some]] = True
    return held[key]


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
    foreign: NDArray[np.bool_] = (statement != row) & forest.mark(others)[statement]
    return foreign
