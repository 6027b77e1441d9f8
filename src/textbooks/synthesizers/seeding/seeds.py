"""A seed: what a text is asked to be about, and where in its space it was drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

__all__ = ["Seed", "as_json_value"]

KINDS = ("exercise", "textbook")


def as_json_value(value: Any) -> Any:  # noqa: ANN401
    """Return a copy of a value in the types of JSON; tuples become lists, and nothing is shared with the original.

    Raises
    ------
    TypeError
        If something in it has no JSON form: another type, a key that is no string.
    ValueError
        For NaN and infinities.
    """
    if isinstance(value, float) and not math.isfinite(value):
        msg = f"a seed holds finite numbers, got {value!r}"
        raise ValueError(msg)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [as_json_value(item) for item in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: as_json_value(item) for key, item in value.items()}
    msg = f"a seed holds what JSON holds, got {value!r} of type {type(value).__name__}"
    raise TypeError(msg)


@dataclass(frozen=True, slots=True)
class Seed:
    """One combination of topic, audience and the like, from which one text is written.

    Parameters
    ----------
    kind : str
        ``exercise`` or ``textbook``.
    number : int
        Its place in the drawing, from 0: with the seed of the space, it says how to draw this one again.
    fields : mapping of str to JSON values
        What to write about, by the name of the field. Copied.

    Raises
    ------
    ValueError
        If the kind is unknown, the number negative, or there is no field.
    TypeError
        If a field has no JSON form.

    Examples
    --------
    >>> Seed("exercise", 12, {"function_name": "merge_trays"}).id
    'exercise-0000012'
    """

    kind: str
    number: int
    fields: Mapping[str, Any]

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            msg = f"kind must be one of {', '.join(KINDS)}, got {self.kind!r}"
            raise ValueError(msg)
        if isinstance(self.number, bool) or not isinstance(self.number, int):
            msg = f"number must be an int, got {self.number!r}"
            raise TypeError(msg)
        if self.number < 0:
            msg = f"number must be at least 0, got {self.number!r}"
            raise ValueError(msg)
        if not isinstance(self.fields, Mapping) or not self.fields:
            msg = f"fields must be a mapping with at least one entry, got {self.fields!r}"
            raise ValueError(msg)
        object.__setattr__(self, "fields", as_json_value(self.fields))

    def __hash__(self) -> int:
        return hash((self.kind, self.number, tuple(sorted(self.fields))))

    @property
    def id(self) -> str:
        """Its name among the seeds of its space, such as ``exercise-0000123``; the same in every run."""
        return f"{self.kind}-{self.number:07d}"

    def to_json(self) -> dict[str, Any]:
        """Return the seed as a dict of JSON types: ``kind``, ``number``, ``fields``."""
        return {"kind": self.kind, "number": self.number, "fields": as_json_value(self.fields)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return the seed that `to_json` wrote.

        Raises
        ------
        ValueError
            If an entry is missing, unknown or out of range.
        """
        if not isinstance(value, Mapping) or set(value) != {"kind", "number", "fields"}:
            msg = f"a seed has exactly the entries kind, number and fields, got {value!r}"
            raise ValueError(msg)
        return cls(**value)
