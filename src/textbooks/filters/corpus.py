"""The shape of every filter whose verdict on a text depends on the other texts."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar, cast

from textbooks.filters.corpus_result import CorpusResult
from textbooks.records import as_records, to_document, why_unjudgeable
from textbooks.verdicts import Verdict

__all__ = ["CorpusFilter"]

R = TypeVar("R")


class Judgement(NamedTuple):
    """What a corpus filter says of valid texts.

    Attributes
    ----------
    verdicts : list of Verdict
        One a text; indices in evidence count the texts.
    redecide : callable or None
        Maps new thresholds to new verdicts on the same texts without measuring again.
    """

    verdicts: list[Verdict]
    redecide: Callable[..., list[Verdict]] | None = None


class CorpusFilter(ABC):
    """A filter whose verdicts depend on the whole corpus, such as deduplication.

    In memory, `fit_apply` judges all records at once. For shards that do not fit in memory, `stages` gives the
    same decision as datatrove pipelines. Which texts are kept depends neither on the order of the records nor
    on the number of workers; among equals the first by file and row stays.

    A subclass sets `name` and writes `_judge_corpus`; or `_judge_records`, when more of a record counts than its text,
    or when other thresholds can be tried without measuring again.
    """

    name: str = "corpus"

    @abstractmethod
    def _judge_corpus(self, texts: Sequence[str]) -> list[Verdict]:
        """Judge valid texts against each other, one verdict each; indices in evidence count these texts."""

    def _judge_records(self, texts: Sequence[str], records: Sequence[object]) -> Judgement:
        """Judge valid texts, given the records that they stand in."""
        del records
        return Judgement(self._judge_corpus(texts))

    def get_params(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        names = inspect.signature(type(self).__init__).parameters
        return {name: getattr(self, name) for name in names if name not in ("self", "args", "kwargs")}

    def fit_apply(self, records: Iterable[R], *, text_key: str = "text") -> CorpusResult[R]:
        """Judge the records against each other.

        Parameters
        ----------
        records : iterable of str, mapping or Document
            They are not changed. A record without a valid text is quarantined and takes no part.
        text_key : str, default="text"
            Where mappings keep their text.

        Returns
        -------
        CorpusResult
            The caller's own objects in order, with verdicts and counts, `pairs` and `clusters`, and `rethreshold` where
            the filter has thresholds. An index in the evidence is a position in `records`.
        """
        listed = as_records(records)
        texts: list[object] = [to_document(record, text_key=text_key).text for record in listed]
        why = [why_unjudgeable(text) for text in texts]
        positions = [position for position, reason in enumerate(why) if reason is None]
        valid = [cast(str, texts[position]) for position in positions]
        judged, redecide = self._judge_records(valid, [listed[position] for position in positions])
        verdicts = [
            None if reason is None else Verdict.quarantined(reason, type=type(text).__name__)
            for text, reason in zip(texts, why, strict=True)
        ]
        fill = partial(self._fill, verdicts, positions)
        again = None if redecide is None else lambda **thresholds: fill(redecide(**thresholds))
        return CorpusResult(listed, fill(judged), redecide=again)

    def _fill(
        self, verdicts: Sequence[Verdict | None], positions: Sequence[int], judged: Iterable[Verdict]
    ) -> list[Verdict]:
        """Return the verdicts with those of the valid texts in their places."""
        rest = iter(judged)
        return [self._with_positions(next(rest), positions) if verdict is None else verdict for verdict in verdicts]

    def _with_positions(self, verdict: Verdict, positions: Sequence[int]) -> Verdict:
        if "duplicate_of" not in verdict.evidence:
            return verdict
        evidence = {**verdict.evidence, "duplicate_of": positions[verdict.evidence["duplicate_of"]]}
        return Verdict(verdict.status, verdict.reason, verdict.score, evidence)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({shown})"
