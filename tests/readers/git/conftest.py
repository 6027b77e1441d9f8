"""Repositories made for the tests, object by object, so that no git program and no configuration is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

pygit2 = pytest.importorskip("pygit2")

Commit: TypeAlias = Callable[..., str]


class Maker:
    """Commits trees of files to a bare repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repository = pygit2.init_repository(str(folder), bare=True, initial_head="main")

    def tree(self, files: Mapping[str, Any]) -> Any:
        builder = self.repository.TreeBuilder()
        for name, content in files.items():
            if isinstance(content, dict):
                builder.insert(name, self.tree(content), pygit2.enums.FileMode.TREE)
            else:
                builder.insert(name, self.repository.create_blob(content), pygit2.enums.FileMode.BLOB)
        return builder.write()

    def commit(
        self,
        files: Mapping[str, Any],
        message: str | bytes = "work",
        *,
        parents: list[str] | None = None,
        ref: str = "refs/heads/main",
        name: str = "Ada Example",
    ) -> str:
        who = pygit2.Signature(name, "ada@example.org", 1_700_000_000, 0)
        if parents is None:
            parents = [str(self.repository.references[ref].target)] if ref in self.repository.references else []
        made = self.repository.create_commit(None, who, who, message, self.tree(files), parents)
        self.repository.references.create(ref, made, force=True)
        return str(made)

    def remove(self, object_id: object) -> None:
        name = str(object_id)
        (self.folder / "objects" / name[:2] / name[2:]).unlink()

    def object_path(self, object_id: object) -> Path:
        name = str(object_id)
        return self.folder / "objects" / name[:2] / name[2:]


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path / "things.git")
