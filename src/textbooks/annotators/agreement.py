"""How far two ratings of the same texts agree, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textbooks.annotators import tables
from textbooks.annotators.annotation import HIGHEST_SCORE, MARKS, Annotation
from textbooks.evaluation.intervals import Estimate

__all__ = ["AnnotationAgreement", "agreement_with"]

Rating = Annotation | Mapping[str, Any]
"""An annotation, or a row of labels: ``id``, ``score`` and perhaps marks."""


@dataclass(frozen=True, slots=True)
class AnnotationAgreement:
    """Figures of one rating against another, each an `Estimate` with its bootstrap interval.

    Attributes
    ----------
    kappa : Estimate
        Quadratic-weighted kappa: 1 for full agreement, 0 for what chance gives (Cohen 1968).
    exact, within_one : Estimate
        Share of texts whose scores are equal, and differ by at most 1.
    spearman : Estimate
        Rank correlation, -1 to 1.
    marks : mapping of str to Estimate
        Cohen's kappa of each mark that both sides give.
    confusion : tuple of tuple of int
        Row: the reference's class 0 to 5; column: the annotation's; how many texts.
    without_score, without_reference : int
        Texts left out: those the annotation, and those the reference, has no score for.
    """

    kappa: Estimate
    exact: Estimate
    within_one: Estimate
    spearman: Estimate
    marks: Mapping[str, Estimate]
    confusion: tuple[tuple[int, ...], ...]
    without_score: int
    without_reference: int

    @property
    def texts(self) -> int:
        """How many texts were compared."""
        return self.kappa.size

    def __str__(self) -> str:
        from textbooks.reports.annotation import agreement_text

        return agreement_text(self)

    def _repr_html_(self) -> str:
        from textbooks.reports.annotation import agreement_html

        return agreement_html(self)


def agreement_with(
    annotations: Iterable[Rating],
    reference: Iterable[Rating],
    *,
    groups: Mapping[str, Hashable] | None = None,
    resamples: int = 2_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> AnnotationAgreement:
    """Compare annotations with a reference: a person's, another model's, or a second pass of the same.

    Parameters
    ----------
    annotations, reference : iterable of Annotation or mapping
        Matched by ``id``, which each side has once. A score that is no integer is rounded.
    groups : mapping of str to hashable, optional
        The repository of each id. Files of one repository resemble each other, so that repositories are resampled
        and not files; None resamples files.
    resamples : int, default=2_000
        How often to resample for the intervals, at least 1.
    confidence : float, default=0.95
        Share of the resampled figures inside the interval, above 0 and below 1.
    seed : int, default=0
        Seed of the draws.

    Returns
    -------
    AnnotationAgreement
        A figure that chance alone would decide (kappa where both sides know one class only) is NaN.

    Raises
    ------
    ValueError
        If an argument is out of range, an id stands twice on one side, an id has no group, a score is none from 0 to 5,
        or no text has a score on both sides.
    """
    if resamples < 1 or not 0 < confidence < 1:
        msg = f"resamples must be at least 1 and confidence between 0 and 1, got {resamples!r} and {confidence!r}"
        raise ValueError(msg)
    mine, other = _by_id(annotations, "annotations"), _by_id(reference, "reference")
    both = [name for name in sorted(other) if mine.get(name, _NONE).score is not None and other[name].score is not None]
    if not both:
        msg = f"no text has a score on both sides: {len(mine)} annotations, {len(other)} of the reference"
        raise ValueError(msg)
    units = _units(both, groups)
    bootstrap = _Bootstrap(resamples, confidence, seed)
    theirs, ours = (np.array([side[name].score for name in both], dtype=np.int64) for side in (other, mine))
    table = tables.contingency(theirs, ours, units, classes=HIGHEST_SCORE + 1)
    figures = (tables.weighted_kappa, tables.exact, tables.within_one, tables.spearman)
    kappa, exact, within_one, spearman = bootstrap.estimates(table, figures)
    return AnnotationAgreement(
        kappa=kappa,
        exact=exact,
        within_one=within_one,
        spearman=spearman,
        marks=_marks(mine, other, both, units, bootstrap),
        confusion=tuple(tuple(map(int, row)) for row in table.sum(axis=0)),
        without_score=sum(mine.get(name, _NONE).score is None for name in other),
        without_reference=sum(other.get(name, _NONE).score is None for name in mine),
    )


@dataclass(frozen=True, slots=True)
class _Rated:
    score: int | None
    marks: Mapping[str, bool]


_NONE = _Rated(None, {})


def _by_id(ratings: Iterable[Rating], side: str) -> dict[str, _Rated]:
    found: dict[str, _Rated] = {}
    for rating in ratings:
        name, rated = _read(rating, side)
        if name in found:
            msg = f"{side}: the id {name!r} stands twice"
            raise ValueError(msg)
        found[name] = rated
    return found


def _read(rating: Rating, side: str) -> tuple[str, _Rated]:
    if isinstance(rating, Annotation):
        return rating.id, _Rated(rating.score, rating.marks)
    name, score = str(rating.get("id")), rating.get("score")
    if score is None:
        return name, _NONE
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= HIGHEST_SCORE:
        msg = f"{side}: the score of {name!r} must be from 0 to {HIGHEST_SCORE}, got {score!r:.80}"
        raise ValueError(msg)
    return name, _Rated(round(score), {mark: bool(rating[mark]) for mark in MARKS if rating.get(mark) is not None})


def _units(names: Sequence[str], groups: Mapping[str, Hashable] | None) -> NDArray[np.int64]:
    if groups is None:
        return np.arange(len(names))
    codes: dict[Hashable, int] = {}
    missing = [name for name in names if name not in groups]
    if missing:
        msg = f"groups must name the group of every id, got none for {missing[0]!r}"
        raise ValueError(msg)
    return np.array([codes.setdefault(groups[name], len(codes)) for name in names], dtype=np.int64)


def _marks(
    mine: Mapping[str, _Rated],
    other: Mapping[str, _Rated],
    both: Sequence[str],
    units: NDArray[np.int64],
    bootstrap: _Bootstrap,
) -> dict[str, Estimate]:
    found = {}
    for mark in MARKS:
        rows = [row for row, name in enumerate(both) if mark in mine[name].marks and mark in other[name].marks]
        if rows:
            theirs, ours = (
                np.array([side[both[row]].marks[mark] for row in rows], dtype=np.int64) for side in (other, mine)
            )
            codes = np.unique(units[rows], return_inverse=True)[1].astype(np.int64)
            table = tables.contingency(theirs, ours, codes, classes=2)
            [found[mark]] = bootstrap.estimates(table, (tables.weighted_kappa,))
    return found


@dataclass(frozen=True, slots=True)
class _Bootstrap:
    """How intervals are made."""

    resamples: int
    confidence: float
    seed: int

    def estimates(
        self, table: tables.Tables, figures: Sequence[Callable[[tables.Tables], NDArray[np.float64]]]
    ) -> list[Estimate]:
        """Return each figure of the sum of the units' tables, with its percentile interval."""
        whole = table.sum(axis=0)
        drawn = tables.resampled(table, resamples=self.resamples, seed=self.seed)
        return [self._estimate(float(figure(whole)), figure(drawn), int(whole.sum())) for figure in figures]

    def _estimate(self, value: float, drawn: NDArray[np.float64], size: int) -> Estimate:
        known = drawn[~np.isnan(drawn)]
        if not known.size:
            return Estimate(value, float("nan"), float("nan"), size)
        low, high = np.quantile(known, [(1 - self.confidence) / 2, (1 + self.confidence) / 2])
        return Estimate(value, float(low), float(high), size)
