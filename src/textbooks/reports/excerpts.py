"""Cutting hostile texts to a size that a page can show, without losing the place that matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["Excerpt", "cut", "printable", "shorten"]

Span = tuple[int, int]

_LINES_BEFORE_SPAN: Final = 4
_CHARACTERS_BEFORE_SPAN: Final = 400


def _visible_stand_ins() -> dict[int, str]:
    """Map each character that a reader cannot see, or that reorders others, to one that can be seen."""
    table = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"}
    table[0x7F] = "\u2421"
    hidden = (*range(0x80, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)
    table.update(dict.fromkeys(hidden, "\ufffd"))
    # Bidirectional controls make source text read in another order than it runs in (CVE-2021-42574).
    bidirectional = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    table.update(dict.fromkeys((*bidirectional, 0x200B, 0x2060, 0xFEFF), "\ufffd"))
    return table


_STAND_INS: Final = _visible_stand_ins()


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a text, with where it stands in the whole.

    Attributes
    ----------
    text : str
        The part, made printable.
    first_line : int
        Number of its first line in the whole, from 1.
    spans : tuple of (int, int)
        What to mark, in characters of `text`; disjoint and rising.
    characters, lines : int
        Size of the whole text.
    """

    text: str
    first_line: int
    spans: tuple[Span, ...]
    characters: int
    lines: int

    @property
    def is_cut(self) -> bool:
        """Whether the whole text is longer than this part."""
        return len(self.text) < self.characters


def printable(text: str) -> str:
    """Replace what cannot be seen or encoded, character by character, so that offsets stay true.

    Control characters become their pictures (NUL becomes U+2400); lone surrogates, noncharacters and the
    bidirectional controls become U+FFFD, as do zero-width spaces; a carriage return before a line feed becomes a
    space. Letters of right-to-left scripts stay as they are.

    Parameters
    ----------
    text : str
        Any string, lone surrogates included.

    Returns
    -------
    str
        As many characters, all of which UTF-8 can encode.
    """
    if text.isascii() and text.isprintable():
        return text
    return text.replace("\r\n", " \n").translate(_STAND_INS)


def shorten(text: str, limit: int) -> str:
    """Return at most `limit` characters, with an ellipsis in the middle of what is longer."""
    if len(text) <= limit:
        return text
    head = (limit - 1) // 2
    return text[:head] + "…" + text[len(text) - (limit - 1 - head) :]


def cut(text: str, spans: Sequence[Span] = (), *, max_lines: int = 60, max_characters: int = 4000) -> Excerpt:
    """Cut a text to what a page can show: from its beginning, or from just before the first span.

    Parameters
    ----------
    text : str
        The whole text, of any size.
    spans : sequence of (int, int)
        Characters to mark, start included and end excluded; what does not lie in the text is left out, and
        what overlaps is joined.
    max_lines : int, default=60
        Lines kept, at most.
    max_characters : int, default=4000
        Characters kept, at most.

    Returns
    -------
    Excerpt
    """
    wanted = _joined(spans, len(text))
    begin = 0
    end = _end_of_window(text, begin, max_lines, max_characters)
    if wanted and wanted[0][1] > end:
        begin = _begin_before(text, wanted[0][0])
        end = _end_of_window(text, begin, max_lines, max_characters)
    inside = [(max(start, begin) - begin, min(stop, end) - begin) for start, stop in wanted]
    return Excerpt(
        text=printable(text[begin:end]),
        first_line=1 + text.count("\n", 0, begin),
        spans=tuple((start, stop) for start, stop in inside if start < stop),
        characters=len(text),
        lines=text.count("\n") + (not text.endswith("\n") and bool(text)),
    )


def _joined(spans: Sequence[Span], size: int) -> list[Span]:
    """Return the spans that lie within ``[0, size]``, in order, overlapping ones joined."""
    joined: list[Span] = []
    for start, stop in sorted(span for span in spans if 0 <= span[0] < span[1] <= size):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined


def _end_of_window(text: str, begin: int, max_lines: int, max_characters: int) -> int:
    limit = min(begin + max_characters, len(text))
    end = begin
    for _ in range(max_lines):
        feed = text.find("\n", end, limit)
        if feed < 0:
            return limit
        end = feed + 1
    return end


def _begin_before(text: str, start: int) -> int:
    """Return a place a few lines before `start`: the beginning of a line, unless the line is very long."""
    lowest = max(0, start - _CHARACTERS_BEFORE_SPAN)
    begin = text.rfind("\n", lowest, start) + 1 or lowest
    for _ in range(_LINES_BEFORE_SPAN):
        earlier = text.rfind("\n", lowest, max(begin - 1, lowest)) + 1
        if not earlier:
            break
        begin = earlier
    return begin
