"""Markdown to blocks: fences, indented code, interactive sessions, prose."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from textbooks.scoring.lessons.blocks import Block, code_block

__all__ = ["clean_prose", "read_markdown"]

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})([^`\n]*)$")
_LANGUAGE = re.compile(r"[A-Za-z][\w+#-]*")
_DIRECTIVES = frozenset({"code-cell", "code-block", "code"})  # MyST: ```{code-cell} ipython3
_INDENTED = re.compile(r" {4}| {0,3}\t")
_SESSION = re.compile(r"[ \t]*>>>(?: |$)")
_FRONT_MATTER_LINES = 60

_IMAGE = re.compile(r"!\[[^\]\[\n]{0,300}\](?:\([^()\n]{0,2000}\)|\[[^\]\[\n]{0,200}\])")
_LINK = re.compile(r"\[([^\]\[\n]{0,300})\](?:\([^()\n]{0,2000}\)|\[[^\]\[\n]{0,200}\])")
_TAG = re.compile(r"<!--|-->|</?[A-Za-z][^<>\n]{0,2000}>")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]+|$)")
_QUOTE = re.compile(r" {0,3}>[ \t]?(?!>>)")
_RULE = re.compile(r"[ \t]*[-=_*|:+~][-=_*|:+~ \t]*$")


@dataclass(slots=True)
class _Fence:
    """An open fence."""

    mark: str
    language: str | None
    lines: list[str] = field(default_factory=list)

    def closed_by(self, line: str) -> bool:
        bare = line.strip()
        return len(bare) >= len(self.mark) and not bare.strip(self.mark[0])


def read_markdown(text: str) -> list[Block]:
    r"""Split Markdown into blocks.

    Fenced code is Python when it says so; where it names no language, and for code that is indented by four columns
    after an empty line, when it parses as Python and does something. Lines from ``>>>`` on to the next empty line are
    an interactive session. A fence that is not closed reaches to the end. The rest is prose, without the marks of
    headings, links, images, quotes, tables and HTML.

    Parameters
    ----------
    text : str
        Any text; lines end with ``\n``.

    Returns
    -------
    list of Block
        In order; neighbours may be of one kind, and blocks may be empty.
    """
    lines = text.split("\n")
    blocks: list[Block] = []
    at = _after_front_matter(lines)
    while at < len(lines):
        fresh = at == 0 or not lines[at - 1].strip() or (bool(blocks) and blocks[-1].kind != "prose")
        at, block = _read_block(lines, at, fresh=fresh)
        blocks.append(block)
    return _joined(blocks)


def _read_block(lines: list[str], at: int, *, fresh: bool) -> tuple[int, Block]:
    """Return the line after the block that begins at a line, and the block; `fresh` lines follow no line of prose."""
    line = lines[at]
    opened = _FENCE.match(line)
    if opened and (fresh or not _is_underline(line)):
        return _read_fence(lines, at + 1, opened)
    if _SESSION.match(line):
        end = _end_of_session(lines, at)
        return end, code_block("\n".join(lines[at:end]), None)
    if fresh and line.strip() and _INDENTED.match(line):
        end = _end_of_indented(lines, at)
        return end, _indented_block("\n".join(lines[at:end]))
    return at + 1, Block("prose", clean_prose(line))


def _is_underline(line: str) -> bool:
    """Return whether a line of tildes alone, below prose, underlines a heading, as in reStructuredText."""
    return not line.rstrip().strip("~") and len(line.rstrip()) > 3


def _after_front_matter(lines: list[str]) -> int:
    """Return the line after the metadata between two lines of hyphens, with which a page may begin; else 0."""
    if lines[0].strip() == "---":
        for at, line in enumerate(lines[1:_FRONT_MATTER_LINES], start=1):
            if line.strip() == "---":
                return at + 1
    return 0


def _read_fence(lines: list[str], at: int, opened: re.Match[str]) -> tuple[int, Block]:
    """Return the line after a fence, and its block."""
    names = (name for name in _LANGUAGE.findall(opened[2]) if name not in _DIRECTIVES)
    fence = _Fence(opened[1], next(names, None))
    while at < len(lines) and not fence.closed_by(lines[at]):
        fence.lines.append(lines[at])
        at += 1
    return min(at + 1, len(lines)), code_block("\n".join(fence.lines), fence.language)


def _end_of_session(lines: list[str], at: int) -> int:
    while at < len(lines) and lines[at].strip() and not _FENCE.match(lines[at]):
        at += 1
    return at


def _end_of_indented(lines: list[str], at: int) -> int:
    """Return the line after indented code; empty lines belong to it where more of it follows."""
    end = at
    while at < len(lines) and (not lines[at].strip() or _INDENTED.match(lines[at])):
        at += 1
        end = at if lines[at - 1].strip() else end
    return end


def _indented_block(text: str) -> Block:
    """Return indented text as Python, or as the prose that a list continues with."""
    block = code_block(text, None)
    return block if block.kind == "python" else Block("prose", "\n".join(map(clean_prose, block.text.split("\n"))))


def clean_prose(line: str) -> str:
    """Return a line of Markdown as a person reads it: no marks of headings, links, images, quotes, rules and HTML."""
    if _RULE.match(line):
        return ""
    quote = _QUOTE.match(line)
    plain = line[quote.end() :] if quote else line
    if heading := _HEADING.match(plain):
        plain = plain[heading.end() :].rstrip(" \t#")
    if "[" in plain:
        plain = _LINK.sub(r"\1", _IMAGE.sub("", plain))
    if "<" in plain:
        plain = _TAG.sub("", plain)
    return plain.rstrip()


def _joined(blocks: list[Block]) -> list[Block]:
    """Return the blocks with lines of prose that follow each other as one."""
    joined: list[Block] = []
    lines: list[str] = []
    for block in blocks:
        if block.kind == "prose":
            lines.append(block.text)
            continue
        if lines:
            joined.append(Block("prose", "\n".join(lines)))
            lines = []
        joined.append(block)
    return [*joined, Block("prose", "\n".join(lines))] if lines else joined
