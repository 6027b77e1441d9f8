"""Programs that differ from a reference in one small thing, as a careless reader would write them."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from textbooks.problems.problem import parse

__all__ = ["mutants"]

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.FloorDiv,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
_CALLS = {
    "max": "min",
    "min": "max",
    "any": "all",
    "all": "any",
    "lower": "upper",
    "upper": "lower",
    "sorted": "list",
    "set": "list",
    "sum": "max",
    "abs": "int",
    "isupper": "islower",
    "islower": "isupper",
    "floor": "ceil",
    "ceil": "floor",
}


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what could stand in the place of a node."""
    for kinds, change in _CHANGES:
        if isinstance(node, kinds):
            yield from change(node)


def _comparisons(node: Any) -> Iterator[ast.AST]:  # noqa: ANN401
    if len(node.ops) == 1:
        for other in _COMPARISONS.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [other()], node.comparators)


def _operations(node: Any) -> Iterator[ast.AST]:  # noqa: ANN401
    if type(node.op) in _OPERATORS:
        yield ast.BinOp(node.left, _OPERATORS[type(node.op)](), node.right)
        yield node.left
        yield node.right


def _conditions(node: Any) -> Iterator[ast.AST]:  # noqa: ANN401
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    yield node.values[0]
    yield node.values[-1]


def _names(node: Any) -> Iterator[ast.AST]:  # noqa: ANN401
    if isinstance(node.ctx, ast.Load) and node.id in _CALLS:
        yield ast.Name(_CALLS[node.id], node.ctx)


def _methods(node: Any) -> Iterator[ast.AST]:  # noqa: ANN401
    if node.attr in _CALLS:
        yield ast.Attribute(node.value, _CALLS[node.attr], node.ctx)


def _branches(node: Any) -> Iterator[ast.AST]:  # noqa: ANN401
    yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    yield ast.If(ast.Constant(value=False), node.body, node.orelse)


def _unfiltered(node: Any) -> Iterator[ast.AST]:  # noqa: ANN401
    if node.ifs:
        yield ast.comprehension(node.target, node.iter, [], node.is_async)


def _constants(node: Any) -> Iterator[ast.AST]:  # noqa: ANN401
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, float):
        yield ast.Constant(value + 1.0)


_CHANGES: tuple[tuple[Any, Callable[[Any], Iterable[ast.AST]]], ...] = (
    (ast.Compare, _comparisons),
    (ast.BinOp, _operations),
    (ast.BoolOp, _conditions),
    (ast.Constant, _constants),
    (ast.Name, _names),
    (ast.Attribute, _methods),
    (ast.UnaryOp, lambda node: [node.operand]),
    (ast.IfExp, lambda node: [node.body, node.orelse]),
    (ast.comprehension, _unfiltered),
    (ast.If, _branches),
    (ast.Assign | ast.AugAssign | ast.Expr | ast.Break | ast.Continue, lambda _: [ast.Pass()]),
)


def _places(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Yield every node below one, with its parent, the name of the field and the place in the list that hold it."""
    for name, value in ast.iter_fields(node):
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST):
                yield node, name, index, child
                yield from _places(child)


def _put(parent: ast.AST, name: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[index] = node


def mutants(program: str, *, most: int, rng: random.Random) -> list[str]:
    """Return programs that differ from the given one in one place.

    Changed are comparisons, operators, constants, conditions, calls such as ``max`` (to ``min``) and statements
    (to ``pass``).

    Parameters
    ----------
    program : str
        Source text; one that does not parse has no mutants.
    most : int
        At most so many are returned, chosen by `rng`, in the order of the program.
    rng : random.Random
        Where the choices come from.
    """
    tree = parse(program)
    if tree is None:
        return []
    documented = {id(text) for text in _docstrings(tree)}
    places = [
        (place, other) for place in _places(tree) if id(place[3]) not in documented for other in _changes(place[3])
    ]
    chosen = sorted(rng.sample(range(len(places)), min(most, len(places))))
    texts = dict.fromkeys(filter(None, (_mutated(tree, *places[index]) for index in chosen)))
    texts.pop(ast.unparse(tree), None)
    return list(texts)[:most]


def _docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the statements that are bare constants, docstrings above all, and the constants in them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node
            yield node.value


def _mutated(tree: ast.Module, place: tuple[ast.AST, str, int | None, ast.AST], other: ast.AST) -> str | None:
    parent, name, index, node = place
    _put(parent, name, index, other)
    try:
        return ast.unparse(ast.fix_missing_locations(tree))
    except (ValueError, AttributeError, RecursionError, TypeError):
        return None
    finally:
        _put(parent, name, index, node)
