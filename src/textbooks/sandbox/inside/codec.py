"""Plain data as JSON, so that nothing that a candidate sends can run code where it is read.

Reading builds exact built-in types and nothing else. A kind that JSON lacks is an object of one key, its tag.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice
from types import GeneratorType
from typing import Any

__all__ = ["MAX_BYTES", "DataError", "dump", "load"]

MAX_BYTES = 32 << 20
"""Messages above this size, in bytes, are refused on both sides."""

_MAX_DEPTH = 150
_MAX_ITEMS = 1_000_000
_MAX_ITERATOR = 100_000
_SAFE_INT = 1 << 62
_BUILT_IN: tuple[type, ...] = (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset)
_TYPES: dict[str, type] = {one.__name__: one for one in _BUILT_IN}
_EMPTY: tuple[Any, ...] = ([], (), {}, set(), "", b"", range(0))
_ITERATORS = (GeneratorType, map, filter, zip, enumerate, reversed, *(type(iter(one)) for one in _EMPTY))


class DataError(ValueError):
    """A value is not plain data, is cyclic or too large; or a message is damaged."""


def _no_reference(value: object) -> Any:  # noqa: ANN401
    msg = f"a value of type {type(value).__name__!r} is not plain data"
    raise DataError(msg)


def dump(value: object, refer: Callable[[Any], Any] = _no_reference) -> bytes:
    """Return the message of a value.

    Values of subclasses lose their class: only what the built-in base holds is read, by the methods of the base.
    Generators and the built-in iterators are read to their end, or to 100,000 items.

    Parameters
    ----------
    value : object
        None, bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, ``...``,
        or one of these types itself; nested up to 150 deep.
    refer : callable
        What becomes of anything else: returns a reference that JSON can hold.

    Raises
    ------
    DataError
        If the value is no plain data, refers to itself, or its message is over `MAX_BYTES`.
    """
    budget = [_MAX_ITEMS]
    text = json.dumps(_plain(value, refer, 0, budget), separators=(",", ":"))
    if len(text) > MAX_BYTES:
        msg = f"the value takes {len(text):,} bytes as a message; at most {MAX_BYTES:,} are sent"
        raise DataError(msg)
    return text.encode("ascii")


def _plain(value: Any, refer: Callable[[Any], Any], depth: int, budget: list[int]) -> Any:  # noqa: ANN401
    kind = type(value)
    if kind is str or kind is bool or value is None or kind is float:
        return value
    if kind is int:
        return value if -_SAFE_INT < value < _SAFE_INT else {"i": hex(value)}
    if depth > _MAX_DEPTH:
        msg = f"the value is nested more than {_MAX_DEPTH} deep, or holds itself"
        raise DataError(msg)
    if kind is type and value.__name__ in _TYPES and _TYPES[value.__name__] is value:
        return {"y": value.__name__}
    for base, convert in _CONVERTERS:
        if issubclass(kind, base):
            return convert(value, lambda item: _item(item, refer, depth + 1, budget))
    if kind in _ITERATORS:
        return {"n": [_item(item, refer, depth + 1, budget) for item in islice(value, _MAX_ITERATOR)]}
    return {"r": refer(value)}


def _item(value: Any, refer: Callable[[Any], Any], depth: int, budget: list[int]) -> Any:  # noqa: ANN401
    budget[0] -= 1
    if budget[0] < 0:
        msg = f"the value holds more than {_MAX_ITEMS:,} items"
        raise DataError(msg)
    return _plain(value, refer, depth, budget)


# The methods of the base classes, never those of the value: a subclass may have overridden them.
_CONVERTERS: tuple[tuple[type, Callable[[Any, Callable[[Any], Any]], Any]], ...] = (
    (list, lambda value, item: [item(one) for one in list.__iter__(value)]),
    (tuple, lambda value, item: {"t": [item(one) for one in tuple.__iter__(value)]}),
    (dict, lambda value, item: {"d": [[item(key), item(one)] for key, one in dict.items(value)]}),
    (set, lambda value, item: {"s": [item(one) for one in set.__iter__(value)]}),
    (frozenset, lambda value, item: {"f": [item(one) for one in frozenset.__iter__(value)]}),
    (bytes, lambda value, item: {"b": bytes.hex(value)}),
    (bytearray, lambda value, item: {"a": bytearray.hex(value)}),
    (complex, lambda value, item: {"c": [complex.real.__get__(value), complex.imag.__get__(value)]}),
    (str, lambda value, item: str.__str__(value)),
    (int, lambda value, item: item(int.__int__(value))),
    (float, lambda value, item: float.__float__(value)),
    (range, lambda value, item: {"g": [item(end) for end in (value.start, value.stop, value.step)]}),
    (type(...), lambda value, item: {"e": 0}),
)


def _no_resolution(reference: object) -> Any:  # noqa: ANN401
    msg = f"the message refers to an object, {reference!r:.80}, where plain data is due"
    raise DataError(msg)


def load(message: bytes, resolve: Callable[[Any], Any] = _no_resolution) -> Any:  # noqa: ANN401
    """Return the value of a message: exact built-in types, whoever wrote it.

    Parameters
    ----------
    message : bytes
        At most `MAX_BYTES`.
    resolve : callable
        What a reference stands for.

    Raises
    ------
    DataError
        If the message is damaged, too large, or holds what cannot be (a list as the key of a dict).
    """
    if len(message) > MAX_BYTES:
        msg = f"the message has {len(message):,} bytes; at most {MAX_BYTES:,} are read"
        raise DataError(msg)
    try:
        return _value(json.loads(message), resolve)
    except DataError:
        raise
    except (ValueError, TypeError, RecursionError, KeyError, AttributeError) as error:
        msg = f"the message is damaged ({type(error).__name__}: {error!s:.200})"
        raise DataError(msg) from None


def _value(plain: Any, resolve: Callable[[Any], Any]) -> Any:  # noqa: ANN401
    if type(plain) is list:
        return [_value(item, resolve) for item in plain]
    if type(plain) is not dict:
        return plain
    ((tag, content),) = plain.items()
    if tag == "r":
        return resolve(content)
    if tag == "d":
        return {_value(key, resolve): _value(item, resolve) for key, item in content}
    if tag in _SEQUENCES:
        return _SEQUENCES[tag]([_value(item, resolve) for item in content])
    return _SCALARS[tag](content)


_SEQUENCES: dict[str, Callable[[list[Any]], Any]] = {
    "t": tuple,
    "s": set,
    "f": frozenset,
    "n": iter,
    "g": lambda ends: range(*ends),
}
_SCALARS: dict[str, Callable[[Any], Any]] = {
    "i": lambda digits: int(digits, 16),
    "b": bytes.fromhex,
    "a": bytearray.fromhex,
    "c": lambda parts: complex(*parts),
    "e": lambda _: ...,
    "y": lambda name: _TYPES[name],
}
