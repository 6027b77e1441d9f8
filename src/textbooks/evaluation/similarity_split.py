"""Accuracy apart on problems that are similar to the training data and on those that are not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textbooks.evaluation.evaluation import Evaluation, ProblemResult
from textbooks.evaluation.intervals import Estimate, bootstrap_mean
from textbooks.evaluation.pass_at_k import pass_at_k

__all__ = ["SimilaritySplit", "similarity_split"]


@dataclass(frozen=True, slots=True)
class SimilaritySplit:
    """A row of the paper's Table 3; each part has its mean, interval and number of problems.

    Attributes
    ----------
    similar : Estimate
        pass@k on the problems similar to the training data; NaN if there is none.
    not_similar : Estimate
        pass@k on the others; NaN if there is none. This is the number that contamination does not lift.
    total : Estimate
        pass@k on all of them.
    """

    similar: Estimate
    not_similar: Estimate
    total: Estimate


def similarity_split(
    results: Evaluation | Sequence[ProblemResult], similar_ids: Iterable[str], *, k: int = 1, seed: int = 0
) -> SimilaritySplit:
    """Split pass@k by whether a problem is similar to the training data ("Textbooks Are All You Need", Table 3).

    Parameters
    ----------
    results : Evaluation or sequence of ProblemResult
        What `evaluate` returned, or its problems.
    similar_ids : iterable of str
        Ids of the problems with a near copy in the training data, as a similarity decontaminator finds them.
    k : int, default=1
        Which pass@k; the paper's accuracy is pass@1.
    seed : int, default=0
        Seed of the bootstrap intervals.

    Returns
    -------
    SimilaritySplit
        Its total is the mean of the two parts, weighted by their numbers of problems.

    Raises
    ------
    ValueError
        If there is no result, `k` is above a problem's number of samples, or a similar id is no problem of the
        evaluation. A problem that was not attempted is in neither part.
    TypeError
        If `similar_ids` is one string.
    """
    if isinstance(similar_ids, str):
        msg = f"similar_ids must be several ids, got the string {similar_ids!r}: put it in a list"
        raise TypeError(msg)
    problems = results.problems if isinstance(results, Evaluation) else tuple(results)
    if not problems:
        msg = "results must hold at least one problem, got none"
        raise ValueError(msg)
    similar = set(similar_ids)
    missing = results.missing if isinstance(results, Evaluation) else ()
    if unknown := sorted(similar - {problem.id for problem in problems} - set(missing)):
        msg = f"similar_ids holds {len(unknown)} that are no problems of the evaluation, such as {unknown[0]!r}"
        raise ValueError(msg)
    accuracy = {problem.id: pass_at_k(problem.samples, problem.passed, k) for problem in problems}
    return SimilaritySplit(
        similar=bootstrap_mean([value for name, value in accuracy.items() if name in similar], seed=seed),
        not_similar=bootstrap_mean([value for name, value in accuracy.items() if name not in similar], seed=seed),
        total=bootstrap_mean(list(accuracy.values()), seed=seed),
    )
