"""Asking a language model for the educational value of texts."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from datatrove.data import Document
from rich.console import Console

from textbooks import __version__
from textbooks.annotators.annotation import Annotation
from textbooks.annotators.labels import write_labels
from textbooks.annotators.parsing import ANNOTATION_SCHEMA, parse_annotation
from textbooks.annotators.progress import show_annotating
from textbooks.annotators.prompt import RatedExample, introduction, question, shipped_examples, shipped_rubric
from textbooks.errors import CompletionError
from textbooks.evaluation.asking import Answer, Asker
from textbooks.evaluation.partial import PartialResults, digest, partial_of
from textbooks.llm import ChatClient, ChatRequest, Completion, Message
from textbooks.records import Record, as_records, to_document, why_unjudgeable

__all__ = ["EduValueAnnotator"]


class EduValueAnnotator(Asker):
    """Rates texts by asking a language model ("Textbooks Are All You Need", section 2.1).

    The paper had GPT-4 "determine its educational value for a student whose goal is to learn basic coding concepts" for
    about 100,000 files. The question is the paper's; rubric, marks, examples and the other words are ours.

    Parameters
    ----------
    client : ChatClient
        The model.
    rubric : str or None, default=None
        What the scores 0 to 5 and the four marks mean; None for the one that the bundled labels followed.
    examples : sequence of RatedExample or None, default=None
        Rated files to show before each question; None for the six that ship, an empty one for none.
    window : callable or None, default=None
        What is shown of a text, str to str; None for ``rated_window``: the first 2,000 and the last 600 characters,
        the part that `EduValueModel` reads.
    workers : int or None, default=None
        Requests to have under way at a time, at least 1; None for the client's own `concurrency`, where it has one, and
        for 1 where it has none.
    seed : int, default=0
        0 shows the examples in their order; any other shuffles them. For a second opinion of the same model.

    Raises
    ------
    ValueError
        If `workers` is below 1, or the rubric is empty.
    TypeError
        If an example is no `RatedExample`.
    """

    def __init__(
        self,
        client: ChatClient,
        *,
        rubric: str | None = None,
        examples: Sequence[RatedExample] | None = None,
        window: Callable[[str], str] | None = None,
        workers: int | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(client, workers=workers)
        if rubric is not None and not rubric.strip():
            msg = f"rubric must say what the scores mean, got {rubric!r}"
            raise ValueError(msg)
        for example in examples or ():
            if not isinstance(example, RatedExample):
                msg = f"examples must be RatedExample objects, got {type(example).__name__}"
                raise TypeError(msg)
        self.rubric, self.examples, self.window, self.seed = rubric, examples, window, seed

    def annotate(self, text: str) -> Annotation:
        """Return the rating of one text.

        Raises
        ------
        CompletionError
            If the model gave no answer.
        """
        return self.annotate_all([text])[0]

    def annotate_all(
        self,
        records: Iterable[Record],
        *,
        out: str | os.PathLike[str] | None = None,
        restart: bool = False,
        console: Console | None = None,
        text_key: str = "text",
    ) -> list[Annotation]:
        """Return the rating of every record, in the order given.

        What cannot be read as text is not asked for; it, an answer without a score and a request without an answer
        give an `Annotation` with `problem` set.

        Parameters
        ----------
        records : iterable of str, mapping or Document
            What to rate. They are not changed.
        out : path or None, default=None
            Where to write the texts that got a score as labels, as `write_labels` does, when all are known. Until then
            every answer with a score is kept in a hidden file beside it, from which an interrupted call goes on; where
            a score is missing that file stays, and the same call asks for it again. None writes nothing.
        restart : bool, default=False
            Whether to throw away what an interrupted call left.
        console : rich.console.Console or None, default=None
            Where to show progress: done, mean score, tokens, cost, time left.
        text_key : str, default="text"
            Where mappings keep their text.

        Raises
        ------
        TypeError
            If a single record is given in place of several.
        ParametersChangedError
            If an interrupted call asked something else, and `restart` is False.
        OutputError
            If the labels cannot be written, or another process writes to the same file.
        CompletionError
            If no request got an answer.
        """
        listed = as_records(records)
        documents = [to_document(record, index=number, text_key=text_key) for number, record in enumerate(listed)]
        requests = Questions(self, documents)
        with contextlib.ExitStack() as stack:
            partial = None
            if out is not None:
                key = {"requests": requests.digest, "textbooks": __version__}
                partial = stack.enter_context(partial_of(Path(out), key).opened(restart=restart))
            annotations = self._annotations(documents, requests, partial, console)
            if out is not None:
                write_labels(Path(out), documents, annotations)
            if partial and all(one.score is not None for one in (annotations[place] for place in requests.places)):
                partial.remove()
            return annotations

    def requests(self, records: Iterable[Record], *, text_key: str = "text") -> Iterator[ChatRequest]:
        """Yield what `annotate_all` would ask, such as for `ManagedChatClient.estimate`."""
        for number, record in enumerate(as_records(records)):
            document = to_document(record, index=number, text_key=text_key)
            yield from (ChatRequest(tuple(messages), ANNOTATION_SCHEMA) for messages in Questions(self, [document]))

    def with_seed(self, seed: int) -> EduValueAnnotator:
        """Return an annotator that differs in nothing but the order of its examples."""
        given: dict[str, Any] = {"rubric": self.rubric, "examples": self.examples, "window": self.window}
        return EduValueAnnotator(self.client, **given, workers=self.workers, seed=seed)

    def _annotations(
        self,
        documents: Sequence[Document],
        requests: Questions,
        partial: PartialResults | None,
        console: Console | None,
    ) -> list[Annotation]:
        found = [_unreadable(document) for document in documents]
        if not requests:
            return found
        answers = self._ask(requests, ANNOTATION_SCHEMA, title="Annotating", partial=partial, console=console)
        for place, answer in zip(requests.places, answers, strict=True):
            found[place] = _to_annotation(documents[place].id, answer)
        return found

    def _settles(self, answer: Answer) -> bool:
        return isinstance(answer, Completion) and parse_annotation(answer).score is not None

    @contextlib.contextmanager
    def _progress(
        self, console: Console | None, title: str, total: int, kept: Sequence[Answer]
    ) -> Iterator[Callable[[Answer], None]]:
        with show_annotating(console, self.client, title=title, total=total, kept=kept) as note:
            yield note


class Questions(Sequence[Sequence[Message]]):
    """The conversations about some texts, each made when it is needed; texts that cannot be read have none."""

    def __init__(self, annotator: EduValueAnnotator, documents: Sequence[Document]) -> None:
        from textbooks.scoring.window import rated_window

        rubric = shipped_rubric() if annotator.rubric is None else annotator.rubric
        examples = shipped_examples() if annotator.examples is None else annotator.examples
        self._introduction = introduction(rubric, examples, seed=annotator.seed)
        self._shown = annotator.window or rated_window
        self._documents = documents
        self.places = [place for place, one in enumerate(documents) if why_unjudgeable(one.text) is None]

    @property
    def digest(self) -> str:
        """A digest of all that is asked."""
        turns = [[turn.role, turn.content] for turn in self._introduction]
        return digest(chain([turns], (self._question(place).content for place in self.places)))

    def _question(self, place: int) -> Message:
        return question(self._shown(self._documents[place].text))

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, number: Any) -> Any:  # noqa: ANN401 - of a slice, a list
        if isinstance(number, slice):
            return [self[one] for one in range(len(self))[number]]
        return (*self._introduction, self._question(self.places[number]))


def _unreadable(document: Document) -> Annotation:
    reason = why_unjudgeable(document.text)
    return Annotation(str(document.id), None, problem=f"not asked: {reason}" if reason else "not asked")


def _to_annotation(name: str, answer: Answer) -> Annotation:
    if isinstance(answer, CompletionError):
        return Annotation(name, None, problem=f"no answer: {answer}")
    found = parse_annotation(answer)
    told: Mapping[str, Any] = {"usage": answer.usage, "model": answer.model}
    return Annotation(name, found.score, found.marks, found.reason, found.problem, **told)
