"""Documents by their licence: permissive ones stay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Literal, TypeVar

from datatrove.data import Document
from datatrove.pipeline.writers.disk_base import DiskWriter

from textbooks.filters.base import Step
from textbooks.filters.licences.reading import (
    LicenceReading,
    canonical,
    combined,
    licence_of_text,
    permissive_licences,
    read_licence,
    weigh,
)
from textbooks.records import as_records, to_document
from textbooks.verdicts import FilterResult, Reason, Verdict

__all__ = ["LicenceFilter"]

R = TypeVar("R")


class LicenceFilter(Step):
    """Drop documents whose licence is not allowed, by default what is not permissive.

    The licence is read from the metadata: an SPDX expression, a list of identifiers that all apply (as The Stack's
    ``max_stars_repo_licenses``), a name as people write it ("The MIT License"), or a trove classifier. A OR B is
    allowed when either is, A AND B when both are; an exception (``WITH``) does not matter where the licence itself is
    allowed. The score is NaN.

    The evidence: ``given`` (what was read), ``understood`` (the SPDX expression), ``from`` ("metadata", "text" or
    "metadata and text"), and
    what stands in the way: ``not_allowed`` or ``unknown``, or ``missing``.

    Parameters
    ----------
    allowed : "permissive" or sequence of str, default="permissive"
        SPDX identifiers, also ``X WITH Y``. "permissive": the 947 that ScanCode's LicenseDB calls "Permissive" or
        "Public Domain"; StarCoder 2 (Lozhkov et al. 2024) chose by these categories, too. Others are dropped as
        ``licence_not_allowed``.
    on_unknown : {"drop", "keep"}, default="drop"
        What becomes of a licence that is not understood; dropped as ``licence_unknown``.
    on_missing : {"drop", "keep"}, default="drop"
        What becomes of a document of which nothing is known; dropped as ``licence_unknown``.
    headers : {"always", "missing", "never"}, default="always"
        When the head of the text is asked as well: always, and then both must be allowed, for a repository under one
        licence holds copies of files under another; only when the metadata say nothing; or never.
    key : str, default="license"
        Where the metadata hold the licence.
    exclusion_writer, quarantine_writer, batch_size
        See `Step`.

    Raises
    ------
    ValueError
        If `allowed` names what is no licence, or an option is none of those listed.

    Examples
    --------
    >>> licence = LicenceFilter()
    >>> [licence.judge(name).keep for name in ("MIT", "GPL-3.0-only", "GPL-3.0-only OR MIT", "The BSD License")]
    [True, False, True, True]
    """

    name = "licence"
    thresholds = ("allowed", "on_unknown", "on_missing")

    def __init__(
        self,
        *,
        allowed: Literal["permissive"] | Sequence[str] = "permissive",
        on_unknown: Literal["drop", "keep"] = "drop",
        on_missing: Literal["drop", "keep"] = "drop",
        headers: Literal["always", "missing", "never"] = "always",
        key: str = "license",
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        _check_choice("on_unknown", on_unknown, ("drop", "keep"))
        _check_choice("on_missing", on_missing, ("drop", "keep"))
        _check_choice("headers", headers, ("always", "missing", "never"))
        _allowed_set(allowed)
        self.allowed = allowed
        self.on_unknown = on_unknown
        self.on_missing = on_missing
        self.headers = headers
        self.key = key

    def judge(self, licence: object) -> Verdict:
        """Judge one licence, as metadata state it; see `read_licence`."""
        return self._decide_safely(licence)

    def judge_batch(self, licences: Sequence[object]) -> list[Verdict]:
        """Judge licences, one verdict each, in order.

        Raises
        ------
        TypeError
            For a single string.
        """
        return [self.judge(licence) for licence in as_records(licences)]

    def keep_batch(self, licences: Sequence[object]) -> list[bool]:
        """Judge licences and say which to keep, as ``datasets.Dataset.filter(..., batched=True)`` wants it."""
        return [verdict.keep for verdict in self.judge_batch(licences)]

    def apply(self, records: Iterable[R], *, text_key: str = "text") -> FilterResult[R]:
        """Judge records by their metadata and return them sorted by verdict.

        Parameters
        ----------
        records : iterable of mapping, Document or str
            They are not changed. A string has no metadata: only its head is asked.
        text_key : str, default="text"
            Where mappings keep their text.

        Returns
        -------
        FilterResult
            The caller's own objects in order, verdicts, counts, and `rethreshold`.
        """
        listed = as_records(records)
        documents = [to_document(record, text_key=text_key) for record in listed]
        return FilterResult(listed, self.judge_documents(documents), redecide=partial(self._redecide, documents))

    def judge_documents(self, documents: Sequence[Document]) -> list[Verdict]:
        """Judge documents by their metadata, and their texts where `headers` says so."""
        return [self._decide_safely(document.metadata.get(self.key), document.text) for document in documents]

    def _redecide(self, documents: Sequence[Document], **thresholds: Any) -> list[Verdict]:  # noqa: ANN401
        unknown = sorted(set(thresholds) - set(self.thresholds))
        if unknown:
            msg = f"LicenceFilter has no threshold {unknown[0]!r}; it has {', '.join(self.thresholds)}"
            raise TypeError(msg)
        return type(self)(**{**self.get_params(), **thresholds}).judge_documents(documents)

    def _decide_safely(self, licence: object, text: object = None) -> Verdict:
        try:
            return self._decide(self._read(licence, text))
        except Exception as error:
            return Verdict.quarantined(Reason.JUDGING_FAILED, error=f"{type(error).__name__}: {error}"[:300])

    def _read(self, licence: object, text: object) -> LicenceReading:
        reading = read_licence(licence)
        if self.headers == "never" or not isinstance(text, str) or (self.headers == "missing" and not reading.missing):
            return reading
        stated = licence_of_text(text)
        if reading.missing or stated.missing:
            return reading if stated.missing else stated
        return combined([reading, stated], source="metadata and text")

    def _decide(self, reading: LicenceReading) -> Verdict:
        evidence: dict[str, Any] = {"given": reading.given, "understood": reading.expression, "from": reading.source}
        if reading.missing:
            evidence = {"missing": True}
            return Verdict.kept(**evidence) if self.on_missing == "keep" else _unknown(evidence)
        standing, parts = (None, []) if reading.tree is None else weigh(reading.tree, _allowed_set(self.allowed))
        if standing is False:
            return Verdict.dropped(Reason.LICENCE_NOT_ALLOWED, **evidence, not_allowed=parts)
        if standing is None or reading.unknown:
            evidence = {**evidence, "unknown": [*parts, *reading.unknown]}
            return Verdict.kept(**evidence) if self.on_unknown == "keep" else _unknown(evidence)
        return Verdict.kept(**evidence)


def _unknown(evidence: dict[str, Any]) -> Verdict:
    return Verdict.dropped(Reason.LICENCE_UNKNOWN, **evidence)


def _allowed_set(allowed: object) -> frozenset[str]:
    if isinstance(allowed, str):
        _check_choice("allowed", allowed, ("permissive",))
        return permissive_licences()
    if not isinstance(allowed, Sequence):
        msg = f"allowed must be 'permissive' or a sequence of SPDX identifiers, got {allowed!r}"
        raise TypeError(msg)
    return frozenset(map(canonical, allowed))


def _check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        msg = f"{name} must be one of {', '.join(map(repr, choices))}, got {value!r}"
        raise ValueError(msg)
