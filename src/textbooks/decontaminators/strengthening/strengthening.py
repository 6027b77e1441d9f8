"""One problem made stronger: new inputs, the reference's results, and which of them to keep."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from textbooks.decontaminators.strengthening.domain import Input, key_of, new_inputs
from textbooks.decontaminators.strengthening.mutants import mutants
from textbooks.decontaminators.strengthening.ordinary_functions import library_for
from textbooks.decontaminators.strengthening.outputs import Outputs
from textbooks.decontaminators.strengthening.renaming import renamed_inputs
from textbooks.decontaminators.strengthening.selection import by_telling, select, survivors
from textbooks.decontaminators.strengthening.trial import Answer, Function, agreements, reference_answers
from textbooks.errors import InputError
from textbooks.problems import Case, Problem
from textbooks.sandbox import Sandbox, values_agree

__all__ = ["strengthened"]

_CANDIDATES = 120
_MUTANTS = 40
_RENAMED, _MIN_RENAMED = 24, 8
_BASE = 16
_PUBLISHED_LINES, _OUR_LINES = 100_000, 10_000


def strengthened(
    problem: Problem, *, sandbox: Sandbox, seed: int, max_cases: int, rivals: Sequence[Problem] = ()
) -> dict[str, Any]:
    """Return the cases of a problem, published and ours, and what is known of them, as plain data.

    Parameters
    ----------
    problem : Problem
        With a reference and tests.
    sandbox : Sandbox
        Where they run.
    seed : int
        Where random choices begin; the problem's names go in too.
    max_cases : int
        Most cases of ours.
    rivals : sequence of Problem
        Others whose references pass the published cases.
    """
    try:
        cases = _distinct(problem.cases(sandbox=sandbox))
    except InputError as error:
        return _plain([], 0, why_not=str(error))
    if not cases:
        return _plain([], 0, why_not="no call of its tests has plain arguments and a plain result")
    rng = random.Random(f"{seed} {problem.benchmark} {problem.id}")
    answers = reference_answers(sandbox, problem, [_input(case) for case in cases], lines=_PUBLISHED_LINES)
    cases, answers = _steady(cases, answers)
    if not cases:
        return _plain([], 0, why_not="its reference gives different results for equal inputs")
    ours, our_answers = _new_cases(problem, cases, sandbox, rng)
    more, more_answers = _renamed_cases(problem, [*cases, *ours], sandbox, rng)
    ours, our_answers = ours + more, our_answers + more_answers
    functions = _functions(problem, cases, rivals, rng)
    sizes = len(cases), len(cases) + len(ours) - len(more)
    return _selected(cases + ours, answers + our_answers, sizes, functions, sandbox, max_cases)


def _plain(cases: Sequence[Case], published: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what is kept of a problem; without cases nothing is told apart."""
    rows = [(case.args, case.kwargs, case.expected) for case in cases]
    empty = {"library": [], "twins": [], "kill_rate": 1.0, "kills": {}, "why_not": ""}
    return {"cases": rows, "published": published, **empty, **more}


def _input(case: Case) -> Input:
    return case.args, case.kwargs


def _distinct(cases: Sequence[Case]) -> list[Case]:
    return list({key_of(_input(case)): case for case in reversed(cases)}.values())[::-1]


def _steady(cases: Sequence[Case], answers: Sequence[Answer]) -> tuple[list[Case], list[Answer]]:
    """Leave out the published cases whose results depend on chance."""
    kept = [
        (case, answer)
        for case, answer in zip(cases, answers, strict=True)
        if answer.kind != "random" and (answer.kind != "value" or values_agree(answer.value, case.expected))
    ]
    return [case for case, _ in kept], [answer for _, answer in kept]


def _new_cases(
    problem: Problem, cases: Sequence[Case], sandbox: Sandbox, rng: random.Random
) -> tuple[list[Case], list[Answer]]:
    """Return new inputs for which the reference gives a result of a kind that was seen."""
    inputs = new_inputs([_input(case) for case in cases], wanted=_CANDIDATES, rng=rng)
    if not inputs:
        return [], []
    allowed = Outputs([case.expected for case in cases])
    answers = reference_answers(sandbox, problem, inputs, lines=_OUR_LINES)
    kept = [
        (Case(*given, answer.value), answer)
        for given, answer in zip(inputs, answers, strict=True)
        if answer.kind == "value" and allowed.contains(answer.value)
    ]
    return [case for case, _ in kept], [answer for _, answer in kept]


def _renamed_cases(
    problem: Problem, cases: Sequence[Case], sandbox: Sandbox, rng: random.Random
) -> tuple[list[Case], list[Answer]]:
    """Return cases with other characters, if characters mean nothing to the reference."""
    known = {key_of(_input(case)) for case in cases}
    trials = renamed_inputs(cases, wanted=_RENAMED, rng=rng)
    answers = reference_answers(sandbox, problem, [trial.given for trial in trials], lines=_OUR_LINES) if trials else []
    both = list(zip(trials, answers, strict=True))
    if len(both) < _MIN_RENAMED or not all(
        answer.kind == "value" and values_agree(answer.value, trial.due, tolerance=0.0) for trial, answer in both
    ):
        return [], []
    kept = [(Case(*trial.given, answer.value), answer) for trial, answer in both if key_of(trial.given) not in known]
    return [case for case, _ in kept], [answer for _, answer in kept]


def _functions(
    problem: Problem, cases: Sequence[Case], rivals: Sequence[Problem], rng: random.Random
) -> list[Function]:
    """Return the functions that ought to be told apart."""
    arguments = {len(case.args) for case in cases if not case.kwargs}
    found = [Function(kind, name, source) for count in sorted(arguments) for kind, name, source in library_for(count)]
    changed = mutants(problem.program, most=_MUTANTS, rng=rng)
    found += [Function("mutant", f"mutant {n}", text, problem.entry_point) for n, text in enumerate(changed)]
    return found + [Function("rival", str(n), other.program, other.entry_point) for n, other in enumerate(rivals)]


def _trivial(cases: Sequence[Case]) -> list[tuple[Function, str]]:
    """Return the constants and single arguments that could be results, and where they agree."""
    constants = {repr(case.expected): case.expected for case in cases}
    found = [(Function("trivial", text, ""), [value] * len(cases)) for text, value in constants.items()]
    for position in range(min(len(case.args) for case in cases)):
        values = [case.args[position] for case in cases]
        found.append((Function("trivial", f"argument {position}", ""), values))
    return [
        (function, "".join("01"[values_agree(value, case.expected)] for value, case in zip(values, cases, strict=True)))
        for function, values in found
    ]


def _selected(
    cases: list[Case],
    answers: list[Answer],
    sizes: tuple[int, int],
    functions: list[Function],
    sandbox: Sandbox,
    max_cases: int,
) -> dict[str, Any]:
    """Choose the cases and put them in order; `sizes` say where ours begin, and those with other characters."""
    published = sizes[0]
    lines = [answer.lines if answer.kind == "value" else 0 for answer in answers]
    marks = agreements(sandbox, functions, cases, lines, published)
    for function, mark in _trivial(cases):
        functions.append(function)
        marks.append(mark)
    outputs = [f"{number >= sizes[1]} {case.expected!r}" for number, case in enumerate(cases)]
    chosen = select(marks, range(published), range(published, len(cases)), outputs, base=_BASE, most=max_cases)
    ordered = [*by_telling(marks, range(published), outputs), *chosen.kept]
    figures = _figures(functions, survivors(marks, range(published)), chosen.alive)
    twins = [int(functions[number].name) for number in chosen.alive if functions[number].kind == "rival"]
    return _plain([cases[column] for column in ordered], published, twins=twins, **figures)


def _figures(functions: Sequence[Function], passing: Sequence[int], alive: Sequence[int]) -> dict[str, Any]:
    """Return how many functions pass the published cases, how many of them ours tell apart, and what is left."""
    kills: dict[str, tuple[int, int]] = {}
    for number in passing:
        passed, told = kills.get(functions[number].kind, (0, 0))
        kills[functions[number].kind] = passed + 1, told + (number not in alive)
    passed, told = (sum(column) for column in zip(*kills.values(), strict=True)) if kills else (0, 0)
    library = dict.fromkeys(functions[number].name for number in alive if functions[number].kind == "library")
    return {"library": sorted(library), "kill_rate": told / passed if passed else 1.0, "kills": kills}
