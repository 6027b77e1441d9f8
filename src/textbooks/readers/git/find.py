"""``git:PATH@REF`` and ``commits:PATH@REF`` to parts of a size that one task can read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from typing import Any

from textbooks.errors import InputError
from textbooks.readers.git.licences import licence_of_repository
from textbooks.readers.git.repository import (
    GitPath,
    PygitObject,
    TreeFile,
    about,
    files_of,
    open_repository,
    parse_git_path,
)
from textbooks.readers.inputs import InputFile
from textbooks.readers.kinds import suffixes_of

__all__ = ["GIT_FORMATS", "find_git"]

GIT_FORMATS = ("python", "notebook", "markdown")
"""Formats that are read from a tree."""

PART_BYTES, PART_FILES, PART_COMMITS = 8_000_000, 2_000, 500
BYTES_A_COMMIT = PART_BYTES // PART_COMMITS  # a guess for the plan: so that each part is a shard


def find_git(path: str, formats: Collection[str]) -> Iterator[InputFile]:
    """Yield the parts of a repository: each names its files or commits by their hashes.

    Parameters
    ----------
    path : str
        ``git:PATH[@REF]`` or ``commits:PATH[@REF]``.
    formats : collection of str
        Which files; of `GIT_FORMATS` those that are named here.

    Yields
    ------
    InputFile
        At most 8 MB of files, 2,000 files, or 500 commits; in the order of the tree, and of commits the newest first.
        Metadata: ``repository``, ``revision``, ``license`` and ``url`` where known.

    Raises
    ------
    InputError
        If there is no such repository or ref.
    MissingExtraError
        Without pygit2.
    """
    asked = parse_git_path(path)
    repository = open_repository(asked.folder)
    commit = _commit(repository, asked)
    suffixes = suffixes_of([name for name in formats if name in GIT_FORMATS])
    known = about(repository, asked.folder)
    known["revision"] = str(commit.id)
    try:
        tree = commit.tree
        known |= {"license": licence} if (licence := licence_of_repository(repository, tree)) else {}
    except Exception as error:
        msg = f"{asked.ref!r} of the repository {asked.folder!r} has no tree that can be read: {error}"
        raise InputError(msg) from error
    if asked.kind == "git":
        wanted = (file for file in files_of(repository, tree) if not file.object_id or _ends(file.path, suffixes))
        parts: Iterator[tuple[int, list[Any]]] = _file_parts(wanted)
    else:
        parts = _commit_parts(repository, commit)
    for size, entries in parts:
        yield _part(asked, known, size, {"entries": entries, "suffixes": list(suffixes)})


def _commit(repository: PygitObject, asked: GitPath) -> PygitObject:
    import pygit2

    try:
        return repository.revparse_single(asked.ref).peel(pygit2.Commit)
    except (KeyError, ValueError, pygit2.GitError) as error:
        msg = f"the repository {asked.folder!r} has no commit {asked.ref!r}: {error}"
        raise InputError(msg) from error


def _ends(path: str, suffixes: tuple[str, ...]) -> bool:
    return path.lower().endswith(suffixes) if suffixes else False


def _file_parts(files: Iterator[TreeFile]) -> Iterator[tuple[int, list[Any]]]:
    part: list[Any] = []
    size = 0
    for file in files:
        if part and (size + file.size > PART_BYTES or len(part) >= PART_FILES):
            yield size, part
            part, size = [], 0
        part.append([file.path, file.object_id])
        size += file.size
    if part:
        yield size, part


def _commit_parts(repository: PygitObject, newest: PygitObject) -> Iterator[tuple[int, list[Any]]]:
    part: list[Any] = []
    for object_id in chain(_commits(repository, newest), [None]):
        if part and (object_id is None or len(part) >= PART_COMMITS):
            yield len(part) * BYTES_A_COMMIT, part
            part = []
        part.append(object_id)


def _commits(repository: PygitObject, newest: PygitObject) -> Iterator[str]:
    """Yield the commits that are no merges; an empty id where the history breaks off."""
    from pygit2.enums import SortMode

    try:
        for commit in repository.walk(newest.id, SortMode.TOPOLOGICAL):
            if len(commit.parent_ids) < 2:
                yield str(commit.id)
    except Exception:  # an ancestor is missing: the reader will count that
        yield ""


def _part(asked: GitPath, known: Mapping[str, str], size: int, part: dict[str, Any]) -> InputFile:
    stamp = hashlib.blake2b(json.dumps(part).encode(), digest_size=16).hexdigest()
    path = f"{asked.kind}:{asked.folder}@{known['revision']}"
    return InputFile(path, asked.kind, size, stamp, dict(known), part)
