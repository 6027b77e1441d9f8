"""What a filter says of a text, and of many texts."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, Self, TypeVar

__all__ = ["FilterResult", "Reason", "Status", "Verdict"]

R = TypeVar("R")


class Status(StrEnum):
    """What becomes of a record."""

    KEPT = "kept"
    DROPPED = "dropped"
    QUARANTINED = "quarantined"


class Reason(StrEnum):
    """Why a record was not kept: fixed slugs, which datatrove turns into counters."""

    # dropped: the text was judged and found wanting
    EXACT_DUPLICATE = "exact_duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    SEMANTIC_DUPLICATE = "semantic_duplicate"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    LONG_LINE = "long_line"
    SYNTAX = "syntax"
    LOW_EDU_VALUE = "low_edu_value"
    NOT_SELF_CONTAINED = "not_self_contained"
    BOILERPLATE = "boilerplate"
    UNDOCUMENTED_COMPLEXITY = "undocumented_complexity"
    OVERREPRESENTED_TOPIC = "overrepresented_topic"
    LICENCE_NOT_ALLOWED = "licence_not_allowed"
    LICENCE_UNKNOWN = "licence_unknown"
    SECRETS = "secrets"
    PERSONAL_DATA = "personal_data"
    NGRAM_OVERLAP = "ngram_overlap"
    SIMILAR_PROBLEM = "similar_problem"
    SOLVES_PROBLEM = "solves_problem"
    SOLVES_COMMON_PROBLEM = "solves_common_problem"
    REFUSED = "refused"
    CUT_OFF = "cut_off"
    MALFORMED_ANSWER = "malformed_answer"
    FOREIGN_IMPORT = "foreign_import"
    WRONG_FUNCTION = "wrong_function"
    SIGNATURE_MISMATCH = "signature_mismatch"
    NO_EXAMPLES = "no_examples"
    FAILS_TO_RUN = "fails_to_run"
    FAILS_EXAMPLES = "fails_examples"
    IDLE_EXAMPLES = "idle_examples"
    WRONG_CLAIM = "wrong_claim"
    TOO_SLOW = "too_slow"
    IGNORES_SEED = "ignores_seed"
    COPIES_SEED = "copies_seed"
    # quarantined: the text could not be judged
    TEXT_MISSING = "text_missing"
    NOT_TEXT = "not_text"
    INVALID_UNICODE = "invalid_unicode"
    UNREADABLE = "unreadable"
    TRUNCATED = "truncated"
    MALFORMED_ROW = "malformed_row"
    TOO_LARGE = "too_large"
    NO_CODE = "no_code"
    NO_ANSWER = "no_answer"
    JUDGING_FAILED = "judging_failed"


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """The decision on one text, with what it rests on.

    Attributes
    ----------
    status : Status
        Kept, dropped, or quarantined when the text could not be judged.
    reason : Reason or None
        Why it was not kept; None when it was.
    score : float
        The measurement behind the decision, in the unit of the filter that made it; NaN when there is none.
    evidence : mapping
        Numbers, spans and names that explain the decision; plain JSON types only.
    """

    status: Status
    reason: Reason | None = None
    score: float = math.nan
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def kept(cls, score: float = math.nan, **evidence: Any) -> Verdict:  # noqa: ANN401
        """Return the verdict of a text that stays."""
        return cls(Status.KEPT, None, score, evidence)

    @classmethod
    def dropped(cls, reason: Reason, score: float = math.nan, **evidence: Any) -> Verdict:  # noqa: ANN401
        """Return the verdict of a text that was judged and goes."""
        return cls(Status.DROPPED, reason, score, evidence)

    @classmethod
    def quarantined(cls, reason: Reason, **evidence: Any) -> Verdict:  # noqa: ANN401
        """Return the verdict of a text that could not be judged; its score is NaN."""
        return cls(Status.QUARANTINED, reason, math.nan, evidence)

    @property
    def keep(self) -> bool:
        """Whether the record stays in the corpus; False for dropped and quarantined alike."""
        return self.status is Status.KEPT

    def as_metadata(self, name: str) -> dict[str, Any]:
        """Return the three metadata fields that a datatrove step named `name` writes.

        Returns
        -------
        dict
            ``<name>_score`` (float), ``<name>_reason`` (str, empty when kept) and ``<name>_evidence`` (a JSON
            string, because parquet needs one schema for all rows).
        """
        return {
            f"{name}_score": float(self.score),
            f"{name}_reason": self.reason.value if self.reason else "",
            f"{name}_evidence": json.dumps(dict(self.evidence), sort_keys=True),
        }

    def __eq__(self, other: object) -> bool:
        """Compare by value; two NaN scores are equal, so that a verdict equals its own copy."""
        if not isinstance(other, Verdict):
            return NotImplemented
        same_score = self.score == other.score or (math.isnan(self.score) and math.isnan(other.score))
        mine, theirs = (
            (self.status, self.reason, dict(self.evidence)),
            (other.status, other.reason, dict(other.evidence)),
        )
        return same_score and mine == theirs

    def __hash__(self) -> int:
        return hash((self.status, self.reason, None if math.isnan(self.score) else self.score))


class FilterResult(Generic[R]):
    """What `apply` returns: every record once, in the order given, with the verdict on it.

    Parameters
    ----------
    records : sequence
        The caller's own objects, untouched.
    verdicts : sequence of Verdict
        One for each record.
    redecide : callable, optional
        Maps new thresholds to new verdicts without measuring again; what `rethreshold` calls.

    Examples
    --------
    >>> result = FilterResult(["a", "b"], [Verdict.kept(4.0), Verdict.dropped(Reason.LOW_EDU_VALUE, 1.0)])
    >>> result.kept, result.dropped, dict(result.counts)
    (['a'], ['b'], {'kept': 1, 'low_edu_value': 1})
    """

    def __init__(
        self,
        records: Sequence[R],
        verdicts: Sequence[Verdict],
        *,
        redecide: Callable[..., Sequence[Verdict]] | None = None,
    ) -> None:
        if len(records) != len(verdicts):
            msg = f"{len(records)} records but {len(verdicts)} verdicts: there must be one verdict a record"
            raise ValueError(msg)
        self.records = records
        self.verdicts = verdicts
        self._redecide = redecide

    def _with_status(self, status: Status) -> list[R]:
        return [record for record, verdict in self if verdict.status is status]

    @cached_property
    def kept(self) -> list[R]:
        """The records that stay, in the caller's type and order."""
        return self._with_status(Status.KEPT)

    @cached_property
    def dropped(self) -> list[R]:
        """The records that were judged and go."""
        return self._with_status(Status.DROPPED)

    @cached_property
    def quarantined(self) -> list[R]:
        """The records that could not be judged."""
        return self._with_status(Status.QUARANTINED)

    @cached_property
    def counts(self) -> Counter[str]:
        """How many records were kept (under ``"kept"``), and how many went for each reason."""
        return Counter(verdict.reason.value if verdict.reason else "kept" for verdict in self.verdicts)

    @property
    def scores(self) -> list[float]:
        """The score of every record, in order; NaN where there is none."""
        return [verdict.score for verdict in self.verdicts]

    def rethreshold(self, **thresholds: Any) -> Self:  # noqa: ANN401
        """Decide again with other thresholds, on the measurements already made.

        Parameters
        ----------
        **thresholds
            Arguments of the filter's constructor that bear on the decision, such as ``min_score=3.0``.

        Raises
        ------
        TypeError
            If the filter has no such threshold, or the result does not come from a filter with thresholds.
        """
        if self._redecide is None:
            msg = "this result has no thresholds to change: it does not come from the apply() of a filter"
            raise TypeError(msg)
        redecide = self._redecide
        return type(self)(self.records, redecide(**thresholds), redecide=redecide)

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[tuple[R, Verdict]]:
        """Yield every record with the verdict on it."""
        return zip(self.records, self.verdicts, strict=True)

    def __repr__(self) -> str:
        reasons = ", ".join(f"{reason}={n}" for reason, n in sorted(self.counts.items()) if reason != "kept")
        return f"FilterResult({len(self)} records: {len(self.kept)} kept{', ' + reasons if reasons else ''})"

    def _repr_html_(self) -> str:
        from textbooks.reports.notebook import filter_result_html

        return filter_result_html(self)
