"""The command `annotate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.annotators.conftest import answer, file_of, rated
from tests.llm.loopback import Reply, serving
from textbooks.annotators import EduValueAnnotator, command
from textbooks.cli import app
from textbooks.llm import Message, RecordingChatClient, ScriptedChatClient
from textbooks.readers import TextsRead


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "code").mkdir()
    for number in range(6):
        (tmp_path / "code" / f"f{number}.py").write_text(file_of(number))
    return tmp_path


def run(*arguments):
    done = CliRunner().invoke(app, ["annotate", *arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def server_answers(arrival):
    return Reply(rated([Message("user", arrival.asked)]))


def labels(name="labels.jsonl"):
    return [json.loads(line) for line in Path(name).read_text().splitlines()]


def test_files_become_labels(surroundings):
    with serving(server_answers) as server:
        done = run("code", "--out", "labels.jsonl", "--model", "m", "--base-url", server.url, "--price", "1/2")
    assert done.exit_code == 0, done.output
    assert [(row["id"], row["score"]) for row in labels()] == [(f"code/f{number}.py", number) for number in range(6)]
    assert "mean 2.50" in done.output
    assert "6 requests sent" in done.stderr
    assert "cost 0.0" in done.stderr


def test_the_same_command_again_sends_nothing(surroundings):
    with serving(server_answers) as server:
        arguments = ("code", "--out", "labels.jsonl", "--model", "m", "--base-url", server.url)
        run(*arguments)
        before = labels()
        done = run(*arguments)
        assert len(server.arrivals) == 6
    assert labels() == before
    assert "0 requests sent" in done.stderr


def test_a_dry_run_says_what_it_would_cost_and_asks_nothing(surroundings):
    with serving(server_answers) as server:
        done = run("code", "--out", "x.jsonl", "--model", "m", "--base-url", server.url, "--price", "1/2", "--dry-run")
        assert server.arrivals == []
    assert done.output.startswith("6 requests, 0 of them cached; about ")
    assert "2,400 to receive (400 an answer, max_tokens); cost 0.0" in done.output
    assert not (surroundings / "x.jsonl").exists()


def test_a_budget_ends_the_run_cleanly_and_a_larger_one_goes_on(surroundings):
    with serving(server_answers) as server:
        arguments = ("code", "--out", "labels.jsonl", "--model", "m", "--base-url", server.url, "--price", "1/2")
        done = run(*arguments, "--budget", "0.013", "--concurrency", "1")
        rated_first = len(labels())
        assert 0 < rated_first < 6
        assert done.exit_code == 0
        assert "no score: code/f5.py: no answer:" in done.stderr
        assert "asks again for what has no score" in done.stderr
        run(*arguments, "--budget", "1")
        assert len(server.arrivals) == 6
    assert [row["score"] for row in labels()] == list(range(6))


def test_a_recording_answers_in_place_of_a_server(surroundings):
    texts = [file_of(number) for number in range(6)]
    recorder = RecordingChatClient(ScriptedChatClient(rated), "recording.jsonl")
    EduValueAnnotator(recorder).annotate_all(texts)
    done = run("code", "--out", "labels.jsonl", "--replay", "recording.jsonl")
    assert done.exit_code == 0, done.output
    assert [row["score"] for row in labels()] == list(range(6))


def test_n_texts_are_chosen_and_say_why(surroundings):
    with serving(server_answers) as server:
        done = run(
            "code", "--out", "l.jsonl", "--model", "m", "--base-url", server.url, "--n", "3", "--select", "random"
        )
    assert done.exit_code == 0, done.output
    assert [(row["selected"], row["representative"]) for row in labels("l.jsonl")] == [("random", True)] * 3


def test_reference_and_second_pass_are_compared(surroundings):
    with serving(server_answers) as server:
        arguments = ("--model", "m", "--base-url", server.url, "--cache", "answers.sqlite")
        run("code", "--out", "first.jsonl", *arguments)
        done = run("first.jsonl", "--out", "labels.jsonl", "--reference", "first.jsonl", "--second-pass", *arguments)
    assert done.exit_code == 0, done.output
    assert "Against first.jsonl:\n6 texts compared\nquadratic-weighted kappa  1.000" in done.output
    assert "Against a second pass:\n6 texts compared" in done.output
    assert labels("labels.second.jsonl") == labels("labels.jsonl")
    assert len(server.arrivals) == 12  # the first pass is that of `code`; the second asks otherwise


def test_labels_in_a_folder_that_is_read_are_passed_over(surroundings):
    recorder = RecordingChatClient(ScriptedChatClient(rated), "recording.jsonl")
    EduValueAnnotator(recorder).annotate_all([file_of(number) for number in range(6)])
    for _ in range(2):
        done = run("code", "--out", "code/labels.jsonl", "--replay", "recording.jsonl")
        assert done.exit_code == 0, done.output
        assert len(labels("code/labels.jsonl")) == 6


def test_what_cannot_be_read_is_named_and_stops_nothing(surroundings):
    (surroundings / "code" / "broken.py").write_bytes(b"\xff\xfe\x00")
    recorder = RecordingChatClient(ScriptedChatClient(rated), "recording.jsonl")
    EduValueAnnotator(recorder).annotate_all([file_of(number) for number in range(6)])
    done = run("code", "--out", "labels.jsonl", "--replay", "recording.jsonl")
    assert "not read: code/broken.py: invalid_unicode" in done.stderr
    assert len(labels()) == 6


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["code", "--out", "l.jsonl"], "--model must name the model, or --replay a recording"),
        (["none", "--out", "l.jsonl", "--model", "m"], "there is no file or folder 'none'"),
        (["code", "--out", "l.jsonl", "--model", "m", "--n", "2", "--select", "best"], "strategy must be one of"),
        (
            ["code", "--out", "no/l.jsonl", "--model", "m", "--base-url", "http://127.0.0.1:9/v1"],
            "folder does not exist",
        ),
        (["code", "--out", "l.jsonl", "--replay", "none.jsonl"], "cannot read the recording"),
        (["code", "--out", "l.jsonl", "--model", "m", "--budget", "1"], "needs the price"),
        (["code", "--out", "l.jsonl", "--model", "m", "--reference", "none.jsonl"], "there is no file"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(surroundings, arguments, problem):
    done = run(*arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert problem in done.stderr


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([{"id": "x", "text": "1", "score": 1}], "holds none of the ids of the input, such as 'code/f0.py'"),
        ([{"id": "x", "text": "1", "score": 1}] * 2, "in the reference the id 'x' stands twice"),
    ],
)
def test_a_reference_that_cannot_be_compared_is_refused_before_anything_is_asked(surroundings, rows, problem):
    (surroundings / "reference.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with serving(server_answers) as server:
        arguments = ("--out", "l.jsonl", "--model", "m", "--base-url", server.url, "--reference", "reference.jsonl")
        done = run("code", *arguments)
        assert server.arrivals == []
    assert (done.exit_code, problem in done.stderr) == (2, True)


def test_an_empty_folder_is_an_error(surroundings):
    (surroundings / "empty").mkdir()
    done = run("empty", "--out", "l.jsonl", "--model", "m")
    assert (done.exit_code, "there is no text in empty" in done.stderr) == (2, True)


def test_many_problems_are_counted_and_not_all_named():
    read = TextsRead([], [f"{number}.py: unreadable" for number in range(14)])
    notes = command.notes_of(read, [], ScriptedChatClient([answer(1)]))
    assert len(notes) == 11
    assert notes[-1] == "and 4 more without a score"
