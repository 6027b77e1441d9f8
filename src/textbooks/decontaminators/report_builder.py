"""Counting what a decontaminator found, text by text, in memory that does not grow with the corpus."""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from textbooks.decontaminators.report import Example, TaintedProblem
from textbooks.problems import Problem
from textbooks.verdicts import Status, Verdict

__all__ = ["TAUS", "ReportBuilder"]

TAUS: Final = (1.0, 0.95, 0.9, 0.85, 0.8)
"""Where a report counts how near texts come: the paper's match rates (section 5.2), and equality."""

_EXAMPLES = 5
_PASSAGE, _PROGRAM = 2_000, 4_000
_KNOWN = frozenset({"benchmark", "id", "method", "strength", "span"})
_ROUNDING = 1e-9


@dataclass(slots=True)
class _Tally:
    """What was found of one problem so far."""

    texts: int = 0
    refuted: int = 0
    strongest: float = 0.0
    by_method: Counter[str] = field(default_factory=Counter)
    examples: list[tuple[float, str, Example]] = field(default_factory=list)
    refuted_examples: list[tuple[float, str, Example]] = field(default_factory=list)


class ReportBuilder:
    """Adds up a `DecontaminationReport`.

    Parameters
    ----------
    problems : iterable of Problem
        What was looked for.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self._problems = {(problem.benchmark, problem.id): problem for problem in problems}
        self._tallies: dict[tuple[str, str], _Tally] = {}
        self._status: Counter[Status] = Counter()
        self._reasons: Counter[str] = Counter()
        self._by_method: Counter[str] = Counter()
        self._near: dict[str, Counter[float]] = {}
        self._refuted = self._undecided = 0

    def add(self, document: str, text: str, verdict: Verdict) -> None:
        """Count one text.

        Parameters
        ----------
        document : str
            Names the text in the report.
        text : str
            Passages are cut from it.
        verdict : Verdict
            Of a decontaminator, on this text; one of another filter counts by its status and reason alone.
        """
        self._status[verdict.status] += 1
        if verdict.reason is not None:
            self._reasons[verdict.reason.value] += 1
        found, refuted = (_entries(verdict.evidence, name) for name in ("problems", "refuted"))
        found = found if verdict.status is Status.DROPPED else []
        self._by_method.update({str(entry["method"]) for entry in found})
        self._refuted += bool(refuted)
        self._undecided += _is_undecided(verdict.evidence)
        self._count_strengths(verdict.evidence.get("strengths"))
        for problem in dict.fromkeys(_key(entry) for entry in found):
            self._tally(problem).texts += 1
        for problem, method in dict.fromkeys((_key(entry), str(entry["method"])) for entry in found):
            self._tally(problem).by_method[method] += 1
        for problem in dict.fromkeys(_key(entry) for entry in refuted):
            self._tally(problem).refuted += 1
        self._keep_examples(document, text, found, refuted)

    def totals(self) -> dict[str, Any]:
        """Return the arguments of `DecontaminationReport`."""
        order = {key: place for place, key in enumerate(self._problems)}
        tainted = sorted(self._tallies, key=lambda key: (-self._tallies[key].texts, order.get(key, len(order)), key))
        return {
            "texts": self._status.total(),
            "kept": self._status[Status.KEPT],
            "dropped": self._status[Status.DROPPED],
            "quarantined": self._status[Status.QUARANTINED],
            "reasons": dict(sorted(self._reasons.items())),
            "benchmarks": dict(Counter(benchmark for benchmark, _ in self._problems)),
            "problems": tuple(self._tainted(key) for key in tainted),
            "by_method": dict(sorted(self._by_method.items())),
            "at_threshold": {method: [(tau, n[tau]) for tau in TAUS] for method, n in sorted(self._near.items())},
            "refuted": self._refuted,
            "undecided": self._undecided,
        }

    def _count_strengths(self, strengths: object) -> None:
        for method, strength in strengths.items() if isinstance(strengths, Mapping) else ():
            counted = self._near.setdefault(str(method), Counter())
            counted.update(tau for tau in TAUS if strength >= tau - _ROUNDING)

    def _tally(self, problem: tuple[str, str]) -> _Tally:
        return self._tallies.setdefault(problem, _Tally())

    def _keep_examples(self, document: str, text: str, found: Sequence[Any], refuted: Sequence[Any]) -> None:
        for entries, name in ((found, "examples"), (refuted, "refuted_examples")):
            by_problem: dict[tuple[str, str], list[Any]] = {}
            for entry in entries:
                by_problem.setdefault(_key(entry), []).append(entry)
            for problem, mine in by_problem.items():
                tally, example = self._tally(problem), _example(document, text, mine)
                tally.strongest = max(tally.strongest, example.strength)
                ranking = getattr(tally, name)
                bisect.insort(ranking, (-example.strength, document, example), key=lambda one: one[:2])
                del ranking[_EXAMPLES:]

    def _tainted(self, key: tuple[str, str]) -> TaintedProblem:
        tally, problem = self._tallies[key], self._problems.get(key)
        return TaintedProblem(
            *key,
            program=problem.program[:_PROGRAM] if problem else "",
            texts=tally.texts,
            by_method=dict(sorted(tally.by_method.items())),
            refuted=tally.refuted,
            strongest=tally.strongest,
            examples=tuple(one[-1] for one in tally.examples),
            refuted_examples=tuple(one[-1] for one in tally.refuted_examples),
        )


def _entries(evidence: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the findings that evidence lists under a name; what is not of their form is left out."""
    listed = evidence.get(name)
    return [
        one for one in (listed if isinstance(listed, list) else []) if isinstance(one, Mapping) and one.keys() >= _KNOWN
    ]


def _example(document: str, text: str, entries: Sequence[Mapping[str, Any]]) -> Example:
    """Return a text's example of one problem: its strongest finding, the first among equals, with the other methods."""
    entry = max(entries, key=lambda one: float(one["strength"]))
    begin, end = entry["span"]
    details = {key: value for key, value in entry.items() if key not in _KNOWN}
    others = sorted({str(one["method"]) for one in entries} - {str(entry["method"])})
    passage = text[begin : min(end, begin + _PASSAGE)]
    also = {"also_by": others} if others else {}
    return Example(document, str(entry["method"]), float(entry["strength"]), passage, {**details, **also})


def _key(entry: Mapping[str, Any]) -> tuple[str, str]:
    return str(entry["benchmark"]), str(entry["id"])


def _is_undecided(evidence: Mapping[str, Any]) -> bool:
    """Whether the evidence, or that of a part in it, says that something could not be decided."""
    parts = [evidence, *(part for part in evidence.values() if isinstance(part, Mapping))]
    return any(part.get("undecided") or part.get("incomplete") for part in parts)
