"""The calls of everything that a text defines, made in confined processes, and what came of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from textbooks.sandbox import Sandbox, Status
from textbooks.sandbox.inside.codec import DataError, load

__all__ = ["Asked", "Calls", "Group", "Way", "make_calls", "plan_of"]

_MAX_RUNS = 4
_SHARE = 0.8  # of the sandbox's processor time: what passes that of the sandbox would be run again
_LARGEST_TEXT = 2_000_000  # characters

Way = tuple[tuple[int, ...], int, bool]
"""The order of the arguments, how many go to the constructor, whether the one argument is spread."""

Asked = tuple[int, int, Sequence[str], bool, Sequence[tuple[int, Way]] | None]
"""A problem, its number of arguments, inputs, whether all of them, which functions in which ways (None for all)."""


@dataclass(frozen=True, slots=True)
class Group:
    """The calls of one function in one way with the inputs of one problem.

    Attributes
    ----------
    problem, function : int
        Numbers of the question and of the function.
    way : Way
        How the arguments were passed.
    replies : tuple
        Of the first inputs, as `textbooks.decontaminators.behaviour.probe.probe` returns them.
    """

    problem: int
    function: int
    way: Way
    replies: tuple[tuple[Any, ...], ...]


@dataclass(slots=True)
class Calls:
    """All that came of the calls of a text.

    Attributes
    ----------
    functions : list of (name, first line, last line)
        What was called.
    groups : list of Group
        In the order in which they were made.
    complete : bool
        Whether all calls were made.
    """

    functions: list[tuple[str, int, int]] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    complete: bool = False


def plan_of(asked: Sequence[Asked]) -> str:
    """Return what a confined process is asked."""
    plan: list[list[Any]] = []
    for problem, number, inputs, whole, only in asked:
        which = None if only is None else [[one, list(order), split, spread] for one, (order, split, spread) in only]
        plan.append([problem, number, list(inputs), whole, which])
    return json.dumps(plan, separators=(",", ":"))


def make_calls(sandbox: Sandbox, text: str, plan: str, *, seconds_per_call: float, seconds: float) -> Calls:
    """Run a text and make the calls of a plan; go on in another process, a few times, where one dies."""
    calls = Calls()
    if len(text) > _LARGEST_TEXT:
        return calls
    limits = (seconds_per_call, min(seconds, _SHARE * sandbox.cpu_seconds), sandbox.output_bytes)
    skipped = 0
    for _ in range(_MAX_RUNS):
        outcome = sandbox.call("from inside.surveying import survey", "survey", [((text, plan, *limits, skipped), {})])
        whole = outcome.status is Status.PASSED and outcome.value[0][0] == "value"
        lines = str(outcome.value[0][1]) if whole else outcome.output
        made = len(calls.groups)
        ended = _read(lines, calls)
        if ended is not None or whole or outcome.status is Status.REFUSED:
            calls.complete = bool(ended)
            break
        if not calls.functions:  # it died before it came to any call
            break
        named = len(calls.groups) > made and calls.groups[-1].replies[-1:] == (("timeout",),)
        skipped += len(calls.groups) - made + (not named)
    return calls


def _read(lines: str, calls: Calls) -> bool | None:
    """Add what the lines say up to the first that says nothing; return what the last says, None where there is none."""
    for line in lines.split("\n"):
        try:
            words = load(line.encode("ascii"))
            if words[0] == "candidates":
                calls.functions = [(str(name), int(first), int(last)) for name, first, last in words[1]]
            elif words[0] == "end":
                return bool(words[1])
            else:
                calls.groups.append(_group(words, len(calls.functions)))
        except (DataError, UnicodeEncodeError, TypeError, ValueError, LookupError):
            return None
    return None


def _group(words: list[Any], functions: int) -> Group:
    problem, function, order, split, spread, replies = words
    if not 0 <= function < functions or not isinstance(problem, int):
        raise LookupError
    way = (tuple(map(int, order)), int(split), bool(spread))
    return Group(problem, function, way, tuple(tuple(reply) for reply in replies if reply))
