"""What the published values at one place have in common, and new values that have it too."""

from __future__ import annotations

import math
import random
import re
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from textbooks.decontaminators.strengthening.traits import TEXT_TRAITS, Trait, holding, holds

__all__ = ["NumberShape", "SeenShape", "Shape", "TextShape", "recombined", "same"]

_SMALL = 3
_RECURRING = 0.7
_MANY_LETTERS, _MANY_DIGITS = 8, 5
_SPECIAL = re.compile(r"[^\w\s.,!?'\"()\[\]{}<>]|_")
_RUN = re.compile(r"\d+|[A-Z]+|[a-z]+|.", re.DOTALL)


def same(one: object, other: object) -> bool:
    """Whether two plain values are the same, types and all."""
    return type(one) is type(other) and repr(one) == repr(other)


class Shape:
    """What the values seen at one place of the input have in common.

    Parameters
    ----------
    values : sequence
        All values seen there, repeats included.
    """

    def __init__(self, values: Sequence[Any]) -> None:
        self.seen = list({repr(value): value for value in values}.values())
        # Few values, each again and again, are names of something, and others would mean nothing.
        self.closed = len(self.seen) <= _SMALL and len(values) >= _SMALL * len(self.seen)

    @abstractmethod
    def contains(self, value: object) -> bool:
        """Whether a value belongs here, as far as can be told from those seen."""

    @abstractmethod
    def vary(self, value: Any, rng: random.Random) -> Any:  # noqa: ANN401
        """Return a value near another; it may have to be refused by `contains`."""

    def is_seen(self, value: object) -> bool:
        """Whether this very value was seen."""
        return any(same(value, one) for one in self.seen)


class SeenShape(Shape):
    """Values of which nothing is known but that they occur: None, bool, complex, bytes."""

    def contains(self, value: object) -> bool:
        """Whether the value was seen."""
        return self.is_seen(value)

    def vary(self, value: Any, rng: random.Random) -> Any:  # noqa: ANN401
        """Return a value that was seen."""
        return rng.choice(self.seen) if self.seen else value


class NumberShape(Shape):
    """Integers and floats: between the smallest and the largest seen, with no more decimal places, of the same grid."""

    def __init__(self, values: Sequence[Any]) -> None:
        super().__init__(values)
        finite = [value for value in self.seen if math.isfinite(value)]
        self.low, self.high = min(finite, default=0), max(finite, default=0)
        self.types = {type(value) for value in self.seen}
        self.zero = any(value == 0 for value in self.seen)
        self.places = max((_places(value) for value in finite), default=0)
        integers = [value for value in finite if isinstance(value, int)]
        self.divisor = math.gcd(*integers) if len(integers) > _SMALL + 1 else 1
        self.odd = len(integers) > _SMALL + 1 and all(value % 2 for value in integers)
        longest = max((abs(value) for value in integers), default=0)
        self.binary = longest > 9 and all(set(str(value)) <= set("01") for value in integers)

    def contains(self, value: object) -> bool:
        """Whether a number is of a type seen, within the range seen, and no finer than those seen."""
        if self.is_seen(value):
            return True
        if self.closed or not isinstance(value, int | float) or type(value) not in self.types:
            return False
        if not self.low <= value <= self.high or (value == 0 and not self.zero):
            return False
        if isinstance(value, float):
            return round(value, self.places) == value and (self.places > 0 or value.is_integer())
        if self.divisor > 1 and value % self.divisor:
            return False
        return not (self.odd and value % 2 == 0) and not (self.binary and set(str(value)) - set("01"))

    def vary(self, value: Any, rng: random.Random) -> Any:  # noqa: ANN401
        """Return a number seen, one near the given one, or one between two of those seen."""
        if self.closed or rng.random() < 0.3 or not math.isfinite(value):
            return rng.choice(self.seen)
        if self.binary:
            return int("1" + "".join(rng.choice("01") for _ in range(len(str(self.high)) - 1)))
        if isinstance(value, int):
            step = max(self.divisor, 1) * (2 if self.odd else 1)
            if rng.random() < 0.5:
                return value + rng.choice((-2, -1, 1, 2)) * step
            return value + (rng.randint(math.ceil(self.low), math.floor(self.high)) - value) // step * step
        if rng.random() < 0.5:
            return round(value + rng.choice((-1, 1)) * 10.0**-self.places, self.places)
        return round(rng.uniform(self.low, self.high), self.places)


def _places(value: float) -> int:
    if isinstance(value, int):
        return 0
    text = repr(value)
    return len(text.partition(".")[2]) if "e" not in text and not value.is_integer() else 6 * ("e" in text)


class TextShape(Shape):
    """Strings: lengths, alphabet and form of those seen.

    Where blanks separate words, the words are those seen. Where digits or special characters give a form (dates, times,
    addresses), the form is one of those seen. Elsewhere the alphabet is what was seen, and letters and digits between
    those seen where there are many.
    """

    def __init__(self, values: Sequence[str]) -> None:
        super().__init__(values)
        recurring = len(values) > _SMALL + 1 and len(self.seen) <= _RECURRING * len(values)
        symbols = all(len(value) <= _SMALL and not re.search(r"[\w\s()\[\]{}<>]", value) for value in self.seen)
        self.closed = self.closed or recurring or symbols
        self.lengths = (min(map(len, self.seen), default=0), max(map(len, self.seen), default=0))
        self.worded = sum(" " in value.strip() for value in self.seen) * 2 >= sum(map(bool, self.seen)) > 0
        self.words = sorted({word for value in self.seen for word in value.split(" ")})
        self.alphabet = _closure({character for value in self.seen for character in value})
        # Strings of many lengths whose words recur (notes of music) have no form but their words.
        listed = self.worded and len({value.count(" ") for value in self.seen}) >= _SMALL
        self.forms = {_form(value) for value in self.seen} if _is_formed(self.seen) and not listed else None
        irregular = any(value != " ".join(value.split()) for value in self.seen)
        self.gaps = {_gaps(value) for value in self.seen} if irregular else None
        self.runs = [run for value in self.seen for run in _RUN.findall(value)]
        self.traits: tuple[Trait, ...] = holding(TEXT_TRAITS, self.seen)
        self.numbers = self._numbers()

    def _numbers(self) -> tuple[float, float] | None:
        """Return the range of strings that are all integers."""
        if all(re.fullmatch(r"[+-]?\d{1,15}", value) for value in self.seen) and self.seen:
            return min(map(int, self.seen)), max(map(int, self.seen))
        return None

    def contains(self, value: object) -> bool:
        """Whether a string has length, alphabet, words, form and traits of those seen."""
        if self.is_seen(value):
            return True
        if self.closed or not isinstance(value, str) or not self.lengths[0] <= len(value) <= self.lengths[1]:
            return False
        if self.worded and not set(value.split(" ")) <= set(self.words):
            return False
        if self.gaps is not None and _gaps(value) not in self.gaps:
            return False
        if not set(value) <= self.alphabet or (self.forms is not None and _form(value) not in self.forms):
            return False
        if self.numbers is not None and not self.numbers[0] <= int(value or 0) <= self.numbers[1]:
            return False
        return all(holds(trait, value) for trait in self.traits)

    def vary(self, value: Any, rng: random.Random) -> Any:  # noqa: ANN401
        """Return a string of the pieces seen."""
        if self.closed or rng.random() < 0.15 or not value:
            return rng.choice(self.seen)
        other = rng.choice(self.seen)
        if self.forms is not None:
            return self._same_form(value, rng)
        if self.gaps is not None and rng.random() < 0.7:
            words = [word for seen in self.seen for word in seen.split()]
            return re.sub(r"\S+", lambda _: rng.choice(words), value)
        if self.worded:
            return " ".join(recombined(value.split(" "), other.split(" "), self.words, rng))
        return "".join(recombined(list(value), list(other), sorted(self.alphabet), rng))

    def _same_form(self, value: str, rng: random.Random) -> str:
        runs = _RUN.findall(value)
        for position, run in enumerate(runs):
            if run[0].isalnum() and rng.random() < 0.5:
                alike = [other for other in self.runs if _form(other) == _form(run)]
                runs[position] = rng.choice(alike or [run])
        return "".join(runs)


def _closure(characters: set[str]) -> set[str]:
    """Return the characters, with those between them of kinds of which many were seen."""
    closed = set(characters)
    kinds = (("a", "z", _MANY_LETTERS), ("A", "Z", _MANY_LETTERS), ("0", "9", _MANY_DIGITS))
    for first, last, many in kinds:
        found = [character for character in characters if first <= character <= last]
        if len(found) >= many:
            closed |= {chr(code) for code in range(ord(min(found)), ord(max(found)) + 1)}
    return closed


def _is_formed(values: Iterable[str]) -> bool:
    """Whether strings look like dates, addresses and the like."""
    some = [value for value in values if any(character.isalnum() for character in value)]
    return any(_SPECIAL.search(value) or re.search(r"\d[.,]|[.,]\d", value) for value in some)


def _form(value: str) -> str:
    """Return a string with its letters and digits made alike: runs of digits keep their length."""
    value = re.sub(r"\d", "9", value)
    return re.sub(r"[a-z]+", "a", re.sub(r"[A-Z]+", "A", value))


def _gaps(value: str) -> str:
    """Return where a string has blanks and line ends."""
    return re.sub(r"\S+", "w", value)


def recombined(mine: list[Any], other: list[Any], known: Sequence[Any], rng: random.Random) -> list[Any]:
    """Return a new list of pieces: a part dropped, moved, doubled, replaced, or joined with a part of another."""
    kind = rng.randrange(7)
    at = rng.randrange(len(mine) + 1)
    if kind == 0:
        cut = rng.randrange(len(other) + 1)
        return mine[:at] + other[cut:]
    if kind == 1 and mine:
        return [piece for number, piece in enumerate(mine) if number != at % len(mine)]
    if kind == 2:
        return rng.sample(mine, len(mine))
    if kind == 3 and mine:
        return [*mine[:at], rng.choice(mine), *mine[at:]]
    if kind == 4 and mine and known:
        return [*mine[: at % len(mine)], rng.choice(known), *mine[at % len(mine) + 1 :]]
    if kind == 5 and known:
        return [*mine[:at], rng.choice(known), *mine[at:]]
    end = rng.randrange(at, len(mine) + 1)
    return mine[at:end] if rng.random() < 0.5 else mine[::-1]
