"""Function names, imports and syntax nodes, against Python's own parser."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from textbooks.diversity import USUAL_IMPORTS, name_words, read_content

SOURCE = """from __future__ import annotations
import os.path as p, math
from collections.abc import Mapping
from . import sibling
from .near import thing

class Shelf:
    def __init__(self): pass
    async def find_book(self):
        def inner(): import json
        return lambda: inner

def after(): return Shelf
"""


def test_names_in_order_and_first_parts_of_absolute_imports():
    [found] = read_content([SOURCE])
    assert found.functions == ("__init__", "find_book", "inner", "after")
    assert found.imports == {"os", "math", "collections", "json"}
    assert found.node_types["function_definition"] == 4
    assert found.node_types["class_definition"] == 1
    assert all(kind.isidentifier() for kind in found.node_types)


@pytest.mark.parametrize("name", ["bisect", "sched", "stat", "graphlib", "colorsys"])
def test_agrees_with_python_on_the_standard_library(name):
    text = Path(__import__(name).__file__).read_text()
    assert len(text) < 12_000
    tree = list(ast.walk(ast.parse(text)))
    [found] = read_content([text])
    functions = [node.name for node in tree if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert sorted(found.functions) == sorted(functions)
    imported = {alias.name.split(".")[0] for node in tree if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module.split(".")[0] for node in tree if isinstance(node, ast.ImportFrom) and not node.level}
    assert found.imports == imported - {"__future__"}


def test_of_markdown_its_python_is_read():
    [found] = read_content(["# Sums\n\nWe import care, def nothing.\n\n```python\nimport math\n\ndef f(): pass\n```\n"])
    assert (found.functions, found.imports) == (("f",), {"math"})


def test_what_does_not_parse_is_read_all_the_same():
    broken, empty, junk = read_content(["import math\ndef f(:\n    return (", "", "\x00" * 9])
    assert broken.imports == {"math"}
    assert "ERROR" in broken.node_types
    assert (empty.functions, empty.imports) == ((), frozenset())
    assert junk.functions == ()
    assert read_content([]) == []


def test_batches_do_not_mix_texts(exercises):
    many = exercises * 4
    assert read_content(many) == [one for text in many for one in read_content([text])]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("count_words", ["count", "words"]),
        ("parseHTTPHeader2", ["parse", "http", "header", "2"]),
        ("__init__", ["init"]),
        ("_", []),
        ("naïve_größe", ["na", "ï", "ve", "gr", "öß", "e"]),
    ],
)
def test_words_of_names(name, words):
    assert name_words(name) == words


def test_the_usual_imports_are_those_of_the_paper():
    assert sorted(USUAL_IMPORTS) == ["collections", "datetime", "itertools", "math", "random", "typing"]
