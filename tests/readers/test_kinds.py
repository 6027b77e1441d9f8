"""Formats by name: what a folder is searched for, and how a file that is named itself is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from textbooks.readers import FORMATS, find_inputs, read_texts
from textbooks.readers.formats import READERS
from textbooks.readers.kinds import kind_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.py", "b.jsonl", "c.parquet", "d.ipynb", "e.md", "f.markdown", "g.txt"):
        (tmp_path / name).write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("formats", "names"),
    [
        (("python", "jsonl", "parquet"), ["a.py", "b.jsonl", "c.parquet"]),
        (("notebook",), ["d.ipynb"]),
        (("markdown", "python"), ["a.py", "e.md", "f.markdown"]),
    ],
)
def test_a_folder_gives_the_formats_asked_for(folder: Path, formats: tuple[str, ...], names: list[str]) -> None:
    assert [Path(file.path).name for file in find_inputs([str(folder)], formats=formats)] == names


def test_the_default_is_code_and_rows(folder: Path) -> None:
    assert [file.kind for file in find_inputs([str(folder)])] == ["text", "jsonl", "parquet"]


def test_a_named_file_is_read_by_its_suffix_whatever_the_formats(folder: Path) -> None:
    paths = [str(folder / name) for name in ("d.ipynb", "e.md", "g.txt")]
    assert [file.kind for file in find_inputs(paths, formats=["python"])] == ["notebook", "markdown", "text"]


def test_a_file_named_before_its_folder_comes_once_also_where_the_folder_is_not_searched_for_it(folder: Path) -> None:
    paths = [str(folder), str(folder / "e.md"), str(folder / "a.py")]
    assert [Path(file.path).name for file in find_inputs(paths, formats=["python"])] == ["a.py", "e.md"]


def test_every_kind_can_be_read() -> None:
    kinds = {kind_of(f"a{suffix}") for suffixes in FORMATS.values() for suffix in suffixes}
    assert kinds <= set(READERS)


@pytest.mark.parametrize(
    ("formats", "error", "said"),
    [(["rust"], ValueError, "'rust'"), ([], ValueError, "none"), ("python", TypeError, "list of names")],
)
def test_other_formats_are_refused(folder: Path, formats: object, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        list(find_inputs([str(folder)], formats=formats))  # type: ignore[arg-type]


def test_texts_are_read_in_the_formats_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Title\n")
    (document,) = read_texts([str(tmp_path)], formats=["markdown"]).documents
    assert (document.text, document.metadata["text_format"]) == ("# Title\n", "markdown")
