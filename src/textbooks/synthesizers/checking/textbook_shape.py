"""What a textbook section consists of: prose and Python blocks; read without running anything."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from textbooks.problems.problem import parse
from textbooks.synthesizers.checking.answers import Block, blocks_of
from textbooks.synthesizers.checking.exercise_shape import foreign_imports
from textbooks.synthesizers.syntheses import Flaw
from textbooks.verdicts import Reason

__all__ = ["TextbookShape", "read_textbook"]

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_FENCE = re.compile(r"^ {0,3}(?:`{3,}|~{3,}).*$", re.MULTILINE)
_PROMPT = re.compile(r"^[ \t]*>>> ?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TextbookShape:
    """A section, taken apart.

    Attributes
    ----------
    text : str
        The Markdown.
    blocks : tuple of Block
        Its Python blocks, in order.
    words : int
        Words of prose.
    """

    text: str
    blocks: tuple[Block, ...]
    words: int

    @property
    def sources(self) -> list[str]:
        """The Python of each block that is no interactive session."""
        return [block.content for block in self.blocks]

    def line_of(self, block: int) -> int:
        """Return the line of the text, from 1, on which a block's content begins."""
        return self.text.count("\n", 0, self.blocks[block].start) + 1


def read_textbook(text: str, *, fewest_words: int = 100, most_words: int = 3000) -> TextbookShape | Flaw:
    """Take a section apart.

    Parameters
    ----------
    text : str
        Markdown.
    fewest_words, most_words : int
        Words of prose that a section has at least and at most.
    """
    blocks = blocks_of(text)
    python = [block for block in blocks if block.is_python]
    words = len(_WORD.findall(_prose(text, blocks)))
    if not python:
        return Flaw(Reason.MALFORMED_ANSWER, "There is no Python block in the section.")
    if words < fewest_words:
        return Flaw(Reason.TOO_SHORT, f"The section has {words} words of prose; at least {fewest_words} are wanted.")
    if words > most_words:
        return Flaw(Reason.TOO_LONG, f"The section has {words} words of prose; at most {most_words} are wanted.")
    for number, block in enumerate(python):
        if flaw := _unfit(block, number):
            return flaw
    return TextbookShape(text, tuple(python), words)


def _prose(text: str, blocks: list[Block]) -> str:
    pieces, position = [], 0
    for block in blocks:
        pieces.append(text[position : block.start])
        position = block.end
    return _FENCE.sub("", "".join([*pieces, text[position:]]))


def _unfit(block: Block, number: int) -> Flaw | None:
    place = f"block {number + 1}"
    tree = parse(block.content)
    if tree is None:
        session = ": it is an interactive session" if _PROMPT.search(block.content) else ""
        return Flaw(Reason.SYNTAX, f"The code of {place} does not compile{session}: {_why(block.content)}.")
    if foreign := foreign_imports(tree):
        names = ", ".join(foreign)
        detail = f"The code of {place} imports {names}; only the standard library is there."
        return Flaw(Reason.FOREIGN_IMPORT, detail, {"modules": foreign})
    return None


def _why(source: str) -> str:
    try:
        ast.parse(source)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return type(error).__name__
    return "it does"
