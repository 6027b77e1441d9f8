"""Where the names that a text uses come from: its imports by kind of module, its own definitions, or nowhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from textbooks.filters.drawbacks.known_libraries import COMMON, KINDS, LIBRARY, PROJECT, STANDARD, module_kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from textbooks.filters.drawbacks.parsed_code import ParsedCode

_IMPORTS = ("import_statement", "import_from_statement", "future_import_statement")
_OTHER_NAMES_OF_THE_LANGUAGE = frozenset(
    "WindowsError __all__ __annotations__ __builtins__ __class__ __debug__ __dict__ __loader__ __module__ __package__ "
    "__path__ __qualname__ __spec__ __version__ apply buffer coerce execfile intern reload reveal_type".split()
)
_KIND_CODE: Final = {kind: code for code, kind in enumerate(KINDS)}
_NOT_IMPORTED: Final = -1
_IMPORTED_FROM: Final = -2  # stands in an import, but is not what the import binds


@dataclass(frozen=True, slots=True)
class Import:
    """One module that a text imports: its name as written, its kind (see `module_kind`), and the line."""

    module: str
    kind: str
    line: int
    is_wildcard: bool


@dataclass(frozen=True, slots=True)
class NameOrigins:
    """Where the names of one text come from.

    Attributes
    ----------
    imports : list of Import
        In source order, each module as often as it is imported.
    unresolved : list of (str, int)
        Names that are looked up and bound nowhere in what was read, each with its first line; empty where a wildcard
        import could supply them (from a project module, they count as its names).
    uses : dict
        Uses of names by origin: ``builtin``, ``own``, ``standard``, ``common``, ``library``, ``project``,
        ``unresolved``.
    project_names : int
        Different names that come from project modules and are used.
    foreign_bases : int
        Classes of which a base comes from a project module or nowhere.
    foreign_functions : int
        Functions that use a name of a project module or of nowhere.
    undefined_attributes : int
        Different attributes of ``self`` that are read and neither assigned nor defined here.
    functions, classes : int
        Definitions.
    asserts, foreign_asserts : int
        ``assert`` statements; those that use a name of a project module or of nowhere.
    """

    imports: list[Import]
    unresolved: list[tuple[str, int]]
    uses: dict[str, int]
    project_names: int
    foreign_bases: int
    foreign_functions: int
    undefined_attributes: int
    functions: int
    classes: int
    asserts: int
    foreign_asserts: int

    def share(self, *origins: str) -> float:
        """Return the share of the uses of names that have one of the origins, in [0, 1]."""
        return sum(self.uses.get(origin, 0) for origin in origins) / max(1, sum(self.uses.values()))

    def modules(self, *kinds: str) -> list[str]:
        """Return the different modules of some kinds, in the order of their first import."""
        return list(dict.fromkeys(each.module for each in self.imports if each.kind in kinds))


def name_origins(code: ParsedCode) -> list[NameOrigins]:
    """Find out for each text of a batch where its names come from."""
    imports, bound = _imports(code)
    names = code.names
    origin = _origins(code, bound)
    by_wildcard = [_wildcard_kinds(each) for each in imports]
    document = code.forest.document[names.row]
    from_project = np.array([PROJECT in kinds for kinds in by_wildcard], dtype=np.bool_)[document]
    origin[from_project & (origin == "unresolved")] = "project"
    excused = np.array([bool(kinds) for kinds in by_wildcard], dtype=np.bool_)[document]
    outside = names.used & ((origin == "project") | ((origin == "unresolved") & ~excused))
    counts = _counts_outside(code, outside)
    attributes = _undefined_attributes(code)
    found = []
    for number, places in enumerate(_places(code)):
        used = places[names.used[places]]
        unresolved = [] if by_wildcard[number] else _first_lines(code, used[origin[used] == "unresolved"])
        found.append(
            NameOrigins(
                imports=imports[number],
                unresolved=unresolved,
                uses=dict(Counter(origin[used].tolist())),
                project_names=len(set(code.word[used[origin[used] == "project"]].tolist())),
                undefined_attributes=int(attributes[number]),
                **{name: int(column[number]) for name, column in counts.items()},
            )
        )
    return found


def _wildcard_kinds(imports: list[Import]) -> set[str]:
    """Return the kinds of the modules that a text imports everything from: they may supply any name."""
    return {each.kind for each in imports if each.is_wildcard}


def _places(code: ParsedCode) -> list[NDArray[np.int64]]:
    """Return the indices of each text's identifiers."""
    edges = np.searchsorted(code.forest.document[code.names.row], np.arange(1, code.forest.documents))
    return np.split(np.arange(len(code.names.row)), edges) if code.forest.documents else []


def _first_lines(code: ParsedCode, places: NDArray[np.int64]) -> list[tuple[str, int]]:
    _, first = np.unique(code.word[places], return_index=True)
    chosen = places[np.sort(first)]
    return [(code.words[code.word[place]], code.line(int(code.names.row[place]))) for place in chosen]


def _imports(code: ParsedCode) -> tuple[list[list[Import]], NDArray[np.int64]]:
    """Return the imports of each text, and for each identifier the kind of module whose import binds it there."""
    forest = code.forest
    found: list[list[Import]] = [[] for _ in range(forest.documents)]
    bound = np.full(len(code.names.row), _NOT_IMPORTED, dtype=np.int64)
    binding = _bound_by_imports(code)
    statements = forest.rows_of(*_IMPORTS)
    ends = code.subtree_end(statements)
    sources = forest.rows_of("dotted_name", "relative_import", "wildcard_import")
    for statement, end in zip(statements.tolist(), ends.tolist(), strict=True):
        parts = sources[np.searchsorted(sources, statement) : np.searchsorted(sources, end)]
        for module, start, stop in _modules(code, statement, end, parts):
            kind = module_kind(module)
            is_wildcard = bool(forest.is_kind(parts[-1:], "wildcard_import").any())
            found[forest.document[statement]].append(Import(module, kind, code.line(statement), is_wildcard))
            within = slice(np.searchsorted(code.names.row, start), np.searchsorted(code.names.row, stop))
            bound[within] = np.where(binding[within], _KIND_CODE[kind], _IMPORTED_FROM)
    return found, bound


def _bound_by_imports(code: ParsedCode) -> NDArray[np.bool_]:
    """Tell which identifiers, if they stand in an import, are what it binds: ``a`` of ``a.b``, ``c`` of ``b as c``."""
    forest, rows = code.forest, code.names.row
    parent = forest.parent[rows]
    above = forest.parent[parent]
    alias = forest.is_kind(parent, "aliased_import")
    first = forest.is_kind(parent, "dotted_name") & (rows == parent + 1) & ~forest.is_kind(above, "aliased_import")
    module = forest.is_kind(above, "import_from_statement") & (parent == above + 2)
    binds: NDArray[np.bool_] = alias | (first & ~module)
    return binds


def _modules(code: ParsedCode, statement: int, end: int, parts: NDArray[np.int64]) -> list[tuple[str, int, int]]:
    """Return each module of an import statement with the rows of the names that it binds."""
    own = np.array([statement])
    if code.forest.is_kind(own, "future_import_statement")[0]:
        return [("__future__", statement, end)]
    if len(parts) and code.forest.is_kind(own, "import_from_statement")[0]:
        return [(_joined(code.text(int(parts[0]))), statement, end)]
    stops = [*parts[1:].tolist(), end]
    return [(_joined(code.text(part)), part, stop) for part, stop in zip(parts.tolist(), stops, strict=True)]


def _joined(module: str) -> str:
    return "".join(module.split())


def _origins(code: ParsedCode, bound: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return the origin of each identifier; a binding import counts for every use of the name in the text."""
    names = code.names
    labels = np.array(["unresolved"] * len(names.row), dtype="U10")
    labels[np.isin(names.key, names.key[names.bound & (bound == _NOT_IMPORTED)])] = "own"
    for kind in (STANDARD, COMMON, LIBRARY, PROJECT):
        labels[np.isin(names.key, names.key[bound == _KIND_CODE[kind]])] = kind
    labels[names.builtin | code.where(_OTHER_NAMES_OF_THE_LANGUAGE.__contains__)] = "builtin"
    return labels


def _counts_outside(code: ParsedCode, outside: NDArray[np.bool_]) -> dict[str, NDArray[np.int64]]:
    forest = code.forest
    rows_outside = code.names.row[outside]
    functions, classes = forest.rows_of("function_definition"), forest.rows_of("class_definition")
    asserts = forest.rows_of("assert_statement")
    bases = forest.rows_of("argument_list")
    bases = bases[forest.is_kind(forest.parent[bases], "class_definition")]

    def foreign(rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return forest.count_per_document(rows[code.count_within(rows, rows_outside) > 0])

    return {
        "foreign_bases": foreign(bases),
        "foreign_functions": foreign(functions),
        "foreign_asserts": foreign(asserts),
        "asserts": forest.count_per_document(asserts),
        "functions": forest.count_per_document(functions),
        "classes": forest.count_per_document(classes),
    }


def _undefined_attributes(code: ParsedCode) -> NDArray[np.int64]:
    """Count the different attributes of self that nothing in the text assigns or defines."""
    forest, names = code.forest, code.names
    holder = forest.parent[names.row]
    is_self = forest.is_kind(holder, "attribute") & (names.row == holder + 1) & code.where("self".__eq__)
    mine = np.isin(holder, holder[is_self]) & forest.is_kind(holder, "attribute") & ~is_self
    above = forest.parent[holder]
    assigned = mine & forest.is_kind(above, "assignment", "augmented_assignment", "pattern_list", "tuple_pattern")
    first_of_pattern = forest.is_kind(above, "pattern_list", "tuple_pattern")
    assigned &= first_of_pattern | (holder == above + 1)
    defined = forest.is_kind(holder, "function_definition") | forest.is_kind(holder, "assignment")
    missing = mine & ~np.isin(names.key, names.key[assigned | defined])
    _, first = np.unique(names.key[missing], return_index=True)
    return forest.count_per_document(names.row[missing][first])
