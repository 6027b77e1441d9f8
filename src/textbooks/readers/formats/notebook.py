"""Jupyter notebooks as Markdown: prose as it is, code in fences, outputs left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson
from datatrove.data import Document

from textbooks.readers.formats.text import MARKDOWN, decode_utf8, read_whole
from textbooks.readers.found import Damaged, Found, Reading
from textbooks.readers.inputs import InputFile
from textbooks.readers.rows import MalformedRowError, parse_row, without_surrogates
from textbooks.records import why_unjudgeable
from textbooks.verdicts import Reason

__all__ = ["NotANotebookError", "fenced", "notebook_to_markdown", "read_notebook"]

_BACKTICKS = re.compile(r"`{3,}")
_CELL_MAGIC = re.compile(r"\s*%%[ \t]*([A-Za-z_]\w*)")
_OTHER_LANGUAGES = frozenset(
    {"bash", "sh", "html", "javascript", "js", "latex", "markdown", "perl", "ruby", "sql", "svg", "cython", "r"}
)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_LANGUAGE = re.compile(r"[A-Za-z][\w+#.-]{0,30}")
_MOST_HEADING = 6


class NotANotebookError(ValueError):
    """The text is not the JSON of a notebook; `reason` says which kind of damage it is."""

    def __init__(self, detail: str, reason: Reason = Reason.MALFORMED_ROW) -> None:
        super().__init__(detail)
        self.reason = reason


def read_notebook(file: InputFile, reading: Reading) -> Iterator[Found]:
    """Yield one notebook, of format 3 or 4, as Markdown."""
    found = read_whole(file, reading, decode_utf8)
    source = without_surrogates(file.path)
    if isinstance(found, Damaged):
        yield found
        return
    try:
        text = notebook_to_markdown(found, outputs=reading.notebook_outputs)
    except NotANotebookError as error:
        yield Damaged(source, error.reason, str(error), found[:100_000], dict(file.metadata))
    else:
        yield Document(text=text, id=source, metadata={**file.metadata, **MARKDOWN, "source": source})


def notebook_to_markdown(text: str, *, outputs: int = 0) -> str:
    r"""Return a notebook as Markdown.

    Markdown and raw cells stand as they are, headings of format 3 with their marks, code in fences that name the
    kernel's language, or the one of a cell magic (``%%bash``). Magics are kept. Cells without text are left out.

    Parameters
    ----------
    text : str
        The file's JSON.
    outputs : int, default=0
        Characters of the text outputs of a cell that follow its code, in a fence named ``text``; colours of terminals
        are left out. Images and HTML never come.

    Returns
    -------
    str
        Blocks between empty lines; it ends with a line end unless the notebook is empty.

    Raises
    ------
    NotANotebookError
        If it is no JSON object, nested too deep, without a list of cells, if a cell is no object or its source no text,
        or if it holds lone surrogates.
    """
    notebook = _parse(text)
    language = _kernel_language(notebook.get("metadata"))
    blocks = [block for cell in _cells(notebook) for block in _cell_blocks(cell, language, outputs)]
    markdown = "".join(f"{block}\n\n" for block in blocks)[:-1]
    if why_unjudgeable(markdown) is not None:
        msg = "a cell holds lone surrogates, which are no Unicode"
        raise NotANotebookError(msg, Reason.INVALID_UNICODE)
    return markdown


def _parse(text: str) -> dict[str, Any]:
    data = text.encode("utf-8", "surrogatepass")
    try:
        notebook = orjson.loads(data)
        if isinstance(notebook, dict):
            return notebook
    except orjson.JSONDecodeError:  # NaN and lone surrogates, or no JSON
        pass
    try:
        return parse_row(data, text_key="cells", keep=("worksheets",))
    except MalformedRowError as error:
        msg = f"not a notebook: {error}"
        raise NotANotebookError(msg, error.reason) from error


def _cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cells of a notebook of format 4, or of the worksheets of format 3."""
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):
        sheets = notebook["worksheets"]
        if all(isinstance(sheet, dict) and isinstance(sheet.get("cells", []), list) for sheet in sheets):
            cells = [cell for sheet in sheets for cell in sheet.get("cells", [])]
    if not isinstance(cells, list):
        msg = "not a notebook: the JSON has no list of cells"
        raise NotANotebookError(msg)
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict):
            msg = f"cell {number} is a {type(cell).__name__}, not an object"
            raise NotANotebookError(msg)
    return cells


def _kernel_language(metadata: object) -> str:
    """Return the language of the kernel in lower case, "python" where none is named."""
    known = metadata if isinstance(metadata, dict) else {}
    for part, key in (("language_info", "name"), ("kernelspec", "language")):
        named = known.get(part)
        if isinstance(named, dict) and _is_language(named.get(key)):
            return str(named[key]).lower()
    return "python"


def _is_language(name: object) -> bool:
    return isinstance(name, str) and _LANGUAGE.fullmatch(name) is not None


def _cell_blocks(cell: dict[str, Any], language: str, outputs: int) -> Iterator[str]:
    source = _text_of(cell.get("source", cell.get("input"))).strip("\n")
    kind = cell.get("cell_type")
    if not source.strip():
        return
    if kind == "code":
        own = cell.get("language")  # format 3
        yield fenced(source, _language_of(source, str(own).lower() if _is_language(own) else language))
        if outputs and (printed := _outputs_of(cell.get("outputs"), outputs)):
            yield fenced(printed, "text")
    elif kind == "heading":
        level = cell.get("level")
        yield "#" * min(max(level if isinstance(level, int) else 1, 1), _MOST_HEADING) + " " + " ".join(source.split())
    else:
        yield source


def _text_of(source: object) -> str:
    r"""Return a multi-line string of a notebook: a string, or a list of lines with their ends; ``\n`` ends them."""
    if source is None:
        return ""
    lines: list[Any] = source if isinstance(source, list) else [source]
    if not all(isinstance(line, str) for line in lines):
        msg = "the text of a cell is neither a string nor a list of strings"
        raise NotANotebookError(msg)
    return "".join(lines).replace("\r\n", "\n").replace("\r", "\n")


def _language_of(source: str, language: str) -> str:
    magic = _CELL_MAGIC.match(source)
    named = magic[1].lower() if magic else ""
    return named if named in _OTHER_LANGUAGES else language


def _outputs_of(outputs: object, most: int) -> str:
    """Return what a cell printed, its result as text, and its error, up to `most` characters."""
    parts: list[str] = []
    for output in outputs if isinstance(outputs, list) else ():
        if isinstance(output, dict):
            data = output.get("data", output)
            data = data if isinstance(data, dict) else {}
            error = [str(output.get("ename") or ""), str(output.get("evalue") or "")]
            text = output.get("text", data.get("text/plain"))
            parts.append(": ".join(filter(None, error)) if output.get("ename") else _text_of(text))
    return _ANSI.sub("", "\n".join(part.strip("\n") for part in parts if part.strip()))[:most].rstrip()


def fenced(code: str, language: str) -> str:
    """Return code between fences that are longer than any run of backticks in it."""
    longest = max((len(run) for run in _BACKTICKS.findall(code)), default=2) if "```" in code else 2
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"
