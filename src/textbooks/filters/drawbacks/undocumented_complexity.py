"""Drawback three of the paper: logic buried in complex code that nothing explains."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from datatrove.pipeline.writers.disk_base import DiskWriter

from textbooks.filters.drawbacks.structural import DrawbackMeasurement, StructuralFilter
from textbooks.filters.drawbacks.structure import CodeStructure
from textbooks.ranges import check_range
from textbooks.verdicts import Reason, Verdict

__all__ = ["UndocumentedComplexityFilter"]


class UndocumentedComplexityFilter(StructuralFilter):
    r"""Drop algorithmic code that nobody explains, with reason ``undocumented_complexity``.

    The score, in [0, 1], is the probability that a rater calls the text algorithmic (it holds meaningful computation)
    times the probability that the rater finds it undocumented (no comments, docstrings or names that explain what and
    why). Each is a logistic regression: on loops, operators, arithmetic, literals, the origin and length of names; and
    on words of comments and docstrings, documented functions, the burden of the worst function, and so on.

    The evidence: ``worst``, the function of the greatest burden (name, line, lines, statements, branches, loops,
    operators, nesting, words of explanation; ``<module>`` is the code outside of functions), its ``burden``
    ``(branches + nesting) / (1 + words / statements)``, ``functions`` and how many are ``documented``,
    ``words_a_statement`` of the whole, the probabilities ``algorithmic`` and ``undocumented``, and ``moved_most``: what
    moved the log-odds of each most.

    Parameters
    ----------
    max_score : float, default=0.35
        Drops when the score is above this; in [0, 1]. Ours, measured in benchmarks/drawbacks: the most precise multiple
        of 0.05 whose F1 is within 0.02 of the best.
    min_burden : float, default=1.0
        Drops only when the burden of the worst function is at least this, 0 or more: a text without decisions buries
        nothing, whatever its score. Ours: 96 of 100 files that the raters mark have more.
    exclusion_writer, quarantine_writer, batch_size
        See `Step`.

    Notes
    -----
    Source: "Textbooks Are All You Need", section 2: "samples that do contain algorithmic logic are often buried inside
    complex or poorly documented functions". The measurement is ours. It reads the first 12,000 bytes; what is not
    Python is kept.

    Examples
    --------
    >>> UndocumentedComplexityFilter().judge("DEBUG = True\n").keep
    True
    """

    name = "undocumented_complexity"
    thresholds = ("max_score", "min_burden")
    _models = ("algorithmic", "undocumented")

    def __init__(
        self,
        *,
        max_score: float = 0.35,
        min_burden: float = 1.0,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        check_range("max_score", max_score, 0, 1)
        check_range("min_burden", min_burden, 0)
        self.max_score = max_score
        self.min_burden = min_burden

    def _score_of(self, probability: float) -> float:
        return probability

    def _evidence(self, code: CodeStructure) -> dict[str, Any]:
        shape = code.shape
        statements = sum(function.statements for function in shape.functions)
        return {
            "worst": asdict(shape.worst),
            "burden": round(shape.worst.burden, 2),
            "functions": len(shape.functions) - 1,
            "documented": shape.documented,
            "words_a_statement": round(shape.words / max(1, statements), 2),
        }

    def _decide(self, measurement: DrawbackMeasurement) -> Verdict:
        is_buried = measurement.is_python and measurement.evidence["burden"] >= self.min_burden
        if is_buried and measurement.score > self.max_score:
            return Verdict.dropped(Reason.UNDOCUMENTED_COMPLEXITY, measurement.score, **measurement.evidence)
        return Verdict.kept(measurement.score, **measurement.evidence)
