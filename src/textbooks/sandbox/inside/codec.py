"""Plain data as JSON, so that nothing that a candidate sends can run code where it is read.

Reading builds exact built-in types and nothing else. A kind that JSON lacks is an object of one key, its tag.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
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
    text = _ENCODE(_Writer(refer).plain(value, 0))
    if len(text) > MAX_BYTES:
        msg = f"the value takes {len(text):,} bytes as a message; at most {MAX_BYTES:,} are sent"
        raise DataError(msg)
    return text.encode("ascii")


_ENCODE = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode  # what it gets is never circular


class _Writer:
    """Turns one value into what JSON can hold; exact scalars and lists first, as most values are."""

    __slots__ = ("_left", "_refer")

    def __init__(self, refer: Callable[[Any], Any]) -> None:
        self._refer, self._left = refer, _MAX_ITEMS

    def plain(self, value: Any, depth: int) -> Any:  # noqa: ANN401
        """Return what becomes of a value at this depth."""
        kind = type(value)
        if kind is str or kind is bool or value is None or kind is float:
            return value
        if kind is int:
            return value if -_SAFE_INT < value < _SAFE_INT else {"i": hex(value)}
        if depth > _MAX_DEPTH:
            msg = f"the value is nested more than {_MAX_DEPTH} deep, or holds itself"
            raise DataError(msg)
        if kind is list:
            return self.items(value, depth)
        if kind is tuple:
            return {"t": self.items(value, depth)}
        if kind is type and value.__name__ in _TYPES and _TYPES[value.__name__] is value:
            return {"y": value.__name__}
        for base, convert in _CONVERTERS:
            if issubclass(kind, base):
                return convert(self, value, depth)
        if kind in _ITERATORS:
            return {"n": self.items(islice(value, _MAX_ITERATOR), depth)}
        return {"r": self._refer(value)}

    def items(self, values: Iterable[Any], depth: int) -> list[Any]:
        """Return what becomes of each item of a value at this depth."""
        found = []
        for value in values:
            self._left -= 1
            if self._left < 0:
                msg = f"the value holds more than {_MAX_ITEMS:,} items"
                raise DataError(msg)
            kind = type(value)
            simple = kind is str or kind is bool or value is None or kind is float
            found.append(value if simple else self.plain(value, depth + 1))
        return found


# The methods of the base classes, never those of the value: a subclass may have overridden them.
_CONVERTERS: tuple[tuple[type, Callable[[_Writer, Any, int], Any]], ...] = (
    (list, lambda to, value, depth: to.items(list.__iter__(value), depth)),
    (tuple, lambda to, value, depth: {"t": to.items(tuple.__iter__(value), depth)}),
    (dict, lambda to, value, depth: {"d": [to.items(pair, depth) for pair in dict.items(value)]}),
    (set, lambda to, value, depth: {"s": to.items(set.__iter__(value), depth)}),
    (frozenset, lambda to, value, depth: {"f": to.items(frozenset.__iter__(value), depth)}),
    (bytes, lambda to, value, depth: {"b": bytes.hex(value)}),
    (bytearray, lambda to, value, depth: {"a": bytearray.hex(value)}),
    (complex, lambda to, value, depth: {"c": [complex.real.__get__(value), complex.imag.__get__(value)]}),
    (str, lambda to, value, depth: str.__str__(value)),
    (int, lambda to, value, depth: to.plain(int.__int__(value), depth)),
    (float, lambda to, value, depth: float.__float__(value)),
    (range, lambda to, value, depth: {"g": to.items((value.start, value.stop, value.step), depth)}),
    (type(...), lambda to, value, depth: {"e": 0}),
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

    def rebuilt(tagged: dict[str, Any]) -> Any:  # noqa: ANN401
        """Return what an object of one key stands for; what lies within was rebuilt before."""
        ((tag, content),) = tagged.items()
        if tag in _SCALARS:
            return _SCALARS[tag](content)
        if tag == "r" and type(content) in (int, list):
            return resolve(content)
        if type(content) is not list:
            raise TypeError(tag)  # a range, say, which would be read to its end
        return _SEQUENCES[tag](content)

    try:
        text = message.decode("utf-8", "surrogatepass")
        value, end = json.JSONDecoder(object_hook=rebuilt).raw_decode(text)
    except DataError:
        raise
    except (ValueError, TypeError, RecursionError, KeyError, AttributeError) as error:
        msg = f"the message is damaged ({type(error).__name__}: {error!s:.200})"
        raise DataError(msg) from None
    if end != len(text):
        msg = "the message is damaged: something follows its end"
        raise DataError(msg)
    return value


_SEQUENCES: dict[str, Callable[[list[Any]], Any]] = {
    "t": tuple,
    "s": set,
    "f": frozenset,
    "d": lambda pairs: {key: item for key, item in pairs},
    "n": iter,
    "g": lambda ends: range(*ends),
    "c": lambda parts: complex(*parts),
}
_SCALARS: dict[str, Callable[[Any], Any]] = {
    "i": lambda digits: int(digits, 16),
    "b": bytes.fromhex,
    "a": bytearray.fromhex,
    "e": lambda _: ...,
    "y": lambda name: _TYPES[name],
}
