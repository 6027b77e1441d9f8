"""Which matches of wording and structure stand once the code was run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from textbooks.decontaminators.findings import Finding, OfProblem

__all__ = ["Combine", "OnTrial", "Ran", "check_combine", "suspects", "weigh"]

Combine = Literal["weighed", "any"]
"""How findings are combined: see `textbooks.decontaminators.Decontaminator`."""

_MOST_SUSPECTS = 50


def check_combine(combine: str) -> None:
    """Raise `ValueError` for what is no way to combine findings."""
    if combine not in get_args(Combine):
        msg = f"combine must be one of {', '.join(get_args(Combine))}, got {combine!r}"
        raise ValueError(msg)


class Ran(OfProblem, Protocol):
    """What came of running one function of a text on a problem's inputs; a `BehaviourHit`."""

    @property
    def span(self) -> tuple[int, int]:
        """Where the function stands in the text."""
        ...

    @property
    def outcome(self) -> str:
        """``"agrees"``, ``"differs"`` or ``"undecided"``."""
        ...


class _Hits(Protocol):
    @property
    def hits(self) -> Sequence[OfProblem]: ...


@dataclass(frozen=True, slots=True)
class OnTrial:
    """Findings after they were weighed.

    Attributes
    ----------
    standing : list of Finding
        What counts: that of behaviour first, then that of wording and structure; the strongest first in each.
    refuted : list of Finding
        Matches of wording or structure whose code does something else.
    """

    standing: list[Finding]
    refuted: list[Finding]


def suspects(*matches: _Hits | None) -> list[tuple[str, str]]:
    """Return the problems that any match names, as (benchmark, id), at most 50 of each match, each once."""
    named = (hit for match in matches if match is not None for hit in match.hits[:_MOST_SUSPECTS])
    return list(dict.fromkeys((hit.benchmark, hit.id) for hit in named))


def weigh(
    textual: Iterable[Finding], behaved: Sequence[Finding], ran: Iterable[Ran], *, max_refutable: float
) -> OnTrial:
    """Hold matches of wording and structure against what the code did.

    A match is refuted when functions overlap its passage that ran on the problem's inputs, every one of them differs,
    and no function of the text that was found to solve it exists. Where none ran, or one is undecided, it stands.

    Parameters
    ----------
    textual, behaved : findings
        By wording and structure; by behaviour.
    ran : iterable of Ran
        Everything that was run, for these problems or others; empty where nothing may be refuted.
    max_refutable : float
        Share of a part's n-grams at and above which a match of the wording stands whatever the code does.
    """
    solved = {(finding.benchmark, finding.id) for finding in behaved}
    by_problem: dict[tuple[str, str], list[Ran]] = {}
    for one in ran:
        by_problem.setdefault((one.benchmark, one.id), []).append(one)
    standing, refuted = list(behaved), list[Finding]()
    for finding in sorted(textual, key=lambda finding: -finding.strength):
        problem = (finding.benchmark, finding.id)
        copied = finding.method == "ngram" and finding.strength >= max_refutable
        excused = problem not in solved and not copied and _differs(finding, by_problem.get(problem, ()))
        (refuted if excused else standing).append(finding)
    return OnTrial(standing, refuted)


def _differs(finding: Finding, ran: Iterable[Ran]) -> bool:
    """Whether functions stand in the passage, and all of them clearly do something else."""
    begin, end = finding.span
    outcomes = {one.outcome for one in ran if one.span[0] < end and begin < one.span[1]}
    return outcomes == {"differs"}
