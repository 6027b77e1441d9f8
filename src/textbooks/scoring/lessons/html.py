"""HTML posts to blocks, as question-and-answer sites store them."""

from __future__ import annotations

import html
import re

from textbooks.scoring.lessons.blocks import PYTHON_NAMES, Block, code_block

__all__ = ["read_html"]

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*+)([^<>]*+)>")
_CLASS = re.compile(r"class\s*=\s*[\"']?([^\"'<>]*)", re.IGNORECASE)
_NAMED = re.compile(r"(?:highlight-source|highlight|language|lang|brush)[-:](.+)")
_NEW_BLOCK = frozenset(
    "p div br hr ul ol li h1 h2 h3 h4 h5 h6 blockquote table tr section article header footer main dl dt dd".split()
)
_UNREAD = frozenset({"script", "style", "head", "svg"})
_SPACE = re.compile(r"[ \t\n]+")


def read_html(text: str) -> list[Block]:
    r"""Split a post into blocks.

    What stands in ``<pre>`` is code: in the language of its class (``lang-py``, ``language-python``) or, where none is
    given, Python when it parses as Python and does something. Scripts, styles and comments are left out. The rest is
    prose.

    Parameters
    ----------
    text : str
        HTML, whole or a fragment, well-formed or not; lines end with ``\n``.

    Returns
    -------
    list of Block
        In order.
    """
    reader = _Reader()
    text = _without_comments(text)
    at = 0
    for tag in _TAG.finditer(text):
        reader.take_text(text[at : tag.start()])
        reader.take_tag(tag[2].lower(), tag[3], closing=bool(tag[1]))
        at = tag.end()
    reader.take_text(text[at:])
    return reader.finish()


class _Reader:
    """Collects blocks from tags and the text between them."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.parts: list[str] = []
        self.language: str | None = None
        self.outer_language: str | None = None
        self.in_pre = False
        self.unread = ""

    def take_text(self, raw: str) -> None:
        """Add text between two tags."""
        if raw and not self.unread:
            plain = html.unescape(raw).replace("\xa0", " ")
            self.parts.append(plain if self.in_pre else _SPACE.sub(" ", plain))

    def take_tag(self, name: str, attributes: str, *, closing: bool) -> None:
        """Open or close an element."""
        if self.unread:
            self.unread = "" if closing and name == self.unread else self.unread
        elif self.in_pre:
            self._take_tag_within_code(name, attributes, closing=closing)
        elif name in _UNREAD and not closing:
            self.unread = name
        elif name == "pre" and not closing:
            self._end_prose()
            self.in_pre, self.language = True, _language(attributes) or self.outer_language
        elif name in _NEW_BLOCK:
            self.parts.append("\n")
            if name == "div":
                self.outer_language = None if closing else _language(attributes) or self.outer_language

    def _take_tag_within_code(self, name: str, attributes: str, *, closing: bool) -> None:
        if name == "pre" and closing:
            self._end_code()
        elif name == "code" and not closing:
            self.language = self.language or _language(attributes)
        elif name == "br":
            self.parts.append("\n")

    def _end_code(self) -> None:
        self.blocks.append(code_block("".join(self.parts), self.language))
        self.parts, self.in_pre, self.language = [], False, None

    def _end_prose(self) -> None:
        lines = [line.strip() for line in "".join(self.parts).split("\n")]
        self.blocks.append(Block("prose", "\n".join(lines)))
        self.parts = []

    def finish(self) -> list[Block]:
        """Return the blocks; code that is not closed reaches to the end."""
        if self.in_pre:
            self._end_code()
        self._end_prose()
        return self.blocks


def _language(attributes: str) -> str | None:
    """Return the language that a class names, None where it names none."""
    found = _CLASS.search(attributes)
    for word in found[1].lower().split() if found else ():
        named = _NAMED.fullmatch(word)
        if named and named[1] != "default":
            return "python" if named[1].startswith("py") else named[1]
        if word in PYTHON_NAMES:
            return word
    return None


def _without_comments(text: str) -> str:
    """Return HTML without comments; one that is not closed reaches to the end."""
    kept, at = [], 0
    while (begin := text.find("<!--", at)) >= 0:
        kept.append(text[at:begin])
        end = text.find("-->", begin + 4)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join([*kept, text[at:]])
