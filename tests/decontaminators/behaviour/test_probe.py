"""Many calls in one confined process: each has its own limit, and none takes the replies of another along."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.decontaminators.behaviour.probe import LOST, probe, replies_until_end
from textbooks.sandbox import Sandbox
from textbooks.sandbox.inside.codec import DataError

PROGRAM = """
import module_that_is_not_there
import ctypes, os, random, signal, sys, time
print("noise" * 1000)

while True:
    pass


def append(items, item=1):
    items.append(item)
    return items


def endless():
    while True:
        pass


def swallow():
    while True:
        try:
            endless()
        except BaseException:
            pass


def compiled():
    return sum(range(10**13))


def leave():
    os._exit(0)


def crash():
    return ctypes.string_at(0)


def sleep():
    time.sleep(1000)
    return "slept"


def wait():
    import threading
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def fill():
    held = []
    while True:
        held.append(bytearray(1 << 26))


def count(number):
    for i in range(number):
        yield i


async def double(number):
    return 2 * number


def strange():
    return object()


def flood():
    os.write(1, b"x" * (1 << 20))
    print("x" * (1 << 20), file=sys.stderr)
    return "flooded"


def draw():
    return random.random()


class Stack:
    @staticmethod
    def twice(number):
        return 2 * number


if __name__ == "__main__":
    def append(items):
        return "as a script"
"""


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(memory_bytes=512 << 20, cpu_seconds=3.0) as one:
        yield one


def reply(sandbox, target, *args, **kwargs):
    """The reply to one call, made between two others, which must keep theirs."""
    around = ("append", ([5],), {})
    before, found, after = probe(sandbox, PROGRAM, [around, (target, args, kwargs), around], seconds_per_call=0.1)
    assert before == after == ("value", [5, 1])
    return found


@pytest.mark.parametrize(
    ("target", "args", "expected"),
    [
        ("append", ([],), ("value", [1])),
        ("count", (3,), ("value", [0, 1, 2])),
        ("double", (4,), ("value", 8)),
        ("sleep", (), ("value", "slept")),
        ("flood", (), ("value", "flooded")),
        ("Stack.twice", (4,), ("value", 8)),
        ("len", ("abc",), ("value", 3)),
        ("str.swapcase", ("aB",), ("value", "Ab")),
        ("statistics.median", ([3, 1, 2],), ("value", 2)),
        ("range", (3,), ("value", [0, 1, 2])),
        ("math.sqrt", (2.0,), ("value", math.sqrt(2))),
        ("append", (), ("exception", "TypeError", "append() missing 1 required positional argument: 'items'")),
        ("nothing", (), ("exception", "NameError", "name 'nothing' is not defined")),
        ("count", (10_001,), ("exception", "ValueError", "the result gives more than 10,000 items")),
        ("strange", (), ("exception", "DataError", "a value of type 'object' is not plain data")),
        ("str.upper", ("x" * (1 << 20),), ("exception", "ValueError", "1,048,588")),
    ],
)
def test_a_call_gives_its_value_or_its_exception(sandbox, target, args, expected):
    found = reply(sandbox, target, *args)
    assert found[:-1] == expected[:-1]
    assert found == expected or expected[-1] in found[-1]


@pytest.mark.parametrize("target", ["endless", "swallow", "wait"])
def test_a_call_that_does_not_end_is_a_timeout(sandbox, target):
    assert reply(sandbox, target) == ("timeout",)


@pytest.mark.parametrize("target", ["compiled", "leave", "crash"])
def test_a_call_that_ends_the_process_is_lost_alone(sandbox, target):
    if target == "crash" and not sandbox.isolation.complete:
        pytest.skip("a crash writes a core file where nothing confines it")
    assert reply(sandbox, target) == LOST


def test_a_call_that_fills_the_memory_says_nothing_wrong(sandbox):
    found = reply(sandbox, "fill")
    assert found in (LOST, ("timeout",)) or found[:2] == ("exception", "MemoryError")


def test_arguments_are_fresh_for_each_call_and_random_begins_anew(sandbox):
    shared = [1]
    calls = [("append", (shared,), {"item": 2})] * 3 + [("draw", (), {})] * 2
    first, second, third, drawn, again = probe(sandbox, PROGRAM, calls)
    assert first == second == third == ("value", [1, 2])
    assert shared == [1]
    assert drawn == again


def test_a_text_that_does_not_parse_has_no_functions(sandbox):
    assert probe(sandbox, "def broken(:", [("broken", (), {}), ("len", ("ab",), {})]) == [
        ("exception", "NameError", "name 'broken' is not defined"),
        ("value", 2),
    ]


def test_what_the_budget_does_not_reach_is_lost(sandbox):
    calls = [("endless", (), {})] * 10
    replies = probe(sandbox, PROGRAM.replace("while True:\n    pass\n\n\ndef", "def"), calls, seconds=0.5)
    assert replies[0] == ("timeout",)
    assert replies[-1] == LOST


def test_forged_replies_are_the_text_s_own_words(sandbox):
    forging = 'import os\nfor n in range(64):\n    try:\n        os.write(n, b\'["value",1]\\n["nonsense"]\\n\')\n'
    forging += "    except OSError:\n        pass\nos._exit(0)\n"
    replies = probe(sandbox, forging, [("append", ([],), {})] * 3)
    assert len(replies) == 3
    assert all(found[0] in ("value", "lost") for found in replies)


def test_a_broken_codec_raises_nothing(sandbox):
    breaking = "import sys\nfor name in list(sys.modules):\n    if name.startswith('inside'):\n"
    breaking += "        vars(sys.modules[name]).clear()\ndef f():\n    return 1\n"
    assert len(probe(sandbox, breaking, [("f", (), {})] * 2)) == 2


def test_limits_and_arguments_are_checked(sandbox):
    with pytest.raises(ValueError, match="seconds_per_call"):
        probe(sandbox, "", [], seconds_per_call=0)
    with pytest.raises(DataError):
        probe(sandbox, "", [("f", (object(),), {})])
    assert probe(sandbox, PROGRAM, []) == []


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["value", "timeout", "lost", "die"]), max_size=7))
def test_a_process_that_dies_is_followed_by_another(kinds):
    """Against a plain reading: a call that dies is lost, all others keep their replies."""

    def run(start):
        found = []
        for number, kind in enumerate(kinds[start:], start):
            if kind == "die":
                return found, False
            found.append((kind, number))
        return found, True

    expected = [LOST if kind == "die" else (kind, number) for number, kind in enumerate(kinds)]
    assert replies_until_end(run, len(kinds)) == expected


def test_a_program_that_always_dies_is_given_up():
    runs = []

    def run(start):
        runs.append(start)
        return [], False

    assert replies_until_end(run, 100) == [LOST] * 100
    assert len(runs) == 8
