"""One row of a Stack Exchange dump, ``<row Id=".." PostTypeId=".." .../>``, as a post."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from textbooks.readers.rows import MalformedRowError
from textbooks.verdicts import Reason

__all__ = ["ANSWER", "QUESTION", "Post", "parse_post", "row_parser"]

QUESTION, ANSWER = "1", "2"

_TAG = re.compile(r"[^<>|]+")
_LICENCE = re.compile(r"CC[ -]BY-SA[ -](\d\.\d)", re.I)
_SINCE = (("2018-05-02", "4.0"), ("2011-04-08", "3.0"), ("", "2.5"))
"""Which version of CC BY-SA holds from which day, as the sites' help pages on licensing say."""

_LARGEST = 2**63 - 1


class Post(NamedTuple):
    """A question or an answer.

    Attributes
    ----------
    id, question : int
        Its number, and that of the question it belongs to: its own for a question.
    is_question : bool
        Else it is an answer.
    score : int
        Votes for it minus votes against it.
    accepted : int
        The number of the accepted answer of a question; 0 for none.
    title, body : str
        Text and HTML.
    tags : sequence of str
        Of a question.
    author : str
        The number of the user, or the name of one who is gone; empty when unknown.
    licence : str
        SPDX identifier.
    created : str
        Date and time as in the dump.
    """

    id: int
    question: int
    is_question: bool
    score: int
    accepted: int
    title: str
    body: str
    tags: Sequence[str]
    author: str
    licence: str
    created: str


def row_parser() -> Any:  # noqa: ANN401
    """Return a parser of XML for one row: no entities of documents, no network, values of at most 10 MB."""
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def parse_post(line: bytes, parser: Any) -> Post | None:  # noqa: ANN401
    """Return the post of a row; None for posts of other kinds (wikis of tags and the like).

    Raises
    ------
    MalformedRowError
        If it is no such row, without a number, a body or the question of an answer, or no UTF-8.
    """
    from lxml import etree

    try:
        line.decode("utf-8")
        row = etree.fromstring(line, parser)
    except UnicodeDecodeError as error:
        raise MalformedRowError(str(error), Reason.INVALID_UNICODE) from error
    except (etree.XMLSyntaxError, ValueError) as error:
        msg = f"no row of XML: {error}"
        raise MalformedRowError(msg) from error
    kind = row.get("PostTypeId")
    if row.tag != "row" or kind is None:
        msg = f"a {row.tag!r} without PostTypeId, not a row of posts"
        raise MalformedRowError(msg)
    return _post(row, is_question=kind == QUESTION) if kind in (QUESTION, ANSWER) else None


def _post(row: Mapping[str, str], *, is_question: bool) -> Post:
    number = _number(row, "Id")
    body = row.get("Body")
    if body is None:
        msg = f"post {number} has no Body"
        raise MalformedRowError(msg, Reason.TEXT_MISSING)
    return Post(
        id=number,
        question=number if is_question else _number(row, "ParentId"),
        is_question=is_question,
        score=_number(row, "Score", default=0),
        accepted=_number(row, "AcceptedAnswerId", default=0),
        title=row.get("Title") or "",
        body=body,
        tags=tuple(_TAG.findall(row.get("Tags") or "")),
        author=row.get("OwnerUserId") or row.get("OwnerDisplayName") or "",
        licence=_licence(row),
        created=row.get("CreationDate") or "",
    )


def _number(row: Mapping[str, str], name: str, default: int | None = None) -> int:
    text = row.get(name)
    if text is None and default is not None:
        return default
    try:
        value = int(text or "")
    except ValueError:
        value = _LARGEST + 1
    if abs(value) > _LARGEST:
        msg = f"{name} is {text!r:.50}, not a number"
        raise MalformedRowError(msg)
    return value


def _licence(row: Mapping[str, str]) -> str:
    """Return what the dump says, else the version that holds for texts of that day."""
    stated = _LICENCE.fullmatch((row.get("ContentLicense") or "").strip())
    if stated:
        return f"CC-BY-SA-{stated[1]}"
    day = max(row.get("CreationDate") or "", row.get("LastEditDate") or "")
    return "CC-BY-SA-" + next(version for since, version in _SINCE if day >= since)
