"""The calls that a problem's tests make of its reference solution, recorded by running them in the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textbooks.errors import InputError
from textbooks.problems.problem import Problem

if TYPE_CHECKING:
    from textbooks.sandbox import Outcome, Sandbox

__all__ = ["Case", "record_cases"]

_RECORD = "_textbooks_record_cases"
_RECORDER = f"""

def {_RECORD}(_tests, _entry_point, _has_check):
    import copy
    import random

    target, calls = globals()[_entry_point], []

    def is_plain(value, same, depth=0):
        if depth > 50:
            return False
        if same(value, (dict,)):
            return all(is_plain(part, same, depth + 1) for pair in value.items() for part in pair)
        if same(value, (list, tuple, set, frozenset)):
            return all(is_plain(part, same, depth + 1) for part in value)
        return value is None or same(value, (bool, int, float, complex, str, bytes))

    def exactly(value, kinds):
        return type(value) in kinds

    def recorded(*args, **kwargs):
        given = copy.deepcopy((args, kwargs)) if is_plain([list(args), kwargs], exactly) else None
        result = target(*args, **kwargs)
        if given is not None and is_plain(result, isinstance):
            calls.append((*given, copy.deepcopy(result)))
        return result

    names = dict(globals())
    names[_entry_point] = recorded
    random.seed(0)
    exec(compile(_tests, "<tests>", "exec"), names)
    if _has_check:
        names["check"](recorded)
    return calls
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One call that the tests make, and what the reference solution returned.

    Attributes
    ----------
    args : tuple
        Positional arguments, as they were before the call.
    kwargs : dict
        Keyword arguments, likewise.
    expected : object
        What the reference returned.
    """

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    expected: object


def record_cases(problem: Problem, *, sandbox: Sandbox | None = None) -> list[Case]:
    """Run a problem's tests on its reference solution and return the calls they made of it.

    The tests run in the sandbox with the entry point wrapped by a recorder. Calls that the reference makes of itself
    are not recorded, nor are calls that raised, nor those with arguments or results other than plain values (None,
    bool, int, float, complex, str, bytes, and lists, tuples, sets and dicts of such; a result of a subclass, such as a
    Counter, is recorded as its plain base). The module ``random`` is
    seeded before the tests run, so that tests with random inputs record the same calls each time.

    Parameters
    ----------
    problem : Problem
        Whose tests to run.
    sandbox : Sandbox or None, default=None
        Where to run them; None for one of its own with the default limits.

    Returns
    -------
    list of Case
        In the order of the calls, repeated calls included; empty when no call could be recorded.

    Raises
    ------
    InputError
        If the problem has no entry point, or its reference does not pass its tests within the limits.
    """
    if not problem.entry_point:
        msg = f"{problem.benchmark} {problem.id} has no entry point, so no call of it can be recorded"
        raise InputError(msg)
    if sandbox is None:
        from textbooks.sandbox import Sandbox

        with Sandbox() as own:
            return record_cases(problem, sandbox=own)
    arguments = (problem.tests, problem.entry_point, problem.has_check)
    outcome = sandbox.call(problem.program + _RECORDER, _RECORD, [(arguments, {})])
    return [Case(tuple(args), dict(kwargs), expected) for args, kwargs, expected in _returned(outcome, problem)]


def _returned(outcome: Outcome, problem: Problem) -> list[Any]:
    """Return what the recorder returned; raise `InputError` if the tests did not pass."""
    if outcome.status == "passed" and outcome.value:
        kind, *rest = outcome.value[0]
        if kind == "value":
            return list(rest[0])
        reason = ": ".join(map(str, rest))
    else:
        reason = f"{outcome.status} ({outcome.detail})"
    msg = f"the reference solution of {problem.benchmark} {problem.id} does not pass its tests: {reason}"
    raise InputError(msg)
