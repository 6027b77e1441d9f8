"""The command line: `score`, help and version, and names that look like markup."""

from __future__ import annotations

import json

import pytest

from tests.conftest import CONFIGURATION, TEXTBOOK
from tests.curation.conftest import textbooks
from textbooks import __version__
from textbooks.filters import EduValueFilter


@pytest.fixture
def files(tmp_path):
    (tmp_path / "search.py").write_text(TEXTBOOK)
    (tmp_path / "settings.py").write_text(CONFIGURATION)
    (tmp_path / "latin.py").write_bytes(b"name = '\xe9'\n")
    return tmp_path


def test_version():
    assert textbooks("--version").stdout == f"textbooks {__version__}\n"


@pytest.mark.parametrize("command", [[], ["curate"], ["score"]])
def test_help_names_every_command_and_leaves_with_success(command):
    run = textbooks(*command, "--help")
    assert run.returncode == 0
    assert "Usage" in run.stdout


def test_scores_as_json_lines_are_those_of_the_filter(files):
    run = textbooks("score", files / "search.py", files / "settings.py", "--json")
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    expected = EduValueFilter().score([TEXTBOOK, CONFIGURATION])
    assert [line["source"] for line in lines] == [str(files / "search.py"), str(files / "settings.py")]
    assert [line["score"] for line in lines] == [round(score, 4) for score in expected]
    assert [line["class"] for line in lines] == [round(score) for score in expected]
    assert [line["keep"] for line in lines] == [True, False]


def test_scores_as_a_table(files):
    run = textbooks("score", files / "search.py", files / "settings.py")
    assert run.returncode == 0
    search, settings = [line for line in run.stdout.splitlines() if ".py" in line]
    assert "kept" in search
    assert "dropped" in settings


def test_standard_input():
    run = textbooks("score", "-", "--json", input=TEXTBOOK)
    assert json.loads(run.stdout)["source"] == "-"
    assert json.loads(run.stdout)["score"] == round(EduValueFilter().score([TEXTBOOK])[0], 4)


def test_the_threshold_of_score(files):
    run = textbooks("score", files / "search.py", "--json", "--min-score", 5)
    assert json.loads(run.stdout)["keep"] is False


def test_a_file_that_cannot_be_read_does_not_stop_the_others(files):
    run = textbooks("score", files / "nowhere.py", files / "search.py", files / "latin.py", "--json")
    assert run.returncode == 0
    missing, search, latin = [json.loads(line) for line in run.stdout.splitlines()]
    assert missing["score"] is None
    assert missing["problem"] == "No such file or directory"
    assert search["score"] is not None
    assert "can't decode byte 0xe9" in latin["problem"]
    assert run.stderr.count("not scored:") == 2


def test_markdown_and_notebooks_are_scored_as_lessons(files):
    lesson = f"# Search\n\nIn a sorted list:\n\n```python\n{TEXTBOOK}```\n"
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": TEXTBOOK}]})
    (files / "lesson.MD").write_text(lesson)
    (files / "lesson.ipynb").write_text(notebook)
    (files / "words.md").write_text("# Encoding: words alone\n")
    (files / "broken.ipynb").write_text(notebook[:-4])
    (files / "latin.md").write_bytes(b"name = '\xe9'\n")
    names = ["lesson.MD", "lesson.ipynb", "search.py", "words.md", "broken.ipynb", "latin.md"]
    run = textbooks("score", *(files / name for name in names), "--json")
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    as_lesson = EduValueFilter(text_format="markdown").score([lesson])[0]
    as_python = EduValueFilter().score([TEXTBOOK])[0]
    assert [line["score"] for line in lines[:3]] == [round(as_lesson, 4), round(as_python, 4), round(as_python, 4)]
    assert lines[3]["problem"] == "no Python code in it"
    assert lines[4]["problem"].startswith("not a notebook: JSONDecodeError")
    assert "can't decode byte 0xe9" in lines[5]["problem"]


def test_nothing_to_score_is_an_error(files):
    run = textbooks("score", files / "nowhere.py")
    assert run.returncode == 2
    assert f"error: no file could be scored: {files / 'nowhere.py'}: No such file or directory" in run.stderr


def test_a_bad_threshold_is_an_error(files):
    run = textbooks("score", files / "search.py", "--min-score", "-1")
    assert run.returncode == 2
    assert "min_score must be between 0 and 5, got -1.0" in run.stderr


def test_a_name_that_looks_like_markup_is_shown_as_it_is(tmp_path):
    (tmp_path / "[bold]x[red].py").write_text(TEXTBOOK)
    run = textbooks("score", "[bold]x[red].py", cwd=tmp_path)
    assert run.returncode == 0
    assert "[bold]x[red].py" in run.stdout
    run = textbooks("curate", "[/nowhere]", "--out", tmp_path / "out")
    assert run.returncode == 2
    assert "[/nowhere]" in run.stderr


def test_an_output_folder_that_looks_like_markup(tmp_path):
    """`[/x]` in a path made rich raise a MarkupError at the end of a run."""
    (tmp_path / "search.py").write_text(TEXTBOOK)
    for _ in range(2):
        run = textbooks("curate", tmp_path / "search.py", "--out", tmp_path / "[/x]")
        assert run.returncode == 0, run.stderr
        assert "[/x]/report.html" in run.stdout
