"""Whether an exercise holds: its examples are run in the sandbox, and must be able to fail."""

from __future__ import annotations

import doctest
from collections.abc import Sequence
from functools import cache
from importlib import resources

from textbooks.sandbox import CallJob, Outcome, Sandbox, Status
from textbooks.synthesizers.checking.exercise_shape import Example, ExerciseShape
from textbooks.synthesizers.syntheses import Flaw
from textbooks.verdicts import Reason

__all__ = ["check_exercises", "ended_badly", "runner"]

_CHECKER = doctest.OutputChecker()
_SHOWN = 200


@cache
def runner() -> str:
    """Return the program that runs texts in the sandbox."""
    return resources.files("textbooks.synthesizers.checking.inside").joinpath("runner.py").read_text()


def check_exercises(shapes: Sequence[ExerciseShape], sandbox: Sandbox, *, workers: int) -> list[Flaw | None]:
    """Run exercises and return what is wrong with each; None where nothing is.

    An exercise holds when its module runs, every example of its docstrings gives what it says (as `doctest` compares),
    and not all of them still do when the function has no body: examples that cannot fail prove nothing (ours).

    Parameters
    ----------
    shapes : sequence of ExerciseShape
        What `read_exercise` found.
    sandbox : Sandbox
        Where they run.
    workers : int
        Processes at a time.
    """
    jobs = (_job(shape, shape.text) for shape in shapes)
    flaws = [_broken(shape, outcome) for shape, outcome in zip(shapes, sandbox.map(jobs, workers), strict=True)]
    whole = [number for number, flaw in enumerate(flaws) if flaw is None]
    emptied = (_job(shapes[number], shapes[number].emptied) for number in whole)
    for number, outcome in zip(whole, sandbox.map(emptied, workers), strict=True):
        shape = shapes[number]
        if _broken(shape, outcome) is None:
            detail = f"The examples also hold when {shape.name} has no body: they prove nothing."
            flaws[number] = Flaw(Reason.IDLE_EXAMPLES, detail, {"examples": len(shape.examples)})
    return flaws


def _job(shape: ExerciseShape, source: str) -> CallJob:
    return CallJob(runner(), "run_examples", [((source, [example.source for example in shape.examples]), {})])


def _broken(shape: ExerciseShape, outcome: Outcome) -> Flaw | None:
    ended = ended_badly(outcome)
    if isinstance(ended, Flaw):
        return ended
    (_, error), *shown = ended
    if error:
        reason = Reason.FAILS_EXAMPLES if error.startswith("AssertionError") and shape.asserts else Reason.FAILS_TO_RUN
        return Flaw(reason, f"The code fails when it is run: {error[:_SHOWN]}")
    for example, (output, raised) in zip(shape.examples, shown, strict=True):
        if not _holds(example, output, raised):
            return _failed(example, output, raised)
    return None


def ended_badly(outcome: Outcome) -> Flaw | list[list[str]]:
    """Return what a run of `run_examples` or `run_blocks` gave, or what kept it from giving anything."""
    if outcome.passed and outcome.value and outcome.value[0][0] == "value":
        found: list[list[str]] = outcome.value[0][1]
        return found
    if outcome.status in (Status.TIMEOUT, Status.MEMORY):
        return Flaw(Reason.TOO_SLOW, f"It takes too long or too much memory: {outcome.detail[:_SHOWN]}")
    detail = outcome.detail or (": ".join(map(str, outcome.value[0][1:])) if outcome.value else outcome.status.value)
    return Flaw(Reason.FAILS_TO_RUN, f"The code ends its process: {detail[:_SHOWN]}")


def _holds(example: Example, output: str, raised: str) -> bool:
    if example.options & doctest.SKIP:
        return True
    if raised or example.error:
        if not raised or not example.error:
            return False
        flags = example.options
        if flags & doctest.IGNORE_EXCEPTION_DETAIL:
            return _kind(raised) == _kind(example.error)
        return _CHECKER.check_output(example.error.strip() + "\n", raised + "\n", flags)
    return _CHECKER.check_output(example.want, output, example.options)


def _kind(error: str) -> str:
    return error.split(":")[0].strip().rpartition(".")[2]


def _failed(example: Example, output: str, raised: str) -> Flaw:
    source = " ".join(example.source.split())[:_SHOWN]
    wanted = (example.error or example.want or "nothing").strip()[:_SHOWN]
    got = (raised or output or "nothing").strip()[:_SHOWN]
    detail = f"The example of line {example.line} does not hold: {source} should give {wanted}, and gives {got}"
    return Flaw(Reason.FAILS_EXAMPLES, detail, {"line": example.line, "wanted": wanted, "got": got})
