"""The plot of what each threshold would do: keep rate, precision and recall, as inline SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

if TYPE_CHECKING:
    from textbooks.filters.thresholds import ThresholdTable

__all__ = ["threshold_plot"]

_LEFT, _TOP, _WIDTH, _HEIGHT = 44, 16, 560, 220
_POINTS = 400  # more than a screen shows
_LOOKS: Final = {
    "kept": ("#6b6b6b", ""),
    "precision": ("#1f6f5c", ""),
    "recall": ("#a6541b", "6 4"),  # dashed: not told apart by colour alone
}


def threshold_plot(table: ThresholdTable) -> str:
    """Return an SVG picture of the shares, in per cent, against the threshold.

    Parameters
    ----------
    table : ThresholdTable
        Precision and recall are drawn when it has labels.

    Returns
    -------
    str
        One ``<svg>`` element without scripts, styles or references to anything outside it.
    """
    low, high = float(table.thresholds[0]), float(table.thresholds[-1])
    curves = {"kept": table.keep_rate}
    if table.hits is not None:
        curves |= {"precision": table.precision, "recall": table.recall}
    parts = [_grid(low, high)]
    for row, (name, values) in enumerate(curves.items()):
        parts += [_curve(name, table.thresholds, values, low, high), _legend(name, row)]
    title = (
        f"Share kept{', precision and recall' if len(curves) > 1 else ''} of {int(table.kept[0])} texts by threshold"
    )
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{}" width="{}" height="{}" '
        'font-family="sans-serif" font-size="12" fill="currentColor">{}</svg>'
    ).format(title, _LEFT + _WIDTH + 110, _TOP + _HEIGHT + 44, Markup("").join(parts))


def _grid(low: float, high: float) -> Markup:
    lines = Markup("")
    for share in range(0, 101, 25):
        y = _TOP + _HEIGHT * (1 - share / 100)
        lines += Markup(
            '<line x1="{0}" x2="{1}" y1="{2}" y2="{2}" stroke="currentColor" stroke-opacity="0.2"/>'
        ).format(_LEFT, _LEFT + _WIDTH, y)
        lines += Markup('<text x="{}" y="{}" text-anchor="end">{} %</text>').format(_LEFT - 6, y + 4, share)
    for at in np.linspace(low, high, 6) if high > low else [low]:
        x = _LEFT + _WIDTH * _along(float(at), low, high)
        lines += Markup('<text x="{}" y="{}" text-anchor="middle">{:.2f}</text>').format(x, _TOP + _HEIGHT + 18, at)
    where = _LEFT + _WIDTH / 2, _TOP + _HEIGHT + 36
    return lines + Markup('<text x="{}" y="{}" text-anchor="middle">threshold</text>').format(*where)


def _curve(name: str, at: NDArray[np.float64], values: NDArray[np.float64], low: float, high: float) -> Markup:
    rows = np.unique(np.linspace(0, len(at) - 1, min(_POINTS, len(at))).astype(int))
    points = " ".join(
        f"{_LEFT + _WIDTH * _along(float(at[row]), low, high):.1f},{_TOP + _HEIGHT * (1 - float(values[row])):.1f}"
        for row in rows
        if not np.isnan(values[row])
    )
    colour, dashes = _LOOKS[name]
    return Markup(
        '<polyline class="{}" points="{}" fill="none" stroke="{}" stroke-width="2" stroke-dasharray="{}"/>'
    ).format(name, points, colour, dashes)


def _legend(name: str, row: int) -> Markup:
    colour, dashes = _LOOKS[name]
    x, y = _LEFT + _WIDTH + 14, _TOP + 10 + 20 * row
    line = Markup('<line x1="{0}" x2="{1}" y1="{2}" y2="{2}" stroke="{3}" stroke-width="2" stroke-dasharray="{4}"/>')
    return line.format(x, x + 20, y, colour, dashes) + Markup('<text x="{}" y="{}">{}</text>').format(
        x + 26, y + 4, name
    )


def _along(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 0.5
