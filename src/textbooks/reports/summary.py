"""What a report says of a run, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from textbooks.reports.excerpts import Excerpt
from textbooks.verdicts import Status

__all__ = ["BIN_EDGES", "Histogram", "RunSummary", "Sample", "Stats"]

BIN_EDGES: Final[NDArray[np.float64]] = np.arange(51) / 10
"""Edges of the 50 bins of the score histogram, 0 to 5; divided, so that each is the double nearest its decimal."""


@dataclass(frozen=True, slots=True)
class Stats:
    """The contents of ``stats.json``; what it lacks is zero or empty.

    Attributes
    ----------
    read, kept, dropped, quarantined : int
        Records.
    bytes : int
        Size of the texts read, in bytes of UTF-8.
    reasons : mapping
        Slug to number of records, dropped and quarantined together.
    parameters, versions : mapping
        As the run wrote them.
    benchmarks : mapping
        Benchmark to the number of its problems that were searched for.
    missing_benchmarks : sequence of str
        Benchmarks that were asked for and not found, hence not searched for.
    """

    read: int = 0
    kept: int = 0
    dropped: int = 0
    quarantined: int = 0
    bytes: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    benchmarks: Mapping[str, int] = field(default_factory=dict)
    missing_benchmarks: Sequence[str] = ()
    versions: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Stats:
        """Read what is there and of the right type; ignore the rest."""
        numbers = {name: _integer(values.get(name)) for name in ("read", "kept", "dropped", "quarantined", "bytes")}
        missing = values.get("missing_benchmarks")
        return cls(
            **numbers,
            reasons={slug: _integer(n) for slug, n in _mapping(values.get("reasons")).items()},
            parameters=_mapping(values.get("parameters")),
            benchmarks={name: _integer(n) for name, n in _mapping(values.get("benchmarks")).items()},
            missing_benchmarks=tuple(map(str, missing)) if isinstance(missing, list | tuple) else (),
            versions=_mapping(values.get("versions")),
        )

    @property
    def min_score(self) -> float | None:
        """The threshold on the score: below it records are dropped. None when the run names none."""
        value = self.parameters.get("min_score")
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if -1e9 < value < 1e9 else None  # neither NaN nor beyond what a float holds


def _integer(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _mapping(value: object) -> dict[str, Any]:
    return {str(name): item for name, item in value.items()} if isinstance(value, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Sample:
    """One record, cut to what a page can show.

    Attributes
    ----------
    id, source : str
        As in the run's files, at most 300 characters each.
    status : Status
        Which folder it was found in.
    reason : str
        The deciding slug; empty when kept.
    score : float or None
        Educational value, 0 to 5; None where there is none.
    excerpt : Excerpt or None
        The text or a part of it; None where the record has none.
    evidence : mapping
        Step to what its verdict rests on.
    """

    id: str
    source: str
    status: Status
    reason: str
    score: float | None
    excerpt: Excerpt | None
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Numbers of scored records in the 50 bins of `BIN_EDGES`.

    A bin holds its lower edge and not its upper one, except the last, which holds both. A score outside the
    range counts in the nearest bin.
    """

    kept: tuple[int, ...]
    dropped: tuple[int, ...]

    @property
    def scored(self) -> int:
        """Number of records that have a score."""
        return sum(self.kept) + sum(self.dropped)

    @property
    def median(self) -> float | None:
        """Middle of the bin that holds the median score; None where nothing is scored."""
        totals = np.add(self.kept, self.dropped)
        if not totals.any():
            return None
        place = next(i for i, n in enumerate(accumulate(totals.tolist())) if 2 * n >= self.scored)
        return float(BIN_EDGES[place] + BIN_EDGES[place + 1]) / 2


@dataclass(frozen=True, slots=True)
class RunSummary:
    """All that `textbooks.reports.html` shows of a run.

    Attributes
    ----------
    stats : Stats
        What the run itself counted.
    histogram : Histogram
        Scores of kept and dropped records.
    highest, lowest : tuple of Sample
        The scored records at both ends, best and worst first; ties by id, then source.
    above, below : tuple of Sample
        The scored records nearest to the threshold, nearest first; empty where the run names no threshold.
    examples : mapping
        Slug to the first dropped records with it.
    contaminated, quarantined : tuple of Sample
        The first ones, in the order of the files.
    contaminated_total, quarantined_total : int
        How many there are in all.
    discrepancies : tuple of str
        Where ``stats.json`` and the files disagree, in words; empty for a sound run.
    """

    stats: Stats
    histogram: Histogram
    highest: tuple[Sample, ...]
    lowest: tuple[Sample, ...]
    above: tuple[Sample, ...]
    below: tuple[Sample, ...]
    examples: Mapping[str, tuple[Sample, ...]]
    contaminated: tuple[Sample, ...]
    contaminated_total: int
    quarantined: tuple[Sample, ...]
    quarantined_total: int
    discrepancies: tuple[str, ...]
