"""References and other functions, called with many inputs in the sandbox."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import textbooks.decontaminators.strengthening.inside as inside
import textbooks.sandbox.values as values
from textbooks.decontaminators.strengthening.domain import Input
from textbooks.decontaminators.strengthening.ordinary_functions import HELPERS
from textbooks.problems import Case, Problem
from textbooks.sandbox import Outcome, Sandbox

__all__ = ["Answer", "Function", "agreements", "ask", "reference_answers", "where_it_ended"]

_TRIALS = 3
_LOST = 3
_SLACK_LINES, _SLACK = 300, 2


class Answer(NamedTuple):
    """What a reference gave: kind (``"value"``, ``"exception"``, ``"timeout"``, ``"random"``, ``"lost"``)."""

    kind: str
    value: Any
    lines: int


class Function(NamedTuple):
    """A function that may be told apart from a reference: kind, name, and its source.

    The source is a program that defines `entry_point`, or an expression where that is empty.
    """

    kind: str
    name: str
    source: str
    entry_point: str = ""


def ask(sandbox: Sandbox, function: str, job: dict[str, Any]) -> tuple[Any, Outcome]:
    """Return what a function of `inside` returns for a job, None where it did not get so far; and how the job ended."""
    program = Path(inside.__file__).read_text(encoding="utf-8")
    job = {"values": Path(values.__file__).read_text(encoding="utf-8"), "helpers": HELPERS, **job}
    outcome = sandbox.call(program, function, [((job,), {})])
    kind, *rest = outcome.value[0] if outcome.passed and outcome.value else ("none",)
    return (rest[0] if kind == "value" else None), outcome


def where_it_ended(outcome: Outcome) -> int | None:
    """Return the number that `inside` noted last, before its process ended."""
    numbers = re.findall(r"^\d+$", outcome.output, re.MULTILINE)
    return int(numbers[-1]) if numbers else None


def reference_answers(sandbox: Sandbox, problem: Problem, inputs: Sequence[Input], *, lines: int) -> list[Answer]:
    """Return what a problem's reference gives for each input, called twice for each.

    Parameters
    ----------
    sandbox : Sandbox
        Where it runs.
    problem : Problem
        With a reference.
    inputs : sequence of (args, kwargs)
        Of plain data.
    lines : int
        Most lines of code that a call may run.

    Returns
    -------
    list of Answer
        One an input. An input that ends the process is lost; after three, all that are left are.
    """
    found = [Answer("lost", None, 0)] * len(inputs)
    left = list(range(len(inputs)))
    for _ in range(_LOST + 1):
        job = {"program": problem.program, "name": problem.entry_point, "lines": lines}
        answers, outcome = ask(sandbox, "outputs", {**job, "inputs": [inputs[index] for index in left]})
        if answers is not None:
            for index, answer in zip(left, answers, strict=True):
                found[index] = Answer(*answer)
            break
        where = where_it_ended(outcome)
        if where is None or where >= len(left):
            break
        left.pop(where)
    return found


def agreements(
    sandbox: Sandbox, functions: Sequence[Function], cases: Sequence[Case], lines: Sequence[int], published: int
) -> list[str]:
    """Return, for each function, where it agrees with the reference: a string of 0 and 1, one a case.

    A call may run twice the `lines` that the reference took for it, and 300 more.
    The string ends with the published cases, of which there are `published`, if it differs on one of them. It is
    empty for a function that ends the process, or gives nothing of the right type for the first cases.
    """
    found = [""] * len(functions)
    left = list(range(len(functions)))
    job = {
        "inputs": [(case.args, case.kwargs) for case in cases],
        "expected": [case.expected for case in cases],
        "lines": [_SLACK * count + _SLACK_LINES for count in lines],
        "trial": _TRIALS,
        "published": published,
    }
    for _ in range(_LOST + 1):
        chosen = [(functions[index].source, functions[index].entry_point) for index in left]
        marks, outcome = ask(sandbox, "agreements", {**job, "functions": chosen})
        if marks is not None:
            for index, mark in zip(left, marks, strict=True):
                found[index] = mark
            break
        where = where_it_ended(outcome)
        if where is None or where >= len(left):
            break
        left.pop(where)
    return found
