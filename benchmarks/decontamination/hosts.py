"""Clean files that edited programs are put into."""

from __future__ import annotations

import ast
import random
import sysconfig
import warnings
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from rewriting import first_line


def embed(program: str, host: str) -> str:
    """Put a program between two top-level statements of a file, the middle ones."""
    tree = ast.parse(host)
    line = first_line(tree.body[len(tree.body) // 2]) - 1
    lines = host.split("\n")
    return "\n".join([*lines[:line], program, "", *lines[line:]])


def stdlib_files(pattern: str = "**/*.py") -> dict[str, str]:
    """Return the files of the standard library that a pattern names: path below its folder -> text."""
    root = Path(sysconfig.get_paths()["stdlib"])
    paths = [path for path in sorted(root.glob(pattern)) if not {"site-packages", "dist-packages"} & set(path.parts)]
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8", errors="replace") for path in paths}


def host_of_functions(lines: int, *, avoid: Iterable[str] = (), seed: int = 0) -> str:
    """Return a file of about so many lines: functions of the standard library, none with a name in `avoid`.

    Importing it does nothing but define them: they have no decorators, annotations or computed defaults.
    """
    functions, total, taken = [], 0, set(avoid)
    functions_at_hand = _plain_functions()
    for name, text in random.Random(seed).sample(functions_at_hand, k=len(functions_at_hand)):
        if name not in taken and not name.startswith("test"):
            functions.append(text)
            taken.add(name)
            total += text.count("\n") + 3
        if total >= lines:
            break
    return "\n\n\n".join(functions) + "\n"


@cache
def _plain_functions() -> list[tuple[str, str]]:
    """Return name and text of the functions of the standard library's own modules that need nothing to be defined."""
    found: dict[str, str] = {}
    for text in stdlib_files("*.py").values():
        tree, lines = parsed(text), text.split("\n")
        for node in tree.body if tree else ():
            if isinstance(node, ast.FunctionDef) and _is_plain(node):
                found.setdefault(node.name, "\n".join(lines[node.lineno - 1 : node.end_lineno]))
    return sorted(found.items())


def _is_plain(node: ast.FunctionDef) -> bool:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    computed = [default for default in (*node.args.defaults, *node.args.kw_defaults) if default is not None]
    annotated = node.returns is not None or any(argument.annotation is not None for argument in arguments)
    return not node.decorator_list and not annotated and all(isinstance(value, ast.Constant) for value in computed)


def parsed(text: str) -> ast.Module | None:
    """Return the syntax tree of a text, or None where it does not parse or holds nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            return None
    return tree if tree.body else None
