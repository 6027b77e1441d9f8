"""The product space of the fields of a seed, drawn from without replacement."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import Any

from textbooks.synthesizers.seeding.combinations import LazyLists
from textbooks.synthesizers.seeding.permutation import MAX_SIZE, Permutation
from textbooks.synthesizers.seeding.seeds import KINDS, Seed, as_json_value

__all__ = ["SeedSpace"]

Lazy = LazyLists | range


def _size(values: Sequence[Any]) -> int:
    return values.size if isinstance(values, LazyLists) else len(values)


def _field(name: str, values: Sequence[Any]) -> Sequence[Any]:
    """Return the values of a field, copied and checked; what is lazy stays as it is."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Sequence):
        msg = f"field {name!r} must be a sequence of values, got {values!r:.200}"
        raise TypeError(msg)
    if not isinstance(values, Lazy):
        values = tuple(as_json_value(value) for value in values)
        seen: set[str] = set()
        for value in values:
            written = json.dumps(value, sort_keys=True)
            if written in seen:
                msg = f"field {name!r} holds {written:.200} twice"
                raise ValueError(msg)
            seen.add(written)
    if not _size(values):
        msg = f"field {name!r} is empty"
        raise ValueError(msg)
    return values


class SeedSpace:
    """All combinations of the values of some fields, in a random order that a seed fixes.

    ``space[i]`` is computed from i alone, in constant memory: the order is never written out. With F values of the
    primary field, place ``i = q * F + r`` holds the primary value ``pi_q(r)``, where ``pi_q`` shuffles the primary
    values anew in each round q; the other fields are the combination ``sigma_p(q)``, where ``sigma_p`` shuffles all
    their combinations in a way of its own for each primary value p. So

    - no combination comes twice, and all of them come;
    - each round uses each primary value once: after n seeds the counts of two of them differ by at most one;
    - a longer drawing begins with the shorter one.

    The paper makes textbooks differ by topic and audience and exercises by the name of the function (section
    2.2), and does not say how they were drawn; this way is ours.

    Parameters
    ----------
    kind : str
        ``exercise`` or ``textbook``.
    fields : mapping of str to sequence
        The values of each field, of JSON types and distinct. Copied, but for `Combinations`, `CrossPairs` and
        `range`, which stay as they are. A field with one value is a constant.
    primary : str
        The field whose values are used equally often.
    seed : int, default=0
        Another seed gives another order.

    Raises
    ------
    ValueError
        If a field is empty or holds a value twice, or there are more than ``2**880`` combinations.
    TypeError
        If a field is no sequence, or a value has no JSON form.

    Examples
    --------
    >>> space = SeedSpace("exercise", {"function_name": ["a", "b"], "level": ["easy", "hard"]}, primary="function_name")
    >>> len(space), sorted(tuple(seed.fields.values()) for seed in space)
    (4, [('a', 'easy'), ('a', 'hard'), ('b', 'easy'), ('b', 'hard')])
    """

    def __init__(self, kind: str, fields: Mapping[str, Sequence[Any]], *, primary: str, seed: int = 0) -> None:
        if kind not in KINDS:
            msg = f"kind must be one of {', '.join(KINDS)}, got {kind!r}"
            raise ValueError(msg)
        if primary not in fields:
            msg = f"primary must be one of the fields {', '.join(fields) or '(none)'}, got {primary!r}"
            raise ValueError(msg)
        if isinstance(seed, bool) or not isinstance(seed, int):
            msg = f"seed must be an int, got {seed!r}"
            raise TypeError(msg)
        self.kind = kind
        self.fields: dict[str, Sequence[Any]] = {name: _field(name, values) for name, values in fields.items()}
        self.primary = primary
        self.seed = seed
        self._rounds = math.prod(_size(values) for name, values in self.fields.items() if name != primary)
        if self._rounds > MAX_SIZE:
            msg = f"the fields have more than 2**880 combinations: {self!r}"
            raise ValueError(msg)

    @property
    def size(self) -> int:
        """Number of combinations. `len` gives the same, and fails above ``sys.maxsize``."""
        return self._rounds * _size(self.fields[self.primary])

    def __len__(self) -> int:
        return self.size

    @cached_property
    def fingerprint(self) -> str:
        """32 hexadecimal digits that name the order: they differ where any value, field or the seed differs."""
        state = blake2b(digest_size=16)
        state.update(json.dumps(["order-1", self.kind, self.seed, self.primary]).encode())
        for name, values in self.fields.items():
            shown = values.recipe if isinstance(values, LazyLists) else [repr(values)]
            written = shown if isinstance(values, Lazy) else ["values", *values]
            state.update(json.dumps([name, written], sort_keys=True).encode())
        return state.hexdigest()

    def __getitem__(self, number: int) -> Seed:
        """Return the seed at a place of the order.

        Raises
        ------
        IndexError
            If the place is negative or past the end; the message shows the size.
        """
        if not isinstance(number, int):
            msg = f"a place must be an int, got {number!r}"
            raise TypeError(msg)
        self._check(number, number + 1)
        primaries = self.fields[self.primary]
        turn, place = divmod(number, _size(primaries))
        chosen = Permutation(_size(primaries), self._key("primary", turn))[place]
        rest = Permutation(self._rounds, self._key("rest", chosen))[turn]
        values = {self.primary: primaries[chosen]}
        for name, options in self.fields.items():
            if name != self.primary:
                rest, option = divmod(rest, _size(options))
                values[name] = options[option]
        return Seed(self.kind, number, self._told({name: values[name] for name in self.fields}))

    def _told(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the fields of a seed from the value that was drawn for each field."""
        return values

    def __iter__(self) -> Iterator[Seed]:
        return self.draw(self.size)

    def draw(self, n: int, start: int = 0) -> Iterator[Seed]:
        """Return the seeds at the places ``start`` to ``start + n - 1``, one by one.

        Parameters
        ----------
        n : int
            How many, at least 0.
        start : int, default=0
            The first place: where an earlier drawing ended.

        Raises
        ------
        IndexError
            If there are not as many; at once, before the first seed.
        ValueError
            If `n` is negative.
        """
        if n < 0:
            msg = f"n must be at least 0, got {n!r}"
            raise ValueError(msg)
        self._check(start, start + n)
        return map(self.__getitem__, range(start, start + n))

    def _check(self, start: int, stop: int) -> None:
        if start < 0 or stop > self.size:
            msg = f"seeds {start} to {stop - 1} were asked for, and this space has {self.size}: 0 to {self.size - 1}"
            raise IndexError(msg)

    def _key(self, use: str, number: int) -> bytes:
        return json.dumps([self.kind, self.seed, use, number]).encode()

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {_size(values):,}" for name, values in self.fields.items())
        return f"SeedSpace({self.kind}: {sizes}; seed={self.seed})"
