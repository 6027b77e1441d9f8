"""Texts that are too small to teach anything, or too large or wide to be code that a person wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from datatrove.pipeline.writers.disk_base import DiskWriter

from textbooks.filters.base import TextFilter
from textbooks.ranges import check_range
from textbooks.verdicts import Reason, Verdict

__all__ = ["SizeFilter", "TextSize"]


@dataclass(frozen=True, slots=True)
class TextSize:
    """The size of a text, in characters."""

    chars: int
    longest_line: int


class SizeFilter(TextFilter[TextSize]):
    """Drop texts by their size in characters; the score is the number of characters.

    Parameters
    ----------
    min_chars : int, default=50
        Drops as ``too_short`` when the text, without white space at its ends, has fewer characters. Ours: a
        function of two lines has more.
    max_chars : int, default=1,000,000
        Drops as ``too_long`` when it has more. The Stack leaves out files over 1 MB.
    max_line_chars : int, default=1,000
        Drops as ``long_line`` when any line has more. As in StarCoder's selection of The Stack (Li et al. 2023,
        section 3): such files are generated or minified.
    exclusion_writer, quarantine_writer, batch_size
        See `Step`.
    """

    name = "size"
    thresholds = ("min_chars", "max_chars", "max_line_chars")

    def __init__(
        self,
        *,
        min_chars: int = 50,
        max_chars: int = 1_000_000,
        max_line_chars: int = 1_000,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 1,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        check_range("min_chars", min_chars, 0)
        check_range("max_chars", max_chars, min_chars)
        check_range("max_line_chars", max_line_chars, 1)
        self.min_chars = min_chars
        self.max_chars = max_chars
        self.max_line_chars = max_line_chars

    def _measure(self, texts: Sequence[str]) -> Sequence[TextSize]:
        return [TextSize(len(text.strip()), max(map(len, text.splitlines()), default=0)) for text in texts]

    def _decide(self, measurement: TextSize) -> Verdict:
        chars, longest = measurement.chars, measurement.longest_line
        if chars < self.min_chars:
            return Verdict.dropped(Reason.TOO_SHORT, chars, chars=chars)
        if chars > self.max_chars:
            return Verdict.dropped(Reason.TOO_LONG, chars, chars=chars)
        if longest > self.max_line_chars:
            return Verdict.dropped(Reason.LONG_LINE, chars, longest_line=longest)
        return Verdict.kept(chars)
