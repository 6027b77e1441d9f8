"""Vectors on the disk: found again, never wrong, whatever happens to the file."""

from __future__ import annotations

import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.embedders.cache import EmbeddingCache, cache_key
from textbooks.errors import OutputError

SOURCES = Path(__file__).resolve().parents[2] / "src"


def vectors(count, dimensions=4, seed=0):
    numbers = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return {cache_key("one", f"{seed} {number}"): vector for number, vector in enumerate(numbers)}


def same(found, wanted):
    return found.keys() == wanted.keys() and all(np.array_equal(found[key], wanted[key]) for key in wanted)


def test_what_was_put_is_found_bit_by_bit(tmp_path):
    cache, wanted = EmbeddingCache(tmp_path / "below" / "cache"), vectors(1_203)
    assert cache.get(list(wanted), 4) == {}
    cache.put(wanted)
    assert same(cache.get(list(wanted), 4), wanted)
    assert same(EmbeddingCache(tmp_path / "below" / "cache").get(list(wanted), 4), wanted)
    assert all(vector.dtype == np.float32 for vector in cache.get(list(wanted), 4).values())
    assert cache.get([cache_key("two", "0 0")], 4) == {}
    assert cache.get([], 4) == {}


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.text(max_size=4) | st.just("\ud800") | st.just("?"))))
def test_keys_are_equal_where_identity_and_text_are(pairs):
    keys = {pair: cache_key(*pair) for pair in pairs}
    assert len(set(keys.values())) == len(set(pairs))
    assert all(len(key) == 32 for key in keys.values())


def test_another_length_counts_as_missing(tmp_path):
    cache, known = EmbeddingCache(tmp_path / "cache"), vectors(3)
    cache.put(known)
    assert cache.get(list(known), 5) == {}


def test_a_flipped_bit_in_a_vector_is_a_miss_and_is_mended(tmp_path):
    path, known = tmp_path / "cache", vectors(3)
    EmbeddingCache(path).put(known)
    key = next(iter(known))
    with sqlite3.connect(path) as connection:
        packed = bytearray(connection.execute("SELECT vector FROM vectors WHERE key = ?", [key]).fetchone()[0])
        packed[5] ^= 1
        connection.execute("UPDATE vectors SET vector = ? WHERE key = ?", [bytes(packed), key])
    connection.close()
    cache = EmbeddingCache(path)
    assert key not in cache.get(list(known), 4)
    assert len(cache.get(list(known), 4)) == 2
    cache.put(known)
    assert same(cache.get(list(known), 4), known)


@pytest.mark.parametrize("content", [b"not a database" * 100, b"\0" * 5_000, b"SQLite format 3\0" + b"\xff" * 4_096])
def test_what_is_no_database_is_set_aside(tmp_path, content, caplog):
    path, known = tmp_path / "cache", vectors(3)
    path.write_bytes(content)
    cache = EmbeddingCache(path)
    assert cache.get(list(known), 4) == {}
    cache.put(known)
    assert same(cache.get(list(known), 4), known)
    assert (tmp_path / "cache.damaged").read_bytes() == content
    assert "it is set aside as cache.damaged" in caplog.text


@pytest.mark.parametrize("damage", range(8))
def test_a_page_overwritten_or_cut_off_never_gives_a_wrong_vector(tmp_path, damage):
    path, known = tmp_path / "cache", vectors(600, 16)
    EmbeddingCache(path).put(known)
    content = bytearray(path.read_bytes())
    place = len(content) * (damage + 1) // 9
    content[place : place + 3_000] = os.urandom(3_000) if damage % 2 else b""
    path.write_bytes(bytes(content))
    cache = EmbeddingCache(path)
    for _ in range(2):
        found = cache.get(list(known), 16)
        assert all(np.array_equal(found[key], known[key]) for key in found)
        cache.put(known)
    assert same(cache.get(list(known), 16), known)


def test_a_path_that_cannot_be_used_is_an_error_that_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "cache"):
        with pytest.raises(OutputError, match=r"cannot be opened: .*give a path in a folder that can be written"):
            EmbeddingCache(path).get([b"key"], 4)


def test_a_locked_file_does_not_stop_the_work(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr("textbooks.cachefile._SECONDS_TO_WAIT", 0.05)
    known = vectors(2)
    cache = EmbeddingCache(tmp_path / "cache")
    cache.put(vectors(2, seed=1))
    other = sqlite3.connect(tmp_path / "cache")
    other.execute("BEGIN EXCLUSIVE")
    cache.put(known)
    assert cache.get(list(known), 4) == {}
    assert "cannot be written, going on without: database is locked" in caplog.text
    other.close()
    cache.put(known)
    assert same(cache.get(list(known), 4), known)


def test_it_travels_to_another_process_unopened(tmp_path):
    cache, known = EmbeddingCache(tmp_path / "cache"), vectors(2)
    cache.put(known)
    assert same(pickle.loads(pickle.dumps(cache)).get(list(known), 4), known)


def test_a_child_after_a_fork_opens_a_connection_of_its_own(tmp_path):
    cache, known = EmbeddingCache(tmp_path / "cache"), vectors(2)
    cache.put(known)
    child = os.fork()
    if child == 0:
        mine = cache._values._connection
        os._exit(0 if same(cache.get(list(known), 4), known) and cache._values._connection is not mine else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert same(cache.get(list(known), 4), known)


WRITER = """
import sys
import numpy as np
from textbooks.embedders.cache import EmbeddingCache, cache_key
cache, name = EmbeddingCache(sys.argv[1]), sys.argv[2]
for number in range(int(sys.argv[3])):
    cache.put({cache_key(name, f"{number} {part}"): np.full(64, number, np.float32) for part in range(20)})
    print(number, flush=True)
"""


def writer(path, name, rounds):
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    command = [sys.executable, "-c", WRITER, str(path), name, str(rounds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def test_two_processes_write_at_once_and_one_is_killed(tmp_path):
    path = tmp_path / "cache"
    steady, killed = writer(path, "steady", 30), writer(path, "killed", 1_000_000)
    with steady, killed:
        for _ in range(10):
            killed.stdout.readline()
        time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
        done = 10 + len(killed.stdout.read().splitlines())
        steady.communicate()
    assert steady.returncode == 0
    cache = EmbeddingCache(path)
    for name, rounds in (("steady", 30), ("killed", done)):
        for number in range(rounds):
            found = cache.get([cache_key(name, f"{number} {part}") for part in range(20)], 64)
            assert len(found) == 20
            assert all((vector == number).all() for vector in found.values())
    half = cache.get([cache_key("killed", f"{done} {part}") for part in range(20)], 64)
    assert len(half) in (0, 20)
    assert not path.with_name("cache.damaged").exists()
