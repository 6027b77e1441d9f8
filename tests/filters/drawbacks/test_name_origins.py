"""Where names come from: values, and CPython's own parser as the oracle."""

from __future__ import annotations

import ast
import builtins
import sysconfig
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.filters.drawbacks.known_libraries import KINDS, module_kind
from textbooks.filters.drawbacks.name_origins import name_origins
from textbooks.filters.drawbacks.parsed_code import head, parse_code
from textbooks.scoring.known_names import BUILTIN_NAMES

PROGRAM = """from __future__ import annotations
import os, numpy as np
import shop.till.drawer as drawer, json
from .models import (User,
    Group as G)
from flask import Flask

class Admin(User, Base):
    limit = 1

    def greet(self, name):
        self.seen = 1
        self.first, other = 1, 2
        assert helper(name)
        return self.missing + self.limit + self.seen + os.sep + np.e + helper(drawer, G)

app = Flask(__name__)
print(lost, User, lost)
"""


def origins(text):
    return name_origins(parse_code([text]))[0]


def test_imports_are_told_apart_by_kind_with_their_lines():
    found = [(each.module, each.kind, each.line) for each in origins(PROGRAM).imports]
    assert found == [
        ("__future__", "standard", 1),
        ("os", "standard", 2),
        ("numpy", "common", 2),
        ("shop.till.drawer", "project", 3),
        ("json", "standard", 3),
        (".models", "project", 4),
        ("flask", "library", 6),
    ]


def test_unresolved_names_have_the_line_of_their_first_use():
    assert origins(PROGRAM).unresolved == [("Base", 8), ("helper", 14), ("lost", 18)]


def test_uses_are_counted_by_origin():
    uses = origins(PROGRAM).uses
    assert uses == {"project": 4, "unresolved": 5, "builtin": 7, "standard": 1, "common": 1, "library": 1, "own": 1}
    assert origins(PROGRAM).share("project", "unresolved") == 9 / 20


def test_what_leans_on_the_project_is_counted():
    found = origins(PROGRAM)
    assert (found.foreign_bases, found.foreign_functions, found.foreign_asserts) == (1, 1, 1)
    assert (found.classes, found.functions, found.asserts) == (1, 1, 1)
    assert found.project_names == 3  # User, G, drawer
    assert found.undefined_attributes == 1  # self.missing


@pytest.mark.parametrize(
    ("text", "unresolved"),
    [
        ("from math import *\nprint(sin(3))\n", []),  # math may have it
        ("from .base import *\nprint(sin(3))\n", []),
        ("print(sin(3))\n", [("sin", 1)]),
        ("for i, (a, b) in pairs:\n    print(i, a, b)\n", [("pairs", 1)]),
        ("squares = [x * x for x in range(3)]\n", []),
        ("with open('f') as file:\n    file.read()\n", []),
        ("try:\n    pass\nexcept OSError as error:\n    print(error)\n", []),
        ("def f(a, *b, c=1, **d):\n    return a, b, c, d\n", []),
        ("g = lambda u, v=1: u + v\n", []),
        ("if (n := 10) > 5:\n    print(n)\n", []),
        ("print(f'{amount:.2f} {lost}')\namount = 1\n", [("lost", 1)]),
    ],
)
def test_names_that_python_binds_are_resolved(text, unresolved):
    assert origins(text).unresolved == unresolved


def test_a_name_under_a_project_wildcard_is_the_projects():
    assert origins("from .base import *\nx = limit\n").uses == {"project": 1}


@pytest.mark.parametrize(
    ("module", "kind"),
    [
        ("os.path", "standard"),
        ("numpy.linalg", "common"),
        ("django.db", "library"),
        (".models", "project"),
        ("..", "project"),
        ("mycompany.tools", "project"),
    ],
)
def test_the_kind_of_a_module_is_that_of_its_root(module, kind):
    assert module_kind(module) == kind
    assert kind in KINDS


def naive_unresolved(text):
    """Return the names that `ast` sees loaded and nowhere bound."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    bound, loaded = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (loaded if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            bound.update(node.names)
    if any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree)):
        return set()
    return loaded - bound - set(dir(builtins)) - BUILTIN_NAMES


def test_agrees_with_the_interpreters_parser_on_the_standard_library():
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    texts = [text for text in (file.read_text(encoding="utf-8") for file in files) if head(text) == text][:40]
    assert len(texts) == 40
    dunders = {"__path__", "__all__", "__class__", "__annotations__", "__version__", "WindowsError"}
    for text in texts:
        assert {name for name, _ in origins(text).unresolved} == naive_unresolved(text) - dunders


NAMES = st.sampled_from("alpha beta gamma delta len print Shop".split())
STATEMENTS = st.one_of(
    st.builds("{} = {}".format, NAMES, NAMES),
    st.builds("{}({}, key={})".format, NAMES, NAMES, NAMES),
    st.builds("import {}".format, NAMES),
    st.builds("from {} import {} as {}".format, NAMES, NAMES, NAMES),
    st.builds("for {} in {}:\n    {}.append({})".format, NAMES, NAMES, NAMES, NAMES),
    st.builds("def {}({}, {}_=1):\n    return {}".format, NAMES, NAMES, NAMES, NAMES),
    st.builds("class {}({}):\n    {} = {}".format, NAMES, NAMES, NAMES, NAMES),
    st.builds("{} = [{} for {} in {} if {}]".format, NAMES, NAMES, NAMES, NAMES, NAMES),
    st.builds("with {} as {}:\n    pass".format, NAMES, NAMES),
    st.builds("{}.{} = {}[{}]".format, NAMES, NAMES, NAMES, NAMES),
)
PROGRAMS = st.lists(STATEMENTS, max_size=8).map(lambda lines: "\n".join(lines) + "\n")


@settings(deadline=None)
@given(PROGRAMS)
def test_agrees_with_the_interpreters_parser_on_made_up_programs(text):
    assert {name for name, _ in origins(text).unresolved} == naive_unresolved(text)


@settings(max_examples=30, deadline=None)
@given(st.lists(PROGRAMS, max_size=4))
def test_a_result_depends_on_its_text_alone(texts):
    assert name_origins(parse_code(texts)) == [origins(text) for text in texts]


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_measured(text):
    assert sum(origins(text).uses.values()) >= 0
