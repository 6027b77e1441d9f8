"""What an exercise consists of: the function asked for, its docstring, its examples; read without running anything."""

from __future__ import annotations

import ast
import doctest
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from textbooks.problems.problem import parse
from textbooks.synthesizers.syntheses import Flaw
from textbooks.verdicts import Reason

__all__ = ["Example", "ExerciseShape", "foreign_imports", "read_exercise"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_FEWEST_WORDS = 5
_PARSER = doctest.DocTestParser()


@dataclass(frozen=True, slots=True)
class Example:
    """An example of a docstring.

    Attributes
    ----------
    source : str
        What is entered, ending with a newline.
    want : str
        What should be written, ending with a newline; empty where nothing should.
    error : str
        The last lines of the traceback that should come instead; empty where none should.
    options : int
        Flags of `doctest`, such as ``doctest.ELLIPSIS``.
    line : int
        Line of the text, from 1.
    """

    source: str
    want: str
    error: str
    options: int
    line: int


@dataclass(frozen=True, slots=True)
class ExerciseShape:
    """An exercise, taken apart.

    Attributes
    ----------
    text : str
        The whole program.
    function : ast.FunctionDef or ast.AsyncFunctionDef
        The function that is asked for.
    examples : tuple of Example
        Those of all docstrings, in order.
    asserts : int
        Assertions at the top of the program that call the function.
    """

    text: str
    function: ast.FunctionDef | ast.AsyncFunctionDef
    examples: tuple[Example, ...]
    asserts: int

    @property
    def name(self) -> str:
        """Name of the function."""
        return self.function.name

    @property
    def docstring(self) -> str:
        """Docstring of the function."""
        return ast.get_docstring(self.function) or ""

    @property
    def prompt(self) -> str:
        """The text up to the end of the docstring: what a model is given to complete (HumanEval's format)."""
        return self._lines(0, self._docstring_end)

    @property
    def completion(self) -> str:
        """The rest: the body of the function, and whatever follows."""
        return self._lines(self._docstring_end, None)

    @property
    def emptied(self) -> str:
        """The program with a function that has its docstring and no body."""
        indent = " " * self.function.body[0].col_offset
        return f"{self.prompt}{indent}pass\n{self._lines(self.function.end_lineno or 0, None)}"

    @property
    def _docstring_end(self) -> int:
        return self.function.body[0].end_lineno or 0

    def _lines(self, first: int, last: int | None) -> str:
        return "".join(self.text.splitlines(keepends=True)[first:last])


def read_exercise(text: str, *, defines: str | None = None) -> ExerciseShape | Flaw:
    """Take a program apart.

    Parameters
    ----------
    text : str
        The program.
    defines : str or None, default=None
        Name of the function that was asked for; None for the last one with a docstring.
    """
    tree = parse(text)
    if tree is None:
        return Flaw(Reason.SYNTAX, f"The code does not compile: {_syntax_error(text)}.")
    if foreign := foreign_imports(tree):
        names = ", ".join(foreign)
        return Flaw(
            Reason.FOREIGN_IMPORT, f"It imports {names}; only the standard library is there.", {"modules": foreign}
        )
    function = _function(tree, defines)
    if isinstance(function, Flaw):
        return function
    try:
        examples = tuple(_examples(tree, text))
    except ValueError as error:  # doctest's own complaints
        return Flaw(Reason.NO_EXAMPLES, f"The examples of the docstring cannot be read: {error}.")
    shape = ExerciseShape(text, function, examples, _count_asserts(tree, function.name))
    return shape if _states_something(shape) else Flaw(Reason.NO_EXAMPLES, _nothing_stated(shape))


def foreign_imports(tree: ast.AST) -> list[str]:
    """Return the top-level names of imported modules that are not of the standard library, sorted."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add("." if node.level else (node.module or "").split(".")[0])
    return sorted(found - sys.stdlib_module_names)


def _function(tree: ast.Module, defines: str | None) -> ast.FunctionDef | ast.AsyncFunctionDef | Flaw:
    functions = [node for node in tree.body if isinstance(node, _FUNCTIONS)]
    if defines is not None:
        named = [node for node in functions if node.name == defines]
        if not named:
            there = ", ".join(node.name for node in functions) or "none"
            return Flaw(
                Reason.WRONG_FUNCTION, f"There is no function {defines} at the top of the code; there is: {there}."
            )
        functions = named
    documented = [node for node in functions if ast.get_docstring(node)]
    if not documented:
        which = defines or "any function"
        return Flaw(Reason.WRONG_FUNCTION, f"The docstring of {which} is missing.")
    return _checked(documented[-1])


def _checked(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.FunctionDef | ast.AsyncFunctionDef | Flaw:
    words = re.findall(r"[^\W\d_]+", _prose(ast.get_docstring(function) or ""))
    if len(words) < _FEWEST_WORDS:
        return Flaw(Reason.WRONG_FUNCTION, f"The docstring of {function.name} says nothing: it has {len(words)} words.")
    if len(function.body) == 1:
        return Flaw(Reason.WRONG_FUNCTION, f"The body of {function.name} is missing.")
    if function.body[1].lineno == function.body[0].end_lineno:
        return Flaw(Reason.WRONG_FUNCTION, f"The body of {function.name} stands on the line of its docstring.")
    return function


def _prose(docstring: str) -> str:
    return docstring.split(">>>")[0]


def _examples(tree: ast.Module, text: str) -> Iterator[Example]:
    """Yield the examples of the module's docstring and of those of everything defined in it, in order."""
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Module, ast.ClassDef, *_FUNCTIONS)) or ">>>" not in (
            ast.get_docstring(node) or ""
        ):
            continue
        held = node.body[0]
        assert isinstance(held, ast.Expr)
        assert isinstance(held.value, ast.Constant)
        assert isinstance(held.value.value, str)
        for example in _PARSER.get_examples(held.value.value):
            flags = sum(flag for flag, on in example.options.items() if on)
            yield Example(example.source, example.want, example.exc_msg or "", flags, held.lineno + example.lineno)


def _count_asserts(tree: ast.Module, name: str) -> int:
    return sum(isinstance(node, ast.Assert) and _calls(node, name) for node in tree.body)


def _calls(node: ast.AST, name: str) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node))


def _states_something(shape: ExerciseShape) -> bool:
    """Tell whether an example or assertion uses the function, and one says what should come of it."""
    uses = shape.asserts > 0 or any(_uses(example, shape.name) for example in shape.examples)
    return uses and (shape.asserts > 0 or any(example.want or example.error for example in shape.examples))


def _uses(example: Example, name: str) -> bool:
    tree = parse(example.source)
    return tree is not None and _calls(tree, name)


def _nothing_stated(shape: ExerciseShape) -> str:
    if not shape.examples and not shape.asserts:
        return f"The docstring of {shape.name} has no example (>>>)."
    return f"No example calls {shape.name} and says what it returns."


def _syntax_error(text: str) -> str:
    try:
        ast.parse(text)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"{type(error).__name__}"
    return "it does"
