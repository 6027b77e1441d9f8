"""The training example: from a file of labels to a model that the filter takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from textbooks.filters import EduValueFilter

ROOT = Path(__file__).resolve().parents[2]
GOOD = 'def add_{n}(a, b):\n    """Return a + b.\n\n    >>> add_{n}(1, 2)\n    3\n    """\n    return a + b\n'


def run(*arguments, cwd):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100"}
    command = [sys.executable, str(ROOT / "examples" / "train_edu_value.py"), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def labels(tmp_path_factory):
    path = tmp_path_factory.mktemp("labels") / "labels.jsonl"
    rows = [
        {
            "text": GOOD.format(n=n) if n % 2 else f"PORT_{n} = {n}\n",
            "score": 4 if n % 2 else 0,
            "group": f"repository {n // 4}",
            "source": "one" if n < 20 else "two",
            **dict.fromkeys(("self_contained", "algorithmic", "documented"), n % 2),
            "boilerplate": 1 - n % 2,
        }
        for n in range(40)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_labels_become_a_model_that_the_filter_takes(labels, tmp_path):
    done = run("--labels", labels, "--out", tmp_path / "own.npz", "--trees", 8, "--cross-validate", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "40 labelled texts of 10 groups" in done.stderr
    assert [line.split()[-1] for line in done.stdout.splitlines() if line.startswith("f1 at least 3")] == ["1.0000"] * 3
    edu_value = EduValueFilter(model=tmp_path / "own.npz")
    assert edu_value.keep_batch([GOOD.format(n=99), "PORT = 80\n"]) == [True, False]
    assert edu_value.explain("PORT = 80\n").marks["boilerplate"] > 0.5


def test_labels_without_texts_say_what_is_missing(tmp_path):
    done = run("--out", tmp_path / "own.npz", cwd=tmp_path)
    assert done.returncode == 1
    assert "error: the labels have no texts; give --texts" in done.stderr


def test_help_names_every_option(tmp_path):
    shown = run("--help", cwd=tmp_path).stdout
    assert all(option in shown for option in ("--labels", "--texts", "--out", "--trees", "--cross-validate"))
