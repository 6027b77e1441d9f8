"""Functions of the standard library, and the same in other words: what semantic deduplication is measured on."""

from __future__ import annotations

import ast
import copy
import random
import sysconfig
import textwrap
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

WORDS = (
    "amount basket cargo depot engine factor garden harbour island jacket kernel ladder marker nozzle orbit parcel "
    "quarry ribbon signal ticket valley wagon acre zone anchor bridge candle drawer ember ferry glacier hammer inlet "
    "junction lantern meadow needle onion pillar quilt"
).split()
PHRASES = [
    "Work out the result for the arguments given.",
    "Does what its name says, and hands the outcome to the caller.",
    "Helper: see the callers for how it is used.",
]

Edit = Callable[[ast.FunctionDef, random.Random], None]


def functions(least_lines: int = 8, most_lines: int = 60) -> Iterator[str]:
    """Yield the different functions of the standard library, tests included, in the order of its files."""
    seen = set()
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        if "site-packages" in path.parts:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                text = path.read_text(encoding="utf-8")
                tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue
        lines = text.split("\n")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and least_lines <= (node.end_lineno or 0) - node.lineno < most_lines:
                source = textwrap.dedent("\n".join(lines[node.lineno - 1 : node.end_lineno]))
                if source not in seen and _parses(source):
                    seen.add(source)
                    yield source


def _parses(source: str) -> bool:
    """Say whether a function can stand alone: one with a text at the margin cannot, once its indentation is gone."""
    try:
        return len(ast.parse(source).body) == 1
    except SyntaxError:
        return False


def renamed(node: ast.FunctionDef, randomness: random.Random) -> None:
    """Give the function, its arguments and the names that it binds others."""
    bound = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    bound |= {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)} - {"self", "cls"}
    names = dict(zip(sorted(bound), randomness.sample(WORDS, len(WORDS)), strict=False))
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            one.id = names.get(one.id, one.id)
        elif isinstance(one, ast.arg):
            one.arg = names.get(one.arg, one.arg)
    node.name = f"{randomness.choice(WORDS)}_{randomness.choice(WORDS)}"


def redocumented(node: ast.FunctionDef, randomness: random.Random) -> None:
    """Write another docstring; comments are gone, for the tree has none."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    node.body = [ast.Expr(ast.Constant(randomness.choice(PHRASES))), *body]


def translated(node: ast.FunctionDef, randomness: random.Random) -> None:
    """Change strings and whole numbers."""
    for one in ast.walk(node):
        if isinstance(one, ast.Constant):
            if isinstance(one.value, str):
                one.value = " ".join(randomness.choice(WORDS) for _ in one.value.split())
            elif isinstance(one.value, int) and not isinstance(one.value, bool) and one.value > 1:
                one.value += randomness.randrange(1, 9)


def reordered(node: ast.FunctionDef, randomness: random.Random) -> None:
    """Swap neighbouring statements that share no name, wherever there are some."""
    del randomness
    for block in [one.body for one in ast.walk(node) if isinstance(getattr(one, "body", None), list)]:
        for place in range(len(block) - 1):
            first, second = block[place : place + 2]
            if isinstance(first, ast.Assign) and isinstance(second, ast.Assign) and not _names(first) & _names(second):
                block[place], block[place + 1] = second, first


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


EDITS: dict[str, tuple[Edit, ...]] = {
    "formatted anew, without comments": (),
    "another docstring": (redocumented,),
    "statements in another order": (reordered,),
    "other constants": (translated,),
    "other names": (renamed,),
    "all of it": (redocumented, reordered, translated, renamed),
}


def edited(source: str, kind: str, randomness: random.Random) -> str:
    """Return a function edited in one of the ways of `EDITS`."""
    node = copy.deepcopy(ast.parse(source).body[0])
    assert isinstance(node, ast.FunctionDef)
    for edit in EDITS[kind]:
        edit(node, randomness)
    return ast.unparse(ast.fix_missing_locations(node)) + "\n"
