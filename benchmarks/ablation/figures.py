"""The plots, as SVG: no library, no scripts, the same bytes for the same figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

COLOURS = ("#8c8474", "#1f6b5a", "#a6541b", "#1d4f91", "#6b3a8f", "#9d2235", "#3b6276")
DASHES = ("", "6 3", "2 3", "8 3 2 3", "4 2", "1 2", "10 3")
PAPER, INK, RULE = "#fbfaf6", "#1d1c1a", "#dcd8cd"
LEFT, TOP, HEIGHT = 64, 40, 240


def grouped_bars(
    title: str, unit: str, groups: Mapping[str, Mapping[str, tuple[float, float, float]]], *, from_zero: bool = True
) -> str:
    """Return groups of bars, each with its range, in the manner of phi-1's Figure 2.1.

    Parameters
    ----------
    title, unit : str
    groups : mapping
        Name of the group to name of the bar to (mean, low, high). Equal names have equal colours.
    from_zero : bool
        Whether the axis begins at 0; else below the least value, and the plot says so.
    """
    names = list(dict.fromkeys(name for bars in groups.values() for name in bars))
    low = 0.0 if from_zero else 0.92 * min(v[1] for bars in groups.values() for v in bars.values())
    high = 1.06 * max(v[2] for bars in groups.values() for v in bars.values()) or 1.0  # room for what is written above
    bar = 26
    width = sum(len(bars) * bar + 28 for bars in groups.values())
    parts = _axis(low, high, width, unit if from_zero else f"{unit} (axis from {low:.2f})")
    x = LEFT + 14.0
    for group, bars in groups.items():
        middle = x + len(bars) * bar / 2
        for name, (mean, least, most) in bars.items():
            colour = COLOURS[names.index(name) % len(COLOURS)]
            y, base = _y(mean, low, high), TOP + HEIGHT
            parts.append(
                f'<rect x="{x + 2:.1f}" y="{y:.1f}" width="{bar - 4}" height="{max(base - y, 0):.1f}" fill="{colour}">'
                f"<title>{escape(group)}, {escape(name)}: {mean:.4f} ({least:.4f} to {most:.4f})</title></rect>"
            )
            if most > least:
                top, bottom, at = _y(most, low, high), _y(least, low, high), x + bar / 2
                parts.append(_line(at, top, at, bottom, INK))
            parts.append(_text(x + bar / 2, min(y, _y(most, low, high)) - 4, f"{mean:.2f}", size=9))
            x += bar
        for line, words in enumerate(_words_below(group)):
            parts.append(_text(middle, TOP + HEIGHT + 16 + 14 * line, words))
        x += 28
    below = max(len(_words_below(group)) for group in groups)
    return _svg(title, width + LEFT + 220, parts + _legend(names, LEFT + width + 10, dashed=False), lines=below)


def _words_below(group: str) -> list[str]:
    """Return the lines of a group's name: it breaks behind commas, for it is wider than its bars."""
    return group.replace(", ", ",\n").split("\n")


def curves(
    title: str,
    across: str,
    unit: str,
    lines: Mapping[str, Sequence[tuple[float, float]]],
    *,
    logarithmic: bool = False,
) -> str:
    """Return lines through points.

    Parameters
    ----------
    title, across, unit : str
        Above, below and left of it.
    lines : mapping of str to sequence of (x, y)
    logarithmic : bool
        Whether the axis across is logarithmic.
    """
    points = [point for line in lines.values() for point in line]
    first, last = min(x for x, _ in points), max(x for x, _ in points)
    low, high = min(y for _, y in points), max(y for _, y in points)
    low, high, width = low - 0.05 * (high - low), high + 0.02 * (high - low), 520

    def along(value: float) -> float:
        if last == first:
            return LEFT + width / 2
        if logarithmic:
            return LEFT + width * math.log(value / first) / math.log(last / first)
        return LEFT + width * (value - first) / (last - first)

    parts = _axis(low, high, width, unit)
    ticks = [first * (last / first) ** (k / 4) for k in range(5)] if logarithmic else _ticks(first, last)
    parts += [_text(along(tick), TOP + HEIGHT + 16, _short(tick)) for tick in ticks]
    parts.append(_text(LEFT + width / 2, TOP + HEIGHT + 34, across))
    for number, (name, line) in enumerate(lines.items()):
        path = " ".join(f"{along(x):.1f},{_y(y, low, high):.1f}" for x, y in line)
        colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}">'
            f"<title>{escape(name)}</title></polyline>"
        )
        if len(line) <= 20:
            parts += [
                f'<circle cx="{along(x):.1f}" cy="{_y(y, low, high):.1f}" r="2.5" fill="{colour}"/>' for x, y in line
            ]
    return _svg(title, width + LEFT + 220, parts + _legend(list(lines), LEFT + width + 10, dashed=True))


def _axis(low: float, high: float, width: float, unit: str) -> list[str]:
    parts = [f'<text x="{LEFT - 50}" y="{TOP - 10}" fill="{INK}">{escape(unit)}</text>']
    for tick in _ticks(low, high):
        y = _y(tick, low, high)
        parts += [_line(LEFT, y, LEFT + width, y, RULE), _text(LEFT - 6, y + 4, _short(tick), anchor="end")]
    return parts


def _ticks(low: float, high: float) -> list[float]:
    """Return at most seven round numbers between two."""
    if high <= low:
        return [low]
    step = 10 ** math.floor(math.log10(high - low))
    step = next(step * part for part in (0.1, 0.2, 0.5, 1, 2, 5) if (high - low) / (step * part) <= 6)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _short(value: float) -> str:
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def _y(value: float, low: float, high: float) -> float:
    return TOP + HEIGHT * (1 - (value - low) / (high - low if high > low else 1))


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "middle", size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{INK}">{escape(words)}</text>'
    )


def _legend(names: Sequence[str], x: float, *, dashed: bool) -> list[str]:
    parts = []
    for number, name in enumerate(names):
        y, colour = TOP + 10 + 20 * number, COLOURS[number % len(COLOURS)]
        dash = DASHES[number % len(DASHES)] if dashed else ""
        parts.append(
            f'<line x1="{x}" y1="{y}" x2="{x + 20}" y2="{y}" stroke="{colour}" stroke-width="{2 if dashed else 10}" '
            f'stroke-dasharray="{dash}"/>'
        )
        parts.append(_text(x + 26, y + 4, name, anchor="start"))
    return parts


def _svg(title: str, width: float, parts: Sequence[str], *, lines: int = 1) -> str:
    height = TOP + HEIGHT + 32 + 14 * lines
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}" width="{width:.0f}" '
        f'height="{height}" viewBox="0 0 {width:.0f} {height}" font-family="sans-serif" font-size="12">\n'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>\n'
        f'<text x="14" y="18" font-weight="bold" fill="{INK}">{escape(title)}</text>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )
