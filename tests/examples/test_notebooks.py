"""The notebooks: each is what its script says, has been run, runs, and shows no path of a machine."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

pytest.importorskip("jupytext")
pytest.importorskip("ipykernel")

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "notebooks"
SPEC = importlib.util.spec_from_file_location("build_notebooks", FOLDER / "build.py")
notebooks = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(notebooks)

every_one = pytest.mark.parametrize("script", notebooks.SCRIPTS, ids=lambda path: path.stem)


def test_there_are_notebooks_and_each_has_its_script():
    assert len(notebooks.SCRIPTS) >= 3
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == {path.stem for path in notebooks.SCRIPTS}


@every_one
def test_a_notebook_is_what_its_script_says(script):
    assert notebooks.is_current(script), f"python examples/notebooks/build.py {script.stem}"


@every_one
def test_it_shows_no_path_of_a_machine(script):
    shown = script.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert not re.search(r"/(home|root|Users|work|tmp)/|site-packages", shown)


@pytest.mark.slow
@every_one
def test_it_runs(script):
    done = notebooks.run(notebooks.from_script(script))
    assert [output for cell in done.cells for output in cell.get("outputs", []) if output.output_type == "error"] == []
    shown = sum("text/html" in output.get("data", {}) for cell in done.cells for output in cell.get("outputs", []))
    assert shown >= 1


def test_a_changed_script_is_noticed(tmp_path):
    script = tmp_path / "small.py"
    script.write_text("# %%\nprint(1)\n")
    assert not notebooks.is_current(script)
    made = notebooks.from_script(script)
    made.cells[0].execution_count = 1
    notebooks.nbformat.write(made, script.with_suffix(".ipynb"))
    assert notebooks.is_current(script)
    script.write_text("# %%\nprint(2)\n")
    assert not notebooks.is_current(script)
