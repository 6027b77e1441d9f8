"""What a text defines, and in how many ways it can be called; run here, as the texts are ours."""

from __future__ import annotations

import ast
import functools
import itertools
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.sandbox.inside import statements as module
from textbooks.sandbox.inside.statements import functions_of, run_text, statements
from textbooks.sandbox.inside.surveying import Way, candidates, ways


class Patient:
    """A clock that lets everything run."""

    is_over = False

    def run(self, action, seconds, stuck):
        try:
            return action()
        except Exception as error:
            return repr(error).encode()


@pytest.fixture(autouse=True)
def untouched(monkeypatch):
    monkeypatch.setattr(module, "time", type("Time", (), {}))
    monkeypatch.setattr(module.sys, "argv", sys.argv)
    monkeypatch.setattr(module.sys, "setprofile", lambda _: None)
    monkeypatch.setattr(module.sys, "settrace", lambda _: None)
    yield
    sys.modules.pop(module.NAME, None)


def found(text):
    return list(candidates(functions_of(text, Patient())))


TEXT = """
import missing
from statistics import median
from functools import lru_cache, wraps
longest = max
@missing.decorator
def decorated(x: Unknown) -> List[Unknown]:
    return x
@lru_cache(maxsize=None)
def cached(x, y=2): return x + y
square = lambda x: x * x
def twice(x): return 1
def twice(x): return 2
also = twice
class Box(missing.Base): pass
class Held:
    def __init__(self, value, more=0): self.value = value
    def get(self): return self.value
    def plus(self, other, *, third): return self.value + other + third
    @staticmethod
    def static(x): return x
    @classmethod
    def made(cls, x): return cls(x).value
    @property
    def same(self): return self.value
    def __call__(self, *items): return items
    def __repr__(self): return "held"
if __name__ == "__main__":
    def script(): pass
else:
    async def later(x): return x
"""


def test_only_what_the_text_defines_itself_is_called():
    names = [one.name for one in found(TEXT)]
    assert names == [
        "decorated", "cached", "square", "twice", "twice",
        "Held.get", "Held.plus", "Held.static", "Held.made", "Held.same", "Held.__call__", "later",
    ]  # fmt: skip


def test_the_lines_are_those_of_the_text():
    lines = {one.name: one.lines for one in found(TEXT)}
    rows = TEXT.split("\n")
    assert rows[lines["decorated"][0] - 1] == "@missing.decorator"
    assert rows[lines["square"][0] - 1].startswith("square = lambda")
    assert rows[lines["Held.get"][0] - 1] == "class Held:"
    assert rows[lines["Held.get"][1] - 1].endswith('return "held"')
    assert rows[lines["later"][1] - 1].strip().startswith("async def later")


def calls(text, name, values):
    """All results of calling a function of a text in every way."""
    results = []
    for one in found(text):
        if one.name == name:
            for way in ways(one, len(values)):
                given = [values[place] for place in way.order]
                given = list(given[0]) if way.spread else given
                made = one.made_takes.give(one.made, given[: way.split]) if one.made else None
                results.append(one.call(made, given[way.split :]))
    return results


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("decorated", [1], [1]),
        ("cached", [1], [3]),
        ("cached", [1, 5], [6, 6]),
        ("cached", [1, 2, 3], []),
        ("square", [3], [9]),
        ("twice", [0], [1, 2]),
        ("Held.get", [4], [4]),
        ("Held.get", [4, 5], [4, 5]),
        ("Held.plus", [1, 10, 100], [111] * 6),
        ("Held.static", [4], [4]),
        ("Held.made", [4], [4]),
        ("Held.same", [4], [4]),
        ("Held.__call__", [4, 5], [(5,), (), (4,), ()]),
    ],
)
def test_every_way_of_passing_arguments_is_tried(name, values, expected):
    assert calls(TEXT, name, values) == expected


@given(st.integers(0, 5), st.integers(0, 4), st.booleans())
def test_the_ways_are_the_orders_that_a_function_takes(number, places, any_number):
    """Against Python itself: binding the arguments to the function says whether it takes them."""
    import inspect

    names = [f"a{i}" for i in range(places)] + (["*rest"] if any_number else [])
    text = f"def f({', '.join(names)}):\n    return 0\n"
    (one,) = found(text)
    scope: dict = {}
    exec(text, scope)
    fits = True
    try:
        inspect.signature(scope["f"]).bind(*range(number))
    except TypeError:
        fits = False
    orders = list(itertools.permutations(range(number))) if number <= 4 else [tuple(range(number))]
    expected = [Way(order) for order in orders if fits]
    if any_number and number == 1:
        expected.append(Way((0,), 0, spread=True))
    assert list(ways(one, number)) == expected


def test_a_lying_signature_is_not_believed():
    text = "def f(a, b):\n    return a\nf.__signature__ = 5\nf.__wrapped__ = f\n"
    assert calls(text, "f", [1, 2]) == [1, 2]


def test_a_method_of_a_base_class_of_the_text_is_called():
    text = "class Base:\n    def get(self, x): return x\nclass Child(Base):\n    pass\n"
    assert [one.name for one in found(text)] == ["Base.get", "Child.get"]


BROKEN = "import math\n\nprint 'python 2'\n\n@decorator\ndef good(x):\n    return x\nAnd so on.\n"
BROKEN += "\ndef bad(:\n    pass\n\nclass Fine:\n    pass\n"


def test_the_parts_of_a_text_that_does_not_parse_are_kept():
    nodes = statements(BROKEN)
    assert [getattr(node, "name", "import") for node in nodes] == ["import", "good", "Fine"]
    assert BROKEN.split("\n")[nodes[1].lineno - 1] == "def good(x):"
    assert BROKEN.split("\n")[nodes[1].decorator_list[0].lineno - 1] == "@decorator"
    with pytest.raises(SyntaxError):
        statements("nothing here but (")


@given(
    st.lists(
        st.sampled_from(["def a(): pass\n", "def b(:\n", "import os\n", "x = = 1\n", "class C: pass\n"]), max_size=6
    )
)
def test_each_part_that_parses_alone_is_found(parts):
    """Against parsing the parts one by one; a part that does not start one belongs to the part before it."""
    groups: list[str] = []
    for part in parts:
        if part.startswith("x") and groups:
            groups[-1] += part
        else:
            groups.append(part)

    def parsed(text):
        try:
            return [ast.unparse(node) for node in ast.parse(text).body]
        except SyntaxError:
            return None

    text = "".join(parts)
    expected = parsed(text)
    if expected is None:
        starts = [part for part in groups if not part.startswith("x")]
        if not starts:
            return
        expected = [node for part in starts for node in parsed(part) or parsed(part.split("x")[0]) or ()]
    assert [ast.unparse(node) for node in statements(text)] == expected


def test_each_statement_keeps_the_future_that_the_text_asked_for():
    names = run_text("from __future__ import annotations\ndef f(x: not_there): pass\nreturn 5\nx = 1\n", Patient())
    assert names["f"].__annotations__ == {"x": "not_there"}
    assert names["x"] == 1


def test_cuttings_find_what_programs_import():
    names = run_text("from_math = math.sqrt(4.0)\ncounted = Counter('aa')\n", Patient(), lenient=True)
    assert names["from_math"] == 2.0
    assert names["counted"] == {"a": 2}
    assert "from_math" not in run_text("from_math = math.sqrt(4.0)\n", Patient())


def test_wrappers_of_others_are_not_the_text_s_own():
    text = "import functools, statistics\nf = functools.lru_cache(statistics.median)\ng = functools.partial(max, 1)\n"
    assert found(text) == []
    assert functools.lru_cache(len) is not None
