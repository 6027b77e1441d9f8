"""Drawback one of the paper: code that depends on files of its own project."""

from __future__ import annotations

from typing import Any

from datatrove.pipeline.writers.disk_base import DiskWriter

from textbooks.filters.drawbacks.structural import DrawbackMeasurement, StructuralFilter
from textbooks.filters.drawbacks.structure import CodeStructure
from textbooks.ranges import check_range
from textbooks.verdicts import Reason, Verdict

__all__ = ["SelfContainedFilter"]

_MOST_NAMES = 10


class SelfContainedFilter(StructuralFilter):
    r"""Drop code that is not understood without its project, with reason ``not_self_contained``.

    The score is the probability, in [0, 1], that a rater calls the text self-contained: understood without other files
    of its project, where the standard library and a very common library are fine. It is a logistic regression on eleven
    quantities: relative imports, names from project modules, submodules of libraries, the share of names that the text
    defines itself, and so on.

    The evidence: ``project_modules`` and ``libraries`` (each with the line of its first import), ``unresolved`` names
    (looked up, bound nowhere; with lines), ``uses`` of names by origin, and ``moved_most``: what moved the log-odds of
    being ``dependent``, that is, not self-contained, most. A module is the project's when its import is relative, or
    when it is neither of the standard library nor one of some 430 public packages.

    Parameters
    ----------
    min_score : float, default=0.4
        Drops when the score is below this; in [0, 1]. Ours, measured in benchmarks/drawbacks: the most precise multiple
        of 0.05 whose F1 is within 0.02 of the best.
    exclusion_writer, quarantine_writer, batch_size
        See `Step`.

    Notes
    -----
    Source: "Textbooks Are All You Need", section 2: "many samples are not self-contained, meaning that they depend on
    other modules or files that are external to the snippet". The measurement is ours. It reads the first 12,000 bytes;
    what is not Python is kept.

    Examples
    --------
    >>> SelfContainedFilter().judge("from .models import User\n\nusers = User.objects.all()\n").reason
    <Reason.NOT_SELF_CONTAINED: 'not_self_contained'>
    """

    name = "self_contained"
    thresholds = ("min_score",)
    _models = ("dependent",)

    def __init__(
        self,
        *,
        min_score: float = 0.4,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        check_range("min_score", min_score, 0, 1)
        self.min_score = min_score

    def _score_of(self, probability: float) -> float:
        return 1 - probability

    def _evidence(self, code: CodeStructure) -> dict[str, Any]:
        origins = code.origins
        lines: dict[str, dict[str, int]] = {"project": {}, "library": {}}
        for each in origins.imports:
            if each.kind in lines:
                lines[each.kind].setdefault(each.module, each.line)
        return {
            "project_modules": dict(list(lines["project"].items())[:_MOST_NAMES]),
            "libraries": dict(list(lines["library"].items())[:_MOST_NAMES]),
            "unresolved": dict(origins.unresolved[:_MOST_NAMES]),
            "uses": {origin: origins.uses[origin] for origin in sorted(origins.uses)},
        }

    def _decide(self, measurement: DrawbackMeasurement) -> Verdict:
        if measurement.is_python and measurement.score < self.min_score:
            return Verdict.dropped(Reason.NOT_SELF_CONTAINED, measurement.score, **measurement.evidence)
        return Verdict.kept(measurement.score, **measurement.evidence)
