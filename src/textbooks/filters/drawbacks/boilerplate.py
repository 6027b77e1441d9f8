"""Drawback two of the paper: code without meaningful computation."""

from __future__ import annotations

from typing import Any, Final

from datatrove.pipeline.writers.disk_base import DiskWriter

from textbooks.filters.drawbacks.structural import DrawbackMeasurement, StructuralFilter
from textbooks.filters.drawbacks.structure import CodeStructure
from textbooks.ranges import check_range
from textbooks.verdicts import Reason, Verdict

__all__ = ["BoilerplateFilter", "boilerplate_kind"]

_GUI_MODULES = frozenset("tkinter Tkinter PyQt4 PyQt5 PyQt6 PySide2 PySide6 wx kivy gi pyglet".split())
_MOSTLY: Final = 0.5


class BoilerplateFilter(StructuralFilter):
    r"""Drop code that sets things up and computes nothing meaningful, with reason ``boilerplate``.

    The score is the probability, in [0, 1], that a rater calls the text boilerplate: mostly constants, parameters,
    configuration, declarations, GUI layout or plumbing. It is a logistic regression on thirteen quantities: statements
    that compute, the share of loops and branches, arithmetic, class fields, bytes in literals, keyword arguments for
    each call, and so on.

    The evidence: ``kind`` of boilerplate (see `boilerplate_kind`), ``computing`` and ``configuring`` (shares of the
    statements), ``statements`` by role, ``generated_line`` where a header says that the file is generated, and
    ``moved_most``: what moved the log-odds of being boilerplate most.

    Parameters
    ----------
    max_score : float, default=0.5
        Drops when the score is above this; in [0, 1]. Ours, measured in benchmarks/drawbacks: the most precise multiple
        of 0.05 whose F1 is within 0.02 of the best.
    exclusion_writer, quarantine_writer, batch_size
        See `Step`.

    Notes
    -----
    Source: "Textbooks Are All You Need", section 2: "typical examples do not involve any meaningful computation, but
    rather consist of trivial or boilerplate code, such as defining constants, setting parameters, or configuring GUI
    elements". The measurement is ours. It reads the first 12,000 bytes; what is not Python is kept.

    Examples
    --------
    >>> BoilerplateFilter().judge("DEBUG = True\nPORT = 80\nHOSTS = ['example.org']\n").reason
    <Reason.BOILERPLATE: 'boilerplate'>
    """

    name = "boilerplate"
    thresholds = ("max_score",)
    _models = ("boilerplate",)

    def __init__(
        self,
        *,
        max_score: float = 0.5,
        exclusion_writer: DiskWriter | None = None,
        quarantine_writer: DiskWriter | None = None,
        batch_size: int = 64,
    ) -> None:
        super().__init__(exclusion_writer=exclusion_writer, quarantine_writer=quarantine_writer, batch_size=batch_size)
        check_range("max_score", max_score, 0, 1)
        self.max_score = max_score

    def _score_of(self, probability: float) -> float:
        return probability

    def _evidence(self, code: CodeStructure) -> dict[str, Any]:
        roles = code.roles
        evidence: dict[str, Any] = {
            "kind": boilerplate_kind(code),
            "computing": round(roles.share("compute", "control"), 4),
            "configuring": round(roles.share("constant", "declaration", "call", "import", "handover"), 4),
            "statements": {role: count for role, count in roles.counts.items() if count},
        }
        return {**evidence, "generated_line": roles.generated_line} if roles.generated_line else evidence

    def _decide(self, measurement: DrawbackMeasurement) -> Verdict:
        if measurement.is_python and measurement.score > self.max_score:
            return Verdict.dropped(Reason.BOILERPLATE, measurement.score, **measurement.evidence)
        return Verdict.kept(measurement.score, **measurement.evidence)


def boilerplate_kind(code: CodeStructure) -> str:
    """Return what most of the text does, whether or not it is boilerplate.

    Returns
    -------
    str
        The first that fits of: ``empty`` (no statement), ``generated`` (its header says so), ``computation`` (at least
        half of the statements compute or control), ``data`` (a literal of half the text), ``imports`` and
        ``class fields`` (half of the statements), ``GUI set-up`` (a GUI library, and most of the rest are calls),
        ``stubs`` (half of the functions are empty), ``constants``, ``declarations``, ``calls`` (the most frequent of
        the three), ``plumbing`` (functions that only hand over).
    """
    roles = code.roles
    modules = {module.split(".")[0] for module in code.origins.modules("standard", "library")}
    calls = roles.share("call", "declaration")
    tests = {
        "empty": not roles.statements,
        "generated": roles.generated_line > 0,
        "computation": roles.share("compute", "control") >= _MOSTLY,
        "data": roles.largest_literal_share >= _MOSTLY,
        "imports": roles.share("import") >= _MOSTLY,
        "class fields": roles.class_fields >= _MOSTLY * roles.statements,
        "GUI set-up": bool(modules & _GUI_MODULES) and calls >= roles.share("compute", "control"),
        "stubs": roles.functions > 0 and roles.empty_functions >= _MOSTLY * roles.functions,
    }
    fitting = next((kind for kind, fits in tests.items() if fits), None)
    if fitting is not None:
        return fitting
    most = max(("constant", "declaration", "call", "handover"), key=lambda role: roles.counts[role])
    return {"constant": "constants", "declaration": "declarations", "call": "calls"}.get(most, "plumbing")
