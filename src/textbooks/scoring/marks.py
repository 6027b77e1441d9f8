"""Phrases that mark a kind of text, counted with regular expressions that run only where they can match."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


class Mark:
    """A regular expression, and some strings of which every match holds one.

    To look for a string is twenty times as fast as to run the expression, and most texts hold none of them.
    """

    def __init__(self, pattern: str, needs: Iterable[str]) -> None:
        """Compile a pattern; each of its matches must hold one of the strings ``needs``."""
        self._find = re.compile(pattern).findall
        self._needs = tuple(needs)

    @classmethod
    def of_strings(cls, strings: str) -> Self:
        """Count any of some strings, given with ``|`` between them."""
        needs = strings.split("|")
        return cls("|".join(map(re.escape, needs)), needs)

    @classmethod
    def of_phrases(cls, phrases: str) -> Self:
        """Count any of some words or phrases where they stand alone, given with ``|`` between them."""
        return cls(rf"\b(?:{phrases})\b", phrases.split("|"))

    def count(self, text: str) -> int:
        """Return the number of matches, which do not overlap."""
        for needed in self._needs:
            if needed in text:
                return len(self._find(text))
        return 0
