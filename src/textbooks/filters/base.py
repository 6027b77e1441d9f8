"""The shape of every filter that judges one text at a time."""

from __future__ import annotations

import contextlib
import copy
import inspect
import math
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar, Generic, Self, TypeVar, cast

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.filters.base_filter import BaseFilter
from datatrove.pipeline.writers.disk_base import DiskWriter
from datatrove.utils.batching import batched
from numpy.typing import NDArray

from textbooks.errors import TextbooksError
from textbooks.records import as_records, to_document, why_unjudgeable
from textbooks.verdicts import FilterResult, Reason, Status, Verdict

__all__ = ["ScoreFilter", "Step", "TextFilter", "check_range"]

M = TypeVar("M")
R = TypeVar("R")


def check_range(name: str, value: float, low: float, high: float = math.inf) -> None:
    """Raise unless ``low <= value <= high``.

    Raises
    ------
    TypeError
        If the value is not a number.
    ValueError
        If it is out of range or NaN; the message shows the value.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        msg = f"{name} must be a number, got {value!r}"
        raise TypeError(msg)
    if not low <= value <= high:
        wanted = f"at least {low:g}" if high == math.inf else f"between {low:g} and {high:g}"
        msg = f"{name} must be {wanted}, got {value!r}"
        raise ValueError(msg)


class Learned:
    """What `fit` learned, by attribute name; opaque on purpose.

    datatrove writes the attributes of every step to ``executor.json`` and takes dataclasses, dicts and tuples apart
    for it: an index of a benchmark would be written out whole, or break the run where its keys are no strings.
    """

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}

    def __copy__(self) -> Self:
        other = type(self)()
        other.state = dict(self.state)
        return other

    def __repr__(self) -> str:
        return f"<learned: {', '.join(self.state) or 'nothing'}>"


class Step(BaseFilter):  # type: ignore[misc]
    """What the filters share as datatrove steps: parameters, counters, and where the records go that are not kept.

    Parameters
    ----------
    exclusion_writer : DiskWriter, optional
        Takes the documents that are dropped, with ``filter_reason`` in their metadata, as in datatrove. A writer of
        datatrove's serves one step: the first that is done with it closes it for all.
    quarantine_writer : DiskWriter, optional
        Takes those that could not be judged; without one they go to `exclusion_writer`.
    batch_size : int, default=64
        Documents judged together in a pipeline. It has no influence on any verdict.
    """

    name: str = "step"
    _bookkeeping: ClassVar[frozenset[str]] = frozenset({"exclusion_writer", "quarantine_writer", "batch_size"})

    def __init__(
        self,
        *,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        check_range("batch_size", batch_size, 1)
        super().__init__(exclusion_writer=exclusion_writer, batch_size=batch_size)
        self.quarantine_writer = quarantine_writer

    @abstractmethod
    def judge_documents(self, documents: Sequence[Document]) -> list[Verdict]:
        """Return one verdict a document, and write nothing."""

    def __setattr__(self, name: str, value: object) -> None:
        """Store an attribute; what `fit` learned (``name_``, as in scikit-learn) goes to `Learned`."""
        if name.endswith("_") and not name.startswith("_"):
            self.__dict__.setdefault("_learned", Learned()).state[name] = value
        else:
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Return what `fit` learned under this name."""
        learned = self.__dict__.get("_learned")
        if learned is None or name not in learned.state:
            msg = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(msg)
        return learned.state[name]

    def get_params(self) -> dict[str, Any]:
        """Return the constructor's arguments that bear on the verdicts, by name."""
        names = inspect.signature(type(self).__init__).parameters
        return {name: getattr(self, name) for name in names if name not in {"self", *self._bookkeeping}}

    def filter(self, doc: Document) -> bool | tuple[bool, str]:
        """Judge one document: True when it is kept, else False and the reason; writes its metadata."""
        return self.filter_batch([doc])[0]

    def filter_batch(self, batch: Sequence[Document]) -> list[bool | tuple[bool, str]]:
        """Judge documents and write ``<name>_score``, ``_reason`` and ``_evidence`` to their metadata.

        Returns
        -------
        list
            True for a document that is kept, else False and the reason's slug; the text is never touched.
        """
        verdicts = self.judge_documents(batch)
        for document, verdict in zip(batch, verdicts, strict=True):
            document.metadata.update(verdict.as_metadata(self.name))
        return [True if verdict.reason is None else (False, verdict.reason.value) for verdict in verdicts]

    def run(self, data: Iterable[Document] | None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield the documents that are kept; count all of them and hand the others to the writers."""
        del world_size
        with contextlib.ExitStack() as stack:
            for writer in {id(w): w for w in (self.exclusion_writer, self.quarantine_writer) if w is not None}.values():
                stack.enter_context(writer)
            for batch in batched(data or (), self.batch_size):
                with self.track_time("batch"):
                    verdicts = self.judge_documents(batch)
                for document, verdict in zip(batch, verdicts, strict=True):
                    document.metadata.update(verdict.as_metadata(self.name))
                    if self._route(document, verdict, rank):
                        yield document

    def _route(self, document: Document, verdict: Verdict, rank: int) -> bool:
        self.stat_update("total")
        if verdict.reason is None:
            self.stat_update("forwarded")
            self.update_doc_stats(document)
            return True
        status = verdict.status.value
        self.stat_update(status, f"{status}_{verdict.reason.value}")
        writer = self.exclusion_writer
        if verdict.status is Status.QUARANTINED:
            writer = writer if self.quarantine_writer is None else self.quarantine_writer
        if writer is not None:
            document.metadata["filter_reason"] = verdict.reason.value
            writer.write(document, rank)
        return False

    def __str__(self) -> str:
        return f"{self.type}: {self.name}"

    def __repr__(self) -> str:
        try:
            shown = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        except AttributeError:  # datatrove asks before the constructor is done
            return str(self)
        return f"{type(self).__name__}({shown})"


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
        texts = [to_document(record, text_key=text_key).text for record in listed]
        measurements = self._measure_all(texts)
        return FilterResult(
            listed, [self._verdict(m) for m in measurements], redecide=partial(self._redecide, measurements)
        )

    def judge_documents(self, documents: Sequence[Document]) -> list[Verdict]:
        """Judge documents by their texts."""
        return self.judge_batch([document.text for document in documents])

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
