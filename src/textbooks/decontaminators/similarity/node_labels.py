"""Which syntax nodes count when code is compared, and the character that stands for each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from textbooks.scoring.syntax_tree import python_language

__all__ = [
    "CLASS",
    "DECORATED",
    "EXPRESSION",
    "FUNCTION",
    "LOOK_CLOSER",
    "NAME",
    "SKIPPED",
    "TRANSPARENT",
    "Labelling",
    "labelling",
]

TRANSPARENT: Final = 0
"""The node does not count, its children do."""

SKIPPED: Final = -1
"""Neither the node counts nor what is in it."""

LOOK_CLOSER: Final = -2
"""From here on down, the kind alone does not say what to do."""

EXPRESSION: Final = -2
"""A statement that is one expression: skipped when that is a string, else transparent."""

DECORATED: Final = -3
"""A definition with its decorators: transparent, and its span is that of the definition."""

NAME: Final = -4
"""An identifier: labelled as its own kind if it is a builtin, else as a name."""

FUNCTION: Final = -5
"""A function, labelled."""

CLASS: Final = -6
"""A class, labelled."""

_SKIPPED_KINDS = (
    "comment decorator escape_interpolation escape_sequence future_import_statement import_from_statement "
    "import_statement line_continuation string_content string_end string_start type type_parameter"
).split()

_TRANSPARENT_KINDS = "as_pattern_target block case_pattern parenthesized_expression typed_parameter with_clause".split()

_SAME = {
    "dotted_name": "identifier",
    "expression_list": "tuple",
    "float": "number",
    "integer": "number",
    "lambda_parameters": "parameters",
    "list_pattern": "list",
    "list_splat_pattern": "list_splat",
    "dictionary_splat_pattern": "dictionary_splat",
    "pattern_list": "tuple",
    "tuple_pattern": "tuple",
    "typed_default_parameter": "default_parameter",
    "concatenated_string": "string",
}

_OPERATORS = (
    "+ - * / // % ** @ << >> & | ^ ~ < > <= >= == != <> and or in is += -= *= /= //= %= **= @= <<= >>= &= |= ^="
).split()
_OPERATORS += ["is not", "not in"]

_BUILTINS = (
    "abs all any bin bool bytes chr dict divmod enumerate filter float frozenset hash hex input int isinstance iter "
    "len list map max min next object oct open ord pow print range repr reversed round set slice sorted str sum super "
    "tuple type zip"
).split()


_ACTIONS = {"TRANSPARENT": TRANSPARENT, "SKIPPED": SKIPPED, "EXPRESSION": EXPRESSION, "DECORATED": DECORATED}
_LOOKED_AT = {"identifier": NAME, "function_definition": FUNCTION, "class_definition": CLASS}
_ERROR_KIND = (1 << 16) - 1


@dataclass(frozen=True, slots=True)
class Labelling:
    """What to do with each node kind of the grammar.

    Attributes
    ----------
    actions : tuple of int
        For each kind by its number: a label (1 to 255), or one of the constants of this module.
    function, class_ : int
        Labels of definitions.
    name : int
        Label of a name that is no builtin.
    builtins : dict of bytes to int
        Label of each builtin.
    characters : dict of str to str
        The character of each label, by name of the node kind, operator or builtin.
    """

    actions: tuple[int, ...]
    function: int
    class_: int
    name: int
    builtins: dict[bytes, int]
    characters: dict[str, str]


@cache
def labelling() -> Labelling:
    """Return the labelling of the installed Python grammar."""
    language = python_language()
    kinds = [_name_of_kind(number) for number in range(language.node_kind_count)]
    kinds += ["ERROR"] * (_ERROR_KIND + 1 - len(kinds))  # what error recovery made has the number 2**16 - 1
    names = sorted({kind for kind in kinds if kind not in _ACTIONS} | set(_BUILTINS))
    labels = {name: number for number, name in enumerate(names, start=1)}
    actions = [_ACTIONS.get(kind, _LOOKED_AT.get(kind, labels.get(kind, 0))) for kind in kinds]
    return Labelling(
        actions=tuple(actions),
        function=labels["function_definition"],
        class_=labels["class_definition"],
        name=labels["identifier"],
        builtins={name.encode(): labels[name] for name in _BUILTINS},
        characters={name: chr(label) for name, label in labels.items()},
    )


def _name_of_kind(number: int) -> str:
    """Return the name that a node kind is labelled by, or in capitals what else to do with it."""
    language = python_language()
    kind = language.node_kind_for_id(number) or ""
    if not language.node_kind_is_named(number):
        return kind if kind in _OPERATORS else "SKIPPED"
    if kind == "expression_statement":
        return "EXPRESSION"
    if kind == "decorated_definition":
        return "DECORATED"
    if kind in _SKIPPED_KINDS:
        return "SKIPPED"
    if kind in _TRANSPARENT_KINDS or not language.node_kind_is_visible(number):
        return "TRANSPARENT"
    return _SAME.get(kind, kind)
