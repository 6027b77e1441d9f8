"""A repository as a store of objects. Nothing of it is run: no hooks, no filters, no programs for diffs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from textbooks.errors import InputError, MissingExtraError
from textbooks.readers.git.loose import safe_objects

__all__ = ["GitPath", "PygitObject", "TreeFile", "about", "files_of", "object_of", "open_repository", "parse_git_path"]

PygitObject: TypeAlias = Any
"""A repository, commit, tree, diff or hash of pygit2, whose stubs do not know their attributes."""

MOST_FILES = 2_000_000
"""Entries of one tree that are looked at; trees that hold each other many times can name any number of files."""

_REMOTE = re.compile(r"(?:[\w+.-]+://)?(?:[^@/]*@)?(?P<host>[\w.-]+)(?::\d+)?[:/](?P<name>.+?)(?:\.git)?/?")


@dataclass(frozen=True, slots=True)
class GitPath:
    """What ``git:PATH@REF`` or ``commits:PATH@REF`` asks for.

    Attributes
    ----------
    kind : {"git", "commits"}
        The files of a tree, or the commits up to it.
    folder : str
        The repository: a working tree or a bare repository.
    ref : str
        A branch, tag or commit; ``HEAD`` unless named.
    """

    kind: str
    folder: str
    ref: str


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of a tree, or a folder that is missing, which has no object.

    Attributes
    ----------
    path : str
        Within the repository, with slashes; bytes that are no UTF-8 stand as escapes.
    object_id : str
        Hexadecimal, empty where the object is missing.
    size : int
        Bytes of the content.
    """

    path: str
    object_id: str
    size: int


def parse_git_path(path: str) -> GitPath:
    """Take ``git:PATH[@REF]`` apart; an ``@`` belongs to the path where such a folder exists."""
    kind, _, rest = path.partition(":")
    folder, at, ref = rest.rpartition("@")
    if not at or Path(rest).expanduser().exists():
        return GitPath(kind, rest, "HEAD")
    return GitPath(kind, folder, ref or "HEAD")


def open_repository(folder: str) -> PygitObject:
    """Open a repository at exactly this place.

    Raises
    ------
    MissingExtraError
        Without pygit2.
    InputError
        If there is no repository that can be opened: also one that belongs to another user, as in git.
    """
    try:
        import pygit2
        from pygit2.enums import RepositoryOpenFlag
    except ImportError as error:
        raise MissingExtraError("pygit2", extra="git", used_by="reading git repositories") from error  # noqa: EM101
    try:
        repository = pygit2.Repository(str(Path(folder).expanduser()), RepositoryOpenFlag.NO_SEARCH)
        repository.set_odb(safe_objects(_objects_of(Path(repository.path))))
    except (pygit2.GitError, ValueError, KeyError) as error:
        msg = f"{folder!r} is no git repository that can be opened: {error}"
        raise InputError(msg) from error
    return repository


def _objects_of(folder: Path) -> Path:
    """Return where the objects lie; a further working tree shares those of its repository."""
    shared = folder / "commondir"
    return (folder / shared.read_text().strip() if shared.is_file() else folder) / "objects"


def about(repository: PygitObject, folder: str) -> dict[str, str]:
    """Return the name of a repository: ``owner/name`` by its remote, else its folder; and where it is on the web.

    User names and passwords in the address of the remote are left out.
    """
    try:
        found = _REMOTE.fullmatch(repository.remotes["origin"].url or "")
    except (KeyError, ValueError, UnicodeError):
        found = None
    if found is None or found["host"] == "." or found["name"].startswith("/"):
        return {"repository": Path(folder).expanduser().resolve().name.removesuffix(".git")}
    name = found["name"].lstrip("/")
    known = {"repository": name}
    if found["host"] in ("github.com", "gitlab.com"):
        known["url"] = f"https://{found['host']}/{name}"
    return known


def object_of(repository: PygitObject, object_id: str) -> PygitObject:
    """Return an object by its whole hash; pygit2 would search for a string as for the beginning of one.

    Raises
    ------
    KeyError, ValueError
        If it is missing, damaged, or no hash.
    """
    import pygit2

    return repository[pygit2.Oid(hex=object_id)]


def files_of(repository: PygitObject, tree: PygitObject) -> Iterator[TreeFile]:
    """Yield the regular files below a tree in git's order; links and submodules are passed over.

    A folder whose object is missing or damaged comes as a `TreeFile` without object, and so does what lies beyond
    `MOST_FILES`.
    """
    seen = 0
    waiting: list[tuple[str, Any]] = [("", tree)]
    while waiting:
        prefix, current = waiting.pop()
        folders: list[tuple[str, Any]] = []
        for entry in current:
            seen += 1
            if seen > MOST_FILES:
                yield TreeFile(f"{prefix} and more: over {MOST_FILES} entries", "", 0)
                return
            path = prefix + entry.raw_name.decode("utf-8", "backslashreplace")
            if entry.filemode == _TREE:
                try:
                    folders.append((f"{path}/", repository[entry.id]))
                except Exception:
                    yield TreeFile(f"{path}/", "", 0)
            elif entry.filemode in _FILES:
                yield TreeFile(path, str(entry.id), _size(repository, entry.id))
        waiting += reversed(folders)


_TREE = 0o040000
_FILES = (0o100644, 0o100755, 0o100664)


def _size(repository: PygitObject, object_id: PygitObject) -> int:
    try:
        return int(repository.odb.read_header(object_id)[1])
    except Exception:
        return 0  # missing: the reader will say so
