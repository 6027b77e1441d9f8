"""Functions that no benchmark asked for: those of the standard library, each as a text of its own."""

from __future__ import annotations

import ast
import random
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

_SKIPPED = ("/test/", "/tests/", "/site-packages/", "/idlelib/", "/lib2to3/", "/turtledemo/")


def files() -> list[Path]:
    """Return the modules of the standard library, without its tests."""
    folder = Path(sysconfig.get_path("stdlib"))
    return [path for path in sorted(folder.rglob("*.py")) if not any(part in str(path) for part in _SKIPPED)]


def functions_in(source: str) -> Iterator[str]:
    """Yield each function and class at the top of a module, after the module's imports."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(source)
    lines = source.splitlines(keepends=True)

    def text_of(node: ast.stmt) -> str:
        return "".join(lines[node.lineno - 1 : node.end_lineno])

    head = "".join(text_of(one) for one in tree.body if isinstance(one, ast.Import | ast.ImportFrom)) + "\n\n"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield head + text_of(node)
        if isinstance(node, ast.ClassDef):
            yield from (head + text for text in _methods(node))


def _methods(cls: ast.ClassDef) -> Iterator[str]:
    """Yield methods that do not use their object, as functions."""
    for node in cls.body:
        if isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "self":
            uses = any(isinstance(one, ast.Name) and one.id == "self" for one in ast.walk(node))
            if not uses:
                node.args.args.pop(0)
                yield ast.unparse(node) + "\n"


def clean_functions(number: int, seed: int = 0) -> list[str]:
    """Return so many functions of the standard library, drawn at random."""
    found: dict[str, None] = {}
    for path in files():
        try:
            source = path.read_text(encoding="utf-8")
            found.update(dict.fromkeys(functions_in(source)))
        except (SyntaxError, UnicodeDecodeError, ValueError):
            continue
    texts = list(found)
    return random.Random(seed).sample(texts, min(number, len(texts)))
