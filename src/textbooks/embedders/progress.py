"""How far a long embedding is: a bar on a terminal, after it has taken a while."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

__all__ = ["show_progress"]

SECONDS_BEFORE_IT_SHOWS = 3.0


@contextlib.contextmanager
def show_progress(title: str, *, total: int, console: Console | None = None) -> Iterator[Callable[[int], None]]:
    """Yield a function to call with the number of items just done.

    Parameters
    ----------
    title : str
        What is done.
    total : int
        How many items there are.
    console : rich.console.Console, optional
        Where to show it; stderr by default. Nothing is shown where it is no terminal, nor in the first three seconds.
    """
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task(title, total=total)
    began = time.monotonic()
    shown = False

    def advance(items: int) -> None:
        """Count texts that are done; the bar shows itself only when it takes long."""
        nonlocal shown
        if not shown and time.monotonic() - began >= SECONDS_BEFORE_IT_SHOWS:
            bar.start()
            shown = True
        bar.advance(task, items)

    try:
        yield advance
    finally:
        bar.stop()
