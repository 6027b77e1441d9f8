"""`textbooks diversity`: a file, two files, what it prints and writes."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from textbooks.cli import app
from textbooks.diversity import MEASURES, diversity_report

TEXTS = [f"def make_{i}(a):\n    return a * {i}\n" for i in range(6)]


@pytest.fixture
def files(tmp_path):
    rows = [{"id": i, "text": text, "seed": {"topic": f"t{i % 2}"}} for i, text in enumerate(TEXTS)]
    (tmp_path / "made.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "other.jsonl").write_text(
        json.dumps({"text": "import os\n"}) + "\nnot json\n" + json.dumps({"text": 3})
    )
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["diversity", *map(str, arguments)], env={"COLUMNS": "120"})


def test_the_table_and_the_page_of_one_file(files):
    done = run(files / "made.jsonl", "--out", files / "report.html", "--subsamples", 0)
    assert done.exit_code == 0
    assert all(each.title in done.output for each in MEASURES)
    assert "Diversity report" in (files / "report.html").read_text()


def test_json_is_the_report_of_the_library(files):
    done = run(files / "made.jsonl", "--json", "--seed", 3, "--subsamples", 2, "--topic-column", "seed.topic")
    labels = [f"t{i % 2}" for i in range(6)]
    expected = diversity_report(TEXTS, names=("made", ""), labels=labels, seed=3, subsamples=2)
    assert json.loads(done.stdout) == json.loads(expected.to_json())


def test_two_files_are_named_after_themselves_and_damage_is_named(files):
    done = run(files / "made.jsonl", "--against", files / "other.jsonl", "--subsamples", 0)
    assert done.exit_code == 0
    assert "made" in done.output
    assert "1 text of each; made has 6; 2 left out of other" in done.output
    assert "other.jsonl#2" in done.stderr
    same = run(files / "made.jsonl", "--against", files / "made.jsonl", "--json", "--subsamples", 0)
    assert [one["name"] for one in json.loads(same.stdout)["sets"]] == ["made (1)", "made (2)"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.jsonl"], "there is no file or folder"),
        (["made.jsonl", "--text-column", "code"], "holds no text to measure"),
        (["made.jsonl", "--topic-column", "seed.other"], "has nothing in column 'seed.other'"),
        (["made.jsonl", "--max-texts", "1"], "max_texts must be at least 2, got 1"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(files, monkeypatch, arguments, said):
    monkeypatch.chdir(files)
    done = run(*arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
