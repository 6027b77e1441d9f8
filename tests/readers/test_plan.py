"""Plans: every file once, in order, and a fingerprint of all that matters."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textbooks.readers import InputFile, find_inputs, write_plan
from textbooks.readers import plan as module
from textbooks.readers.plan import load_shard, shard_inputs

sizes = st.lists(st.integers(0, 50), max_size=60)


def files_of(sizes: list[int]) -> list[InputFile]:
    return [InputFile(f"{number}.py", "text", size, str(number)) for number, size in enumerate(sizes)]


@given(sizes, st.integers(1, 100), st.integers(1, 9))
def test_every_file_once_in_order_within_the_limits(sizes: list[int], shard_bytes: int, shard_files: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SHARD_FILES", shard_files)
        shards = list(shard_inputs(files_of(sizes), shard_bytes=shard_bytes))
    assert [file for shard in shards for file in shard] == files_of(sizes)
    for shard in shards:
        assert 1 <= len(shard) <= shard_files
        assert len(shard) == 1 or sum(file.size for file in shard) <= shard_bytes
    for shard, following in pairwise(shards):  # no shard could have taken one file more
        assert len(shard) == shard_files or sum(file.size for file in [*shard, following[0]]) > shard_bytes


def test_a_plan_is_written_and_read_again(tmp_path: Path) -> None:
    files = [
        InputFile("a\udcff.py", "text", 3, "1", {"package": "é", "license": None}),
        InputFile("memory://a/b c.jsonl.gz", "jsonl", 0, ""),
        InputFile("\ud800.parquet", "parquet", 10**12, "x\ny"),
    ]
    plan = write_plan(files, tmp_path / "new" / "plan", shard_bytes=5)
    assert (plan.shards, plan.files, plan.size) == (2, 3, 10**12 + 3)
    assert [load_shard(tmp_path / "new" / "plan", rank) for rank in range(2)] == [files[:2], files[2:]]


def test_a_name_without_utf8_form_has_a_fingerprint() -> None:
    """Bug: a URL with a lone surrogate ended the run with UnicodeEncodeError."""
    assert len(write_plan([InputFile("\ud800.py", "text", 1, "")], None).fingerprint) == 32


def test_no_files_make_an_empty_plan(tmp_path: Path) -> None:
    plan = write_plan([], tmp_path)
    assert (plan.shards, plan.files, plan.size) == (0, 0, 0)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_plan_leaves_nothing_behind(tmp_path: Path) -> None:
    """Bug: a shorter plan written over a longer one kept the other's last shards."""
    write_plan(files_of([1] * 5), tmp_path, shard_bytes=1)
    write_plan(files_of([1]), tmp_path, shard_bytes=1)
    assert [path.name for path in tmp_path.iterdir()] == ["00000.json"]


@pytest.mark.parametrize("shard_bytes", [0, -1])
def test_a_shard_needs_room(shard_bytes: int) -> None:
    with pytest.raises(ValueError, match=f"shard_bytes must be at least 1, got {shard_bytes}"):
        write_plan([], None, shard_bytes=shard_bytes)


def test_counting_alone_gives_the_same_totals(tmp_path: Path) -> None:
    files = files_of([3, 4, 5])
    assert write_plan(files, None, shard_bytes=7) == write_plan(iter(files), tmp_path, shard_bytes=7)


entries = st.builds(
    InputFile,
    st.text(st.sampled_from("ab/\n 1"), min_size=1, max_size=3),
    st.just("text"),
    st.integers(0, 12),
    st.sampled_from(["", "1", "12"]),
)


@given(st.lists(entries, max_size=4), st.lists(entries, max_size=4))
def test_fingerprints_are_equal_for_equal_files_only(one: list[InputFile], other: list[InputFile]) -> None:
    same = write_plan(one, None).fingerprint == write_plan(other, None).fingerprint
    assert same == (one == other)


@given(sizes, st.integers(1, 100))
def test_the_fingerprint_does_not_depend_on_the_sharding(sizes: list[int], shard_bytes: int) -> None:
    files = files_of(sizes)
    assert write_plan(files, None, shard_bytes=shard_bytes).fingerprint == write_plan(files, None).fingerprint


def test_any_change_of_a_file_changes_the_fingerprint_and_nothing_else_does(tmp_path: Path) -> None:
    for name in ("a.py", "b.py", "c/d.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")

    def fingerprint() -> str:
        return write_plan(find_inputs([str(tmp_path)]), None).fingerprint

    seen = [fingerprint()]
    (tmp_path / "a.py").read_text()
    (tmp_path / "notes.txt").write_text("no input")
    (tmp_path / ".hidden.py").write_text("no input")
    (tmp_path / "a.py").chmod(0o600)
    (tmp_path / "empty").mkdir()
    assert fingerprint() == seen[0]
    status = (tmp_path / "a.py").stat()
    changes = [
        lambda: (tmp_path / "e.py").write_text(""),
        lambda: (tmp_path / "e.py").unlink(),
        lambda: (tmp_path / "b.py").rename(tmp_path / "f.py"),
        lambda: (tmp_path / "a.py").write_text("x = 12\n"),
        lambda: os.utime(tmp_path / "a.py", ns=(status.st_atime_ns, status.st_mtime_ns + 1)),
    ]
    for change in changes:
        change()
        seen.append(fingerprint())
    assert seen[2] == seen[0]  # what was added is gone again
    assert len({*seen}) == len(seen) - 1


def test_what_does_not_come_from_the_file_has_no_part_in_the_fingerprint() -> None:
    files = files_of([1, 2])
    assert write_plan([replace(file, metadata={"a": 1}) for file in files], None) == write_plan(files, None)
