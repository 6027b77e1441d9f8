"""Many calls of several functions of one program, in one confined process, each with its own limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textbooks.sandbox import Sandbox, Status
from textbooks.sandbox.inside.codec import DataError, dump, load

__all__ = ["LOST", "Call", "Reply", "probe", "replies_of", "replies_until_end"]

Call = tuple[str, tuple[Any, ...], Mapping[str, Any]]
"""A function by its dotted name, positional and keyword arguments."""

Reply = tuple[Any, ...]
"""``("value", plain)``, ``("exception", type, message)``, ``("timeout",)`` or ``("lost",)``."""

LOST: Reply = ("lost",)

_MAX_RUNS = 8
_SHARE = 0.8  # of the sandbox's processor time: what passes that of the sandbox would be run again
_KINDS = {"value": 2, "exception": 3, "timeout": 1, "lost": 1}


def probe(
    sandbox: Sandbox,
    program: str,
    calls: Sequence[Call],
    *,
    seconds_per_call: float = 0.2,
    seconds: float = 2.0,
) -> list[Reply]:
    """Run a program, make calls of its functions in one confined process, and return what came of each.

    The statements at the top of the program run one by one, each limited to half a second; one that fails hides no
    other. Arguments are fresh for each call. ``random`` has the same seed before each. Sleeping takes no time, what
    is printed is lost. A call that ends the process (memory, ``os._exit``, an endless loop in compiled code) costs
    itself: those before it keep their replies, those after it are made in another process, up to 8 times.

    Parameters
    ----------
    sandbox : Sandbox
        Where it runs.
    program : str
        Source text; it may be anything.
    calls : sequence of (target, args, kwargs)
        `target` is the dotted name of something in the program, else of a built-in, else of the standard library:
        ``"median"``, ``"Stack.push"``, ``"len"``, ``"str.swapcase"``, ``"statistics.median"``. Arguments are plain
        data.
    seconds_per_call : float, default=0.2
        Processor time of one call; above 0.
    seconds : float, default=2.0
        Processor time of one process, at most 0.8 of that of the sandbox; calls that it does not reach are lost.

    Returns
    -------
    list of tuple
        One a call: ``("value", plain)``, where an iterator is read to a list of at most 10,000 items;
        ``("exception", type, message)``, also for a result that is no plain data or over 1 MB; ``("timeout",)``; or
        ``("lost",)``, when the process died in it or the time ran out before.

    Raises
    ------
    SandboxError
        If no confined process can be started here.
    DataError
        If an argument is no plain data.
    ValueError
        If a limit is not above 0.
    """
    if not 0 < seconds_per_call <= seconds:
        msg = f"0 < seconds_per_call <= seconds must hold, got {seconds_per_call!r} and {seconds!r}"
        raise ValueError(msg)
    given = [[target, dump([list(args), dict(kwargs)]).decode("ascii")] for target, args, kwargs in calls]
    limits = (seconds_per_call, min(seconds, _SHARE * sandbox.cpu_seconds), sandbox.output_bytes)

    def run(start: int) -> tuple[list[Reply], bool]:
        return replies_of(sandbox, "probing", "probe", (program, given[start:], *limits))

    return replies_until_end(run, len(calls))


def replies_of(sandbox: Sandbox, module: str, function: str, arguments: tuple[Any, ...]) -> tuple[list[Reply], bool]:
    """Call a function of `textbooks.sandbox.inside` in a confined process.

    Returns
    -------
    list of tuple, bool
        The replies that came, and whether it came to its end. One that sends no reply at all, as it was refused or
        ended before, gives none.
    """
    outcome = sandbox.call(f"from inside.{module} import {function}", function, [(arguments, {})])
    if outcome.status is Status.PASSED and outcome.value[0][0] == "value" and isinstance(outcome.value[0][1], str):
        return _parsed(outcome.value[0][1]), True
    found = _parsed(outcome.output)
    if outcome.status is Status.TIMEOUT:
        found.append(("timeout",))
    return found, outcome.status is Status.REFUSED


def _parsed(lines: str) -> list[Reply]:
    """Return the replies up to the first line that is none."""
    found: list[Reply] = []
    for line in lines.split("\n"):
        try:
            reply = tuple(load(line.encode("ascii")))
        except (DataError, TypeError, UnicodeEncodeError):
            break
        if not reply or _KINDS.get(str(reply[0])) != len(reply):
            break
        found.append(reply)
    return found


def replies_until_end(run: Callable[[int], tuple[list[Reply], bool]], number: int) -> list[Reply]:
    """Return so many replies, going on in another process after the call in which one died.

    Parameters
    ----------
    run : callable
        Makes the calls from this one on; returns the replies and whether the process came to its end.
    number : int
        How many there are to be.
    """
    found: list[Reply] = []
    for _ in range(_MAX_RUNS):
        if len(found) >= number:
            break
        replies, ended = run(len(found))
        found += replies
        if ended:
            break
        if len(found) < number and (not replies or replies[-1][0] != "timeout"):
            found.append(LOST)  # the call in which it died
    return (found + [LOST] * number)[:number]
