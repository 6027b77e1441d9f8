"""Changes of programs, by syntax tree and by line, that keep what they do."""

from __future__ import annotations

import ast
import builtins
import io
import tokenize
from collections.abc import Iterator, Mapping, Sequence

_WORDS = (
    "value item total entry number first second result left right count index text part group level size step start "
    "stop limit source target found current previous following chosen holder marker"
).split()
_LEAVES = ast.Return | ast.Raise | ast.Break | ast.Continue
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


class Rename(ast.NodeTransformer):
    """Give new names to what a program binds: not to what it imports, built-ins, or classes and their parts."""

    def __init__(self, tree: ast.Module) -> None:
        bound: dict[str, None] = {}
        kept, used = set(dir(builtins)) | {"_"}, set()
        for node in ast.walk(tree):
            if isinstance(node, _FUNCTION | ast.ExceptHandler) and node.name:
                bound[node.name] = None
            elif isinstance(node, ast.arg):
                bound[node.arg] = None
            elif isinstance(node, ast.Name):
                used.add(node.id)
                bound |= {node.id: None} if isinstance(node.ctx, ast.Store) else {}
            elif isinstance(node, ast.alias):
                kept.add((node.asname or node.name).split(".")[0])
            if isinstance(node, ast.ClassDef):
                kept.add(node.name)
                kept |= {part.name for part in node.body if isinstance(part, _FUNCTION)}
                kept |= {name.id for part in node.body for name in ast.walk(part) if isinstance(name, ast.Name)}
        fresh = (f"{word}{turn or ''}" for turn in range(1000) for word in _WORDS)
        taken = used | kept | set(bound)
        self.new = {name: next(word for word in fresh if word not in taken) for name in bound if name not in kept}
        self.functions = {node.name for node in ast.walk(tree) if isinstance(node, _FUNCTION)}

    def visit(self, node: ast.AST) -> ast.AST:
        """Rename what a node binds or refers to."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self.functions:
            for keyword in node.keywords:
                keyword.arg = self.new.get(keyword.arg or "", keyword.arg)
        if isinstance(node, ast.Global | ast.Nonlocal):
            node.names = [self.new.get(name, name) for name in node.names]
        elif isinstance(node, ast.arg):
            node.arg = self.new.get(node.arg, node.arg)
        elif isinstance(node, ast.Name):
            node.id = self.new.get(node.id, node.id)
        elif isinstance(node, _FUNCTION | ast.ExceptHandler):
            node.name = self.new.get(node.name or "", node.name)
        return self.generic_visit(node)


class Negate(ast.NodeTransformer):
    """Negate conditions, block by block."""

    def visit(self, node: ast.AST) -> ast.AST:
        """Negate the conditions below a node, then its own."""
        self.generic_visit(node)
        for field in ("body", "orelse", "finalbody"):
            if isinstance(block := getattr(node, field, None), list):
                setattr(node, field, self._block(block))
        if isinstance(node, ast.IfExp):
            node.test, node.body, node.orelse = _negation(node.test), node.orelse, node.body
        return node

    def _block(self, block: list[ast.stmt]) -> list[ast.stmt]:
        for number in range(len(block) - 1, -1, -1):
            statement = block[number]
            if isinstance(statement, ast.If):
                other, rest = statement.orelse, block[number + 1 :]
                if not other and rest and isinstance(statement.body[-1], _LEAVES):
                    other, rest = rest, []
                swapped = ast.If(_negation(statement.test), other or [ast.Pass()], statement.body)
                block = [*block[:number], swapped, *rest]
        return block


class ThroughSelf(ast.NodeTransformer):
    """Reach some functions through ``self``."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Put ``self.`` before a name that is looked up."""
        if node.id in self.names and isinstance(node.ctx, ast.Load):
            return ast.Attribute(ast.Name("self", ast.Load()), node.id, ast.Load())
        return node


def _negation(test: ast.expr) -> ast.expr:
    return (
        test.operand if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) else ast.UnaryOp(ast.Not(), test)
    )


def first_line(statement: ast.stmt) -> int:
    """Return the line on which a statement begins, its decorators included."""
    return min([statement.lineno, *(node.lineno for node in getattr(statement, "decorator_list", []))])


def string_lines(program: str) -> Iterator[tuple[int, int]]:
    """Yield the first and the last line of every string constant."""
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
            yield node.lineno, node.end_lineno or node.lineno


def indent_shifts(program: str, width: int) -> dict[int, int]:
    """Return by how many columns each line moves when every level is indented by `width`."""
    shifts: dict[int, int] = {}
    levels, begins_at, indent = 0, 0, 0
    for token in tokenize.generate_tokens(io.StringIO(program).readline):
        if token.type in (tokenize.INDENT, tokenize.DEDENT):
            levels += 1 if token.type == tokenize.INDENT else -1
        elif token.type == tokenize.NEWLINE:
            shift = width * levels - indent
            shifts |= dict.fromkeys(range(begins_at, token.end[0] + 1), shift)
            begins_at = 0
        elif token.type not in (tokenize.NL, tokenize.COMMENT) and not begins_at:
            begins_at, indent = token.start[0], token.start[1]
    return shifts


def inner_lines(program: str) -> list[int]:
    """Return the lines, ascending, that begin with a statement inside of another one."""
    lines = program.split("\n")
    outer = ast.parse(program)
    inner = [node for node in ast.walk(outer) if isinstance(node, ast.stmt) and node not in outer.body]
    return sorted({first_line(node) for node in inner if not lines[first_line(node) - 1][: node.col_offset].strip()})


def with_lines(program: str, new: Mapping[int, Sequence[str]]) -> str:
    """Return a program with new lines before some of its lines, indented like them."""
    written: list[str] = []
    for number, line in enumerate(program.split("\n"), start=1):
        indent = line[: len(line) - len(line.lstrip())]
        written += [*(indent + text for text in new.get(number, ())), line]
    return "\n".join(written)


def blanked(program: str, statements: Sequence[tuple[ast.stmt, str]]) -> str:
    """Return a program with another text in the place of some statements, and the rest as it stands."""
    lines = program.encode().split(b"\n")
    begins = [0]
    for line in lines:
        begins.append(begins[-1] + len(line) + 1)
    content = program.encode()
    for node, text in sorted(statements, key=lambda pair: -pair[0].lineno):
        low = begins[node.lineno - 1] + node.col_offset
        high = begins[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or node.col_offset)
        content = content[:low] + text.encode() + content[high:]
    return content.decode()
