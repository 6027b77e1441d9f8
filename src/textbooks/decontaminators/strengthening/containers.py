"""What published lists, tuples, sets and dicts have in common, and the shape of any value."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from textbooks.decontaminators.strengthening.shapes import (
    NumberShape,
    SeenShape,
    Shape,
    TextShape,
    recombined,
    same,
)
from textbooks.decontaminators.strengthening.traits import SEQUENCE_TRAITS, Trait, holding, holds

__all__ = ["DictShape", "MixedShape", "RecordShape", "SequenceShape", "SetShape", "shape_of"]

_MAX_FIELDS = 8
_MAX_DEPTH = 6
_SHOWS_ORDER = 2


class SequenceShape(Shape):
    """Lists or tuples: lengths, items and traits (sorted, distinct, one maximum, ...) of those seen."""

    def __init__(self, values: Sequence[Any], depth: int = 0) -> None:
        super().__init__(values)
        self.lengths = (min(map(len, self.seen), default=0), max(map(len, self.seen), default=0))
        self.types = {type(value) for value in self.seen}
        self.items = [item for value in self.seen for item in value]
        self.item = shape_of(self.items, depth + 1)
        telling = [value for value in self.seen if len(value) >= _SHOWS_ORDER] or self.seen
        self.traits: tuple[Trait, ...] = holding(SEQUENCE_TRAITS, telling)

    def contains(self, value: object) -> bool:
        """Whether a list has the length, the items and the traits of those seen."""
        if self.is_seen(value):
            return True
        if self.closed or type(value) not in self.types or not isinstance(value, list | tuple):
            return False
        if not self.lengths[0] <= len(value) <= self.lengths[1] or not all(map(self.item.contains, value)):
            return False
        return len(value) < _SHOWS_ORDER or all(holds(trait, value) for trait in self.traits)

    def vary(self, value: Any, rng: random.Random) -> Any:  # noqa: ANN401
        """Return a list with items moved, dropped, doubled, replaced or varied."""
        if self.closed or rng.random() < 0.1:
            return rng.choice(self.seen)
        other = rng.choice(self.seen)
        items = list(value)
        if items and rng.random() < 0.5:
            at = rng.randrange(len(items))
            items[at] = self.item.vary(items[at], rng)
        else:
            items = recombined(items, list(other), self.items, rng)
        return type(value)(self._repaired(items[: self.lengths[1]]))

    def _repaired(self, items: list[Any]) -> list[Any]:
        """Return the items in the order, and without the repeats, that all values seen have."""
        ascending, descending, distinct = SEQUENCE_TRAITS[0], SEQUENCE_TRAITS[1], SEQUENCE_TRAITS[5]
        try:
            if distinct in self.traits:
                items = list({repr(item): item for item in items}.values())
            if ascending in self.traits or descending in self.traits:
                items = sorted(items, reverse=ascending not in self.traits)
        except TypeError:
            pass
        return items


class RecordShape(Shape):
    """Lists or tuples of a fixed length whose fields are of different kinds."""

    def __init__(self, values: Sequence[Any], depth: int = 0) -> None:
        super().__init__(values)
        self.types = {type(value) for value in self.seen}
        self.fields = [shape_of(field, depth + 1) for field in zip(*values, strict=True)]

    def contains(self, value: object) -> bool:
        """Whether every field belongs where it stands."""
        if type(value) not in self.types or not isinstance(value, list | tuple) or len(value) != len(self.fields):
            return False
        return all(field.contains(item) for field, item in zip(self.fields, value, strict=True))

    def vary(self, value: Any, rng: random.Random) -> Any:  # noqa: ANN401
        """Return a record with one field varied."""
        items, at = list(value), rng.randrange(len(self.fields))
        items[at] = self.fields[at].vary(items[at], rng)
        return type(value)(items)


class SetShape(Shape):
    """Sets: sizes and items of those seen."""

    def __init__(self, values: Sequence[Any], depth: int = 0) -> None:
        super().__init__(values)
        self.types = {type(value) for value in self.seen}
        self.sizes = (min(map(len, self.seen)), max(map(len, self.seen)))
        self.items = [item for value in self.seen for item in sorted(value, key=repr)]
        self.item = shape_of(self.items, depth + 1)

    def contains(self, value: object) -> bool:
        """Whether a set has the size and items of those seen."""
        if type(value) not in self.types or not isinstance(value, set | frozenset):
            return False
        return self.sizes[0] <= len(value) <= self.sizes[1] and all(map(self.item.contains, value))

    def vary(self, value: Any, rng: random.Random) -> Any:  # noqa: ANN401
        """Return a set with an item less or more."""
        items = sorted(value, key=repr)
        if items and rng.random() < 0.5:
            items.pop(rng.randrange(len(items)))
        if self.items:
            items.append(rng.choice(self.items))
        return type(value)(items)


class DictShape(Shape):
    """Dicts: sizes, keys and values of those seen."""

    def __init__(self, values: Sequence[Any], depth: int = 0) -> None:
        super().__init__(values)
        self.sizes = (min(map(len, self.seen)), max(map(len, self.seen)))
        self.keys = list({repr(key): key for one in self.seen for key in one}.values())
        self.value = shape_of([item for one in self.seen for item in one.values()], depth + 1)
        telling = [list(one.values()) for one in self.seen if len(one) >= _SHOWS_ORDER]
        self.traits: tuple[Trait, ...] = holding(SEQUENCE_TRAITS, telling) if telling else ()

    def contains(self, value: object) -> bool:
        """Whether a dict has the size, the keys, and values like those seen."""
        if self.is_seen(value):
            return True
        if type(value) is not dict or not self.sizes[0] <= len(value) <= self.sizes[1]:
            return False
        if not all(any(same(key, one) for one in self.keys) for key in value):
            return False
        items = list(value.values())
        traits_hold = len(items) < _SHOWS_ORDER or all(holds(trait, items) for trait in self.traits)
        return traits_hold and all(map(self.value.contains, items))

    def vary(self, value: Any, rng: random.Random) -> Any:  # noqa: ANN401
        """Return a dict with a key dropped, added or given another value."""
        items, other = dict(value), rng.choice(self.seen)
        if items and rng.random() < 0.3:
            items.pop(rng.choice(list(items)))
        if other and rng.random() < 0.3:
            key = rng.choice(list(other))
            items[key] = other[key]
        if items and rng.random() < 0.6:
            key = rng.choice(list(items))
            items[key] = self.value.vary(items[key], rng)
        return items


class MixedShape(Shape):
    """Values of several kinds: each like those of its kind."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        super().__init__([value for shape in shapes for value in shape.seen])
        self.shapes = tuple(shapes)

    def contains(self, value: object) -> bool:
        """Whether the value is like those seen of one kind."""
        return any(shape.contains(value) for shape in self.shapes)

    def vary(self, value: Any, rng: random.Random) -> Any:  # noqa: ANN401
        """Return a value of the same kind, or any that was seen."""
        fitting = next((shape for shape in self.shapes if shape.contains(value)), None)
        return rng.choice(self.seen) if fitting is None or rng.random() < 0.3 else fitting.vary(value, rng)


def _kind(value: object) -> str:
    if type(value) in (int, float):
        return "number"
    if type(value) in (list, tuple):
        return "sequence"
    if type(value) in (set, frozenset):
        return "set"
    return type(value).__name__


def _is_record(values: Sequence[Any]) -> bool:
    """Whether sequences are rows of one length with columns of different kinds."""
    width = len(values[0])
    if {len(value) for value in values} != {width} or not 1 < width <= _MAX_FIELDS:
        return False
    kinds = [{_kind(item) for item in column} for column in zip(*values, strict=True)]
    return any(kind != kinds[0] for kind in kinds)


def shape_of(values: Sequence[Any], depth: int = 0) -> Shape:
    """Return the shape of the values seen at one place."""
    by_kind: dict[str, list[Any]] = {}
    for value in values:
        by_kind.setdefault(_kind(value), []).append(value)
    if depth > _MAX_DEPTH or not by_kind:
        return SeenShape(values)
    shapes = [_of_one_kind(kind, alike, depth) for kind, alike in by_kind.items()]
    return shapes[0] if len(shapes) == 1 else MixedShape(shapes)


def _of_one_kind(kind: str, values: Sequence[Any], depth: int) -> Shape:
    if kind == "number":
        return NumberShape(values)
    if kind == "str":
        return TextShape(values)
    if kind == "sequence":
        return RecordShape(values, depth) if _is_record(values) else SequenceShape(values, depth)
    if kind == "set":
        return SetShape(values, depth)
    return DictShape(values, depth) if kind == "dict" else SeenShape(values)
