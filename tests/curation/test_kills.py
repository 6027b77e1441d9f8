"""A short run of benchmarks/curation/kills.py: kills of every kind leave no bad file, and the output is the same."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "curation" / "kills.py"
KILLS = 5


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
def test_killed_in_every_way_a_run_ends_with_the_same_bytes(tmp_path):
    """In a process of its own, for it forks, and changes how processes are started."""
    command = [sys.executable, str(SCRIPT), "--kills", str(KILLS), "--peer-kills", "1"]
    done = subprocess.run([*command, "--results", str(tmp_path / "results.json")], check=True, capture_output=True)
    found = json.loads(done.stdout)
    assert found == json.loads((tmp_path / "results.json").read_text())
    assert found["corpus"]["read"] == sum(found["corpus"][name] for name in ("kept", "dropped", "quarantined"))
    assert found["corpus"]["reasons"] >= 10
    assert found["corpus"]["files_of_the_output"] > 50, "many blocks"
    assert found["what_is_left"]["textbooks"] == {"kills": KILLS, "leaving_an_unreadable_file": 0}
    runs = found["resumed_runs"]["runs"]
    assert found["resumed_runs"] == {"runs": runs, "identical_to_a_run_left_alone": runs}
    assert sum(found["kills_of_textbooks"].values()) == KILLS
