"""Blocks of a lesson, and which of them are Python."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from textbooks.scoring.lessons.grammar import is_python

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PYTHON_NAMES", "Block", "Kind", "code_block", "merge_prose", "without_prompts"]

Kind = Literal["prose", "python", "other"]

PYTHON_NAMES = frozenset(
    """
    python python2 python3 py py2 py3 pycon pycon3 python-repl python-console ipython ipython2 ipython3 doctest sage
    """.split()
)
"""What authors call Python, in lower case."""

_PROMPT = re.compile(r"[ \t]*(?:>>>|\.\.\.)(?: |$)")
_FIRST_PROMPT = re.compile(r"^[ \t]*>>>(?: |$)", re.MULTILINE)
_SESSION_NAMES = frozenset("pycon pycon3 python-repl python-console doctest".split())


@dataclass(frozen=True, slots=True)
class Block:
    r"""A part of a lesson.

    Attributes
    ----------
    kind : {"prose", "python", "other"}
        Words, Python code, or what is neither: code in another language, output, data.
    text : str
        Its lines, without the marks that made it a block; line ends are ``\n``.
    """

    kind: Kind
    text: str


def code_block(text: str, language: str | None) -> Block:
    """Return a block of code, unindented and without prompts, as Python or as something else.

    Parameters
    ----------
    text : str
        The code.
    language : str or None
        What its author calls the language, in any case. Where nothing is said (None, empty) it is Python when it
        parses as Python and does something, or is an interactive session: begins with a prompt.
    """
    code = textwrap.dedent(text).strip("\n")
    named = (language or "").lower()
    if named and named not in PYTHON_NAMES:
        return Block("other", code)
    if _is_session(code, named):
        return Block("python", without_prompts(code))
    return Block("python" if named or is_python(code) else "other", code)


def _is_session(code: str, named: str) -> bool:
    """Return whether code is an interactive session; prompts further down may stand in a docstring."""
    first = _FIRST_PROMPT.search(code)
    return first is not None and (named in _SESSION_NAMES or not code[: first.start()].strip())


def without_prompts(session: str) -> str:
    """Return the code of an interactive session; what it printed becomes comments below it."""
    lines = []
    for line in textwrap.dedent(session).split("\n"):
        if prompt := _PROMPT.match(line):
            lines.append(line[prompt.end() :])
        else:
            lines.append(f"# {line}" if line.strip() else "")
    return "\n".join(lines).strip("\n")


def merge_prose(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return the blocks without empty ones, neighbours of prose as one."""
    merged: list[Block] = []
    waiting: list[str] = []
    for block in blocks:
        text = block.text.strip("\n")
        if not text.strip():
            continue
        if block.kind == "prose":
            waiting.append(text)
            continue
        if waiting:
            merged.append(Block("prose", "\n\n".join(waiting)))
            waiting = []
        merged.append(Block(block.kind, text))
    return (*merged, Block("prose", "\n\n".join(waiting))) if waiting else tuple(merged)
