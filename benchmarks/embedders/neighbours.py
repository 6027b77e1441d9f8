"""Who ought to be near whom: pairs of texts of which each must find the other, made without labels, and a truth set."""

from __future__ import annotations

import ast
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from functions import Function, held_out_folders, read_functions

from textbooks.problems import load_problems

TRUTH_SET = Path(__file__).resolve().parents[1] / "decontamination" / "truth_set.jsonl"
FUNCTIONS, MOST_OF_A_PACKAGE = 5000, 800
PLAIN_NAMES = (
    "alpha beta gamma value item thing foo bar baz qux left right first last cur nxt tmp res out acc idx pos num cnt "
    "flag key val node elem data buf"
).split()


@dataclass(frozen=True, slots=True)
class Search:
    """Texts to search for, texts to search in, and which of the latter each of the former must find."""

    queries: list[str]
    pool: list[str]
    targets: list[int]


def sample_functions(paths: Sequence[Path]) -> tuple[list[Function], dict[str, dict[str, str | int]]]:
    """Return 5,000 functions of the packages held out, at most 800 of each, and the packages."""
    seen: set[bytes] = set()
    rng = random.Random(0)
    picked: list[Function] = []
    packages: dict[str, dict[str, str | int]] = {}
    for name, version, folder in held_out_folders(paths):
        found = read_functions(folder, name, seen)
        rng.shuffle(found)
        picked += found[:MOST_OF_A_PACKAGE]
        packages[name] = {"version": version, "functions": len(found[:MOST_OF_A_PACKAGE])}
    rng.shuffle(picked)
    return [function for function in picked[:FUNCTIONS] if _parses(function.source)], packages


def _parses(source: str) -> bool:
    try:
        return isinstance(ast.parse(source).body[0], (ast.FunctionDef, ast.AsyncFunctionDef))
    except SyntaxError:  # a docstring that reaches farther left than the code
        return False


def searches(functions: Sequence[Function]) -> dict[str, Search]:
    """Return the searches among functions."""
    sources = [function.source for function in functions]
    bodies = [_without_documentation(source) for source in sources]
    described = [n for n, function in enumerate(functions) if len(function.documentation.split()) >= 6][:1500]
    halves = [body.splitlines(keepends=True) for body in bodies]
    halves = [lines for lines in halves if len(lines) >= 12][:1000]
    rng = random.Random(1)
    renamed = [(copy, n) for n, source in enumerate(sources[:1200]) if (copy := _renamed(source, rng))][:1000]
    every = list(range(max(len(described), len(halves))))
    return {
        "docstring to its code": Search(
            [_summary(functions[n].documentation) for n in described],
            [bodies[n] for n in described],
            every[: len(described)],
        ),
        "second half to first half": Search(
            ["".join(lines[len(lines) // 2 :]) for lines in halves],
            ["".join(lines[: len(lines) // 2]) for lines in halves],
            every[: len(halves)],
        ),
        "renamed, undocumented copy": Search([copy for copy, _ in renamed], sources, [n for _, n in renamed]),
    }


def truth_searches() -> dict[str, Search]:
    """Return, for each kind of variant in the truth set, the search for its problem among all of HumanEval and MBPP."""
    problems = [*load_problems("humaneval"), *load_problems("mbpp")]
    pool = [p.program if p.benchmark == "humaneval" else f"{p.prompt}\n{p.program}" for p in problems]
    number = {problem.id: n for n, problem in enumerate(problems)}
    found: dict[str, Search] = {}
    for row in map(json.loads, TRUTH_SET.read_text().splitlines()):
        search = found.setdefault(f"truth set: {row['kind']}".replace("_", " "), Search([], pool, []))
        search.queries.append(row["text"])
        search.targets.append(number[row["task_id"]])
    return found


def namesakes(functions: Sequence[Function]) -> list[list[int]]:
    """Return groups of functions of one telling name that at least two packages have."""
    groups = defaultdict(list)
    for n, function in enumerate(functions):
        groups[function.name].append(n)
    return [
        group
        for name, group in groups.items()
        if len(name) >= 5 and not name.startswith("__") and 2 <= len(group) <= 6
        if len({functions[n].package for n in group}) > 1
    ]


def _summary(documentation: str) -> str:
    first = documentation.split("\n\n")[0]
    return (first if len(first.split()) >= 6 else documentation)[:600]


def _without_documentation(source: str) -> str:
    function = ast.parse(source).body[0]
    if not ast.get_docstring(function):
        return source
    statement, lines = function.body[0], source.splitlines(keepends=True)
    return "".join(lines[: statement.lineno - 1] + lines[statement.end_lineno :])


def _renamed(source: str, rng: random.Random) -> str:
    """Return the code as Python writes it, with meaningless names for what it binds and no annotations."""
    tree = ast.parse(_without_documentation(source))
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            names[node.arg] = ""
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names[node.id] = ""
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names[node.name] = ""
    names.pop("self", None)
    size = len(PLAIN_NAMES)
    plain = [name + ("" if n < size else str(n)) for n, name in enumerate(PLAIN_NAMES * 4)][: max(size, len(names))]
    rng.shuffle(plain)
    if len(names) > len(plain):
        return ""
    names = dict(zip(names, plain, strict=False))
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.arg, node.annotation = names.get(node.arg, node.arg), None
        elif isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node.name, node.returns = names.get(node.name, node.name), None
    return ast.unparse(tree)
