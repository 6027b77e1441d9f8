"""Geometry of the two figures of the report; the templates draw them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textbooks.reports.summary import BIN_EDGES, Histogram, Stats
from textbooks.reports.words import EXPLANATIONS, QUARANTINE_REASONS, count, share
from textbooks.verdicts import Reason

__all__ = ["Bar", "HistogramFigure", "Stage", "Tick", "histogram_figure", "stages"]

_TOP, _BASE = 40, 232
"""Ends of the plot, in pixels from the top of the figure."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bin: `x` and `width` in per cent of the figure, heights in pixels, kept records below dropped ones."""

    x: float
    width: float
    kept_y: float
    kept_height: float
    dropped_y: float
    dropped_height: float
    low: float
    high: float
    kept: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the plot: its height in pixels and the number of records it stands for."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class HistogramFigure:
    """All that the template of the histogram needs; `threshold_x` in per cent, None without a threshold."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    threshold: float | None
    threshold_x: float | None
    scored: int
    description: str
    base: int = _BASE


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the way from what was read to what was kept.

    Attributes
    ----------
    slug, words : str
        The reason, and what it means.
    kind : str
        ``read``, ``dropped``, ``quarantined`` or ``kept``.
    records : int
        How many go here (or came, or stayed).
    share : str
        Of the records read.
    left, width : float
        The bar, in per cent of the records read: each begins where what remains after it ends.
    """

    slug: str
    words: str
    kind: str
    records: int
    share: str
    left: float
    width: float


def histogram_figure(histogram: Histogram, threshold: float | None) -> HistogramFigure:
    """Lay out the histogram of scores.

    Parameters
    ----------
    histogram : Histogram
        Counts in 50 bins from 0 to 5.
    threshold : float or None
        Where to draw the line; what lies outside 0 to 5 is drawn at the nearest end.
    """
    tallest = max((k + d for k, d in zip(histogram.kept, histogram.dropped, strict=True)), default=0)
    step = _nice_step(tallest)
    scale = (_BASE - _TOP) / max(tallest, 1)
    at = None if threshold is None else 100 * min(max(threshold / float(BIN_EDGES[-1]), 0.0), 1.0)
    ticks = (Tick(round(_BASE - n * scale, 2), count(n)) for n in range(step, tallest + 1, step))
    return HistogramFigure(
        bars=tuple(_bars(histogram, scale)),
        ticks=tuple(ticks),
        threshold=threshold,
        threshold_x=at,
        scored=histogram.scored,
        description=_describe(histogram, threshold),
    )


def _bars(histogram: Histogram, scale: float) -> Iterator[Bar]:
    width = 100 / len(histogram.kept)
    for i, (kept, dropped) in enumerate(zip(histogram.kept, histogram.dropped, strict=True)):
        if not kept + dropped:
            continue
        # A bin that holds one record among millions must still be seen.
        kept_height, dropped_height = (max(n * scale, 1.0) if n else 0.0 for n in (kept, dropped))
        yield Bar(
            x=round(i * width + 0.12 * width, 3),
            width=round(0.76 * width, 3),
            kept_y=round(_BASE - kept_height, 2),
            kept_height=round(kept_height, 2),
            dropped_y=round(_BASE - kept_height - dropped_height, 2),
            dropped_height=round(dropped_height, 2),
            low=float(BIN_EDGES[i]),
            high=float(BIN_EDGES[i + 1]),
            kept=kept,
            dropped=dropped,
        )


def _nice_step(tallest: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50, ... that gives at most five ticks."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if tallest <= 5 * factor * power:
                return factor * power
        power *= 10


def _describe(histogram: Histogram, threshold: float | None) -> str:
    if not histogram.scored:
        return "No record has a score."
    kept = sum(histogram.kept)
    parts = [f"{count(histogram.scored)} scored records: {count(kept)} kept, {count(histogram.scored - kept)} dropped."]
    if histogram.median is not None:
        parts.append(f"The median score is about {histogram.median:.2f}.")
    if threshold is not None:
        parts.append(f"Records below the threshold of {threshold:g} are dropped.")
    return " ".join(parts)


def stages(stats: Stats) -> list[Stage]:
    """Return the way from what was read to what was kept: quarantine first, then the steps in their order.

    A slug that is not known comes last among the dropped ones, by name. Counts of zero are left out, except those
    of the first and the last stage.
    """
    order = {reason.value: place for place, reason in enumerate(Reason)}

    def place(slug: str) -> tuple[bool, int, str]:
        return slug not in QUARANTINE_REASONS, order.get(slug, len(order)), slug

    found = [Stage("read", "records read", "read", stats.read, share(stats.read, stats.read), 0.0, 100.0)]
    remaining = stats.read
    for slug in sorted((slug for slug, n in stats.reasons.items() if n), key=place):
        n = stats.reasons[slug]
        remaining -= n
        kind = "quarantined" if slug in QUARANTINE_REASONS else "dropped"
        words = EXPLANATIONS.get(slug, "")
        found.append(Stage(slug, words, kind, n, share(n, stats.read), *_extent(remaining, n, stats.read)))
    kept_extent = _extent(0, stats.kept, stats.read)
    found.append(Stage("kept", "stay in the corpus", "kept", stats.kept, share(stats.kept, stats.read), *kept_extent))
    return found


def _extent(begin: int, length: int, whole: int) -> tuple[float, float]:
    """Return left end and width in per cent, held within 0 to 100 whatever the numbers."""
    left = min(max(100 * begin / max(whole, 1), 0.0), 100.0)
    return round(left, 3), round(min(100 * length / max(whole, 1), 100.0 - left), 3)
