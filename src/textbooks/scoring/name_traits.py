"""What the spelling of a name tells: yes-or-no traits, as bits of one number."""

from __future__ import annotations

from enum import IntFlag, auto

from textbooks.scoring.known_names import (
    BUILTIN_NAMES,
    COMMON_LIBRARY_MODULES,
    STANDARD_LIBRARY_MODULES,
    WEB_FRAMEWORK_MODULES,
)
from textbooks.scoring.memo import Memo


class Trait(IntFlag):
    """One bit a trait."""

    BUILTIN = auto()
    STANDARD_LIBRARY = auto()
    COMMON_LIBRARY = auto()
    WEB_FRAMEWORK = auto()
    PRINT = auto()
    INPUT = auto()
    SELF = auto()
    DUNDER_NAME = auto()
    NOT_IMPLEMENTED = auto()
    STARTS_WITH_TEST = auto()
    STARTS_WITH_ASSERT = auto()
    STARTS_WITH_DUNDER = auto()
    UNDERSCORES = auto()
    ONE_LETTER = auto()
    SNAKE_CASE = auto()
    CAMEL_CASE = auto()
    UPPER_CASE = auto()
    NUMBERED = auto()


_LISTS = (
    (BUILTIN_NAMES, Trait.BUILTIN),
    (STANDARD_LIBRARY_MODULES, Trait.STANDARD_LIBRARY),
    (COMMON_LIBRARY_MODULES, Trait.COMMON_LIBRARY),
    (WEB_FRAMEWORK_MODULES, Trait.WEB_FRAMEWORK),
    ({"print"}, Trait.PRINT),
    ({"input", "raw_input"}, Trait.INPUT),
    ({"self"}, Trait.SELF),
    ({"__name__"}, Trait.DUNDER_NAME),
    ({"NotImplementedError"}, Trait.NOT_IMPLEMENTED),
)
# Plain numbers: to compute with members of an enumeration is slow.
_LISTED = {
    name: sum(int(trait) for names, trait in _LISTS if name in names)
    for name in frozenset().union(*(names for names, _ in _LISTS))
}
_PREFIXES = (
    ("test", int(Trait.STARTS_WITH_TEST)),
    ("assert", int(Trait.STARTS_WITH_ASSERT)),
    ("__", int(Trait.STARTS_WITH_DUNDER)),
)
_ONE_LETTER, _UNDERSCORES, _NUMBERED = int(Trait.ONE_LETTER), int(Trait.UNDERSCORES), int(Trait.NUMBERED)
_SNAKE_CASE, _CAMEL_CASE, _UPPER_CASE = int(Trait.SNAKE_CASE), int(Trait.CAMEL_CASE), int(Trait.UPPER_CASE)


def traits_of(name: str) -> int:
    """Return the traits of a name as bits of ``Trait``."""
    traits = _LISTED.get(name, 0)
    for prefix, trait in _PREFIXES:
        if name.startswith(prefix):
            traits |= trait
    between = name.strip("_")
    if name.islower():
        traits |= _SNAKE_CASE if "_" in between else 0
    elif not name.isupper():
        traits |= _CAMEL_CASE
    elif len(name) > 1:
        traits |= _UPPER_CASE
    if len(name) == 1:
        traits |= _ONE_LETTER
    elif not between and name:
        traits |= _UNDERSCORES
    return traits | _NUMBERED if name[-1:].isdigit() else traits


def _decode_and_tell(name: bytes) -> int:
    return traits_of(name.decode("utf-8", "replace"))


TRAITS: Memo[bytes, int] = Memo(_decode_and_tell)
"""Traits of names as they stand in a source, remembered."""
