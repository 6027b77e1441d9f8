"""What metadata say of a licence, understood: an SPDX expression, and whether a set of licences allows it."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any, Final

from textbooks.filters.licences.headers import licences_in_text
from textbooks.filters.licences.names import NO_STATEMENT, UNSURE, normalise, spdx_of_name

__all__ = ["LicenceReading", "canonical", "permissive_licences", "read_licence", "weigh"]

_LONGEST_EXPRESSION: Final = 500
_SHOWN: Final = 200
_NO_LICENCES: Final = frozenset(
    f"LicenseRef-scancode-{name}"
    for name in (
        *("dco-1.1", "generic-cla", "google-cla", "jetty-ccla-1.1", "newton-king-cla", "generic-exception"),
        *("generic-export-compliance", "generic-tos", "generic-trademark", "warranty-disclaimer"),
    )
)
"""Agreements and notices that change nothing about the licence beside them; the list of The Stack v2."""


@dataclass(frozen=True, slots=True)
class LicenceReading:
    """What was understood of the licence of one record.

    Attributes
    ----------
    given : str
        What was read, at most 200 characters of it.
    tree : object or None
        The SPDX expression as license-expression parses it; None when nothing was stated or understood.
    unknown : tuple of str
        What stands beside the expression, applies too, and was not understood.
    missing : bool
        Whether nothing is stated at all.
    source : str
        ``"metadata"`` or ``"text"``.
    """

    given: str
    tree: Any = None
    unknown: tuple[str, ...] = ()
    missing: bool = False
    source: str = "metadata"

    @property
    def expression(self) -> str:
        """The SPDX expression in canonical spelling; empty when there is none."""
        return "" if self.tree is None else str(self.tree)


@functools.cache
def licensing() -> Any:  # noqa: ANN401
    """Return license-expression with its bundled index; it takes 20 ms once in a process and no network."""
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


@functools.cache
def permissive_licences() -> frozenset[str]:
    """Return the SPDX identifiers that count as permissive: 947, the source is named in the file."""
    text = resources.files("textbooks.filters").joinpath("data/permissive_licences.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.split("\n") if line and not line.startswith("#"))


def read_licence(value: object) -> LicenceReading:
    """Understand the licence of a record.

    Parameters
    ----------
    value : object
        A string: an SPDX expression, a free-text name, a trove classifier, or the text of a licence. Or a list of such,
        which all apply (AND), as in the columns of The Stack. None, NaN, an empty string or list, and "UNKNOWN" mean
        that nothing is stated; an object of another type is not understood.
    """
    if isinstance(value, str):
        return _read_text(value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return LicenceReading("", missing=True)
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return combined([read_licence(one) for one in value])
    return LicenceReading(repr(value)[:_SHOWN], unknown=(repr(value)[:_SHOWN],))


def combined(readings: Sequence[LicenceReading], source: str = "metadata") -> LicenceReading:
    """Return one reading that says what all of several say (AND)."""
    given = ", ".join(reading.given for reading in readings)[:_SHOWN]
    stated = [reading for reading in readings if not reading.missing]
    trees = list({reading.expression: reading.tree for reading in stated if reading.tree is not None}.values())
    unknown = tuple(dict.fromkeys(part for reading in stated for part in reading.unknown))
    if trees and any(normalise(part) in UNSURE for part in unknown):  # a classifier that only says that there is one
        unknown = tuple(part for part in unknown if normalise(part) not in UNSURE)
    trees = [tree for tree in trees if str(tree) not in _NO_LICENCES]
    if not trees:
        return LicenceReading(given, unknown=unknown, missing=not unknown, source=source)
    tree = trees[0] if len(trees) == 1 else licensing().AND(*trees)
    return LicenceReading(given, tree, unknown, source=source)


def licence_of_text(text: str) -> LicenceReading:
    """Return what the head of a text says of its licence; what is not understood counts only in an SPDX tag."""
    tags, stated = licences_in_text(text)
    readings = [read_licence(tag) for tag in tags]
    readings += [reading for reading in map(read_licence, stated) if not reading.unknown]
    return combined(readings, source="text")


def _read_text(text: str) -> LicenceReading:
    """Understand a string; names are few and remembered, whole texts of licences are not."""
    return _understood(text) if len(text) <= _LONGEST_EXPRESSION else _understood.__wrapped__(text)


@functools.lru_cache(maxsize=4096)
def _understood(text: str) -> LicenceReading:
    given, plain = text.strip()[:_SHOWN], normalise(text[:_LONGEST_EXPRESSION])
    if plain in NO_STATEMENT:
        return LicenceReading(given, missing=True)
    tree = _parse(text.strip())
    if tree is not None:
        return LicenceReading(given, tree)
    if len(text) > _LONGEST_EXPRESSION or "\n" in text.strip():
        named = licence_of_text(text)
        if named.tree is not None:
            return replace(named, given=given, source="metadata")
    return LicenceReading(given, unknown=(given,))


def _parse(text: str) -> Any:  # noqa: ANN401
    """Return the tree of an expression, a name, or several names joined by a word or a sign; None for the rest."""
    if len(text) > _LONGEST_EXPRESSION:
        return None
    named = spdx_of_name(text)
    tree = _parse_spdx(named or text)
    if tree is not None and (named or all(is_known(s) for s in tree.symbols)):
        return tree
    for separator, operator in ((r"\s+or\s+|\s*/\s*|\s*\|\s*", "OR"), (r"\s+and\s+|\s*[,;&\n]\s*", "AND")):
        parts = [part for part in re.split(separator, text.strip("() "), flags=re.IGNORECASE) if part]
        trees = [_parse(part) for part in parts] if 1 < len(parts) <= 10 and "(" not in text else [None]
        if all(part is not None and all(is_known(s) for s in part.symbols) for part in trees):
            return getattr(licensing(), operator)(*trees)
    return tree if tree is not None and len(list(tree.symbols)) > 1 else None


def _parse_spdx(text: str) -> Any:  # noqa: ANN401
    from license_expression import ExpressionError

    try:
        return licensing().parse(text)
    except (ExpressionError, RecursionError, AttributeError, TypeError, ValueError):  # what it raises on hostile input
        return None


def is_known(symbol: Any) -> bool:  # noqa: ANN401
    """Whether a leaf is a licence of the index, alone, with ``+``, or with an exception of the index."""
    exception = getattr(symbol, "exception_symbol", None)
    if exception is not None:
        known = licensing().known_symbols
        return is_known(symbol.license_symbol) and exception.key in known and known[exception.key].is_exception
    found = licensing().known_symbols.get(symbol.key.removesuffix("+"))
    return found is not None and not found.is_exception


def canonical(identifier: str) -> str:
    """Return a licence identifier, or one WITH an exception, in the spelling of the index.

    Raises
    ------
    ValueError
        If it is not one known licence.
    """
    tree = _parse_spdx(identifier) if isinstance(identifier, str) else None
    if tree is None or not tree.isliteral or not is_known(tree):
        msg = f"not an SPDX licence identifier: {identifier!r}"
        raise ValueError(msg)
    return str(tree)


def weigh(tree: Any, allowed: frozenset[str]) -> tuple[bool | None, list[str]]:  # noqa: ANN401
    """Say whether an expression is allowed.

    A OR B is allowed when either is, A AND B when both are. ``A+`` and ``A WITH exception`` are when A is, for both
    only add permissions; an exception whose identifier begins with ``LicenseRef-`` may restrict, and has to be listed.

    Parameters
    ----------
    tree : object
        From license-expression.
    allowed : frozenset of str
        Identifiers in canonical spelling.

    Returns
    -------
    standing : bool or None
        None when it depends on a part that is no known licence.
    parts : list of str
        The leaves that stand in the way, without repetitions; empty when the standing is True.
    """
    if tree.isliteral:
        standing = _weigh_leaf(tree, allowed)
        return standing, [] if standing else [str(tree)]
    weighed = [weigh(part, allowed) for part in tree.args]
    standings = [standing for standing, _ in weighed]
    good, bad = (True, False) if type(tree).__name__ == "OR" else (False, True)
    decisive = good if good in standings else None if None in standings else bad
    if decisive is True:
        return True, []
    against = [part for standing, parts in weighed if standing is decisive for part in parts]
    return decisive, list(dict.fromkeys(against))


def _weigh_leaf(leaf: Any, allowed: frozenset[str]) -> bool | None:  # noqa: ANN401
    if not is_known(leaf):
        return None
    if str(leaf) in allowed:
        return True
    exception = getattr(leaf, "exception_symbol", None)
    if exception is not None:
        return not exception.key.startswith("LicenseRef-") and _weigh_leaf(leaf.license_symbol, allowed) is True
    return leaf.key.removesuffix("+") in allowed
