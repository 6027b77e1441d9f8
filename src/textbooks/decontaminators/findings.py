"""What every decontaminator says of a text: which problem, by which method, how strongly, and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from textbooks.verdicts import Reason, Verdict

__all__ = ["EXCERPT", "SHOWN", "Finding", "OfProblem", "dropped", "problems_by_benchmark"]

EXCERPT = 300
"""Characters kept of a matched stretch of text."""

SHOWN = 10
"""Problems listed in the evidence of a verdict."""


class OfProblem(Protocol):
    """Anything that belongs to one problem of one benchmark."""

    @property
    def benchmark(self) -> str:
        """The problem's benchmark."""
        ...

    @property
    def id(self) -> str:
        """The problem's id in its benchmark."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem that one method found in a text, strongly enough by the thresholds of the method.

    Attributes
    ----------
    benchmark, id : str
        The problem.
    method : str
        Name of the decontaminator: ``"ngram"``, ``"similarity"`` or ``"behaviour"``.
    strength : float
        How much of the problem was found, 0 to 1: overlap of n-grams, match rate of syntax trees, share of inputs
        with equal results.
    reason : Reason
        What a text is dropped for that has this finding.
    span : tuple of int
        First and past-the-last character of the text that it rests on.
    text : str
        What stands there, at most 300 characters.
    details : mapping
        The method's own numbers and names; plain JSON types.
    """

    benchmark: str
    id: str
    method: str
    strength: float
    reason: Reason
    span: tuple[int, int]
    text: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_evidence(self) -> dict[str, Any]:
        """Return the finding as plain JSON types, without the text."""
        where = {"benchmark": self.benchmark, "id": self.id, "method": self.method}
        return {**where, "strength": round(self.strength, 4), "span": list(self.span), **self.details}


def problems_by_benchmark(found: Iterable[OfProblem]) -> dict[str, int]:
    """Return how many different problems of each benchmark are found."""
    return dict(Counter(benchmark for benchmark, _ in dict.fromkeys((one.benchmark, one.id) for one in found)))


def dropped(findings: Sequence[Finding], **more: Any) -> Verdict:  # noqa: ANN401
    """Return the verdict of a text that goes because of some findings, the one that decides first.

    Its score is the strength of the first; its evidence holds ``benchmarks`` (problems found of each),
    ``problems`` (the first ten), and ``span`` and ``text`` of the first.
    """
    first = findings[0]
    evidence = {
        "benchmarks": problems_by_benchmark(findings),
        "problems": [finding.as_evidence() for finding in findings[:SHOWN]],
        "span": list(first.span),
        "text": first.text,
        **more,
    }
    return Verdict.dropped(first.reason, first.strength, **evidence)
