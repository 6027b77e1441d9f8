"""Asking a language model many things: several at a time, with progress, and no answer lost to an interruption."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console

from textbooks import __version__
from textbooks.errors import CompletionError, MalformedAnswerError
from textbooks.evaluation.partial import PartialResults, digest, partial_of
from textbooks.evaluation.progress import show_progress
from textbooks.evaluation.results import write_results
from textbooks.llm import Answer, ChatClient, ChatRequest, Completion, Message, Usage, answer_all

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["Answer", "Asker", "fenced"]

Finding = TypeVar("Finding", bound="DataclassInstance")


class Asker:
    """What asks a language model many things.

    Parameters
    ----------
    client : ChatClient
        The model.
    workers : int or None, default=None
        Requests to have under way at a time, at least 1; None for the client's own `concurrency`, where it has one, and
        for 1 where it has none.

    Raises
    ------
    ValueError
        If `workers` is below 1.
    """

    def __init__(self, client: ChatClient, *, workers: int | None = None) -> None:
        if workers is not None and workers < 1:
            msg = f"workers must be at least 1, got {workers!r}"
            raise ValueError(msg)
        self.client = client
        self.workers = workers

    def _find(
        self,
        requests: Sequence[Sequence[Message]],
        schema: Mapping[str, Any],
        finish: Callable[[list[Answer]], list[Finding]],
        *,
        title: str,
        results: str | os.PathLike[str] | None,
        restart: bool,
        console: Console | None,
    ) -> list[Finding]:
        """Return what `finish` makes of the answers, and write that to `results`, where every answer is kept till then.

        Where a request got no answer, what is kept stays: the same call again asks for what is missing.
        """
        with contextlib.ExitStack() as stack:
            partial = None
            if results is not None:
                key = {"requests": digest([[asdict(one) for one in request] for request in requests])}
                opened = partial_of(Path(results), key | {"textbooks": __version__}).opened(restart=restart)
                partial = stack.enter_context(opened)
            answers = self._ask(requests, schema, title=title, partial=partial, console=console)
            found = finish(answers)
            if results is not None:
                write_results(Path(results), map(asdict, found))
            if partial and all(map(self._settles, answers)):
                partial.remove()
            return found

    def _ask(
        self,
        requests: Sequence[Sequence[Message]],
        schema: Mapping[str, Any],
        *,
        title: str,
        partial: PartialResults | None,
        console: Console | None,
    ) -> list[Answer]:
        """Return the answer to every request in order, and where there is none, the error.

        So that one refusal does not lose the answers that were paid for, errors are returned.

        Raises
        ------
        CompletionError
            The first of them, if no request got an answer.
        """
        kept = _kept(partial.done) if partial else {}
        answers = {number: answer for number, answer in kept.items() if self._settles(answer)}
        missing = [number for number in range(len(requests)) if number not in answers]
        asked = (ChatRequest(tuple(requests[number]), schema) for number in missing)
        with self._progress(console, title, len(requests), list(answers.values())) as note:
            for place, found in answer_all(self.client, asked, workers=self.workers):
                answer = _usable(found)
                answers[missing[place]] = answer
                if partial and isinstance(answer, Completion) and self._settles(answer):
                    partial.add(missing[place], json.dumps(asdict(answer), default=repr))
                note(answer)
        ordered = [answers[number] for number in range(len(requests))]
        failed = [answer for answer in ordered if isinstance(answer, CompletionError)]
        if failed and len(failed) == len(ordered):
            raise failed[0]
        return ordered

    def _settles(self, answer: Answer) -> bool:
        """Whether an answer is one that need not be asked for again."""
        return isinstance(answer, Completion)

    @contextlib.contextmanager
    def _progress(
        self, console: Console | None, title: str, total: int, kept: Sequence[Answer]
    ) -> Iterator[Callable[[Answer], None]]:
        """Yield what to call with each answer; `kept` are those of an earlier run."""
        with show_progress(console, title, total=total, done=len(kept)) as advance:
            yield lambda _: advance()


def _usable(answer: Answer) -> Answer:
    """Return an answer that does not follow the schema as it is: our parsers may find in it what counts."""
    if isinstance(answer, MalformedAnswerError) and isinstance(answer.completion, Completion):
        return answer.completion
    return answer


def _kept(done: Mapping[int, str]) -> dict[int, Answer]:
    """Return the answers of an earlier run; what is damaged is asked for again."""
    found: dict[int, Answer] = {}
    for number, text in done.items():
        with contextlib.suppress(ValueError, TypeError, KeyError):
            value = json.loads(text)
            found[number] = Completion(**value | {"usage": Usage(**value["usage"])})
    return found


def fenced(text: str) -> str:
    """Return the text between fences that it cannot close itself."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text.rstrip()}\n{fence}"
