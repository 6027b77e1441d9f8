"""Before and after: what balancing the topics of a corpus did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

__all__ = ["Topic", "TopicReport", "effective_number"]

_CELL = "padding:2px 14px 2px 0;text-align:left;border:0;background:none"
_FONT = "font:13px/1.45 system-ui,sans-serif"
_BAR_PIXELS = 160
_BEFORE, _AFTER = "#8f8a80", "#3a9178"


def effective_number(sizes: Sequence[int]) -> float:
    """Return how many topics of equal size are as diverse as these: the exponential of the entropy.

    Parameters
    ----------
    sizes : sequence of int
        Texts of each topic; empty topics count for nothing.

    Returns
    -------
    float
        From 1, all texts of one topic, to the number of topics, all of one size; 0 without texts.

    Notes
    -----
    Hill number of order 1 (Hill 1973).
    """
    total = sum(sizes)
    shares = [size / total for size in sizes if size]
    return math.exp(-sum(share * math.log(share) for share in shares)) if shares else 0.0


@dataclass(frozen=True, slots=True)
class Topic:
    """One cluster of texts.

    Attributes
    ----------
    number : int
        From 0, by falling size.
    words : tuple of str
        Its typical words: frequent in it, and more so than in the corpus.
    before, after : int
        Texts given and kept.
    """

    number: int
    words: tuple[str, ...]
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class TopicReport:
    """The topics of a corpus before and after balancing; a notebook draws it, `table` prints it.

    Attributes
    ----------
    topics : tuple of Topic
        By falling size before.
    cap : int
        The most texts that a topic may keep.
    embedder : str
        The identity of the embedder that the topics rest on.
    """

    topics: tuple[Topic, ...]
    cap: int
    embedder: str

    @property
    def before(self) -> int:
        """Texts given."""
        return sum(topic.before for topic in self.topics)

    @property
    def after(self) -> int:
        """Texts kept."""
        return sum(topic.after for topic in self.topics)

    @property
    def effective_before(self) -> float:
        """Effective number of topics of the texts given, see `effective_number`."""
        return effective_number([topic.before for topic in self.topics])

    @property
    def effective_after(self) -> float:
        """Effective number of topics of the texts kept."""
        return effective_number([topic.after for topic in self.topics])

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        return {
            "cap": self.cap,
            "embedder": self.embedder,
            "before": self.before,
            "after": self.after,
            "effective_topics_before": round(self.effective_before, 4),
            "effective_topics_after": round(self.effective_after, 4),
            "topics": [{**asdict(topic), "words": list(topic.words)} for topic in self.topics],
        }

    def table(self, most: int = 20) -> str:
        """Return a plain table of the largest topics, `most` of them, and a last line on the whole."""
        lines = [f"{'topic':>5}  {'before':>7}  {'after':>7}  typical words"]
        lines += [
            f"{topic.number:>5}  {topic.before:>7,}  {topic.after:>7,}  {', '.join(topic.words)}".rstrip()
            for topic in self.topics[:most]
        ]
        if len(self.topics) > most:
            lines.append(f"{'...':>5}  and {len(self.topics) - most} smaller topics")
        return "\n".join([*lines, self._summary()])

    def _summary(self) -> str:
        effective = f"{self.effective_before:.1f} -> {self.effective_after:.1f}"
        return f"{self.before:,} -> {self.after:,} texts, effective number of topics {effective}, cap {self.cap:,}"

    def __str__(self) -> str:
        return self.table()

    def _repr_html_(self) -> str:
        largest = max((topic.before for topic in self.topics), default=1) or 1
        heads = "".join(
            f'<th style="{_CELL}">{name}</th>' for name in ("topic", "before", "after", "", "typical words")
        )
        rows = "".join(_row(topic, largest) for topic in self.topics)
        style = "font:inherit;border-collapse:collapse;border:0"
        return (
            f'<div class="textbooks-topics" style="{_FONT}"><p><b>{escape(self._summary())}</b></p>'
            f'<table style="{style}"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
        )


def _row(topic: Topic, largest: int) -> str:
    bars = _bar(topic.before / largest, _BEFORE) + _bar(topic.after / largest, _AFTER)
    cells = (f"{topic.number}", f"{topic.before:,}", f"{topic.after:,}", bars, escape(", ".join(topic.words)))
    return "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"


def _bar(share: float, colour: str) -> str:
    width = round(_BAR_PIXELS * share)
    return f'<span style="display:block;height:5px;width:{width}px;background:{colour}"></span>'
