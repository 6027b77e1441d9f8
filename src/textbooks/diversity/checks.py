"""What every measure asks of its arguments."""

from __future__ import annotations

from collections.abc import Iterable

from textbooks.records import as_records

__all__ = ["check_texts", "check_whole"]


def check_texts(texts: Iterable[str]) -> list[str]:
    """Return the texts as a list.

    Raises
    ------
    TypeError
        If they are a single string, or one of them is no string.
    """
    listed = as_records(texts)
    for place, text in enumerate(listed):
        if not isinstance(text, str):
            msg = f"texts must be strings, got {type(text).__name__} at {place}"
            raise TypeError(msg)
    return listed


def check_whole(name: str, value: int, low: int) -> int:
    """Return the value as an int.

    Raises
    ------
    TypeError
        If it is no whole number.
    ValueError
        If it is below `low`.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        msg = f"{name} must be a whole number, got {value!r}"
        raise TypeError(msg)
    if value < low:
        msg = f"{name} must be at least {low}, got {value!r}"
        raise ValueError(msg)
    return int(value)
