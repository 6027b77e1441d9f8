"""Where the Python in a text is: all of it, or the code blocks of Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from textbooks.problems.problem import parse

__all__ = ["code_of", "python_of"]

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$", re.MULTILINE)
_PYTHON = frozenset("py py3 pycon python python3 ipython ipython3".split())
_PROMPT = re.compile(r"[ \t]*(>>>|\.\.\.)(?:[ \t]|$)")
_CODE_LINE = re.compile(
    r"^[ \t]*(?:(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(|class[ \t]+\w+[ \t]*(?:\(.*\))?[ \t]*:|@[\w.]+(?:\(.*)?$"
    r"|import[ \t]+[\w.]+(?:[ \t]+as[ \t]+\w+)?[ \t]*$|from[ \t]+[\w.]+[ \t]+import\b)",
    re.MULTILINE,
)
_STATEMENT_LINE = re.compile(
    r"^[ \t]*(?:for|while|if|with|try|return|print)\b.*|^[ \t]*[\w.\[\], ]+=[^=]", re.MULTILINE
)
_NOT_LINE_END = re.compile(r"[^\r\n]")


@dataclass(frozen=True, slots=True)
class _Block:
    """The inside of a fenced block."""

    start: int
    end: int
    indent: int
    language: str


def code_of(text: str) -> list[tuple[int, int]]:
    r"""Return where the Python in a text is.

    A text without fences, one that parses as Python, and one that defines or imports something outside its fences are
    Python as a whole. Of any other the fenced blocks (three or more backticks or tildes) count that are marked as
    Python, and those not marked that parse and do something. Where a block shows a session (``>>>``), the
    input counts without prompts and output.

    Parameters
    ----------
    text : str
        Any string.

    Returns
    -------
    list of (start, end)
        First and past-the-last character of each stretch, in order; empty where there is no Python.

    Examples
    --------
    >>> code_of("Add:\n```python\na + b\n```\n")
    [(15, 21)]
    """
    blocks = _blocks(text)
    if not blocks or _is_python(text, blocks):
        return [(0, len(text))] if text else []
    return [span for block in blocks for span in _code_in(text, block)]


def python_of(text: str) -> str:
    r"""Return a text with everything but its Python blanked: same length, same lines, so that spans hold.

    Blanks are spaces. Before code that stands indented in Markdown or after a prompt, the last of them is a form feed,
    after which Python counts indentation anew.

    Examples
    --------
    >>> python_of("Add:\n```python\na + b\n```\n")
    '    \n         \na + b\n   \n'
    """
    spans = code_of(text)
    if spans == [(0, len(text))] or not text:
        return text
    pieces, position = [], 0
    for start, end in spans:
        pieces += [_blank(text[position:start]), text[start:end]]
        position = end
    return "".join([*pieces, _blank(text[position:])])


def _blank(text: str) -> str:
    blank = _NOT_LINE_END.sub(" ", text)
    return blank[:-1] + "\f" if blank.endswith(" ") else blank


def _blocks(text: str) -> list[_Block]:
    """Return the fenced blocks; one that is not closed goes on to the end."""
    if "```" not in text and "~~~" not in text:
        return []
    blocks: list[_Block] = []
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opening is None:
            opening = fence
        elif fence["fence"].startswith(opening["fence"]) and not fence["info"].strip():
            blocks.append(_block(text, opening, fence.start()))
            opening = None
    if opening is not None:
        blocks.append(_block(text, opening, len(text)))
    return blocks


def _block(text: str, opening: re.Match[str], end: int) -> _Block:
    words = re.findall(r"[\w+#-]+", opening["info"])
    return _Block(min(opening.end() + 1, len(text)), end, len(opening["indent"]), words[0].lower() if words else "")


def _is_python(text: str, blocks: list[_Block]) -> bool:
    """Tell whether a text with fences is Python all the same: they stand in its docstrings."""
    outside, position = [], 0
    for block in blocks:
        outside.append(text[position : block.start])
        position = block.end
    return bool(_CODE_LINE.search("\n".join([*outside, text[position:]]))) or parse(text) is not None


def _code_in(text: str, block: _Block) -> list[tuple[int, int]]:
    """Return the Python in a block, line by line where prompts or indentation must go."""
    content = text[block.start : block.end]
    if block.language and block.language not in _PYTHON:
        return []
    session = any(_PROMPT.match(line) for line in content.splitlines())
    if not session and not block.language and not _does_something(content):
        return []
    if not session and not block.indent:
        return [(block.start, block.end)] if content else []
    spans, position = [], block.start
    for line in content.splitlines(keepends=True):
        prompt = _PROMPT.match(line)
        indent = min(block.indent, len(line) - len(line.lstrip(" \t")))
        skipped = prompt.end() if prompt else len(line) if session else indent
        if skipped < len(line.rstrip("\r\n")):
            spans.append((position + skipped, position + len(line)))
        position += len(line)
    return spans


def _does_something(content: str) -> bool:
    return bool(_CODE_LINE.search(content) or _STATEMENT_LINE.search(content)) and parse(content) is not None
