"""What is left of a program without its words: no names, literals, docstrings or annotations."""

from __future__ import annotations

import ast
import builtins

_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_KEPT = frozenset(dir(builtins))


class _Strip(ast.NodeTransformer):
    def visit(self, node: ast.AST) -> ast.AST:
        """Take the words out of a node; imported modules, attributes and built-ins stay."""
        self.generic_visit(node)
        if isinstance(node, _DEFINITIONS):
            node.name = "name"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.arg, node.annotation = "name", None
        if isinstance(node, ast.Name) and node.id not in _KEPT:
            node.id = "name"
        if isinstance(node, ast.Constant) and not isinstance(node.value, bool | None):
            node.value = "s" if isinstance(node.value, str | bytes) else 0
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            return ast.Assign(targets=[node.target], value=node.value, lineno=node.lineno)
        return node


def structure_of(text: str) -> str:
    """Return a program without its words; empty when it does not parse."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return ""
    for node in ast.walk(tree):
        if isinstance(node, _DEFINITIONS) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(_Strip().visit(tree))
