"""What is shown while texts are synthesized, and when the run ends."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from textbooks.reports.words import EXPLANATIONS, count, share

__all__ = ["SynthesisPanel", "synthesis_table"]

_SECONDS_BETWEEN_LINES = 10.0
_FEWEST = 3  # before so many the time left is a guess
_MINUTE, _HOUR = 60, 3600


class SynthesisPanel:
    """Shows how far a run is: done, kept, rejected by reason, tokens, cost, time left.

    On a terminal it is redrawn in place; elsewhere a line is printed every ten seconds, and one at the end.

    Parameters
    ----------
    console : Console or None
        Where to show it; None for nowhere.
    total : int
        Seeds of the run.
    spent : callable, optional
        Returns tokens, and money or None, that were spent so far.
    clock : callable
        Returns seconds.
    """

    def __init__(
        self,
        console: Console | None,
        *,
        total: int,
        spent: Callable[[], tuple[int, float | None]] = lambda: (0, None),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total = total
        self.reasons: Counter[str] = Counter()
        self._console, self._spent, self._clock = console, spent, clock
        self._began = self._printed = clock()
        self._earlier = 0
        self._live: Live | None = None

    @property
    def done(self) -> int:
        """Seeds that something came of."""
        return self.reasons.total()

    def begin(self, counts: Mapping[str, int]) -> None:
        """Take over what an earlier run did; the clock starts now."""
        self.reasons.update(counts)
        self._earlier = self.done
        self._began = self._clock()

    def note(self, reason: str | None) -> None:
        """Count one more: kept, or the reason why not."""
        self.reasons[reason or "kept"] += 1
        now = self._clock()
        if self._console is not None and self._live is None and now - self._printed > _SECONDS_BETWEEN_LINES:
            self._printed = now
            self._console.print(self.line(), highlight=False, markup=False, soft_wrap=True)

    def line(self) -> str:
        """Return everything in one line."""
        rejected = ", ".join(f"{slug} {n:,}" for slug, n in self.reasons.most_common() if slug != "kept")
        tokens, cost = self._spent()
        parts = [
            f"{self.done:,} of {self.total:,}",
            f"kept {self.reasons['kept']:,}",
            *([rejected] if rejected else []),
            f"{tokens:,} tokens",
            *([] if cost is None else [f"cost {cost:,.4f}"]),
            self._time_left(),
        ]
        return "; ".join(parts)

    def _time_left(self) -> str:
        fresh, seconds = self.done - self._earlier, self._clock() - self._began
        if fresh < _FEWEST:
            return "time left unknown"
        return f"{_duration(seconds / fresh * max(self.total - self.done, 0))} left"

    def __rich__(self) -> RenderableType:
        tokens, cost = self._spent()
        money = "" if cost is None else f"   cost {cost:,.4f}"
        head = Text(f"{self.done:,} of {self.total:,}   {tokens:,} tokens{money}   {self._time_left()}")
        table = Table(box=None, show_header=False, pad_edge=False)
        for slug, n in self.reasons.most_common():
            style = "green" if slug == "kept" else "dim"
            table.add_row(Text(slug, style=style), Text(f"{n:,}", style=style, justify="right"), share(n, self.done))
        bar = Table.grid(expand=True)
        bar.add_row(ProgressBar(total=max(self.total, 1), completed=self.done))
        return Group(head, bar, table)

    def __enter__(self) -> Self:
        if self._console is not None and self._console.is_terminal:
            self._live = Live(self, console=self._console, refresh_per_second=4)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
        elif self._console is not None and self.done:
            self._console.print(self.line(), highlight=False, markup=False, soft_wrap=True)


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"


def synthesis_table(stats: Mapping[str, Any]) -> Table:
    """Return what a run of ``textbooks synthesize`` says when it ends.

    Parameters
    ----------
    stats : mapping
        The content of its ``stats.json``.

    Returns
    -------
    rich.table.Table
        What became of the seeds, the reasons by falling count with what they mean, tokens and cost.
    """
    read = stats["read"]
    table = Table(box=box.SIMPLE_HEAD, show_header=False, pad_edge=False, caption_justify="left")
    for justify in ("left", "right", "right", "left"):
        table.add_column(justify=justify, no_wrap=justify == "right")
    table.add_row("asked", count(read), "", "", style="bold")
    kept = f"{stats['repaired']:,} of them after a repair" if stats.get("repaired") else ""
    table.add_row("kept", count(stats["kept"]), share(stats["kept"], read), kept, style="bold green")
    for slug, n in sorted(stats["reasons"].items(), key=lambda item: (-item[1], item[0])):
        table.add_row(Text(f"  {slug}"), count(n), share(n, read), EXPLANATIONS.get(slug, ""), style="dim")
    table.add_section()
    table.add_row("tokens sent", count(stats["prompt_tokens"]), "", "")
    table.add_row("tokens received", count(stats["completion_tokens"]), "", "")
    if stats.get("cost") is not None:
        table.add_row("cost", f"{stats['cost']:,.4f}", "", "of all answers, also of those from earlier runs")
    if stats["missing_benchmarks"]:
        names = ", ".join(stats["missing_benchmarks"])
        table.caption = Text(f"not searched for: {names}; copies of their problems may be kept", style="bold red")
    return table
