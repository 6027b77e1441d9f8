"""The example for Slurm; what it submits is tested in tests/curation/executors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments, path=os.environ["PATH"]):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100", "PATH": path}
    command = [sys.executable, str(ROOT / "examples" / "curate_slurm.py"), *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=200)


def test_help_names_every_option():
    shown = run("--help").stdout
    options = (
        "--out",
        "--partition",
        "--workers",
        "--tasks-per-job",
        "--memory-gb",
        "--time",
        "--account",
        "--restart",
    )
    assert all(option in shown for option in options)


def test_without_slurm_it_says_so_in_one_line(tmp_path):
    (tmp_path / "code.py").write_text("x = 1\n")
    done = run(tmp_path / "code.py", "--out", tmp_path / "out", "--partition", "cpu", path=str(tmp_path))
    assert done.stderr == "error: there is no scancel on this machine: run this where jobs are submitted\n"
    assert done.returncode == 2
