"""Notebooks to blocks: the cells of a Jupyter file, formats 3 and 4."""

from __future__ import annotations

import json
import re
from typing import Any

from textbooks.scoring.lessons.blocks import PYTHON_NAMES, Block, code_block
from textbooks.scoring.lessons.markdown import read_markdown

__all__ = ["NotANotebookError", "read_notebook"]

_MAGIC = re.compile(r"^([ \t]*)(?=[%!?]|[\w.]+\?{1,2}[ \t]*$)", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\s*%%[ \t]*([A-Za-z_]\w*)")
_PYTHON_CELL_MAGICS = frozenset({"time", "timeit", "capture", "prun", "python", "python3", "py", "script", "pypy"})


class NotANotebookError(ValueError):
    """The text is not the JSON of a notebook."""


def read_notebook(text: str, max_chars: int = 250_000) -> list[Block]:
    """Read the cells of a notebook.

    Markdown cells are read as Markdown. Code cells are Python where the kernel is, or none is named; cells under a
    magic of another language (``%%bash``) are not. Lines for IPython alone (``%matplotlib``, ``!pip``, ``name?``)
    become comments. Outputs are not read.

    Parameters
    ----------
    text : str
        The file's JSON.
    max_chars : int, default=250_000
        Characters of the cells that are read; the JSON is parsed whole.

    Returns
    -------
    list of Block
        In order.

    Raises
    ------
    NotANotebookError
        If it is not JSON, too deeply nested, or has no list of cells.
    """
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"not a notebook: {type(error).__name__}: {error}"
        raise NotANotebookError(msg) from error
    blocks: list[Block] = []
    cells = _cells(notebook)
    read, language = 0, _kernel_language(notebook)
    for cell in cells:
        if isinstance(cell, dict) and read < max_chars:
            source = _source(cell)[: max_chars - read]
            read += len(source)
            blocks += _read_cell(cell, source, language)
    return blocks


def _cells(notebook: object) -> list[Any]:
    """Return the cells of a notebook of format 4, or of the worksheets of format 3."""
    if isinstance(notebook, dict):
        if isinstance(notebook.get("cells"), list):
            return list(notebook["cells"])
        if isinstance(notebook.get("worksheets"), list):
            sheets = [sheet for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
            return [cell for sheet in sheets if isinstance(sheet.get("cells"), list) for cell in sheet["cells"]]
    msg = "not a notebook: the JSON has no list of cells"
    raise NotANotebookError(msg)


def _kernel_language(notebook: dict[str, Any]) -> str:
    """Return the language of the kernel in lower case, "python" where none is named."""
    metadata = notebook.get("metadata")
    for part in ("language_info", "kernelspec"):
        named = metadata.get(part) if isinstance(metadata, dict) else None
        for key in ("name", "language") if part == "language_info" else ("language",):
            if isinstance(named, dict) and isinstance(named.get(key), str):
                return str(named[key]).lower()
    return "python"


def _read_cell(cell: dict[str, Any], source: str, language: str) -> list[Block]:
    kind = cell.get("cell_type")
    if kind == "code":
        own = cell.get("language")
        return [_code_cell(source, own.lower() if isinstance(own, str) else language)]
    if kind == "markdown":
        return read_markdown(source)
    return [Block("prose", source)]


def _source(cell: dict[str, Any]) -> str:
    """Return the text of a cell, which is a string or a list of lines with their ends."""
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    valid = source if source.isascii() else source.encode("utf-8", "replace").decode("utf-8")
    return valid.replace("\r\n", "\n").replace("\r", "\n")


def _code_cell(source: str, language: str) -> Block:
    magic = _CELL_MAGIC.match(source)
    if language not in PYTHON_NAMES or (magic and magic[1].lower() not in _PYTHON_CELL_MAGICS):
        return Block("other", source)
    return code_block(_MAGIC.sub(r"\1# ", source), "python")
