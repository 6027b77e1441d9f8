"""The wheel is whole: built, looked into, installed where nothing else is, and used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import textbooks

ROOT = Path(__file__).resolve().parents[1]
FILES = ROOT / "docs" / "snippets" / "files"
CONTENT = (
    "py.typed",
    "annotators/data/examples.jsonl",
    "embedders/data/static.npz",
    "filters/data/drawbacks.json",
    "scoring/data/edu_value.npz",
    "scoring/data/labels.jsonl",
    "scoring/data/RUBRIC.md",
    "synthesizers/seeding/data/function_names.txt",
    "synthesizers/seeding/data/topics.txt",
    "reports/templates/report.html.j2",
    "reports/templates/style.css",
)

pytestmark = pytest.mark.slow


def run(*command, cwd, check=True):
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "TEXTBOOKS_DATA")}
    environment |= {"HF_HUB_OFFLINE": "1", "COLUMNS": "100"}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if check:
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """An environment that holds pip alone. Skips when pip cannot reach its index, for then nothing can be built."""
    folder = tmp_path_factory.mktemp("bare")
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    asked = run(python, "-m", "pip", "download", "--no-deps", "--dest", "index", "hatchling", cwd=folder, check=False)
    if asked.returncode:
        pytest.skip(f"pip cannot reach its index: {asked.stderr.strip().splitlines()[-1]}")
    return python


@pytest.fixture(scope="module")
def wheel(bare, tmp_path_factory):
    """The wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(bare, "-m", "pip", "wheel", ROOT, "--no-deps", "--wheel-dir", folder, cwd=folder)
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(bare, wheel):
    """The folder of the commands, after the wheel and what it depends on are installed."""
    run(bare, "-m", "pip", "install", wheel, cwd=wheel.parent)
    return bare.parent


def test_the_wheel_holds_the_data_and_nothing_beside_the_package(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in CONTENT if f"textbooks/{name}" not in names] == []
    sources = {str(path.relative_to(ROOT / "src")) for path in (ROOT / "src").rglob("*.py")}
    assert sources <= set(names)
    information = f"textbooks-{textbooks.__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {"textbooks", information}
    assert f"{information}/licenses/LICENSE" in names
    assert [name for name in names if "__pycache__" in name] == []


def test_the_installed_command_scores_a_file(installed, tmp_path):
    shown = run(installed / "textbooks", "score", "--json", FILES / "binary_search.py", cwd=tmp_path).stdout
    line = json.loads(shown)
    assert line["keep"] is True
    assert 2.5 <= line["score"] <= 5


def test_the_installed_command_curates(installed, tmp_path):
    command = (installed / "textbooks", "curate", "--out", "run", "--workers", "1")
    run(*command, "--problems", FILES / "problems.jsonl", FILES / "corpus.jsonl", cwd=tmp_path)
    stats = json.loads((tmp_path / "run" / "stats.json").read_bytes())
    assert {name: stats[name] for name in ("read", "kept", "dropped", "quarantined")} == {
        "read": 7,
        "kept": 1,
        "dropped": 5,
        "quarantined": 1,
    }
    assert stats["versions"]["textbooks"] == textbooks.__version__
    assert "<html" in (tmp_path / "run" / "report.html").read_text()


def test_the_core_install_brings_nothing_heavy(installed, tmp_path):
    listed = run(installed / "python", "-m", "pip", "list", "--format", "json", cwd=tmp_path).stdout
    names = {package["name"].lower() for package in json.loads(listed)}
    assert not names & {"torch", "transformers", "datasets", "pandas", "ray", "faiss-cpu", "matplotlib"}
