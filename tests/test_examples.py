"""The examples run, and do what they say."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = ROOT / "docs" / "snippets" / "files"


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """A folder of code of every fate, and a machine on which `humaneval` is one known problem."""
    folder = tmp_path_factory.mktemp("machine")
    (folder / "benchmarks").mkdir()
    shutil.copy(FILES / "problems.jsonl", folder / "benchmarks" / "HumanEval.jsonl")
    (folder / "code" / "below").mkdir(parents=True)
    for name in ("binary_search.py", "settings.py", "corpus.jsonl"):
        shutil.copy(FILES / name, folder / "code")
    shutil.copy(FILES / "binary_search.py", folder / "code" / "below" / "copied.py")
    similar = (FILES / "binary_search.py").read_text() + "\n\nPORT = 80\n"
    (folder / "code" / "below" / "similar.py").write_text(similar)
    (folder / "code" / "broken.py").write_bytes(b'x = "\xff\xfe"\n' * 20)
    return folder


def run(machine, *command):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "HF_HUB_OFFLINE": "1"}
    environment["TEXTBOOKS_DATA"] = str(machine / "benchmarks")
    done = subprocess.run(
        [sys.executable, *command], cwd=machine, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def ids(folder):
    return [row["id"] for file in sorted(folder.glob("**/*.parquet")) for row in pq.read_table(file).to_pylist()]


@pytest.fixture(scope="module")
def curated(machine):
    """What the example leaves."""
    assert "WARNING" not in run(machine, str(ROOT / "examples" / "curate.py"), "code", "example")
    return machine / "example"


def test_the_example_keeps_what_the_command_keeps(machine, curated):
    run(machine, "-m", "textbooks.cli", "curate", "--out", "command", "--workers", "1", "code")
    assert ids(curated / "kept") == ids(machine / "command" / "kept") == ["code/binary_search.py"]
    assert sorted(ids(curated / "dropped")) == sorted(ids(machine / "command" / "dropped"))


def test_the_example_says_why_each_record_was_dropped(curated):
    rows = [row for file in (curated / "dropped").glob("**/*.parquet") for row in pq.read_table(file).to_pylist()]
    assert {row["id"]: row["reason"] for row in rows} == {
        "search": "exact_duplicate",
        "search-copy": "exact_duplicate",
        "code/below/copied.py": "exact_duplicate",
        "code/below/similar.py": "near_duplicate",
        "settings": "low_edu_value",
        "tiny": "too_short",
        "unfinished": "syntax",
        "code/settings.py": "exact_duplicate",
        "exam": "ngram_overlap",
    }


def test_the_example_is_short_enough_to_read():
    assert len((ROOT / "examples" / "curate.py").read_text().splitlines()) < 80
