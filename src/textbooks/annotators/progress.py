"""How far an annotation is: done, mean score, tokens, cost, time left."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console
from rich.live import Live
from rich.text import Text

from textbooks.annotators.parsing import parse_annotation
from textbooks.evaluation.asking import Answer
from textbooks.llm import ChatClient, Completion, Spending, Usage

__all__ = ["Tally", "show_annotating"]

SECONDS_BETWEEN_LINES = 10.0


class Tally:
    """What the answers so far come to.

    Parameters
    ----------
    total : int
        Texts to rate.
    kept : sequence of Answer
        Answers of an earlier run; they cost nothing now.
    client : ChatClient
        Its `spent`, where it has one, tells the cost.
    """

    def __init__(self, total: int, kept: Sequence[Answer], client: ChatClient) -> None:
        self.total, self.client = total, client
        self.done = self.failed = self.scored = self.sum = 0
        self.usage = Usage()
        self.began = time.monotonic()
        for answer in kept:
            self._count(answer)
        self.resumed = self.done

    def add(self, answer: Answer) -> None:
        """Count an answer."""
        self._count(answer)
        if isinstance(answer, Completion) and not answer.cached:
            self.usage += answer.usage

    def _count(self, answer: Answer) -> None:
        self.done += 1
        score = parse_annotation(answer).score if isinstance(answer, Completion) else None
        if score is None:
            self.failed += 1
        else:
            self.scored += 1
            self.sum += score

    @property
    def seconds_left(self) -> float:
        """Seconds that the rest takes at the pace of this run; NaN before its first answer."""
        answered = self.done - self.resumed
        passed = time.monotonic() - self.began
        return (self.total - self.done) * passed / answered if answered else float("nan")

    def __str__(self) -> str:
        parts = [f"{self.done:,} of {self.total:,}"]
        if self.scored:
            parts.append(f"mean score {self.sum / self.scored:.2f}")
        if self.failed:
            parts.append(f"{self.failed:,} without a score")
        parts.append(f"{self.usage.tokens:,} tokens")
        spent = getattr(self.client, "spent", None)
        if isinstance(spent, Spending) and spent.cost is not None:
            parts.append(f"cost {spent.cost:,.4f}")
        left = self.seconds_left
        if self.done < self.total and left == left:  # not NaN
            parts.append(f"{_clock(left)} left")
        return "  ".join(parts)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextlib.contextmanager
def show_annotating(
    console: Console | None, client: ChatClient, *, title: str, total: int, kept: Sequence[Answer]
) -> Iterator[Callable[[Answer], None]]:
    """Yield what to call with each answer: a line that lives on a terminal, one every ten seconds elsewhere.

    Parameters
    ----------
    console : rich.console.Console or None
        Where to show it; None for nowhere.
    client : ChatClient
        Who is asked.
    title : str
        What the job does.
    total : int
        Texts to rate.
    kept : sequence of Answer
        Answers of an earlier run.
    """
    if console is None:
        yield lambda _: None
        return
    tally = Tally(total, kept, client)
    if not console.is_terminal:
        yield _lines(console, title, tally)
        return
    with Live(console=console, refresh_per_second=4, get_renderable=lambda: Text(f"{title} {tally}")):
        yield tally.add


def _lines(console: Console, title: str, tally: Tally) -> Callable[[Answer], None]:
    printed = time.monotonic()

    def add(answer: Answer) -> None:
        """Count an answer, and say so now and then."""
        nonlocal printed
        tally.add(answer)
        if time.monotonic() - printed > SECONDS_BETWEEN_LINES:
            printed = time.monotonic()
            console.print(f"{title} {tally}", highlight=False, soft_wrap=True)

    return add
