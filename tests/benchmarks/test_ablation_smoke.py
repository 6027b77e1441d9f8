"""The whole ablation, tiny: packages and problems of its own, a model that learns nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "benchmarks" / "ablation" / "run.py"
WORDS = (
    "ferries",
    "lanterns",
    "orchards",
    "pebbles",
    "kettles",
    "meadows",
    "anchors",
    "ribbons",
    "saddles",
    "thimbles",
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(find_spec, ("torch", "transformers", "tokenizers"))), reason="needs torch and transformers"
    ),
]


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """Every module of the standard library as a package of its own, each with a page of documentation."""
    folder = tmp_path_factory.mktemp("packages")
    pages = sorted((ROOT / "docs").glob("*.md"))
    modules = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("[a-z]*.py"))
    for number, module in enumerate(modules):
        package = folder / module.stem
        package.mkdir()
        shutil.copy(module, package)
        shutil.copy(pages[number % len(pages)], package / "README.md")
    return folder


@pytest.fixture(scope="module")
def problems(tmp_path_factory):
    """Two benchmarks of ten problems each, in the formats of the published ones."""
    folder = tmp_path_factory.mktemp("problems")
    human, simple = [], []
    for number, word in enumerate(WORDS):
        head = f'def count_{word}({word}, most):\n    """Return how many {word} are at most {most_of(number)}."""\n'
        body = (
            f"    found = 0\n    for one in {word}:\n        if one <= most + {number}:\n            found += 1\n"
            "    return found\n"
        )
        check = (
            "def check(candidate):\n    assert candidate([1, 2, 90], 3) == 2\n"
            f"    assert candidate([], {number}) == 0\n"
        )
        human.append(
            {
                "task_id": f"HumanEval/{number}",
                "prompt": head,
                "canonical_solution": body,
                "test": check,
                "entry_point": f"count_{word}",
            }
        )
        simple.append(
            {
                "task_id": number + 1,
                "text": f"Write a function to add {number} to the first of the {word}.",
                "code": f"def first_of_{word}({word}):\n  return {word}[0] + {number}",
                "test_list": [f"assert first_of_{word}([4, 5]) == {4 + number}"],
            }
        )
    for name, rows in (("HumanEval", human), ("mbpp", simple)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def most_of(number):
    return f"a number that is {number} more than the most that the harbour master allows"


def ablation(*arguments, problems):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TEXTBOOKS_DATA": str(problems)}
    command = [sys.executable, str(RUN), "--smoke", "--workers", "2", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_from_packages_to_figures_and_again_nothing_to_do(packages, problems, tmp_path):
    arguments = ("--work", tmp_path / "work", "--packages", packages, "--parts", "main")
    done = ablation(*arguments, problems=problems)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((tmp_path / "work" / "results" / "results.json").read_bytes())
    assert {"raw", "filtered", "textbooks", "raw + exercises", "filtered + exercises"} <= set(results["main"])
    trained = results["runs"]["main-filtered-0"]
    assert trained["held_out"]["humaneval"] < trained["before"]["humaneval"]
    finetuned = results["runs"]["main-filtered-0-exercises"]
    assert finetuned["before"]["exercises"] == pytest.approx(trained["held_out"]["exercises"], rel=1e-4)
    assert finetuned["held_out"]["exercises"] < finetuned["before"]["exercises"]
    held_out = set(results["texts"]["code"]["held out packages"])
    raw = [json.loads(line) for line in (tmp_path / "work" / "texts" / "raw.jsonl").read_text().splitlines()]
    assert held_out
    assert not held_out & {row["package"] for row in raw}
    assert {path.name for path in (tmp_path / "work" / "results").glob("*.svg")} >= {"figure_2_1.svg", "curves.svg"}
    again = ablation(*arguments, problems=problems)
    assert "17 runs, 17 of them done before" in again.stdout
    other = ablation(*arguments, "--peak", "0.5", problems=problems)
    assert other.returncode == 2
    assert "was begun with another plan" in other.stderr
