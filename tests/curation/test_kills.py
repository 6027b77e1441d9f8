"""A short run of benchmarks/curation/kills.py: kills of every kind leave no bad file, and the output is the same."""

from __future__ import annotations

import importlib.util
import random
from collections import Counter
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "curation" / "kills.py"


@pytest.fixture(scope="module")
def kills():
    specification = importlib.util.spec_from_file_location("kills", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_files_that_are_cut_off_are_found(kills, tmp_path):
    for name, data in (("a.json", b'{"a": 1'), ("a.gz", b"\x1f\x8b\x08"), ("b.gz", b""), ("a.parquet", b"PAR1")):
        (tmp_path / name).write_bytes(data)
        assert not kills.is_readable(tmp_path / name)
    (tmp_path / "whole.json").write_bytes(b"{}")
    assert kills.is_readable(tmp_path / "whole.json")
    assert {file.name for file in kills.published(tmp_path)} == {"a.json", "a.gz", "b.gz", "a.parquet", "whole.json"}


@pytest.mark.slow
def test_killed_in_every_way_a_run_ends_with_the_same_bytes(kills, tmp_path, monkeypatch):
    corpus, whole, out = tmp_path / "corpus", tmp_path / "whole", tmp_path / "out"
    kills.make_corpus(corpus, texts=90)
    assert kills.start(kills.OURS, corpus, whole).wait() == 0
    expected = kills.digests(whole)
    assert len([name for name in expected if name.startswith("dropped/")]) > 20, "many blocks"
    targets = ["process group", "driver alone", "one worker"]
    done, bad = kills.interrupt(corpus, out, 12.0, targets, random.Random(3))
    assert done == Counter(targets)
    assert bad == 0
    assert kills.digests(out) == expected
