"""Files behind URLs: in memory, in archives, behind caches, and out of reach."""

from __future__ import annotations

import os
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from textbooks.errors import InputError
from textbooks.readers import CorpusReader, find_inputs, write_plan
from textbooks.readers.kinds import DEFAULT_FORMATS, kind_of, suffixes_of

NAMES = ["a.py", "b.py", "B.PY", "a/c.py", "a/a.py", "a-b.py", "z.jsonl", "z.jsonl.gz", "é.py", "a/b/c/d.parquet"]


def make(folder: Path, names: list[str]) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x = 1\n")
    return folder


def found(*paths: object, exclude: Path | None = None) -> list[str]:
    return [file.path for file in find_inputs([str(path) for path in paths], exclude=exclude)]


def read_all(tmp_path: Path, *paths: object) -> list[tuple[str, str]]:
    """Return source and text of what a run would read."""
    write_plan(find_inputs([str(path) for path in paths]), tmp_path / "the-plan")
    return [(document.id, document.text) for document in CorpusReader(tmp_path / "the-plan").run(rank=0)]


@pytest.fixture
def memory() -> Iterator[str]:
    """Return the URL of a folder in memory."""
    folder = f"memory://{uuid.uuid4().hex}"
    yield folder
    filesystem = fsspec.filesystem("memory")
    if filesystem.exists(folder):
        filesystem.rm(folder, recursive=True)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a.py", "text"),
        ("a.JSONL", "jsonl"),
        ("a.ndjson.zst", "jsonl"),
        ("a.jsonl.gz", "jsonl"),
        ("a.Parquet", "parquet"),
        ("a.json", "text"),
        ("jsonl", "text"),
        ("https://h/a.jsonl.gz?token=a.py#x", "jsonl"),
        ("https://h/a.py?x=.jsonl", "text"),
        ("zip://d/a.jsonl::/b/c.zip", "jsonl"),
        ("simplecache::s3://b/a.parquet", "parquet"),
        ("a::b.jsonl", "jsonl"),
        ("a?b.jsonl", "jsonl"),
    ],
)
def test_the_name_says_how_to_read(path: str, kind: str) -> None:
    """Bug: a URL with a query, or of a file within an archive, was taken for one text."""
    assert kind_of(path) == kind


def test_urls_in_memory(tmp_path: Path, memory: str) -> None:
    filesystem = fsspec.filesystem("memory")
    for name in ("b.py", "a.py", "c/d.jsonl", ".hidden/e.py", "__pycache__/f.py", "g.txt"):
        filesystem.pipe(f"{memory}/{name}", b'{"text": "row"}\n')
    names = [path.split("/", 4)[-1] for path in found(memory)]
    assert names == ["a.py", "b.py", "c/d.jsonl"]
    assert [text for _, text in read_all(tmp_path, memory)] == ['{"text": "row"}\n'] * 2 + ["row"]
    assert len(found(f"{memory}/g.txt")) == 1
    assert len(found(memory, memory)) == 3


def test_hidden_folders_of_a_file_system_behind_a_url_stay_out(memory: str) -> None:
    """Bug: hidden and cache folders were read when the folder was given as a URL."""
    fsspec.filesystem("memory").pipe(f"{memory}/.git/a.py", b"x")
    fsspec.filesystem("memory").pipe(f"{memory}/a/node_modules/a.py", b"x")
    assert found(memory) == []


def test_a_file_url_is_a_local_path(tmp_path: Path) -> None:
    """Bug: with file:// the output folder was read again, and links and pipes were not noticed."""
    make(tmp_path, ["in/a.py", "in/out/b.py", "in/.h/c.py"])
    os.mkfifo(tmp_path / "in" / "pipe.py")
    for url in (f"file://{tmp_path}/in", f"local://{tmp_path}/in"):
        assert found(url, exclude=tmp_path / "in" / "out") == [f"{tmp_path}/in/a.py"]
        assert list(find_inputs([url])) == list(find_inputs([f"{tmp_path}/in"]))


def test_archives(tmp_path: Path, memory: str) -> None:
    """Bug: the files of an archive lost its name and could not be opened."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("d/x.py", "x = 1\n")
        archive.writestr("y.jsonl", '{"text": "row", "id": 7}\n')
    expected = [(f"zip://d/x.py::{tmp_path}/a.zip", "x = 1\n"), ("7", "row")]
    assert read_all(tmp_path, f"zip://::{tmp_path}/a.zip") == expected
    assert read_all(tmp_path, f"zip://d::{tmp_path}/a.zip") == expected[:1]
    assert read_all(tmp_path, f"zip://d/x.py::{tmp_path}/a.zip") == expected[:1]
    fsspec.filesystem("memory").pipe(f"{memory}/a.zip", (tmp_path / "a.zip").read_bytes())
    assert [text for _, text in read_all(tmp_path, f"zip://::{memory}/a.zip")] == ["x = 1\n", "row"]


def test_a_chain_that_caches(tmp_path: Path, memory: str) -> None:
    fsspec.filesystem("memory").pipe(f"{memory}/d/x.py", b"x = 1\n")
    assert [text for _, text in read_all(tmp_path, f"simplecache::{memory}/d")] == ["x = 1\n"]


@pytest.mark.parametrize(
    "url",
    [
        "nosuch://bucket/x",
        "memory://nosuch",
        "zip://::/nosuch.zip",
        "zip://nosuch.py::{}",
        "://",
        "https://",
        "zip://::{}/broken.zip",
    ],
)
def test_a_url_that_cannot_be_reached_says_so(tmp_path: Path, url: str) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK no archive")
    with pytest.raises(InputError, match=r"cannot list|there is no file"):
        found(url.format(tmp_path))


def test_all_suffixes_have_a_kind() -> None:
    assert {kind_of(f"a{suffix}") for suffix in suffixes_of(DEFAULT_FORMATS)} == {"text", "jsonl", "parquet"}
