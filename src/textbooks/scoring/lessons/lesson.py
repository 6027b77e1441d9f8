"""Text with code as the Python file that it would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from textbooks.scoring.lessons.blocks import Block, merge_prose
from textbooks.scoring.lessons.detect import detect_format
from textbooks.scoring.lessons.html import read_html
from textbooks.scoring.lessons.markdown import read_markdown
from textbooks.scoring.lessons.notebook import read_notebook
from textbooks.scoring.lessons.render import as_python

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TEXT_FORMATS", "Lesson", "TextFormat"]

TextFormat = Literal["python", "auto", "markdown", "html", "notebook"]
TEXT_FORMATS: Final[tuple[str, ...]] = get_args(TextFormat)
"""How a text may be read."""

_HEAD_CHARS, _TAIL_CHARS = 200_000, 50_000

_READERS: dict[str, Callable[[str], list[Block]]] = {
    "markdown": lambda text: read_markdown(_ends_of(text)),
    "html": lambda text: read_html(_ends_of(text)),
    "notebook": lambda text: read_notebook(text, _HEAD_CHARS + _TAIL_CHARS),
}


@dataclass(frozen=True, slots=True)
class Lesson:
    r"""A text with code, split into prose and code.

    Attributes
    ----------
    text_format : {"python", "markdown", "html", "notebook"}
        What it was read as.
    blocks : tuple of Block
        Its parts in order.

    Examples
    --------
    >>> lesson = Lesson.read("Add:\n\n    total = 1 + 2\n\nThat is all.\n", "markdown")
    >>> [block.kind for block in lesson.blocks]
    ['prose', 'python', 'prose']
    """

    text_format: str
    blocks: tuple[Block, ...]

    @classmethod
    def read(cls, text: str, text_format: TextFormat = "auto") -> Lesson:
        """Split a text.

        Parameters
        ----------
        text : str
            Any text. Of Markdown and HTML the first 200,000 and the last 50,000 characters are read, of a notebook
            so many of its cells.
        text_format : {"auto", "python", "markdown", "html", "notebook"}
            What it is; "auto" looks (`detect_format`). Python is not split.

        Returns
        -------
        Lesson
            Its blocks.

        Raises
        ------
        NotANotebookError
            If it shall be a notebook and is none. It is a ValueError.
        ValueError
            If there is no such format.
        """
        if text_format not in TEXT_FORMATS:
            msg = f"text_format must be one of {', '.join(TEXT_FORMATS)}, got {text_format!r}"
            raise ValueError(msg)
        found = detect_format(text) if text_format == "auto" else text_format
        if found == "python":
            return cls(found, (Block("python", text),))
        return cls(found, merge_prose(_READERS[found](text)))

    @property
    def has_code(self) -> bool:
        """Whether any of it is Python."""
        return any(block.kind == "python" for block in self.blocks)

    @property
    def python_share(self) -> float:
        """Characters of Python / all characters, in [0, 1]; 0 for a text without any."""
        python = sum(len(block.text) for block in self.blocks if block.kind == "python")
        return python / max(sum(len(block.text) for block in self.blocks), 1)

    def as_python(self) -> str:
        """Return the lesson as it would stand in a Python file: code as it is, prose as docstring and comments.

        Returns
        -------
        str
            What is scored. A text in Python is returned as it is.
        """
        return self.blocks[0].text if self.text_format == "python" else as_python(self.blocks)


def _ends_of(text: str) -> str:
    """Return the part of a text that is read, with line ends of one kind and without a byte-order mark."""
    if len(text) > _HEAD_CHARS + _TAIL_CHARS:
        text = text[:_HEAD_CHARS] + "\n" + text[-_TAIL_CHARS:]
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
