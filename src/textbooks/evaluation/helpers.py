"""Tests that need what stands in the prompt: they get it from there, and not from the candidate."""

from __future__ import annotations

import ast
from functools import lru_cache

from textbooks.problems import Problem
from textbooks.problems.problem import parse

__all__ = ["tests_with_helpers"]


@lru_cache(maxsize=4096)  # asked once a completion, of which a problem may have hundreds
def tests_with_helpers(problem: Problem) -> str:
    """Return a problem's tests, after the finished functions and classes of its prompt that they name (ours).

    The tests of HumanEval/32, 38 and 50 call `poly`, `encode_cyclic` and `encode_shift`, which their prompts define. A
    program that defines these anew would else be judged by its own. What the prompt leaves to be finished stays the
    candidate's, as does all of a problem whose tests name no helper.
    """
    prompt, tests = parse(problem.prompt), parse(problem.tests)
    if prompt is None or tests is None or not problem.has_check:
        return problem.tests
    named = {node.id for node in ast.walk(tests) if isinstance(node, ast.Name)}
    helpers = [node for node in prompt.body if _is_finished(node) and _name(node) != problem.entry_point]
    if not named & {_name(node) for node in helpers}:
        return problem.tests
    imports = [node for node in prompt.body if isinstance(node, ast.Import | ast.ImportFrom)]
    kept = [node for node in imports if getattr(node, "module", None) != "__future__"] + helpers
    return "\n\n".join([*(ast.unparse(node) for node in kept), problem.tests])


def _name(node: ast.stmt) -> str:
    return str(getattr(node, "name", ""))


def _is_finished(node: ast.stmt) -> bool:
    """Whether this defines a function or class with more to it than a docstring, ``pass`` or ``...``."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    return not all(
        isinstance(one, ast.Pass) or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        for one in node.body
    )
