"""Geometry of the figures of a report on diversity; the template draws them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textbooks.reports.words import count, share

if TYPE_CHECKING:
    from textbooks.diversity.report import DiversitySet

__all__ = ["Figure", "Line", "Rect", "import_bars", "nearest_histogram", "rank_curves"]

_MOST_PACKAGES = 15
_ROW, _BAR = 26, 9
_TOP, _BASE = 16, 176
_LABELS, _VALUES = 22.0, 15.0
"""Per cent of the width for the names and the numbers beside the bars of imports."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A bar of set `series`, 0 or 1: `x` and `width` in per cent, `y` and `height` in pixels, and what it shows."""

    series: int
    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """A curve of set `series`: points in per cent of the plot, from the upper left corner, as SVG wants them."""

    series: int
    points: str


@dataclass(frozen=True, slots=True)
class Figure:
    """What a template needs to draw a figure.

    Attributes
    ----------
    height : int
        In pixels.
    description : str
        What it shows, for those who do not see it.
    bars : tuple of Rect
    lines : tuple of Line
    labels : tuple of (float, float, str)
        Text at `x` in per cent and `y` in pixels.
    """

    height: int
    description: str
    bars: tuple[Rect, ...] = ()
    lines: tuple[Line, ...] = ()
    labels: tuple[tuple[float, float, str], ...] = ()


def import_bars(sets: Sequence[DiversitySet]) -> Figure:
    """Lay out the share of texts that import each package (paper, Figure 3.1), the 15 most frequent of any set."""
    packages = sorted({name for each in sets for name in each.imports}, key=lambda name: _rank(sets, name))
    rows = packages[:_MOST_PACKAGES]
    most = max((each.imports.get(name, 0.0) for each in sets for name in rows), default=0.0) or 1.0
    bars, labels = [], []
    for place, name in enumerate(rows):
        shares = ", ".join(_share(each.imports.get(name, 0.0), each.texts) for each in sets)
        labels += [(0.0, place * _ROW + 15.0, name), (100.0, place * _ROW + 15.0, shares)]
        for series, each in enumerate(sets):
            part = each.imports.get(name, 0.0)
            width = (100 - _LABELS - _VALUES) * part / most
            y = place * _ROW + 3.0 + series * _BAR + (_BAR / 2 if len(sets) == 1 else 0)
            title = f"{name}: {_share(part, each.texts)} of {each.name}"
            bars.append(Rect(series, _LABELS, y, round(width, 3), _BAR - 1, title))
    told = [f"{each.name}: {_share(each.without_imports, each.texts)} import nothing" for each in sets]
    return Figure(len(rows) * _ROW + 4, "; ".join(told), bars=tuple(bars), labels=tuple(labels))


def _rank(sets: Sequence[DiversitySet], name: str) -> tuple[float, str]:
    return -max(each.imports.get(name, 0.0) for each in sets), name


def _share(part: float, whole: int) -> str:
    return share(round(part * whole), whole)


def nearest_histogram(sets: Sequence[DiversitySet]) -> Figure:
    """Lay out how many texts have their nearest neighbour in each bin of Jaccard similarity."""
    most = max((n for each in sets for n in each.nearest), default=0) or 1
    bins = max((len(each.nearest) for each in sets), default=1)
    width = 100 / bins
    bars = []
    for series, each in enumerate(sets):
        for place, n in enumerate(each.nearest):
            height = max((_BASE - _TOP) * n / most, 1.0) if n else 0.0
            title = f"{place / bins:.2f} to {(place + 1) / bins:.2f}: {count(n)} of {each.name}"
            x, thick = place * width + width * (0.1 + 0.4 * series), width * (0.8 if len(sets) == 1 else 0.4)
            if n:
                bars.append(
                    Rect(series, round(x, 3), round(_BASE - height, 2), round(thick, 3), round(height, 2), title)
                )
    marks = [(100 * step / 5, _BASE + 18.0, f"{step / 5:g}") for step in range(6)]
    top = (0.0, 10.0, f"{count(most)} texts")
    return Figure(_BASE + 24, "Texts by their nearest neighbour.", bars=tuple(bars), labels=(top, *marks))


def rank_curves(counts: Sequence[Iterable[int]], what: str) -> Figure:
    """Lay out how often the most frequent of some things occurs, the second, and so on; both axes logarithmic.

    Parameters
    ----------
    counts : sequence of iterables of int
        For each set the numbers of its things, in any order.
    what : str
        What they are, for the description.
    """
    ordered = [sorted(each, reverse=True) for each in counts]
    ranks = max((len(each) for each in ordered), default=0)
    most = max((each[0] for each in ordered if each), default=1)
    lines = tuple(
        Line(series, " ".join(f"{_log(rank, ranks):.2f},{100 - _log(n, most):.2f}" for rank, n in _steps(each)))
        for series, each in enumerate(ordered)
    )
    labels = ((0.0, 10.0, f"{count(most)} times"), (0.0, _BASE + 18.0, "rank 1"), (100.0, _BASE + 18.0, count(ranks)))
    told = ", ".join(f"{count(len(each))}, the first {count(each[0]) if each else 0} times" for each in ordered)
    return Figure(_BASE + 24, f"Different {what}: {told}.", lines=lines, labels=labels)


def _log(value: int, most: int) -> float:
    """Return the place of a number between 1 and the most, 0 to 100."""
    return 100 * math.log(value) / math.log(most) if most > 1 else 0.0


def _steps(ordered: Sequence[int]) -> list[tuple[int, int]]:
    """Return the ranks where a level begins and where it ends, with the level: a curve through fewer points."""
    edges = [
        rank
        for rank, n in enumerate(ordered, 1)
        if rank in (1, len(ordered)) or n != ordered[rank - 2] or n != ordered[rank]
    ]
    return [(rank, ordered[rank - 1]) for rank in edges]
