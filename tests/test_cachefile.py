"""Values in a SQLite file. What the caches that stand on it promise is tested with them, in `embedders` and `llm`."""

from __future__ import annotations

import pickle
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.cachefile import CacheFile
from textbooks.errors import OutputError


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("wr"), st.dictionaries(st.binary(max_size=2), st.binary(max_size=9), max_size=4))
    )
)
@pytest.mark.parametrize("precious", [False, True])
def test_it_is_a_dictionary(tmp_path_factory, precious, steps):
    cache, model = CacheFile(tmp_path_factory.mktemp("c") / "cache", precious=precious), {}
    for kind, values in steps:
        if kind == "w":
            cache.write(values)
            model |= values
        else:
            cache.remove(values)
            model = {key: value for key, value in model.items() if key not in values}
        wanted = [*model, b"no such key"]
        assert cache.read(wanted) == model
    cache.close()


def test_a_precious_file_keeps_a_log_and_raises(tmp_path, monkeypatch):
    monkeypatch.setattr("textbooks.cachefile._SECONDS_TO_WAIT", 0.05)
    cache = CacheFile(tmp_path / "cache", precious=True)
    cache.write({b"k": b"v"})
    assert (tmp_path / "cache-wal").exists()
    other = sqlite3.connect(tmp_path / "cache")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OutputError, match=r"cannot be written: database is locked"):
        cache.write({b"k": b"w"})
    assert cache.read([b"k"]) == {b"k": b"v"}
    other.close()
    cache.close()


def test_a_file_that_another_has_begun_anew_is_not_set_aside(tmp_path):
    path = tmp_path / "cache"
    cache = CacheFile(path)
    cache.write({b"old": b"1"})
    path.replace(tmp_path / "cache.damaged")  # another process found it damaged, and began a new one
    other = CacheFile(path)
    other.write({b"new": b"2"})
    cache._set_aside(sqlite3.DatabaseError("malformed"))
    assert cache.read([b"old", b"new"]) == {b"new": b"2"}
    cache.close()
    other.close()


def test_it_travels_with_its_arguments(tmp_path):
    cache = CacheFile(tmp_path / "cache", table="t", column="c", precious=True)
    cache.write({b"k": b"v"})
    copy = pickle.loads(pickle.dumps(cache))
    assert (copy.table, copy.column, copy.precious, copy.read([b"k"])) == ("t", "c", True, {b"k": b"v"})
    cache.close()
    copy.close()
