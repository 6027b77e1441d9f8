"""The shape of every filter that judges one text at a time."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, ClassVar, Generic, Self, TypeVar, cast

import numpy as np
from datatrove.data import Document
from numpy.typing import NDArray

from textbooks.errors import TextbooksError
from textbooks.filters.formats import PYTHON, format_of
from textbooks.filters.step import Step
from textbooks.records import as_records, to_document, why_unjudgeable
from textbooks.verdicts import FilterResult, Reason, Verdict

__all__ = ["ScoreFilter", "Step", "TextFilter"]

M = TypeVar("M")
R = TypeVar("R")


class TextFilter(Step, Generic[M]):
    """A filter that judges one text at a time; `M` is the type of its measurement.

    One object serves four uses: on bare strings (`judge`, `judge_batch`, `keep_batch`), on the caller's records
    (`apply`), and, because it is a datatrove filter, as a step of a pipeline, where it writes
    ``<name>_score`` (float), ``<name>_reason`` (str) and ``<name>_evidence`` (JSON) to each document's metadata.

    A subclass sets `name` and `thresholds` (the arguments that bear on the decision and not on the measurement, so
    that `rethreshold` may change them), and writes two methods: `_measure`, which looks at texts and knows no
    threshold, and `_decide`, which turns one measurement into a verdict and looks at nothing else.

    A text that cannot be judged (not a string, no valid Unicode, or the measurement fails on it) is quarantined;
    it never raises and never stops the others.

    Bare strings are taken as what the filter reads, Python for most. A record may say by ``text_format`` (an entry of a
    mapping or of a document's metadata) that its text is ``"markdown"``, ``"html"`` or a ``"notebook"``; a filter of
    Python alone then lets it pass, with ``not_applicable`` as evidence.
    """

    thresholds: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def _measure(self, texts: Sequence[str]) -> Sequence[M]:
        """Measure valid texts, one measurement each."""

    @abstractmethod
    def _decide(self, measurement: M) -> Verdict:
        """Turn one measurement into a verdict, by this filter's thresholds."""

    def judge(self, text: str) -> Verdict:
        """Judge one text."""
        return self.judge_batch([text])[0]

    def judge_batch(self, texts: Sequence[str]) -> list[Verdict]:
        """Judge texts; each verdict is the same in any batch and any order.

        Parameters
        ----------
        texts : sequence of str
            What is not a valid string is quarantined.

        Returns
        -------
        list of Verdict
            One a text, in order.
        """
        return [self._verdict(measurement) for measurement in self._measure_all(as_records(texts))]

    def keep_batch(self, texts: Sequence[str]) -> list[bool]:
        """Judge texts and say which to keep, as ``datasets.Dataset.filter(..., batched=True)`` wants it."""
        return [verdict.keep for verdict in self.judge_batch(texts)]

    def apply(self, records: Iterable[R], *, text_key: str = "text") -> FilterResult[R]:
        """Judge records of any kind and return them sorted by verdict.

        Parameters
        ----------
        records : iterable of str, mapping or Document
            They are not changed. A record of another kind, or without a text, is quarantined.
        text_key : str, default="text"
            Where mappings keep their text.

        Returns
        -------
        FilterResult
            The caller's own objects in order, verdicts, counts, and `rethreshold`.
        """
        listed = as_records(records)
        measurements = self._measure_documents([to_document(record, text_key=text_key) for record in listed])
        return FilterResult(
            listed, [self._verdict(m) for m in measurements], redecide=partial(self._redecide, measurements)
        )

    def judge_documents(self, documents: Sequence[Document]) -> list[Verdict]:
        """Judge documents by their texts, and by ``text_format`` in their metadata where the texts are not Python."""
        return [self._verdict(measurement) for measurement in self._measure_documents(documents)]

    def _for_format(self, text_format: str) -> Self | None:
        """Return the filter that measures texts of this format in this one's place.

        None when such texts are none of its business: they are kept, with ``not_applicable`` as evidence.
        """
        del text_format
        return self

    def _measure_documents(self, documents: Sequence[Document]) -> list[M | Verdict]:
        """Measure the texts of documents, those of each format by the filter for it."""
        texts, formats = [document.text for document in documents], [format_of(document) for document in documents]
        if all(text_format == PYTHON for text_format in formats):
            return self._measure_all(texts)
        measured: dict[int, M | Verdict] = {}
        for text_format in dict.fromkeys(formats):
            places = [place for place, named in enumerate(formats) if named == text_format]
            group, judge = [texts[place] for place in places], self._for_format(text_format)
            found = _not_applicable(group, text_format) if judge is None else judge._measure_all(group)
            measured.update(zip(places, found, strict=True))
        return [measured[place] for place in range(len(texts))]

    def _redecide(self, measurements: Sequence[M | Verdict], **thresholds: Any) -> list[Verdict]:  # noqa: ANN401
        other = self._with_thresholds(**thresholds)
        return [other._verdict(measurement) for measurement in measurements]

    def _with_thresholds(self, **thresholds: Any) -> Self:  # noqa: ANN401
        """Return a copy that decides by other thresholds; what was learned is shared.

        Raises
        ------
        TypeError
            If this filter has no such threshold.
        ValueError
            If one is out of range.
        """
        unknown = sorted(set(thresholds) - set(self.thresholds))
        if unknown:
            msg = f"{type(self).__name__} has no threshold {unknown[0]!r}; it has {', '.join(self.thresholds)}"
            raise TypeError(msg)
        type(self)(**{**self.get_params(), **thresholds})  # the constructor refuses what is out of range
        other = copy.copy(self)
        for name, value in thresholds.items():
            setattr(other, name, value)
        return other

    def _verdict(self, measurement: M | Verdict) -> Verdict:
        return measurement if isinstance(measurement, Verdict) else self._decide(measurement)

    def _measure_all(self, texts: Sequence[object]) -> list[M | Verdict]:
        """Measure what can be measured; in the place of the rest stands the verdict that quarantines it."""
        why = [why_unjudgeable(text) for text in texts]
        valid = [cast(str, text) for text, reason in zip(texts, why, strict=True) if reason is None]
        measured = iter(self._measure_safely(valid))
        return [
            next(measured) if reason is None else Verdict.quarantined(reason, type=type(text).__name__)
            for text, reason in zip(texts, why, strict=True)
        ]

    def _measure_safely(self, texts: Sequence[str]) -> Sequence[M | Verdict]:
        try:
            return list(self._measure(texts)) if texts else []
        except TextbooksError:  # not fitted, a missing extra: the fault of no text
            raise
        except Exception as error:
            if len(texts) == 1:
                return [Verdict.quarantined(Reason.JUDGING_FAILED, error=f"{type(error).__name__}: {error}"[:300])]
            return [measurement for text in texts for measurement in self._measure_safely([text])]

    def __copy__(self) -> Self:
        """Return a filter that can be fitted again without a change to this one."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        if "_learned" in self.__dict__:
            other.__dict__["_learned"] = copy.copy(self._learned)
        return other


def _not_applicable(texts: Sequence[object], text_format: str) -> list[Verdict]:
    """Keep the texts that can be judged by somebody."""
    why = [why_unjudgeable(text) for text in texts]
    return [
        Verdict.kept(not_applicable=text_format)
        if reason is None
        else Verdict.quarantined(reason, type=type(text).__name__)
        for text, reason in zip(texts, why, strict=True)
    ]


class ScoreFilter(TextFilter[float]):
    """A text filter whose measurement is one number."""

    @abstractmethod
    def _score_valid(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Score valid texts; shape (n,)."""

    def _measure(self, texts: Sequence[str]) -> Sequence[float]:
        return [float(score) for score in self._score_valid(texts)]

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Score texts without deciding.

        Parameters
        ----------
        texts : sequence of str
            A single string raises `TypeError`.

        Returns
        -------
        ndarray of float64, shape (n,)
            In the unit and range of the class; NaN for what cannot be judged.
        """
        measured = self._measure_all(as_records(texts))
        return np.array([m.score if isinstance(m, Verdict) else m for m in measured], dtype=np.float64)
