"""What comments of a lesson say that code gives, held against what it gives (ours)."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Claim", "claims_of", "contradicts"]

_LEAD = re.compile(r"^#+[ \t]*(?:(?:->|=>|→|⇒|==>|prints?:?|outputs?:?|gives:?|returns?:?|Out:)[ \t]*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claim:
    """A comment that says what a statement gives.

    Attributes
    ----------
    line : int
        The last line of the statement in its block, from 1.
    said : str
        The comment without its mark.
    """

    line: int
    said: str


def claims_of(source: str) -> list[Claim]:
    """Return the comments behind the statements of a block, each on the last line of a statement at its top.

    Examples
    --------
    >>> claims_of("print(1 + 1)  # 2")
    [Claim(line=1, said='2')]
    """
    ends = _ends(source)
    found = []
    for line, comment in _comments(source).items():
        said = _LEAD.sub("", comment).strip()
        if said and line in ends:
            found.append(Claim(line, said))
    return found


def _ends(source: str) -> set[int]:
    """Return the last lines of the expressions that stand alone at the top; two on a line are left out."""
    body = ast.parse(source).body
    last = [node.end_lineno or 0 for node in body]
    return {
        node.end_lineno or 0 for node in body if isinstance(node, ast.Expr) and last.count(node.end_lineno or 0) == 1
    }


def _comments(source: str) -> Mapping[int, str]:
    found: dict[int, str] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip():
                found[token.start[0]] = token.string
    except (tokenize.TokenError, SyntaxError):
        pass
    return found


def contradicts(claim: Claim, output: str, value: str | None) -> bool:
    """Tell whether a comment states another value than the statement gives.

    A comment states a value where all of it is a Python literal, and so is what came of the statement: its value, or
    what it wrote. ``print(x)  # 4`` contradicts when 5 is written; ``print(x)  # the fourth`` and ``# 4 apples`` state
    nothing that can be held against it. Numbers are compared to the digits that the comment gives.
    """
    for given in (value, output.strip() or None):
        if given is None:
            continue
        if given == claim.said or given.strip("'\"") == claim.said.strip("'\""):
            return False
        for parts in (_whole, _parts):
            wanted, got = parts(claim.said), parts(given)
            if wanted is not None and got is not None and len(wanted) == len(got):
                return not _agree(wanted, got)
    return False


def _whole(text: str) -> list[object] | None:
    found = _literal(text)
    return None if found is None else list(found)


def _parts(text: str) -> list[object] | None:
    """Return the values of several literals with spaces between, as ``print`` writes them."""
    found = [_literal(part) for part in text.split()]
    return None if None in found else [part[0] for part in found if part is not None]


def _literal(text: str) -> tuple[object] | None:
    try:
        return (ast.literal_eval(text),)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return None


def _agree(wanted: object, got: object) -> bool:
    """Tell whether two values may be the same, where the first was written by hand; of two types, nothing is known."""
    if wanted == got or type(wanted) is not type(got):
        return True
    if isinstance(wanted, float) and isinstance(got, float):
        digits = len(repr(wanted).partition(".")[2])
        return abs(got - wanted) < 10.0**-digits
    if isinstance(wanted, list | tuple) and isinstance(got, list | tuple) and len(wanted) == len(got):
        return all(_agree(one, other) for one, other in zip(wanted, got, strict=True))
    return False
