"""Whether docstring, examples and signature of a function agree."""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator

from textbooks.synthesizers.checking.exercise_shape import Example, ExerciseShape
from textbooks.synthesizers.syntheses import Flaw
from textbooks.verdicts import Reason

__all__ = ["disagreement", "documented_parameters"]

_NUMPY = re.compile(
    r"^(?P<indent>[ \t]*)(?:Other )?Parameters[ \t]*\n[ \t]*-{3,}[ \t]*\n(?P<body>.*?)"
    r"(?=\n[ \t]*\n[ \t]*\w[\w ]*\n[ \t]*-{3,}|\Z)",
    re.MULTILINE | re.DOTALL,
)
_GOOGLE = re.compile(
    r"^(?P<indent>[ \t]*)(?:Args|Arguments|Parameters):[ \t]*\n(?P<body>(?:[ \t]*\n|(?P=indent)[ \t]+.*\n?)+)",
    re.MULTILINE,
)
_SPHINX = re.compile(r"^[ \t]*:param(?:eter)?[ \t]+(?:[^:\n]*[ \t])?\*{0,2}(\w+)[ \t]*:", re.MULTILINE)
_NUMPY_ENTRY = re.compile(r"^\*{0,2}\w+(?:[ \t]*,[ \t]*\*{0,2}\w+)*(?:[ \t]*:.*)?$")
_GOOGLE_ENTRY = re.compile(r"^\*{0,2}(\w+)[ \t]*(?:\([^)\n]*\))?[ \t]*:")
_KINDS: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "complex": (int, float, complex),
    "str": (str,),
    "bytes": (bytes,),
    "list": (list,),
    "tuple": (tuple,),
    "dict": (dict,),
    "set": (set,),
    "None": (type(None),),
    "List": (list,),
    "Tuple": (tuple,),
    "Dict": (dict,),
    "Set": (set,),
}


def disagreement(shape: ExerciseShape) -> Flaw | None:
    """Return where docstring and signature contradict each other, or None where they agree.

    They contradict each other when a section of parameters (numpydoc, Google, Sphinx) describes one that the function
    does not have, and when an example shows a result of a type that the return annotation excludes. What an annotation
    says beyond the outermost built-in type is not looked at.
    """
    arguments = shape.function.args
    names = {one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    names |= {one.arg for one in (arguments.vararg, arguments.kwarg) if one is not None}
    described = documented_parameters(shape.docstring)
    if unknown := [name for name in described if name not in names]:
        has = ", ".join(sorted(names)) or "none"
        detail = f"The docstring describes the parameter {unknown[0]}, which the function does not have; it has {has}."
        return Flaw(Reason.SIGNATURE_MISMATCH, detail, {"described": described})
    return _wrong_result(shape)


def documented_parameters(docstring: str) -> list[str]:
    """Return the names that sections of parameters describe, in order; the docstring is without its indentation."""
    found = _SPHINX.findall(docstring)
    for section in _NUMPY.finditer(docstring):
        for line in _entries(section["body"], len(section["indent"])):
            if _NUMPY_ENTRY.match(line):
                found += re.findall(r"\w+", line.split(":")[0])
    for section in _GOOGLE.finditer(docstring):
        body = section["body"]
        inner = re.search(r"\S", body)
        indent = 0 if inner is None else inner.start() - body.rfind("\n", 0, inner.start()) - 1
        found += [entry[1] for line in _entries(body, indent) if (entry := _GOOGLE_ENTRY.match(line))]
    return found


def _entries(body: str, indent: int) -> Iterator[str]:
    for line in body.splitlines():
        if len(line) - len(line.lstrip()) == indent and line.strip():
            yield line.strip()


def _wrong_result(shape: ExerciseShape) -> Flaw | None:
    allowed = _allowed(shape.function.returns)
    if allowed is None or isinstance(shape.function, ast.AsyncFunctionDef) or shape.function.decorator_list:
        return None
    for example in shape.examples:
        found = _result(example, shape.name)
        if found is not None and not _fits(found[0], allowed):
            annotation = ast.unparse(shape.function.returns) if shape.function.returns else ""
            shown = f"the example of line {example.line} shows {repr(found[0])[:200]}."
            detail = f"The function is annotated to return {annotation}, and {shown}"
            return Flaw(Reason.SIGNATURE_MISMATCH, detail, {"line": example.line})
    return None


def _fits(value: object, allowed: frozenset[type]) -> bool:
    return type(value) in allowed


def _allowed(annotation: ast.expr | None) -> frozenset[type] | None:
    """Return the types of values that an annotation allows; None where it may be anything."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except (SyntaxError, ValueError):
            return None
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return frozenset({type(None)})
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        left, right = _allowed(annotation.left), _allowed(annotation.right)
        return None if left is None or right is None else left | right
    if isinstance(annotation, ast.Subscript):
        return _of_subscript(annotation)
    kinds = _KINDS.get(annotation.id) if isinstance(annotation, ast.Name) else None
    return None if kinds is None else frozenset(kinds)


def _of_subscript(annotation: ast.Subscript) -> frozenset[type] | None:
    name = annotation.value.id if isinstance(annotation.value, ast.Name) else ""
    if name == "Optional":
        inner = _allowed(annotation.slice)
        return None if inner is None else inner | {type(None)}
    if name == "Union" and isinstance(annotation.slice, ast.Tuple):
        inners = [_allowed(one) for one in annotation.slice.elts]
        known = [one for one in inners if one is not None]
        return frozenset().union(*known) if len(known) == len(inners) else None
    return _allowed(annotation.value)


def _result(example: Example, name: str) -> tuple[object] | None:
    """Return the literal that an example shows for a call of the function, in a tuple; None where there is none."""
    if not example.want or example.options & (doctest.ELLIPSIS | doctest.SKIP) or example.error:
        return None
    try:
        call = ast.parse(example.source.strip(), mode="eval").body
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == name):
            return None
        return (ast.literal_eval(example.want.strip()),)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return None
