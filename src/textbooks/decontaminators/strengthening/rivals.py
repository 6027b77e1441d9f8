"""Which problems' references pass the published cases of other problems: what ought to be told apart, or is a twin."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

from textbooks.decontaminators.strengthening.trial import ask, where_it_ended
from textbooks.errors import InputError
from textbooks.problems import Case, Problem
from textbooks.problems.problem import parse
from textbooks.sandbox import Sandbox

__all__ = ["rivals_of"]

_CHUNK = 64
_LINES = 5_000
_LOST = 3


def rivals_of(problems: Sequence[Problem], sandbox: Sandbox, pool: Executor) -> list[list[int]]:
    """Return for each problem the numbers of those others whose references pass its published cases.

    Parameters
    ----------
    problems : sequence of Problem
        Each once.
    sandbox : Sandbox
        Where they run: many references in one process, each call limited in lines.
    pool : concurrent.futures.Executor
        Runs parts of it at a time.
    """
    cases = list(pool.map(partial(_cases, sandbox=sandbox), problems))
    arguments = [_arguments(problem) for problem in problems]
    rows = [
        [other for other, fits in enumerate(arguments) if other != number and fits and _fits(fits, cases[number])]
        for number in range(len(problems))
    ]
    programs = [(problem.program, problem.entry_point) for problem in problems]
    numbers = [number for number, row in enumerate(rows) if row]
    chunks = [numbers[start : start + _CHUNK] for start in range(0, len(numbers), _CHUNK)]
    passing = partial(_passing, sandbox, programs, cases, rows)
    found: dict[int, list[int]] = {}
    for part in pool.map(passing, chunks):
        found |= part
    return [found.get(number, []) for number in range(len(problems))]


def _cases(problem: Problem, sandbox: Sandbox) -> list[Case]:
    try:
        return problem.cases(sandbox=sandbox)
    except InputError:
        return []


def _arguments(problem: Problem) -> tuple[int, float] | None:
    """Return the least and the largest number of positional arguments of a reference; None where it cannot be told."""
    tree = parse(problem.program)
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    found = [node for node in tree.body if isinstance(node, kinds) and node.name == problem.entry_point] if tree else []
    if not found:
        return None
    given = found[-1].args
    most = len(given.posonlyargs) + len(given.args)
    return most - len(given.defaults), math.inf if given.vararg else most


def _fits(arguments: tuple[int, float], cases: Sequence[Case]) -> bool:
    return bool(cases) and all(arguments[0] <= len(case.args) <= arguments[1] and not case.kwargs for case in cases)


def _passing(
    sandbox: Sandbox,
    programs: Sequence[tuple[str, str]],
    cases: Sequence[Sequence[Case]],
    rows: Sequence[Sequence[int]],
    numbers: Sequence[int],
) -> dict[int, list[int]]:
    """Return who passes, for some problems; where a process ends, each is done alone, without who ended it."""

    def asked(some: Sequence[int], ended: set[int]) -> tuple[list[list[int]] | None, Callable[[], int | None]]:
        """Ask about some problems, without those who ended a process; with the answer comes who ended this one."""
        job = {
            "programs": programs,
            "cases": [[(case.args, case.kwargs, case.expected) for case in cases[number]] for number in some],
            "rows": [[other for other in rows[number] if other not in ended] for number in some],
            "lines": _LINES,
            "noted": len(some) == 1,
        }
        answer: Any
        answer, outcome = ask(sandbox, "passing", job)
        return answer, lambda: where_it_ended(outcome)

    together, _ = asked(numbers, set())
    if together is not None:
        return dict(zip(numbers, together, strict=True))
    found: dict[int, list[int]] = {}
    for number in numbers:
        ended: set[int] = set()
        for _ in range(_LOST + 1):
            answer, where = asked([number], ended)
            last = where()
            if answer is not None or last is None:
                found[number] = answer[0] if answer else []
                break
            ended.add(last)
    return found
