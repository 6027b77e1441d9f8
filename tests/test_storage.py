"""A file appears under its name whole, or not at all."""

from __future__ import annotations

import pytest

from textbooks.storage import publish, remove_leftovers, write_atomically


def test_the_name_appears_only_at_the_end(tmp_path):
    path = tmp_path / "new" / "file"
    with publish(path) as temporary:
        temporary.write_bytes(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, GeneratorExit])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail():
        with publish(path) as temporary:
            temporary.write_bytes(b"half")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_existing_file_is_replaced(tmp_path):
    write_atomically(tmp_path / "file", b"1")
    write_atomically(tmp_path / "file", b"2")
    assert (tmp_path / "file").read_bytes() == b"2"


def test_only_leftovers_are_removed(tmp_path):
    (tmp_path / "kept").mkdir()
    for name in (".00000.parquet.123.tmp", "00000.parquet", ".hidden", "notes.tmp"):
        (tmp_path / "kept" / name).write_bytes(b"")
    remove_leftovers(tmp_path)
    assert sorted(file.name for file in (tmp_path / "kept").iterdir()) == [".hidden", "00000.parquet", "notes.tmp"]
