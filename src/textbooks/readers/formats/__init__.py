"""How each kind of input is read: one module a format, each a function from a file to what is found in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from textbooks.readers.formats.notebook import read_notebook
from textbooks.readers.formats.rows import read_jsonl, read_parquet
from textbooks.readers.formats.stack_exchange import read_stack_exchange
from textbooks.readers.formats.text import read_markdown, read_python
from textbooks.readers.found import Found, Reading
from textbooks.readers.git.commits import read_commits
from textbooks.readers.git.files import read_git_files
from textbooks.readers.inputs import InputFile

__all__ = ["READERS"]

READERS: Final[Mapping[str, Callable[[InputFile, Reading], Iterator[Found]]]] = {
    "text": read_python,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
    "notebook": read_notebook,
    "markdown": read_markdown,
    "stack_exchange": read_stack_exchange,
    "git": read_git_files,
    "commits": read_commits,
}
"""The function of each kind of `InputFile`; it raises where the file breaks off."""
