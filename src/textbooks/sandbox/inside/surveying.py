"""Calls everything that a text defines with the inputs of many problems, in every order of the arguments that fits.

No result that is asked for ever gets here: what came of the calls is compared elsewhere.
"""

from __future__ import annotations

import json
import random
import types
from collections.abc import Callable, Iterator
from functools import partial
from itertools import permutations
from typing import Any, NamedTuple

from .codec import dump, load
from .limited import Clock, Stream, value_message
from .statements import Found, functions_of, owned

__all__ = ["Candidate", "Way", "candidates", "survey", "ways"]

_MOST_PERMUTED = 4
_MOST_PERMUTED_METHOD = 3
_MOST_TIMEOUTS = 40  # of one function
_SPECIAL = frozenset({"__call__", "__iter__", "__str__", "__len__"})
# What these say is not that the function answers otherwise, but that it could not run here.
_COULD_NOT = frozenset({"NameError", "ImportError", "ModuleNotFoundError", "MemoryError"})


class Way(NamedTuple):
    """How the arguments of a problem are given to a function.

    Attributes
    ----------
    order : tuple of int
        Which argument comes at which place.
    split : int
        How many of them go to the constructor; for a function 0.
    spread : bool
        Whether the one argument is a list whose items are given.
    """

    order: tuple[int, ...]
    split: int = 0
    spread: bool = False


class _Takes(NamedTuple):
    """What arguments a function takes: places, how many of them it asks for, any number, names, names asked for."""

    places: int = 0
    needed: int = 0
    any_number: bool = False
    names: tuple[str, ...] = ()
    needed_names: int = 0

    def fits(self, number: int) -> bool:
        least = self.needed + self.needed_names
        return number >= least and (self.any_number or number <= self.places + len(self.names))

    def give(self, function: Callable[..., Any], values: list[Any]) -> Any:  # noqa: ANN401
        """Call it with the values: those at the end go to the arguments that must be named."""
        named = self.needed_names
        if not self.any_number:
            named = max(named, len(values) - self.places)
        cut = len(values) - named
        return function(*values[:cut], **dict(zip(self.names, values[cut:], strict=False)))


class Candidate(NamedTuple):
    """Something in a text that can be called, or made and called.

    Attributes
    ----------
    name : str
        Qualified name.
    lines : tuple of int
        First and last line.
    takes : _Takes
        The arguments of the function.
    call : callable
        Takes the made object (None for a function) and the values.
    made : type or None
        The class of which an object is made first.
    made_takes : _Takes
        The arguments of its constructor.
    """

    name: str
    lines: tuple[int, int]
    takes: _Takes
    call: Callable[[Any, list[Any]], Any]
    made: type | None = None
    made_takes: _Takes = _Takes()


def _takes(function: types.FunctionType, bound: int = 0) -> _Takes:
    """Return what a function takes, by its code: a signature may lie."""
    code = function.__code__
    places = max(0, code.co_argcount - bound)
    needed = max(0, places - len(function.__defaults__ or ()))
    names = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    optional = function.__kwdefaults__ or {}
    ordered = sorted(names, key=lambda name: name in optional)  # stable: those asked for come first
    asked = sum(name not in optional for name in names)
    return _Takes(places, needed, bool(code.co_flags & 0x04), tuple(ordered), asked)


def _constructor(cls: type) -> _Takes:
    for name in ("__init__", "__new__"):
        for base in cls.__mro__:
            function = vars(base).get(name)
            function = getattr(function, "__func__", function)
            if type(function) is types.FunctionType:
                return _takes(function, 1)
    return _Takes()


def candidates(found: list[Found]) -> Iterator[Candidate]:
    """Yield what can be called: functions, and the methods and properties of classes."""
    for one in found:
        function = owned(one.value)
        if function is not None:
            takes, value = _takes(function), one.value
            yield Candidate(one.name, one.lines, takes, lambda _, values, t=takes, v=value: t.give(v, values))  # type: ignore[misc]
        elif isinstance(one.value, type):
            yield from _methods(one)


def _methods(one: Found) -> Iterator[Candidate]:
    cls: type = one.value
    made = _constructor(cls)
    held: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        held |= {str(name): value for name, value in vars(base).items()}
    for name, value in held.items():
        inner = (
            getattr(value, "__func__", None) or getattr(value, "fget", None) or getattr(value, "func", None) or value
        )
        function = owned(inner)
        if function is None or (name.startswith("__") and name.endswith("__") and name not in _SPECIAL):
            continue
        fixed = isinstance(value, staticmethod | classmethod)
        takes = _takes(function, 0 if isinstance(value, staticmethod) else 1)
        if fixed:
            call = partial(_call_fixed, cls, name, takes)
        elif inner is not value:
            takes, call = _Takes(), partial(_read, name)
        else:
            call = partial(_call_method, name, takes)
        yield Candidate(f"{one.name}.{name}", one.lines, takes, call, None if fixed else cls, made)


def _call_fixed(cls: type, name: str, takes: _Takes, _: object, values: list[Any]) -> Any:  # noqa: ANN401
    return takes.give(getattr(cls, name), values)


def _read(name: str, made: Any, _: list[Any]) -> Any:  # noqa: ANN401
    return getattr(made, name)


def _call_method(name: str, takes: _Takes, made: Any, values: list[Any]) -> Any:  # noqa: ANN401
    return takes.give(getattr(made, name), values)


def ways(candidate: Candidate, number: int) -> Iterator[Way]:
    """Yield the ways in which so many arguments can be given, as they stand first."""
    most = _MOST_PERMUTED if candidate.made is None else _MOST_PERMUTED_METHOD
    orders = list(permutations(range(number))) if number <= most else [tuple(range(number))]
    for order in orders:
        for split in range(number + 1) if candidate.made is not None else (0,):
            if candidate.takes.fits(number - split) and (candidate.made is None or candidate.made_takes.fits(split)):
                yield Way(order, split)
    if candidate.made is None and number == 1 and candidate.takes.any_number:
        yield Way((0,), 0, spread=True)


def _made(candidate: Candidate, way: Way, arguments: str, *, seeded: bool) -> bytes:
    """Make one call, with arguments of its own; what returns nothing also gives what it made of the first."""
    values = load(arguments.encode("ascii"))
    given = [values[place] for place in way.order]
    if way.spread:
        given = list(given[0])
    if seeded:
        random.seed(0)
    made = candidate.made_takes.give(candidate.made, given[: way.split]) if candidate.made is not None else None
    result = candidate.call(made, given[way.split :])
    if result is None and values and type(values[0]) in (list, dict, set, bytearray):
        return dump(["value", None, values[0]])
    return value_message(result)


class _Survey:
    """The calls of one text, and what came of them, line by line."""

    def __init__(self, stream: Stream, clock: Clock, seconds: float, *, seeded: bool) -> None:
        self._stream, self._clock, self._seconds, self._seeded = stream, clock, seconds, seeded
        self.lines: list[bytes] = []

    def say(self, *words: Any) -> None:  # noqa: ANN401
        self._line(json.dumps(words, separators=(",", ":")).encode("ascii"))

    def _line(self, line: bytes) -> None:
        self.lines.append(line)
        self._stream.write(line)

    def group(self, head: str, candidate: Candidate, way: Way, inputs: list[str], *, whole: bool) -> bool:
        """Call one candidate in one way with the inputs of a problem; return whether a call did not end.

        It ends with the first call that raises, as that is an answer already, unless the whole is asked for.
        """
        replies: list[bytes] = []

        def line(*more: bytes) -> bytes:
            return b"[%s,[%s]]" % (head.encode("ascii"), b",".join([*replies, *more]))

        for arguments in inputs:
            if self._clock.is_over:
                break
            call = partial(_made, candidate, way, arguments, seeded=self._seeded)
            replies.append(self._clock.run(call, self._seconds, lambda: self._line(line(b'["timeout"]'))))
            if not whole and not replies[-1].startswith(b'["value"'):
                break
        self._line(line())
        return bool(replies) and replies[-1] == b'["timeout"]'


def survey(text: str, plan: str, seconds_per_call: float, seconds: float, stream_bytes: int, skipped: int) -> str:
    """Run a text, call what it defines, and return a line for each.

    Parameters
    ----------
    text : str
        Anything.
    plan : str
        JSON: a list of ``[problem, number of arguments, inputs, whole, only]``. Inputs are messages of a list of
        arguments; `whole` asks for all of them whatever comes; `only` is None or a list of
        ``[candidate, order, split, spread]``.
    seconds_per_call, seconds : float
        Processor time of one call, and of all together with the text.
    stream_bytes : int
        How much of the output is read.
    skipped : int
        Groups that another process made, or died of.

    Returns
    -------
    str
        First ``["candidates", [[name, first line, last line], ...]]``, then a line a group:
        ``[problem, candidate, order, split, spread, replies]``; last ``["end", whether all calls were made]``.
    """
    clock = Clock(seconds)
    done = _Survey(Stream(stream_bytes), clock, seconds_per_call, seeded="random" in text)
    found = list(candidates(functions_of(text, clock)))
    done.say("candidates", [[one.name, *one.lines] for one in found])
    slow = dict.fromkeys(range(len(found)), 0)
    for number, (problem, which, way, inputs, whole) in enumerate(_groups(json.loads(plan), found)):
        if number < skipped:
            continue
        if clock.is_over:
            break
        if slow[which] >= _MOST_TIMEOUTS and not whole:
            done.say(problem, which, way.order, way.split, way.spread, [])
            continue
        head = f"{problem},{which},{list(way.order)},{way.split},{int(way.spread)}"
        slow[which] += done.group(head, found[which], way, inputs, whole=whole)
    clock.stop()
    done.say("end", not clock.is_over)
    return b"\n".join(done.lines).decode("ascii")


def _groups(plan: list[Any], found: list[Candidate]) -> Iterator[tuple[int, int, Way, list[str], bool]]:
    for which, candidate in enumerate(found):
        fitting: dict[int, list[Way]] = {}
        for problem, number, inputs, whole, only in plan:
            if number not in fitting:
                fitting[number] = list(ways(candidate, number))
            for way in fitting[number]:
                if only is None or [which, list(way.order), way.split, way.spread] in only:
                    yield problem, which, way, inputs, whole
