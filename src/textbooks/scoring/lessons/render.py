"""Blocks of a lesson as one Python file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textbooks.scoring.lessons.blocks import Block

__all__ = ["as_python", "wrap"]

_WIDTH = 77


def as_python(blocks: Sequence[Block]) -> str:
    r"""Return blocks as the file that its author might have written.

    Code stays as it is. Prose before the first code becomes the docstring of the module, later prose becomes comments,
    wrapped at 79 columns. What is neither is left out.

    Parameters
    ----------
    blocks : sequence of Block
        In order, no two of prose in a row (``merge_prose``).

    Returns
    -------
    str
        Ends with one line end.
    """
    parts = []
    for number, block in enumerate(blocks):
        if block.kind == "python":
            parts.append(block.text + "\n\n")
        elif block.kind == "prose":
            lines = wrap(block.text)
            parts.append(_comment(lines) if number else _docstring(lines) + "\n")
    return "".join(parts).rstrip("\n") + "\n"


def _comment(lines: Sequence[str]) -> str:
    return "".join(f"# {line}\n" if line else "#\n" for line in lines)


def _docstring(lines: Sequence[str]) -> str:
    """Return lines as a docstring that nothing in them can end."""
    text = "\n".join(lines).replace("\\", "/").replace('"""', "'''")
    return f'"""{text}\n"""\n'


def wrap(text: str) -> list[str]:
    """Return prose in lines of at most 77 characters, but for longer words; no two empty lines in a row."""
    lines: list[str] = []
    for source in text.split("\n"):
        if len(source) <= _WIDTH:
            if source.strip() or (lines and lines[-1]):
                lines.append(source.rstrip())
            continue
        line = ""
        for word in source.split():
            if line and len(line) + 1 + len(word) > _WIDTH:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines += [line] if line else []
    return lines
