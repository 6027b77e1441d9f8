"""The functions of a text, and what of them counts."""

from __future__ import annotations

import ast
import inspect
import textwrap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import HOSTILE_TEXTS
from textbooks.decontaminators.similarity import functions
from textbooks.decontaminators.similarity.functions import code_units
from textbooks.decontaminators.similarity.node_labels import labelling

NAMES = {character: name for name, character in labelling().characters.items()}

PROGRAM = '''import os

@cached
def outer(a: int, *, b="é") -> int:
    """Docstring."""

    def inner():
        return a

    return inner


class Shape:
    """Docstring."""

    @property
    async def area(self):
        class Hidden:
            def deep(self): ...

        return 1


x = lambda y: y
'''


def names_of(labels):
    return " ".join(NAMES[label] for label in labels)


def function_labels(source):
    return code_units(source)[1].labels


def test_every_function_and_method_is_found_with_its_place():
    found = [(unit.kind, unit.name, unit.qualified_name) for unit in code_units(PROGRAM)]
    assert found == [
        ("text", "", ""),
        ("function", "outer", "outer"),
        ("function", "inner", "outer.inner"),
        ("method", "area", "Shape.area"),
        ("method", "deep", "Shape.area.Hidden.deep"),
    ]
    spans = {unit.name: PROGRAM[slice(*unit.span)] for unit in code_units(PROGRAM)}
    assert spans[""] == PROGRAM
    assert spans["outer"].startswith("@cached\ndef outer(")
    assert spans["outer"].endswith("return inner")
    assert spans["inner"] == "def inner():\n        return a"
    assert spans["area"].startswith("@property\n    async def area(self):")
    assert spans["area"].endswith("return 1")


def test_labels_are_the_syntax_in_pre_order():
    unit = code_units("def f(a, b=2):\n    if a < b:\n        return len([a, -b])\n")[1]
    assert names_of(unit.labels) == (
        "function_definition identifier parameters identifier default_parameter identifier number "
        "if_statement comparison_operator identifier < identifier "
        "return_statement call len argument_list list identifier unary_operator - identifier"
    )
    assert unit.depths.tolist() == [0, 1, 1, 2, 2, 3, 3, 1, 2, 3, 3, 3, 2, 3, 4, 4, 5, 6, 6, 7, 7]


def test_labels_of_a_function_are_a_part_of_those_of_the_text():
    text, outer, inner, *_ = code_units(PROGRAM)
    assert outer.labels in text.labels
    assert inner.labels in outer.labels
    assert inner.depths[0] == 0


@pytest.mark.parametrize(
    "same",
    [
        "def g(x, y):\n    z = x + 1\n    return z * y\n",
        'def f(a, b):\n    """Docstring."""\n    c = a + 1\n    return c * b\n',
        "def f(a, b):\n    'Doc' 'string.'\n    # comment\n    c = (a + 1)  # more\n    'note'\n    return (c) * b\n",
        "def f(a: int, b: list[str]) -> None:\n    c: int = a + 1\n    return c * b\n",
        "def f(a, b):\n    import os\n    from os import path\n    c = a + 1.5; return c * b\n",
        "@decorated\ndef f(a, b):\n    c = a + \\\n        1\n    return (c *\n            b)\n",
        "class A:\n    def f(self, b):\n        c = self + 1\n        return c * b\n",
    ],
)
def test_what_leaves_no_trace(same):
    assert function_labels(same) == function_labels("def f(a, b):\n    c = a + 1\n    return c * b\n")


@pytest.mark.parametrize(
    "different",
    ["return c - b", "return c * b * b", "return c", "return c, b", "return len(c)", "yield c * b", "return [c * b]"],
)
def test_what_makes_a_difference(different):
    changed = f"def f(a, b):\n    c = a + 1\n    {different}\n"
    assert function_labels(changed) != function_labels("def f(a, b):\n    c = a + 1\n    return c * b\n")


def test_builtins_are_told_apart_and_other_names_are_not():
    assert function_labels("def f(a): return min(a)") != function_labels("def f(a): return max(a)")
    assert function_labels("def f(a): return one(a)") == function_labels("def f(a): return two(a)")


def test_functions_in_markdown_are_found_where_they_stand():
    text = (
        "Ein Satz mit ü.\n\n```python\ndef f(x):\n    return x\n```\n\nmore\n\n```\n>>> def g():\n...     pass\n```\n"
    )
    found = [(unit.name, text[slice(*unit.span)]) for unit in code_units(text)[1:]]
    assert found == [("f", "def f(x):\n    return x"), ("g", "def g():\n...     pass")]


def test_a_broken_text_still_has_its_functions():
    found = code_units("def f(:\n\ndef good(x):\n    return x\n\nx = = 1\nprint 'old'\n\ndef last(): return 1")
    assert {"good", "last"} <= {unit.name for unit in found}


def test_agrees_with_the_parser_of_python_on_the_standard_library():
    for module in (textwrap, inspect, ast):
        source = inspect.getsource(module)
        expected = [
            (min([node.lineno, *(d.lineno for d in node.decorator_list)]), node.name, ast.dump(node))
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        found = [
            (source.count("\n", 0, unit.span[0]) + 1, unit.name, ast.dump(definition(source, unit.span)))
            for unit in code_units(source)[1:]
        ]
        assert sorted(found) == sorted(expected)


def definition(source, span):
    """Parse what stands in a span; if it is indented, in a block."""
    column = span[0] - source.rfind("\n", 0, span[0]) - 1
    (statement,) = ast.parse("if 1:\n" * bool(column) + " " * column + source[slice(*span)]).body
    return statement.body[0] if column else statement


@given(st.text(alphabet="def class(): \n\t@xyé\"'#\\`,[]=1+-\ud800\0"))
def test_any_text_gives_units_with_sound_trees(text):
    units = code_units(text)
    assert units[0].span == (0, len(text))
    for unit in units:
        assert 0 <= unit.span[0] <= unit.span[1] <= len(text)
        assert len(unit.depths) == len(unit.labels) > 0
        assert unit.depths[0] == 0
        assert all(unit.depths[1:] >= 1)
        assert all(np.diff(unit.depths) <= 1)


DEEP = {
    "unary": "-" * 200_000 + "1",
    "sums": "1" + "+1" * 200_000,
    "calls": "f(" * 100_000 + ")" * 100_000,
    "lambdas": "lambda:" * 100_000 + "1",
    "open brackets": "[{(" * 70_000,
    "nested functions": "\n".join(" " * i + f"def f{i}():" for i in range(1_000)),
}


@pytest.mark.parametrize("text", [*HOSTILE_TEXTS.values(), *DEEP.values()], ids=[*HOSTILE_TEXTS, *DEEP])
def test_hostile_text_is_walked(text):
    assert code_units(text)[0].complete


def test_expressions_of_any_depth_are_labelled():
    unit = code_units("x = " + "-" * 200_000 + "y")[0]
    assert len(unit.labels) == 400_000 + 4
    assert unit.depths.max() == 200_002


def test_what_lies_across_the_limits_is_not_complete(monkeypatch):
    source = "def f(a):\n    return a\n\ndef g(a):\n    return a\n\ndef h(a):\n    return a\n"
    assert [unit.complete for unit in code_units(source)] == [True] * 4
    monkeypatch.setattr(functions, "MAX_NODES", 25)
    assert [(unit.name, unit.complete) for unit in code_units(source)] == [("", False), ("f", True), ("g", False)]
    monkeypatch.undo()
    monkeypatch.setattr(functions, "MAX_BYTES", 40)
    assert [(unit.name, unit.complete) for unit in code_units(source)] == [("", False), ("f", True), ("g", False)]
