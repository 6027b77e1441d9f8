"""Whether what a function gave is the answer that was asked for, however it is wrapped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from textbooks.sandbox import values_agree

__all__ = ["answers_agree", "canonical", "could_run", "judged"]

_DEEPEST = 60
_MOST_ITEMS = 10_000
_COULD_NOT = frozenset({"NameError", "ImportError", "ModuleNotFoundError", "MemoryError"})


def canonical(value: object, depth: int = 0) -> Any:  # noqa: ANN401
    """Return plain data with one kind of sequence (list) and one of set, so that paraphrases of one answer are equal.

    Tuples, ranges and iterators become lists, frozensets sets, bytearrays bytes. Keys of dicts and items of sets stay
    as they are, and so does all that lies more than 60 deep.
    """
    if depth > _DEEPEST:
        return value
    if isinstance(value, dict):
        return {key: canonical(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | range | Iterator):
        items = value if isinstance(value, list | tuple) else _some(value)
        return [canonical(item, depth + 1) for item in items]
    if isinstance(value, frozenset):
        return set(value)
    return bytes(value) if isinstance(value, bytearray) else value


def _some(items: range | Iterator[Any]) -> Iterator[Any]:
    return (item for item, _ in zip(items, range(_MOST_ITEMS), strict=False))


def answers_agree(expected: object, given: object) -> bool:
    """Whether two canonical values are the same answer.

    Numbers agree within 1e-6, absolute or relative, int or float; a bool is no number. Where a set is asked for, a
    list of the same items without repeats will do: order means nothing there. Anything else must be equal, inside
    containers too.

    Parameters
    ----------
    expected, given : object
        What `canonical` returns.
    """
    if isinstance(expected, set) and isinstance(given, list):
        try:
            items = set(given)
        except TypeError:
            return False
        return len(items) == len(given) and values_agree(expected, items)
    return values_agree(expected, given)


def could_run(reply: Sequence[Any]) -> bool:
    """Whether a reply is what the function does, and not a limit of where it ran.

    A missing name, module or part of a module, a timeout, a lack of memory and a lost process say nothing of the
    function; every other exception is its answer.
    """
    if reply[0] == "value":
        return True
    if reply[0] != "exception" or reply[1] in _COULD_NOT:
        return False
    return not (reply[1] == "AttributeError" and str(reply[2]).startswith(("module ", "partially initialized module ")))


def judged(expected: object, reply: Sequence[Any]) -> bool | None:
    """Return whether a reply is the answer that was asked for; None where it could not run.

    Parameters
    ----------
    expected : object
        Canonical.
    reply : sequence
        As `textbooks.decontaminators.behaviour.probe.probe` returns it; after the value may stand what became of the
        argument.
    """
    if not could_run(reply):
        return None
    return reply[0] == "value" and any(answers_agree(expected, canonical(value)) for value in reply[1:])
