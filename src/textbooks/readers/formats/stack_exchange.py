"""Dumps of Stack Exchange, ``Posts.xml``: each question with its best answers as one lesson."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from datatrove.data import Document

from textbooks.readers.formats.html_markdown import html_to_markdown
from textbooks.readers.formats.post_store import PostStore
from textbooks.readers.formats.posts import Post, parse_post, row_parser
from textbooks.readers.formats.text import MARKDOWN
from textbooks.readers.formats.the_stack import join_licences
from textbooks.readers.found import SHOWN_BYTES, Damaged, Found, Reading, open_input, shown
from textbooks.readers.inputs import InputFile
from textbooks.readers.kinds import name_of
from textbooks.readers.lines import DamagedStreamError, read_lines
from textbooks.readers.rows import MalformedRowError, without_surrogates
from textbooks.verdicts import Reason

__all__ = ["read_stack_exchange", "site_of"]

_SITE = re.compile(r"(?:[a-z0-9-]+\.)+(?:com|net|org)(?![a-z0-9])", re.I)
_ROW, _FRAME = b"<row", (b"<?xml", b"<posts", b"</posts")


@dataclass(slots=True)
class _Thread:
    """A question, and of its answers those that are wanted so far."""

    question: Post
    line: int
    answers: list[Post] = field(default_factory=list)


def read_stack_exchange(file: InputFile, reading: Reading) -> Iterator[Found]:
    """Yield the questions of a dump with their answers, by number of the question.

    Each line of a dump is a row. A row that cannot be read is one damaged record, and so is an answer whose question
    is not in the dump, or a place where the file breaks off; what was read before that is not lost. Questions without
    an answer that is wanted are no records: they are counted as ``questions_without_answer``.

    Raises
    ------
    DamagedStreamError
        Where a compressed file breaks off before its first row.
    """
    with PostStore() as store:
        yield from _load(file, reading, store)
        site = site_of(file.path)
        path = without_surrogates(file.path)
        for _, posts in groupby(store.in_threads(), key=lambda found: found[0].question):
            for found in _threads(posts, path, file, reading):
                yield found if isinstance(found, Damaged) else _document(found, path, site, file, reading)


def _load(file: InputFile, reading: Reading, store: PostStore) -> Iterator[Found]:
    """Put the posts of a dump into the store; yield what is damaged."""
    path = without_surrogates(file.path)
    parser, is_whole, before = row_parser(), False, reading.counts["posts"]
    cut = "no </posts>"
    try:
        with open_input(file.path) as stream:
            for number, line in read_lines(stream, name_of(file.path), max_bytes=reading.max_bytes):
                if line is not None and line.startswith(_FRAME) and _ROW not in line:
                    is_whole = is_whole or line.startswith(b"</posts") or line.endswith(b"/>")
                elif (damaged := _load_row(line, f"{path}#{number}", number, parser, reading, store)) is not None:
                    yield replace(damaged, metadata=dict(file.metadata))
    except DamagedStreamError as error:
        if reading.counts["posts"] == before:
            raise
        is_whole, cut = False, str(error)
    if not is_whole:
        detail = f"{cut}, after {reading.counts['posts'] - before} posts"
        yield Damaged(path, Reason.TRUNCATED, detail, metadata=dict(file.metadata))


def _load_row(
    line: bytes | None,
    source: str,
    number: int,
    parser: Any,  # noqa: ANN401
    reading: Reading,
    store: PostStore,
) -> Damaged | None:
    """Put the post of one line into the store, or return what is wrong with it."""
    if line is None:
        return Damaged(source, Reason.TOO_LARGE, f"a line of more than {reading.max_bytes} bytes")
    if not line.startswith(_ROW):
        return Damaged(source, Reason.MALFORMED_ROW, "no row: each line of a dump of posts holds one", shown(line))
    try:
        post = parse_post(line, parser)
    except MalformedRowError as error:
        return Damaged(source, error.reason, str(error), shown(line))
    reading.counts["posts"] += 1
    if post is not None:
        store.add(post, number)
    return None


def _threads(
    posts: Iterator[tuple[Post, int]], path: str, file: InputFile, reading: Reading
) -> Iterator[_Thread | Damaged]:
    """Yield the thread of one question; memory does not grow with its answers."""
    thread: _Thread | None = None
    for post, line in posts:
        source = f"{path}#{line}"
        if post.is_question and thread is None:
            thread = _Thread(post, line)
        elif post.is_question:
            detail = f"the number {post.id} occurs twice"
            yield Damaged(source, Reason.MALFORMED_ROW, detail, post.body[:SHOWN_BYTES], dict(file.metadata))
        elif thread is None:
            detail = f"an answer to question {post.question}, which is not in the dump"
            yield Damaged(source, Reason.MALFORMED_ROW, detail, post.body[:SHOWN_BYTES], dict(file.metadata))
        else:
            _take(thread, post, reading)
    if thread is not None and thread.answers:
        yield thread
    elif thread is not None:
        reading.counts["questions_without_answer"] += 1


def _take(thread: _Thread, answer: Post, reading: Reading) -> None:
    """Keep an answer that is accepted, or good enough and among the best; they come best first."""
    is_accepted = answer.id == thread.question.accepted
    if any(answer.id == other.id for other in thread.answers):
        return
    if is_accepted:
        thread.answers.insert(0, answer)
        del thread.answers[reading.max_answers :]
    elif answer.score >= reading.min_score and len(thread.answers) < reading.max_answers:
        thread.answers.append(answer)


def _document(thread: _Thread, path: str, site: str, file: InputFile, reading: Reading) -> Found:
    question = thread.question
    source = f"{path}#{thread.line}"
    metadata = {**file.metadata, **_about(thread, site)}
    try:
        parts = [
            f"# {' '.join(question.title.split())}" if question.title.strip() else "",
            html_to_markdown(question.body),
        ]
        for answer in thread.answers:
            parts += [
                "## Accepted answer" if answer.id == question.accepted else "## Answer",
                html_to_markdown(answer.body),
            ]
    except (ValueError, RecursionError) as error:
        detail = f"the HTML of a post cannot be read: {type(error).__name__}: {error}"
        return Damaged(source, Reason.MALFORMED_ROW, detail, question.body[:SHOWN_BYTES], metadata)
    text = "\n\n".join(filter(None, parts)) + "\n"
    if len(text.encode()) > reading.max_bytes:
        detail = f"a thread of more than {reading.max_bytes} bytes"
        return Damaged(source, Reason.TOO_LARGE, detail, text[:SHOWN_BYTES], metadata)
    return Document(text=text, id=metadata.get("url", source), metadata={**metadata, **MARKDOWN, "source": source})


def _about(thread: _Thread, site: str) -> dict[str, Any]:
    question, posts = thread.question, [thread.question, *thread.answers]
    about: dict[str, Any] = {
        "license": join_licences([post.licence for post in posts]),
        "tags": list(question.tags),
        "score": question.score,
        "answer_scores": [answer.score for answer in thread.answers],
        "accepted": any(answer.id == question.accepted for answer in thread.answers),
        "created": question.created,
        "authors": list(dict.fromkeys(_author(post.author, site) for post in posts if post.author)),
    }
    if site:
        about["url"] = f"https://{site}/questions/{question.id}"
        about["answers"] = [f"https://{site}/a/{answer.id}" for answer in thread.answers]
    return about


def _author(author: str, site: str) -> str:
    """Return the page of a user, which is what attribution asks for; the name of one who has none."""
    if not re.fullmatch(r"-?\d+", author):
        return author
    return f"https://{site}/users/{author}" if site else f"user {author}"


def site_of(path: str) -> str:
    """Return the site that a dump is of, by the last folder or file name that holds one, as the dumps are named.

    Examples
    --------
    >>> site_of("dumps/codereview.stackexchange.com/Posts.xml")
    'codereview.stackexchange.com'
    >>> site_of("stackoverflow.com-Posts.xml.zst")
    'stackoverflow.com'
    >>> site_of("Posts.xml")
    ''
    """
    for part in reversed(re.split(r"[/\\]", path.split("://", 1)[-1] if "://" in path else path)):
        if found := _SITE.match(part):
            return found[0].lower()
    return ""
