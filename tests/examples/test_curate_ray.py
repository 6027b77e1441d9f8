"""The example on a Ray cluster of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conftest import BROKEN, TEXTBOOK

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100"}
    environment.pop("TEXTBOOKS_DATA", None)
    command = [sys.executable, str(ROOT / "examples" / "curate_ray.py"), *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=200)


def test_help_names_every_option():
    shown = run("--help").stdout
    assert all(option in shown for option in ("--out", "--address", "--workers", "--memory-gb", "--restart"))


@pytest.mark.slow
def test_a_folder_becomes_a_curated_corpus(tmp_path):
    pytest.importorskip("ray.cluster_utils")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "search.py").write_text(TEXTBOOK)
    (tmp_path / "code" / "broken.py").write_text(BROKEN)
    done = run(tmp_path / "code", "--out", tmp_path / "out", "--workers", 1)
    assert done.returncode == 0, done.stderr
    kept = pq.read_table(tmp_path / "out" / "kept").to_pylist()
    assert [row["text"] for row in kept] == [TEXTBOOK]
    assert "judging" in done.stdout
    assert "syntax" in done.stdout


def test_what_cannot_be_read_is_said_in_one_line(tmp_path):
    pytest.importorskip("ray")
    done = run(tmp_path / "nothing", "--out", tmp_path / "out")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("error: ")
