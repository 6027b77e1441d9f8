"""What stands in a text and should not, and steps that put something harmless in its place."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from datatrove.data import Document

from textbooks.errors import TextbooksError
from textbooks.filters.step import Step
from textbooks.records import as_records, from_document, to_document, why_unjudgeable
from textbooks.verdicts import Reason, Verdict

__all__ = ["Finding", "Redactor", "describe", "replaced", "without_overlaps"]

R = TypeVar("R")
_MOST_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """A passage of a text.

    Attributes
    ----------
    start, end : int
        Where it stands, in characters.
    kind : str
        What it is, such as ``"email"``.
    value : str
        What makes two findings the same, such as the address; never shown.
    """

    start: int
    end: int
    kind: str
    value: str


def without_overlaps(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by position; of those that overlap, the one that begins first, then the longest."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda one: (one.start, -one.end, one.kind)):
        if not kept or finding.start >= kept[-1].end:
            kept.append(finding)
    return kept


def replaced(text: str, findings: Sequence[Finding], placeholder: Callable[[str, int], str]) -> str:
    """Put placeholders in the place of findings: the same for the same value, and none that the text holds already.

    Parameters
    ----------
    text : str
        The text in which they stand.
    findings : sequence of Finding
        By position, without overlaps.
    placeholder : callable
        Maps a kind and a number, 1 for the first of its kind, to what is put in.
    """
    names: dict[tuple[str, str], str] = {}
    used: set[str] = set()
    numbers: Counter[str] = Counter()
    pieces, done = [], 0
    for finding in findings:
        key = (finding.kind, finding.value)
        if key not in names:
            for _ in range(_MOST_TRIES):  # where all placeholders are taken, one is used again
                numbers[finding.kind] += 1
                names[key] = placeholder(finding.kind, numbers[finding.kind])
                if names[key] not in used and names[key] not in text:
                    break
            used.add(names[key])
        pieces += [text[done : finding.start], names[key]]
        done = finding.end
    return "".join([*pieces, text[done:]])


def describe(text: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return evidence that shows none of the values: ``kinds`` (how many different ones) and ``lines`` (at most 20)."""
    if not findings:
        return {}
    distinct = {(finding.kind, finding.value) for finding in findings}
    kinds = Counter(kind for kind, _ in distinct)
    lines = sorted({text.count("\n", 0, finding.start) + 1 for finding in findings[:100]})
    return {"kinds": dict(sorted(kinds.items())), "lines": lines[:20]}


class Redactor(Step):
    """A step that changes texts: what it finds is replaced. Filters never do; this is why it is none.

    On bare strings it is `redact`; on records `apply`; in a pipeline it writes ``<name>_score`` (how many different
    things were replaced), ``<name>_reason`` and ``<name>_evidence`` to the metadata. A text that cannot be judged is
    quarantined, and never passed on as it was.
    """

    @abstractmethod
    def find(self, text: str) -> list[Finding]:
        """Return what is to be replaced, by position, without overlaps."""

    @abstractmethod
    def placeholder(self, kind: str, number: int) -> str:
        """Return what is put in the place of the `number`-th different thing of a kind, from 1."""

    def redact(self, text: str) -> str:
        """Return the text with everything replaced; redacting twice changes nothing more."""
        return replaced(text, self.find(text), self.placeholder)

    def redact_batch(self, texts: Sequence[str]) -> list[str]:
        """Redact texts, as ``datasets.Dataset.map(..., batched=True)`` wants it.

        Raises
        ------
        TypeError
            For a single string.
        """
        return [self.redact(text) for text in as_records(texts)]

    def apply(self, records: Iterable[R], *, text_key: str = "text") -> list[R]:
        """Return the records with their texts redacted, in the caller's type and order.

        Parameters
        ----------
        records : iterable of str, mapping or Document
            They are not changed. Those without a text that can be judged are left out.
        text_key : str, default="text"
            Where mappings keep their text.
        """
        made = []
        for record in as_records(records):
            document = to_document(record, text_key=text_key)
            if why_unjudgeable(document.text) is None:
                other = Document(self.redact(document.text), document.id, document.media, document.metadata)
                made.append(from_document(other, record, text_key=text_key))
        return made

    def judge_documents(self, documents: Sequence[Document]) -> list[Verdict]:
        """Say of each document how much would be replaced, and change nothing."""
        return [self._judged(document.text) for document in documents]

    def filter_batch(self, batch: Sequence[Document]) -> list[bool | tuple[bool, str]]:
        """Redact documents in place; write what was done to their metadata."""
        answers = super().filter_batch(batch)
        for document, answer in zip(batch, answers, strict=True):
            if answer is True:
                document.text = self.redact(document.text)
        return answers

    def _route(self, document: Document, verdict: Verdict, rank: int) -> bool:
        if verdict.keep and verdict.score:
            self.stat_update("redacted")
            document.text = self.redact(document.text)
        return super()._route(document, verdict, rank)

    def _judged(self, text: object) -> Verdict:
        reason = why_unjudgeable(text)
        if reason is not None or not isinstance(text, str):
            return Verdict.quarantined(reason or Reason.NOT_TEXT, type=type(text).__name__)
        try:
            findings = self.find(text)
        except TextbooksError:
            raise
        except Exception as error:
            return Verdict.quarantined(Reason.JUDGING_FAILED, error=type(error).__name__)
        distinct = {(finding.kind, finding.value) for finding in findings}
        return Verdict.kept(float(len(distinct)), **describe(text, findings))
