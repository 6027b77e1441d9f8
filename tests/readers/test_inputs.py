"""Which files a run reads, on a file system that does its worst."""

from __future__ import annotations

import os
import random
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.errors import InputError
from textbooks.readers import CorpusReader, find_inputs, write_plan

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


def test_the_order_is_that_of_the_names_whenever_they_were_made(tmp_path: Path) -> None:
    orders = []
    for seed in range(5):
        shuffled = random.Random(seed).sample(NAMES, len(NAMES))
        folder = make(tmp_path / str(seed), shuffled)
        orders.append([str(Path(path).relative_to(folder)) for path in found(folder)])
    assert all(order == orders[0] for order in orders)
    assert sorted(orders[0]) == sorted(NAMES)
    assert orders[0] == [
        "B.PY",
        "a-b.py",
        "a.py",
        "b.py",
        "z.jsonl",
        "z.jsonl.gz",
        "é.py",
        "a/a.py",
        "a/c.py",
        "a/b/c/d.parquet",
    ]


def test_paths_come_in_the_order_given(tmp_path: Path) -> None:
    make(tmp_path, NAMES)
    assert found(tmp_path / "b.py", tmp_path / "a.py") == [str(tmp_path / "b.py"), str(tmp_path / "a.py")]


def test_hidden_cached_and_foreign_files_stay_out(tmp_path: Path) -> None:
    make(
        tmp_path,
        [".git/a.py", "__pycache__/a.py", "node_modules/a.py", "b/.venv/lib/a.py", ".a.py", "a.txt", "a.pyc", "ok.py"],
    )
    assert found(tmp_path) == [str(tmp_path / "ok.py")]


def test_what_is_named_itself_is_read_whatever_its_name(tmp_path: Path) -> None:
    make(tmp_path, [".hidden/a.py", ".b.py", "a.txt"])
    assert found(tmp_path / ".hidden", tmp_path / ".b.py", tmp_path / "a.txt") == [
        str(tmp_path / name) for name in (".hidden/a.py", ".b.py", "a.txt")
    ]


def test_links_to_folders_are_not_followed_and_loops_end(tmp_path: Path) -> None:
    make(tmp_path, ["a/x.py"])
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "self.py").symlink_to(tmp_path / "a" / "self.py")
    (tmp_path / "folder.py").symlink_to(tmp_path / "a")
    files = list(find_inputs([str(tmp_path)]))
    assert [Path(file.path).name for file in files] == ["self.py", "x.py"]
    (loop, _) = files
    assert (loop.size, loop.stamp) == (0, "")


def test_a_dangling_link_is_one_unreadable_record(tmp_path: Path) -> None:
    make(tmp_path / "in", ["ok.py"])
    (tmp_path / "in" / "gone.py").symlink_to(tmp_path / "nowhere.py")
    assert [Path(path).name for path in found(tmp_path / "in")] == ["gone.py", "ok.py"]
    assert [Path(source).name for source, _ in read_all(tmp_path, tmp_path / "in")] == ["ok.py"]


def test_pipes_sockets_and_devices_do_not_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    make(tmp_path, ["ok.py"])
    os.mkfifo("pipe.py")
    Path("device.py").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.py")
        assert found(".") == ["./ok.py"] or found(".") == ["ok.py"]


@pytest.mark.parametrize("kind", ["pipe", "device", "socket"])
def test_a_pipe_named_itself_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Bug: a named pipe or device given as a path made the run wait for ever."""
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        os.mkfifo("pipe")
        server.bind("socket")
        Path("device").symlink_to("/dev/zero")
        with pytest.raises(InputError, match=f"'{kind}' is a pipe, socket or device"):
            found(kind)


def test_names_that_are_not_utf8_are_told_apart(tmp_path: Path) -> None:
    """Bug: two files whose names differ only in bytes that are no UTF-8 had the same source and id."""
    for name in (b"\xff.py", b"\xfe.py"):
        with open(os.fsencode(tmp_path) + b"/" + name, "wb") as file:  # noqa: PTH123
            file.write(b"x = 1\n")
    sources = [source for source, _ in read_all(tmp_path, tmp_path)]
    assert [Path(source).name for source in sources] == [r"\udcfe.py", r"\udcff.py"]
    assert all(source.encode() for source in sources)


def test_the_output_is_left_out(tmp_path: Path) -> None:
    make(tmp_path, ["a.py", "out/b.py", "out/sub/c.py", "output/d.py"])
    for exclude in (tmp_path / "out", tmp_path / "a" / ".." / "out"):
        assert found(tmp_path, exclude=exclude) == [str(tmp_path / "a.py"), str(tmp_path / "output" / "d.py")]


def test_the_output_is_left_out_even_when_named(tmp_path: Path) -> None:
    """Bug: the output folder, or a folder or file in it, was read when it was named itself."""
    out = make(tmp_path, ["out/b.py", "out/sub/c.py"]) / "out"
    for path in (out, out / "sub", out / "b.py", f"file://{out}"):
        assert found(path, exclude=out) == []


def test_the_output_is_left_out_by_its_real_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, ["real/in/a.py", "real/in/out/b.py"])
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert found(tmp_path / "link" / "in", exclude=tmp_path / "real" / "in" / "out") == [f"{tmp_path}/link/in/a.py"]
    monkeypatch.chdir(tmp_path / "real" / "in")
    assert found(".", exclude=Path("out")) == ["./a.py"] or found(".", exclude=Path("out")) == ["a.py"]


@pytest.mark.parametrize(
    "order",
    [
        ("in", "in"),
        ("in", "in/"),
        ("in", "in/sub"),
        ("in/sub", "in"),
        ("in/a.py", "in"),
        ("in", "in/a.py"),
        ("in", "in/sub/b.py", "in/sub"),
    ],
)
def test_what_is_named_twice_comes_once(tmp_path: Path, order: tuple[str, ...]) -> None:
    """Bug: a path given twice was read twice, and its second half reported as duplicates."""
    make(tmp_path, ["in/a.py", "in/sub/b.py", "in/sub/c.py"])
    paths = found(*(f"{tmp_path}/{name}" for name in order))
    assert sorted(paths) == [f"{tmp_path}/in/{name}" for name in ("a.py", "sub/b.py", "sub/c.py")]


def test_what_a_folder_does_not_give_comes_when_named_beside_it(tmp_path: Path) -> None:
    make(tmp_path, ["in/a.py", "in/notes.txt", "in/.venv/b.py", "in/__pycache__/c.py"])
    names = ["in", "in/notes.txt", "in/.venv", "in/__pycache__/c.py"]
    assert [Path(path).name for path in found(*(tmp_path / name for name in names))] == [
        "a.py",
        "notes.txt",
        "b.py",
        "c.py",
    ]


trees = st.lists(st.lists(st.sampled_from(["a", "b", ".h", "node_modules"]), max_size=3), min_size=1, max_size=6)


@given(trees, st.data())
def test_any_choice_of_paths_gives_the_union_and_nothing_twice(
    tmp_path_factory: pytest.TempPathFactory, tree: list[list[str]], data: st.DataObject
) -> None:
    root = tmp_path_factory.mktemp("tree")
    make(root, ["/".join([*folder, name]) for folder in tree for name in ("x.py", "y.txt")])
    places = sorted(str(path) for path in [root, *root.rglob("*")])
    chosen = data.draw(st.lists(st.sampled_from(places), max_size=4))
    together = found(*chosen)
    assert len(together) == len(set(together))
    assert set(together) == {path for place in chosen for path in found(place)}


def test_a_missing_path_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file or folder 'nosuch': check the path"):
        found("nosuch")
    with pytest.raises(InputError, match="nosuch"):
        found(f"file://{tmp_path}/nosuch")


@pytest.mark.parametrize("path", ["~nosuchuser/x", "x" * 5_000, "a\0b", "loop", "dangling", ""])
def test_an_impossible_path_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Bug: an unknown home folder or a name too long ended in a traceback."""
    monkeypatch.chdir(tmp_path)
    Path("loop").symlink_to("loop")
    Path("dangling").symlink_to("nowhere")
    if path:
        with pytest.raises(InputError):
            found(path)
    else:
        assert found(path) == []  # the current folder, as for Path("")


def test_a_folder_that_cannot_be_listed_counts_as_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bug: a folder without permission was passed over in silence, with all that is in it."""
    make(tmp_path, ["in/a.py", "in/locked/b.py", "in/z/c.py"])
    real = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert [Path(path).name for path in found(tmp_path / "in")] == ["a.py", "locked", "c.py"]
    assert [Path(source).name for source, _ in read_all(tmp_path, tmp_path / "in")] == ["a.py", "c.py"]
