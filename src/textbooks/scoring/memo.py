"""A bounded memory of what was computed for short texts: names and words of a corpus come again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_ENTRIES = 1 << 16
"""Entries kept; one more and the memory starts anew."""

MAX_KEY_LENGTH = 40
"""Longer keys are computed each time, so that the memory stays small whatever is asked."""

Key = TypeVar("Key", str, bytes)
Value = TypeVar("Value")


class Memo(dict[Key, Value]):
    """A dictionary that computes what it does not hold: ``memo[key]``, or ``map(memo.__getitem__, keys)``.

    Safe to share between threads where the computation depends on the key alone.
    """

    def __init__(self, compute: Callable[[Key], Value]) -> None:
        """Remember the function to compute with."""
        super().__init__()
        self._compute: Callable[[Key], Value] = compute

    def __missing__(self, key: Key) -> Value:
        """Compute the value of a key and keep it if the key is short."""
        value: Value = self._compute(key)
        if len(key) <= MAX_KEY_LENGTH:
            if len(self) >= MAX_ENTRIES:
                self.clear()
            self[key] = value
        return value
