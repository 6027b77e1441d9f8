"""Python code as HTML: colours, line numbers and marks, from texts that nobody vouches for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Any, Final

from markupsafe import Markup, escape
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, String

from textbooks.reports.excerpts import Excerpt

__all__ = ["code_html"]

# Most specific first; what is not listed keeps the colour of the text.
_CLASSES: Final = (
    (Comment, "c"),
    (String, "s"),
    (Number, "n"),
    (Keyword.Constant, "n"),
    (Keyword, "k"),
    (Operator.Word, "k"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Decorator, "d"),
    (Name.Builtin, "b"),
    (Name.Exception, "b"),
    (Error, ""),
)

Piece = tuple[str, str, bool]
"""Text, its class (empty for plain), and whether it is marked."""


def code_html(excerpt: Excerpt) -> Markup:
    """Render an excerpt as the inside of ``<code>``.

    Parameters
    ----------
    excerpt : Excerpt
        Its spans become ``<mark>`` elements.

    Returns
    -------
    Markup
        One ``<span class="line" data-line="N">`` a line; every character of the text is escaped. Tokens carry the
        classes ``c`` (comment), ``s`` (string), ``n`` (number, constant), ``k`` (keyword), ``f`` (name of a
        function or class), ``d`` (decorator), ``b`` (builtin).
    """
    lines: list[list[Piece]] = [[]]
    for text, kind, marked in _pieces(excerpt):
        head, *rest = text.split("\n")
        lines[-1].append((head, kind, marked))
        lines.extend([(part, kind, marked)] for part in rest)
    if len(lines) > 1 and not any(text for text, _, _ in lines[-1]):
        lines.pop()  # what follows the last line feed is not a line
    numbered = enumerate(lines, excerpt.first_line)
    return Markup("\n").join(
        Markup('<span class="line" data-line="{}">{}</span>').format(number, _line_html(line))
        for number, line in numbered
    )


def _line_html(line: Iterable[Piece]) -> Markup:
    html = Markup()
    for marked, pieces in groupby((piece for piece in line if piece[0]), key=lambda piece: piece[2]):
        inside = Markup().join(_piece_html(kind, same) for kind, same in groupby(pieces, key=lambda piece: piece[1]))
        html += Markup("<mark>{}</mark>").format(inside) if marked else inside
    return html


def _piece_html(kind: str, pieces: Iterable[Piece]) -> Markup:
    text = "".join(piece[0] for piece in pieces)
    return Markup('<span class="{}">{}</span>').format(kind, text) if kind else escape(text)


def _pieces(excerpt: Excerpt) -> Iterator[Piece]:
    """Split the text where the token or the mark changes."""
    text = excerpt.text
    edges = sorted(edge for span in excerpt.spans for edge in span)
    for begin, _, kind, value in _tokens(text):
        end = begin + len(value)
        cuts = [begin, *(edge for edge in edges if begin < edge < end), end]
        for start, stop in pairwise(cuts):
            yield text[start:stop], kind, any(left <= start < right for left, right in excerpt.spans)


def _tokens(text: str) -> list[tuple[int, Any, str, str]]:
    """Return start, token, class and text of each token; together they are the text, whatever it holds."""
    tokens = [(at, token, _class_of(token), value) for at, token, value in _lexer().get_tokens_unprocessed(text)]
    if "".join(value for *_, value in tokens) != text:
        return [(0, None, "", text)]
    return tokens


@lru_cache(maxsize=1)
def _lexer() -> Any:  # noqa: ANN401 -- pygments has no types
    return PythonLexer()


@lru_cache(maxsize=256)
def _class_of(token: Any) -> str:  # noqa: ANN401 -- pygments has no types
    return next((name for parent, name in _CLASSES if token in parent), "")
