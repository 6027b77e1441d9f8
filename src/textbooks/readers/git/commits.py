"""Commits as lessons: what was to be done, in words, and what was done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from datatrove.data import Document

from textbooks.readers.formats.notebook import fenced
from textbooks.readers.formats.text import MARKDOWN
from textbooks.readers.found import Damaged, Found, Reading
from textbooks.readers.git.repository import PygitObject, object_of, open_repository, parse_git_path
from textbooks.readers.inputs import InputFile
from textbooks.readers.rows import without_surrogates
from textbooks.verdicts import Reason

__all__ = ["CHANGES", "read_commits"]

CHANGES = ("diff", "before_after")
"""How a change can be shown."""

_TRAILER = re.compile(r"^[ \t]*[A-Za-z][A-Za-z-]*-(?:by|to|with)[ \t]*:.*\n?|^[ \t]*(?:Author|CC):.*\n?", re.M | re.I)
_EMAIL = re.compile(r"<?[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}>?")


class _TooLargeError(ValueError):
    """A change is larger than the limit."""


def read_commits(file: InputFile, reading: Reading) -> Iterator[Found]:
    """Yield the commits of one part of a history that change a file of the formats asked for."""
    repository = open_repository(parse_git_path(file.path).folder)
    suffixes = tuple(file.part["suffixes"])
    folder = without_surrogates(parse_git_path(file.path).folder)
    for object_id in file.part["entries"]:
        metadata = {**file.metadata, "revision": object_id}
        if "url" in file.metadata:
            metadata["url"] = f"{file.metadata['url']}/commit/{object_id}"
        source = f"commits:{folder}@{object_id}"
        found = _read(repository, object_id, source, metadata, suffixes, reading)
        yield from () if found is None else (found,)


def _read(
    repository: PygitObject,
    object_id: str,
    source: str,
    metadata: dict[str, Any],
    suffixes: tuple[str, ...],
    reading: Reading,
) -> Found | None:
    try:
        commit = object_of(repository, object_id)
        changes = _changes(repository, commit, suffixes, reading)
        if not changes:
            return None
        message = _message(commit)
    except _TooLargeError as error:
        return Damaged(source, Reason.TOO_LARGE, str(error), metadata=metadata)
    except UnicodeDecodeError as error:
        return Damaged(source, Reason.INVALID_UNICODE, str(error), metadata=metadata)
    except Exception as error:
        detail = f"the commit, its parent or a file is missing or damaged: {type(error).__name__}: {error}"
        return Damaged(source, Reason.UNREADABLE, detail, metadata=metadata)
    text = "\n\n".join(filter(None, [message, *(shown for _, shown in changes)])) + "\n"
    about = {
        "files": [path for path, _ in changes],
        "committed": datetime.fromtimestamp(commit.commit_time, UTC).isoformat(),
    }
    return Document(text=text, id=source, metadata={**metadata, **about, **MARKDOWN, "source": source})


def _message(commit: PygitObject) -> str:
    """Return the message without the people in it: trailers that name them, addresses, the author's name."""
    encoding = commit.message_encoding or "utf-8"
    try:
        message = commit.raw_message.decode(encoding).replace("\0", "")
    except LookupError:
        message = commit.raw_message.decode("utf-8").replace("\0", "")
    message = _EMAIL.sub("<email>", _TRAILER.sub("", message.replace("\r\n", "\n")))
    for person in (commit.author, commit.committer):
        name = person.raw_name.decode("utf-8", "replace").strip()
        if " " in name:  # a single word may be any word
            message = message.replace(name, "the author")
    return message.strip()


def _changes(
    repository: PygitObject,
    commit: PygitObject,
    suffixes: tuple[str, ...],
    reading: Reading,
) -> list[tuple[str, str]]:
    """Return path and Markdown of each changed file, by the order of the tree."""
    parents = commit.parents
    diff = parents[0].tree.diff_to_tree(commit.tree) if parents else commit.tree.diff_to_tree(swap=True)
    shown: list[tuple[str, str]] = []
    size = 0
    for number, delta in enumerate(diff.deltas):
        path = (delta.new_file if delta.status_char() != "D" else delta.old_file).raw_path.decode("utf-8")
        if not suffixes or not path.lower().endswith(suffixes):
            continue
        if reading.changes == "diff":
            part = _patch(repository, diff, number, delta, path, reading.max_change_bytes)
        else:
            part = _before_after(repository, delta, path, reading.max_change_bytes)
        size += len(part.encode())
        if size > reading.max_change_bytes:
            msg = f"the change has more than {reading.max_change_bytes} bytes"
            raise _TooLargeError(msg)
        shown += [(path, part)] if part else []
    return shown


def _patch(
    repository: PygitObject,
    diff: PygitObject,
    number: int,
    delta: PygitObject,
    path: str,
    most: int,
) -> str:
    """Return one file's change as a fenced diff; nothing for a binary file or a change of mode alone."""
    for side in (delta.old_file, delta.new_file):
        if _content_size(repository, side) > 100 * most:
            msg = f"{path} has more than {100 * most} bytes"
            raise _TooLargeError(msg)
    data = diff[number].data
    hunks = data.find(b"\n@@ ")
    if hunks < 0:
        return ""
    old = "/dev/null" if delta.status_char() == "A" else f"a/{path}"
    new = "/dev/null" if delta.status_char() == "D" else f"b/{path}"
    return fenced(f"--- {old}\n+++ {new}{data[hunks:].decode('utf-8')}".rstrip("\n"), "diff")


def _before_after(repository: PygitObject, delta: PygitObject, path: str, most: int) -> str:
    """Return one file before and after its change, each in a fence; nothing for a binary file."""
    parts = [f"`{path}`"]
    for title, side, is_there in (
        ("Before:", delta.old_file, delta.status_char() != "A"),
        ("After:", delta.new_file, delta.status_char() != "D"),
    ):
        if not is_there:
            continue
        if _content_size(repository, side) > most:
            msg = f"{path} has more than {most} bytes"
            raise _TooLargeError(msg)
        data = bytes(repository[side.id].data)
        if b"\0" in data:
            return ""
        parts += [title, fenced(data.decode("utf-8").rstrip("\n"), "python" if path.endswith(".py") else "")]
    return "\n\n".join(parts)


def _content_size(repository: PygitObject, side: PygitObject) -> int:
    if not any(side.id.raw):  # the side of a file that was added or deleted
        return 0
    return int(repository.odb.read_header(side.id)[1])
