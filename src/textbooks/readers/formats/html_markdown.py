"""HTML of posts as Markdown, the code in it character for character."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from textbooks.readers.formats.notebook import fenced

__all__ = ["html_to_markdown"]

_SPACE = re.compile(r"[ \t\r\n\f]+")
_TICKS = re.compile(r"`+")
_LANGUAGE = re.compile(r"\b(?:lang|language|highlight-source)-([A-Za-z][\w+#.-]{0,30})")
_FENCE_IN_PROSE = re.compile(r"^(`{3}|~{3})", re.MULTILINE)
_BLOCKS: Final = frozenset(
    "p div pre ul ol li blockquote h1 h2 h3 h4 h5 h6 hr table section article dl dt dd figure main".split()
)
_UNREAD: Final = frozenset({"script", "style", "head", "svg"})
_NO_BLOCKS: Final = _UNREAD | {"code", "a"}
_MARKS: Final = {"em": "*", "i": "*", "strong": "**", "b": "**", "del": "~~", "s": "~~", "strike": "~~"}


def html_to_markdown(text: str) -> str:
    r"""Return a post as Markdown: blocks between empty lines, without a line end at the end.

    What stands in ``<pre>`` becomes a fence with exactly its characters, but for one line end at its end; the fence
    names the language of a class (``lang-py``) where there is one. Inline code keeps its spaces. White space of prose
    is one space, scripts, styles and comments go, and so do tags that mean nothing here, but not what is in them.

    Parameters
    ----------
    text : str
        A fragment of HTML, well-formed or not.

    Raises
    ------
    ValueError
        If it cannot be parsed at all.
    RecursionError
        If it is nested some hundred levels deep.

    Examples
    --------
    >>> print(html_to_markdown("<p>Add <b>two</b>:</p><pre><code>1 &lt; 2\n</code></pre>"))
    Add **two**:
    <BLANKLINE>
    ```
    1 < 2
    ```
    """
    from lxml import etree

    if not text.strip():
        return ""
    try:
        root = etree.fromstring(f"<html><body>{text}</body></html>", _parser())
    except etree.XMLSyntaxError as error:
        msg = f"no HTML: {error}"
        raise ValueError(msg) from error
    return "\n\n".join(_blocks(root)) if root is not None else ""


@lru_cache(maxsize=1)
def _parser() -> Any:  # noqa: ANN401
    from lxml import etree

    return etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True)


def _blocks(element: Any) -> list[str]:  # noqa: ANN401
    """Return the blocks in an element; text between them is a block of its own."""
    blocks: list[str] = []
    inline: list[str] = [_collapsed(element.text)]
    for child in element:
        tag = child.tag
        if tag in _BLOCKS or _holds_block(child, tag):
            _end_paragraph(inline, blocks)
            blocks.extend(_RENDER.get(tag, _blocks)(child))
        elif tag not in _UNREAD:
            inline.append(_inline(child))
        inline.append(_collapsed(child.tail))
    _end_paragraph(inline, blocks)
    return blocks


def _end_paragraph(inline: list[str], blocks: list[str]) -> None:
    paragraph = "".join(inline).strip(" \n")
    inline.clear()
    if paragraph:
        may_open = "```" in paragraph or "~~~" in paragraph
        blocks.append(_FENCE_IN_PROSE.sub(r"\\\1", paragraph) if may_open else paragraph)


def _holds_block(element: Any, tag: str) -> bool:  # noqa: ANN401
    return len(element) > 0 and tag not in _NO_BLOCKS and next(element.iter(*_BLOCKS), None) is not None


def _inline(element: Any) -> str:  # noqa: ANN401
    tag = element.tag
    if tag == "code":
        return _inline_code("".join(element.itertext()))
    if tag in _UNREAD:
        return ""
    if tag == "br":
        return "\n"
    if tag == "img":
        return f"![{_collapsed(element.get('alt'))}]({element.get('src') or ''})"
    parts = [_collapsed(element.text)]
    for child in element:
        parts += [_inline(child), _collapsed(child.tail)]
    inner = "".join(parts)
    if tag == "a" and element.get("href") and inner.strip():
        return f"[{inner}]({element.get('href')})"
    if tag in ("sub", "sup"):
        return f"<{tag}>{inner}</{tag}>"
    mark = _MARKS.get(tag, "") if inner.strip() else ""
    return f"{mark}{inner}{mark}"


def _inline_code(code: str) -> str:
    code = code.replace("\n", " ")
    if not code.strip():
        return code
    if "`" not in code:
        return f"`{code}`"
    ticks = "`" * (max(len(run) for run in _TICKS.findall(code)) + 1)
    pad = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{ticks}{pad}{code}{pad}{ticks}"


def _collapsed(text: str | None) -> str:
    if not text:
        return ""
    is_plain = "\n" not in text and "  " not in text and "\t" not in text and "\r" not in text
    return text if is_plain else _SPACE.sub(" ", text)


def _pre(element: Any) -> list[str]:  # noqa: ANN401
    for line_end in element.iter("br"):
        line_end.text = "\n"
    code = "".join(element.itertext()).removesuffix("\n")
    classes = " ".join(filter(None, [element.get("class"), *(one.get("class") for one in element.iter("code"))]))
    named = _LANGUAGE.search(classes) if classes else None
    language = named[1].lower() if named and named[1] not in ("default", "none") else ""
    return [fenced(code, "python" if language in ("py", "python3") else language)]


def _list(element: Any) -> list[str]:  # noqa: ANN401
    items = []
    for number, item in enumerate(element, 1):
        marker = f"{number}. " if element.tag == "ol" else "- "
        inner = "\n\n".join(_blocks(item))
        items.append(marker + inner.replace("\n", "\n" + " " * len(marker)))
    tight = not any("\n" in item for item in items)
    return ["\n".join(items)] if tight and items else items


def _quote(element: Any) -> list[str]:  # noqa: ANN401
    inner = "\n\n".join(_blocks(element))
    return ["> " + inner.replace("\n", "\n> ")] if inner else []


def _heading(element: Any) -> list[str]:  # noqa: ANN401
    inner = " ".join(" ".join(_blocks(element)).split())
    return [f"{'#' * int(element.tag[1])} {inner}"] if inner else []


def _table(element: Any) -> list[str]:  # noqa: ANN401
    rows = [[" ".join(" ".join(_blocks(cell)).split()) for cell in row.iter("th", "td")] for row in element.iter("tr")]
    lines = [f"| {' | '.join(row)} |" for row in rows if row]
    return ["\n".join([lines[0], "| --- " * len(rows[0]) + "|", *lines[1:]])] if lines and rows[0] else lines


_RENDER: Final[dict[str, Callable[[Any], list[str]]]] = {
    "pre": _pre,
    "ul": _list,
    "ol": _list,
    "blockquote": _quote,
    "table": _table,
    "hr": lambda _: ["---"],
    **{f"h{level}": _heading for level in range(1, 7)},
}
