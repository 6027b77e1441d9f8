"""The files of a tree: those of every ref, without a checkout, and what is damaged one by one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from textbooks.errors import InputError, MissingExtraError
from textbooks.readers import CorpusReader, find_inputs, write_plan
from textbooks.readers.found import Found
from textbooks.readers.git import find
from textbooks.readers.git.repository import about, parse_git_path

ALL = ("python", "notebook", "markdown")
NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": "y = 2"}]}).encode()
FILES = {"a.py": b"x = 1\n", "d": {"b.ipynb": NOTEBOOK, "c.md": b"# C\n", "data.bin": b"\0"}, "z.PY": b"z = 3\n"}


def read(path: str, formats: tuple[str, ...] = ALL, **options: Any) -> list[Found]:
    reader = CorpusReader("", **options)
    return [found for file in find_inputs([path], formats=formats) for found in reader.read_file(file)]


def test_every_file_of_the_formats_comes_with_its_origin(maker: Any) -> None:
    revision = maker.commit(FILES)
    path = f"git:{maker.folder}"
    found = read(path)
    assert {one.metadata["path"]: one.text for one in found} == {
        "a.py": "x = 1\n",
        "d/b.ipynb": "```python\ny = 2\n```\n",
        "d/c.md": "# C\n",
        "z.PY": "z = 3\n",
    }
    assert {one.metadata["repository"] for one in found} == {"things"}
    assert {one.metadata["revision"] for one in found} == {revision}
    first = next(one for one in found if one.metadata["path"] == "d/c.md")
    assert first.metadata["source"] == f"git:{maker.folder}@{revision}:d/c.md"
    assert first.metadata["text_format"] == "markdown"
    assert "license" not in first.metadata


def test_a_folder_of_a_repository_gives_what_a_folder_gives(maker: Any) -> None:
    maker.commit(FILES)
    assert {one.metadata["path"] for one in read(f"git:{maker.folder}", ("python", "parquet"))} == {"a.py", "z.PY"}
    assert read(f"git:{maker.folder}", ("parquet",)) == []


def test_any_ref_can_be_named(maker: Any) -> None:
    old = maker.commit({"a.py": b"old\n"})
    maker.commit({"a.py": b"new\n"})
    maker.commit({"a.py": b"side\n"}, ref="refs/heads/side/1")
    texts = {ref: read(f"git:{maker.folder}@{ref}")[0].text for ref in ("main", "HEAD~1", "side/1", old[:10])}
    assert texts == {"main": "new\n", "HEAD~1": "old\n", "side/1": "side\n", old[:10]: "old\n"}
    assert read(f"git:{maker.folder}")[0].text == "new\n"


def test_an_at_sign_may_stand_in_a_path(tmp_path: Path) -> None:
    (tmp_path / "a@b").mkdir()
    assert parse_git_path(f"git:{tmp_path}/a@b").ref == "HEAD"
    assert parse_git_path(f"git:{tmp_path}/a@b@v1").folder == f"{tmp_path}/a@b"
    assert parse_git_path("commits:a@b/c").ref == "b/c"


@pytest.mark.parametrize(
    "path", ["git:{}/nosuch", "git:{}", "git:{}/things.git@nosuch", "commits:{}/things.git@^{{tree}}"]
)
def test_what_is_no_repository_or_ref_is_refused(tmp_path: Path, maker: Any, path: str) -> None:
    maker.commit(FILES)
    with pytest.raises(InputError, match=r"no git repository|no commit"):
        list(find_inputs([path.format(tmp_path)]))


def test_an_empty_repository_has_no_commit(tmp_path: Path, maker: Any) -> None:
    with pytest.raises(InputError, match="has no commit 'HEAD'"):
        list(find_inputs([f"git:{maker.folder}"]))


def test_damaged_files_are_set_aside_one_by_one(maker: Any) -> None:
    files = {
        "broken.py": b"broken\n",
        "gone.py": b"gone\n",
        "latin.py": b"\xe9\n",
        "long.py": b"x" * 1_001,
        "no.ipynb": b"{}",
        "ok.py": b"ok\n",
        "lost": {"inside.py": b"inside\n"},
    }
    maker.commit(files)
    repository = maker.repository
    tree = repository.revparse_single("HEAD").tree
    maker.remove(tree["gone.py"].id)
    maker.remove(tree["lost"].id)
    damaged = maker.object_path(tree["broken.py"].id)
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:-6])
    found = read(f"git:{maker.folder}", max_bytes=1_000)
    assert {one.metadata["path"]: getattr(one, "reason", None) for one in found} == {
        "broken.py": "unreadable",
        "gone.py": "unreadable",
        "latin.py": "invalid_unicode",
        "long.py": "too_large",
        "no.ipynb": "malformed_row",
        "ok.py": None,
        "lost/": "unreadable",
    }


def test_links_and_submodules_are_passed_over(maker: Any) -> None:
    import pygit2

    repository = maker.repository
    builder = repository.TreeBuilder()
    builder.insert("link.py", repository.create_blob(b"/etc/passwd"), pygit2.enums.FileMode.LINK)
    builder.insert("module.py", pygit2.Oid(hex="1" * 40), pygit2.enums.FileMode.COMMIT)
    builder.insert("run.py", repository.create_blob(b"run\n"), pygit2.enums.FileMode.BLOB_EXECUTABLE)
    who = pygit2.Signature("A", "a@example.org", 0, 0)
    repository.create_commit("refs/heads/main", who, who, "m", builder.write(), [])
    assert [one.metadata["path"] for one in read(f"git:{maker.folder}")] == ["run.py"]


def test_a_tree_that_holds_itself_many_times_ends(maker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textbooks.readers.git.repository.MOST_FILES", 1_000)
    tree: dict[str, Any] = {"a.py": b"x\n"}
    for _ in range(6):
        tree = {f"d{number}": tree for number in range(10)}
    maker.commit({"a": tree["d0"]["d0"]})
    found = read(f"git:{maker.folder}")
    assert [one.reason for one in found if hasattr(one, "reason")] == ["unreadable"]
    assert len(found) < 1_000


def test_a_repository_larger_than_a_shard_is_read_in_parts(
    maker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker.commit({f"{number:02d}.py": b"x" * 100 for number in range(25)})
    monkeypatch.setattr(find, "PART_BYTES", 1_000)
    plan = write_plan(find_inputs([f"git:{maker.folder}"]), tmp_path / "plan", shard_bytes=1_000)
    assert (plan.shards, plan.size) == (3, 2_500)
    reader = CorpusReader(tmp_path / "plan")
    paths = [[one.metadata["path"] for one in reader.run(rank=rank)] for rank in range(3)]
    assert [len(part) for part in paths] == [10, 10, 5]
    assert [path for part in paths for path in part] == [f"{number:02d}.py" for number in range(25)]


def test_the_plan_changes_with_the_tree(maker: Any) -> None:
    maker.commit({"a.py": b"1\n"})
    before = write_plan(find_inputs([f"git:{maker.folder}"]), None).fingerprint
    assert write_plan(find_inputs([f"git:{maker.folder}"]), None).fingerprint == before
    maker.commit({"a.py": b"2\n"})
    assert write_plan(find_inputs([f"git:{maker.folder}"]), None).fingerprint != before


@pytest.mark.parametrize(
    ("url", "known"),
    [
        (
            "https://user:secret@github.com/ada/things.git",
            {"repository": "ada/things", "url": "https://github.com/ada/things"},
        ),
        ("git@github.com:ada/things.git", {"repository": "ada/things", "url": "https://github.com/ada/things"}),
        ("ssh://git@git.example.org:22/ada/things/", {"repository": "ada/things"}),
        ("/srv/git/other.git", {"repository": "things"}),
    ],
)
def test_the_name_is_that_of_the_remote_without_its_secrets(maker: Any, url: str, known: dict[str, str]) -> None:
    maker.repository.remotes.create("origin", url)
    assert about(maker.repository, str(maker.folder)) == known


def test_without_pygit2_the_extra_is_named(maker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    maker.commit(FILES)
    monkeypatch.setitem(sys.modules, "pygit2", None)
    with pytest.raises(MissingExtraError, match=r"\[git\]"):
        list(find_inputs([f"git:{maker.folder}"]))


@pytest.mark.parametrize("cut", [0.3, 0.7, 0.95])
def test_a_pack_that_is_cut_off_ends_in_errors_not_in_a_loop(maker: Any, cut: float) -> None:
    maker.commit({f"{number}.py": (b"%d " % number) * 500 for number in range(50)})
    maker.repository.pack()
    (pack,) = (maker.folder / "objects" / "pack").glob("*.pack")
    for loose in (maker.folder / "objects").glob("??/*"):
        loose.unlink()
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[: int(pack.stat().st_size * cut)])
    try:
        found = read(f"git:{maker.folder}")
    except InputError:
        return
    assert any(hasattr(one, "reason") for one in found)


def test_a_loose_object_that_is_cut_off_at_any_byte_is_unreadable(maker: Any) -> None:
    """Bug: libgit2 never ends on it."""
    maker.commit({"a.py": b"x = 1\ny = 2\n"})
    file = maker.object_path(maker.repository.revparse_single("HEAD").tree["a.py"].id)
    file.chmod(0o644)
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        (found,) = read(f"git:{maker.folder}")
        assert getattr(found, "reason", None) == "unreadable"
