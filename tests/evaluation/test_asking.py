"""Asking a model many things: an interruption loses no answer, and progress is shown."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from tests.evaluation.conftest import RIGHT, TWICE, WRONG, row
from textbooks.errors import CompletionError, OutputError, ParametersChangedError
from textbooks.evaluation import Grader, PairwiseJudge
from textbooks.evaluation.asking import _kept
from textbooks.evaluation.partial import partial_path
from textbooks.llm import Completion, ScriptedChatClient, Usage

ROWS = [row(RIGHT), row(WRONG), row(None), row("    return 3\n"), row("    return 4\n")]
ITEMS = [("t", "x", "y"), ("t", "y", "z"), ("u", "x", "y")]


def graded(number):
    return Completion(json.dumps({"assessment": f"No. {number}", "grade": number}), Usage(10, number))


def prefers(shown):
    return json.dumps({"comparison": "", "preferred": shown})


class TestGrader:
    @pytest.mark.parametrize("workers", [1, 3])
    def test_the_results_are_written_and_nothing_else_is_left(self, tmp_path, workers):
        path = tmp_path / "grades.jsonl"
        client = ScriptedChatClient(lambda messages: graded(len(messages[1].content) % 11))
        grades = Grader(client, workers=workers).grade_all([TWICE], ROWS, results=path)
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert [(line["id"], line["value"], line["usage"]["completion_tokens"]) for line in lines] == [
            (grade.id, grade.value, grade.usage.completion_tokens) for grade in grades
        ]
        assert [one.name for one in tmp_path.iterdir()] == ["grades.jsonl"]

    @pytest.mark.parametrize("after", range(4))
    def test_an_interrupted_call_goes_on_and_asks_nothing_twice(self, tmp_path, after):
        path = tmp_path / "grades.jsonl"
        answers = [graded(number) for number in range(4)]
        whole = Grader(ScriptedChatClient(answers)).grade_all([TWICE], ROWS)
        stopped = ScriptedChatClient([*answers[:after], RuntimeError("pulled the plug")])
        with pytest.raises(RuntimeError):
            Grader(stopped).grade_all([TWICE], ROWS, results=path)
        assert not path.exists()
        client = ScriptedChatClient(answers[after:])
        assert Grader(client).grade_all([TWICE], ROWS, results=path) == whole
        assert len(client.requests) == 4 - after

    def test_what_got_no_answer_is_asked_again_and_nothing_else(self, tmp_path):
        path = tmp_path / "grades.jsonl"
        first = ScriptedChatClient([graded(1), CompletionError("busy"), graded(3), CompletionError("busy")])
        found = Grader(first).grade_all([TWICE], ROWS, results=path)
        assert [grade.value for grade in found] == [1, None, 0, 3, None]
        again = ScriptedChatClient([graded(2), graded(4)])
        found = Grader(again).grade_all([TWICE], ROWS, results=path)
        assert [grade.value for grade in found] == [1, 2, 0, 3, 4]
        assert [one.name for one in tmp_path.iterdir()] == ["grades.jsonl"]

    def test_other_questions_are_refused_until_restart(self, tmp_path):
        path = tmp_path / "grades.jsonl"
        Grader(ScriptedChatClient([graded(1), CompletionError("busy")])).grade_all([TWICE], ROWS[:2], results=path)
        with pytest.raises(ParametersChangedError, match="requests was"):
            Grader(ScriptedChatClient([])).grade_all([TWICE], ROWS[:1], results=path)
        client = ScriptedChatClient([graded(5)])
        assert Grader(client).grade_all([TWICE], ROWS[:1], results=path, restart=True)[0].value == 5

    def test_a_folder_that_is_not_there_is_found_before_anything_is_asked(self, tmp_path):
        client = ScriptedChatClient([graded(1)])
        with pytest.raises(OutputError, match="its folder does not exist"):
            Grader(client).grade_all([TWICE], ROWS[:1], results=tmp_path / "no" / "r")
        assert client.requests == []

    def test_progress_is_shown(self):
        console = Console(file=io.StringIO(), width=100, force_terminal=True)
        Grader(ScriptedChatClient([graded(1), graded(2)])).grade_all([TWICE], ROWS[:2], console=console)
        assert "Grading solutions" in console.file.getvalue()
        assert "2/2" in console.file.getvalue()


class TestPairwise:
    def test_an_interrupted_call_goes_on_in_the_middle_of_a_pair(self, tmp_path):
        path, answers = tmp_path / "c.jsonl", [prefers(shown) for shown in "ABBATA".replace("T", "B")]
        whole = PairwiseJudge(ScriptedChatClient(answers)).compare_all(ITEMS)
        stopped = ScriptedChatClient([*answers[:3], RuntimeError("pulled the plug")])
        with pytest.raises(RuntimeError):
            PairwiseJudge(stopped).compare_all(ITEMS, results=path)
        client = ScriptedChatClient(answers[3:])
        assert PairwiseJudge(client).compare_all(ITEMS, results=path) == whole
        assert len(client.requests) == 3
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert [line["winner"] for line in lines] == [comparison.winner for comparison in whole]

    def test_progress_is_shown(self):
        console = Console(file=io.StringIO(), width=100, force_terminal=True)
        PairwiseJudge(ScriptedChatClient([prefers("A")] * 6)).compare_all(ITEMS, console=console)
        assert "6/6" in console.file.getvalue()


def test_a_damaged_file_costs_only_the_damaged_answers(tmp_path):
    path = tmp_path / "grades.jsonl"
    answers = [graded(1), graded(2), CompletionError("busy"), CompletionError("busy")]
    Grader(ScriptedChatClient(answers)).grade_all([TWICE], ROWS, results=path)
    kept = partial_path(path)
    lines = kept.read_text().splitlines()
    assert len(lines) == 3
    kept.write_text("\n".join([lines[0], lines[1], json.dumps({"row": 1, "result": "{"}), '{"row": 2, "resu']))
    client = ScriptedChatClient([graded(7), graded(8), graded(9)])
    found = Grader(client).grade_all([TWICE], ROWS, results=path)
    assert [grade.value for grade in found] == [1, 7, 0, 8, 9]


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(st.integers(), st.text() | st.just('{"text": 1}') | st.just('{"usage": {"a": 1}}') | st.just("[]"))
)
def test_whatever_is_kept_is_read_or_asked_again(done):
    assert _kept(done) == {}
