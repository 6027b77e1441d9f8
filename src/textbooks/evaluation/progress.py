"""How far a long job is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

__all__ = ["show_progress"]

SECONDS_BETWEEN_LINES = 10.0


@contextlib.contextmanager
def show_progress(console: Console | None, title: str, *, total: int, done: int = 0) -> Iterator[Callable[[], None]]:
    """Yield a function to call after each finished item.

    Parameters
    ----------
    console : rich.console.Console or None
        Where to show it; None for nowhere.
    title : str
        What the job does.
    total, done : int
        How many items there are, and how many of them an earlier run has done.
    """
    if console is None:
        yield lambda: None
    elif console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console) as bar:
            task = bar.add_task(title, total=total, completed=done)
            yield lambda: bar.advance(task)
    else:
        yield _lines(console, title, total, done)


def _lines(console: Console, title: str, total: int, done: int) -> Callable[[], None]:
    began = printed = time.monotonic()

    def advance() -> None:
        """Count one that is done, and say so now and then."""
        nonlocal done, printed
        done += 1
        now = time.monotonic()
        if now - printed > SECONDS_BETWEEN_LINES:
            printed = now
            console.print(f"{title} {done:,} of {total:,}  {now - began:.0f} s", highlight=False)

    return advance
