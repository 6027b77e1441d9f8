"""What may hold of all published inputs alike: the more of it holds, the narrower the domain that we infer.

A trait that holds of every value seen at one place is asked of every new value there. A right solution may rely on
it (sorted lists, balanced brackets, one most frequent item), and two right solutions may differ where it fails.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

__all__ = [
    "RELATIONS",
    "SEQUENCE_TRAITS",
    "TEXT_TRAITS",
    "Relation",
    "Trait",
    "holding",
    "holds",
    "is_number",
    "length_is",
    "relations_of",
    "sized",
]

Trait = Callable[[Any], bool]
Relation = Callable[[Any, Any], bool]

_ROMAN = re.compile(r"M{0,4}(CM|CD|D?C{0,4})(XC|XL|L?X{0,4})(IX|IV|V?I{0,4})", re.IGNORECASE)
_BRACKETS = ("()", "[]", "{}", "<>")
_END = ".?!;:"
_ROUNDING = 1e-9


def is_number(value: object) -> bool:
    """Whether a value is an integer or a float, and no bool."""
    return type(value) in (int, float)


def sized(value: object) -> bool:
    """Whether a value has a length."""
    return isinstance(value, str | list | tuple | dict | set | frozenset)


def holding(traits: Sequence[Trait], values: Sequence[Any]) -> tuple[Trait, ...]:
    """Return the traits that hold of every value; one that raises does not hold.

    Those that hold of half of all values by chance are asked of more values than three.
    """
    asked = [*traits, *_LIKELY] if len(values) > _FEW else traits
    return tuple(trait for trait in asked if all(holds(trait, value) for value in values))


def holds(trait: Callable[..., bool], *values: object) -> bool:
    """Whether a trait or relation holds; one that raises does not."""
    try:
        return bool(trait(*values))
    except Exception:  # any value meets any trait
        return False


_FEW = 3
_LIKELY: tuple[Trait, ...] = (
    lambda v: len(v) % 2 == 0,
    lambda v: len(v) % 2 == 1,
    lambda v: sum(v) % 2 == 0,
    lambda v: all(before != after for before, after in pairwise(v)),
    lambda v: len(v) == 0 or any(before == after for before, after in pairwise(v)),
)


def _counts(values: Sequence[Any]) -> list[int]:
    return sorted(Counter(map(repr, values)).values(), reverse=True)


def _once(values: Sequence[Any], best: Callable[[Any], Any]) -> bool:
    """Whether the largest or smallest value occurs once."""
    return not values or list(values).count(best(values)) == 1


def _turns(values: Sequence[Any]) -> list[bool]:
    """Where a sequence rises, without equal neighbours."""
    rises = [before < after for before, after in pairwise(values) if before != after]
    return [rise for number, rise in enumerate(rises) if number == 0 or rise != rises[number - 1]]


def _descents(values: Sequence[Any]) -> int:
    return sum(before > after for before, after in pairwise(values))


def _one_nearest_pair(values: Sequence[Any]) -> bool:
    """Whether one pair of numbers is nearer than all others, by more than rounding."""
    gaps = sorted(_steps(sorted(values)))
    return len(gaps) < 2 or gaps[1] - gaps[0] > _ROUNDING


def _rows(values: Sequence[Any]) -> bool:
    return bool(values) and all(isinstance(row, list | tuple) for row in values)


def _flat(values: Sequence[Any]) -> list[Any]:
    return [item for row in values for item in row] if _rows(values) else []


def _steps(values: Sequence[Any]) -> list[Any]:
    return [after - before for before, after in pairwise(values)]


SEQUENCE_TRAITS: tuple[Trait, ...] = (
    lambda v: _descents(v) == 0,
    lambda v: _descents(v[::-1]) == 0,
    lambda v: _descents(v) + (v[-1] > v[0]) <= 1,  # sorted, then rotated
    lambda v: _turns(v) in ([], [True], [False], [True, False]),  # rises, then falls
    lambda v: _turns(v) in ([], [True], [False], [False, True]),
    lambda v: _counts(v)[:1] <= [1],  # distinct
    lambda v: _counts(v)[:1] > [1],
    lambda v: len(_counts(v)) < 2 or _counts(v)[0] > _counts(v)[1],  # one most frequent item
    lambda v: len(_counts(v)) < 2 or _counts(v)[-1] < _counts(v)[-2],
    lambda v: _counts(v)[:1] > [len(v) // 2],  # a majority
    lambda v: sum(count % 2 for count in _counts(v)) == 1,
    lambda v: _counts(v).count(1) == 1,
    lambda v: sum(count > 1 for count in _counts(v)) == 1,
    lambda v: _once(v, max),
    lambda v: _once(v, min),
    lambda v: _once([len(item) for item in v], max),
    lambda v: _once([len(item) for item in v], min),
    lambda v: _once([item[-1] for item in v], max) and _counts([item[-1] for item in v])[:1] <= [1],
    lambda v: _counts([item[0] for item in v])[:1] <= [1],
    lambda v: _once([sum(item) for item in v], max) and _once([sum(item) for item in v], min),
    lambda v: sorted(v) == list(range(min(v), min(v) + len(v))) if v else True,
    lambda v: max(v) - min(v) == len(v) and _counts(v)[:1] == [1],  # one of a range is missing
    lambda v: len(set(_steps(v))) <= 1,
    lambda v: len({len(item) for item in v}) <= 1,  # a table
    lambda v: _rows(v) and all(len(row) == len(v) for row in v),  # a square
    lambda v: _rows(v) and all(_descents(column) == 0 for column in zip(*v, strict=True)),
    lambda v: _rows(v) and _descents(_flat(v)) == 0,
    lambda v: _rows(v) and _counts(_flat(v))[:1] <= [1],
    lambda v: _rows(v) and sorted(_flat(v)) == list(range(1, len(_flat(v)) + 1)),
    lambda v: all(item in v[:3] for item in v),
    lambda v: list(v) == list(v)[::-1],
    _one_nearest_pair,
    lambda v: sum(v) > 0,
    lambda v: max(v) > 0,
    lambda v: min(v) <= 0,
    lambda v: all(0 <= item < len(v) for item in v),
    lambda v: all(0 < item <= len(v) for item in v),
    lambda v: len({type(item) for item in v}) <= 1,
    lambda v: len({type(item) for item in v}) > 1,
)
"""Of lists and tuples."""


def _balanced(pair: str) -> Trait:
    """Return a trait: the brackets of a kind are there, and balanced."""

    def trait(text: str) -> bool:
        """Whether no bracket closes before it opens, and all close."""
        depth = 0
        for character in text:
            depth += (character == pair[0]) - (character == pair[1])
            if depth < 0:
                return False
        return depth == 0

    return trait


def _nested(text: str) -> bool:
    stack: list[str] = []
    closing = {pair[1]: pair[0] for pair in _BRACKETS}
    for character in text:
        if character in closing.values():
            stack.append(character)
        elif character in closing and (not stack or stack.pop() != closing[character]):
            return False
    return not stack


def _is_float(text: str) -> bool:
    float(text)
    return "_" not in text


TEXT_TRAITS: tuple[Trait, ...] = (
    lambda s: s == s.strip(),
    lambda s: "  " not in s,
    lambda s: s == "" or s[:1].isupper(),
    lambda s: s == "" or s[:1].islower(),
    lambda s: s == "" or s[:1].isdigit(),
    lambda s: s == "" or s[:1].isalpha(),
    lambda s: s == "" or s[-1:].isalpha(),
    lambda s: s == "" or s[-1:].isdigit(),
    lambda s: s == "" or s[-1:] in _END,
    lambda s: not s[-1:].isspace(),
    lambda s: s == "" or (" " in s),
    lambda s: s == "" or bool(re.fullmatch(r"[+-]?\d+", s)),
    lambda s: s == "" or not re.search(r"(?<!\d)0\d", s),
    lambda s: s == "" or _is_float(s),
    lambda s: s == "" or bool(_ROMAN.fullmatch(s)),
    lambda s: s == "" or s.isidentifier(),
    lambda s: s == s[::-1],
    lambda s: _counts(s)[:1] <= [1],
    lambda s: _counts(s)[:1] > [1],
    lambda s: len(_counts(s)) < 2 or _counts(s)[0] > _counts(s)[1],
    lambda s: list(s) == sorted(s),
    lambda s: _once([len(word) for word in s.split()], max),
    lambda s: _counts(s.split())[:1] <= [1],
    lambda s: len(_counts(s.split())) < 2 or _counts(s.split())[0] > _counts(s.split())[1],
    lambda s: any(c.isdigit() for c in s),
    lambda s: any(c.isupper() for c in s),
    lambda s: any(c.islower() for c in s),
    lambda s: any(c.isalpha() for c in s),
    lambda s: any(not c.isalnum() and not c.isspace() for c in s),
    *(_balanced(pair) for pair in _BRACKETS),
    _nested,
)
"""Of strings."""


def length_is(a: Any, b: Any) -> bool:  # noqa: ANN401
    """Whether the second is the length of the first."""
    return sized(a) and is_number(b) and b == len(a)


RELATIONS: tuple[Relation, ...] = (
    lambda a, b: type(a) is type(b) and a == b,
    lambda a, b: type(a) is type(b) and a != b,
    lambda a, b: is_number(a) and is_number(b) and a < b,
    lambda a, b: is_number(a) and is_number(b) and a <= b,
    lambda a, b: is_number(a) and is_number(b) and b % a == 0,
    length_is,
    lambda a, b: sized(a) and is_number(b) and b < len(a),
    lambda a, b: sized(a) and is_number(b) and b <= len(a),
    lambda a, b: sized(a) and is_number(b) and b >= len(a),
    lambda a, b: sized(a) and is_number(b) and len(a) % b == 0,
    lambda a, b: sized(a) and is_number(b) and b == len(a) - 1,
    lambda a, b: sized(a) and is_number(b) and b == len(a) + 1,
    lambda a, b: is_number(a) and is_number(b) and b == a + 1,
    lambda a, b: isinstance(a, list | tuple) and is_number(b) and b < max(a),
    lambda a, b: isinstance(a, list | tuple) and is_number(b) and b <= max(a),
    lambda a, b: isinstance(a, list | tuple) and is_number(b) and b >= max(a),
    lambda a, b: isinstance(a, list | tuple) and is_number(b) and b > min(a),
    lambda a, b: isinstance(a, list | tuple) and is_number(b) and b >= min(a),
    lambda a, b: isinstance(a, list | tuple) and is_number(b) and b <= sum(a),
    lambda a, b: isinstance(a, list | tuple) and is_number(b) and b == len(a[0]),
    lambda a, b: isinstance(a, list | tuple) and is_number(b) and all(b < len(row) for row in a),
    lambda a, b: isinstance(a, list | tuple) and is_number(b) and all(b <= len(row) for row in a),
    lambda a, b: isinstance(a, list | tuple) and is_number(b) and b <= len(set(a)),
    lambda a, b: sized(a) and b in a,
    lambda a, b: isinstance(a, list | tuple) and b not in a,
    lambda a, b: isinstance(a, list | tuple) and any(b in row for row in a),
    lambda a, b: sized(a) and sized(b) and len(a) == len(b),
    lambda a, b: sized(a) and sized(b) and len(a) + 1 == len(b),
    lambda a, b: sized(a) and sized(b) and len(a) <= len(b),
    lambda a, b: sized(a) and sized(b) and len(a) < len(b),
    lambda a, b: sized(a) and sized(b) and set(a) <= set(b),
    lambda a, b: sized(a) and sized(b) and not set(a) & set(b),
    lambda a, b: sized(a) and sized(b) and bool(set(a) & set(b)),
    lambda a, b: sized(a) and sized(b) and sorted(a) == sorted(b),
    lambda a, b: sized(a) and sized(b) and len(a[0]) == len(b),
    lambda a, b: sized(a) and sized(b) and len(a[0]) == len(b[0]),
)
"""Between two arguments, in this order; each is tried both ways."""


def relations_of(rows: Sequence[Sequence[Any]]) -> list[tuple[int, int, Relation]]:
    """Return the relations between two arguments that hold in every row of arguments."""
    width = len(rows[0]) if rows else 0
    return [
        (first, second, relation)
        for first in range(width)
        for second in range(width)
        if first != second
        for relation in RELATIONS
        if all(holds(relation, row[first], row[second]) for row in rows)
    ]
