"""Asking for ratings: order, failures, resume, and labels that a model is trained on."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from datatrove.data import Document
from rich.console import Console

from tests.annotators.conftest import answer, file_of, rated
from tests.llm.loopback import Reply, serving
from textbooks.annotators import ANNOTATION_SCHEMA, MARKS, Annotation, EduValueAnnotator, RatedExample, read_labels
from textbooks.errors import CompletionError, OutputError, ParametersChangedError, RefusedAnswerError
from textbooks.evaluation.partial import partial_path
from textbooks.llm import Completion, ManagedChatClient, OpenAIChatClient, RetryPolicy, ScriptedChatClient, Usage
from textbooks.scoring import EduValueModel

QUICK = RetryPolicy(attempts=3, first_wait=0.001, longest_wait=0.01, total_wait=5)
FILES = [file_of(number % 6, number) for number in range(8)]


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


class TestOne:
    def test_a_text_gets_score_marks_and_reason(self):
        said = Completion(answer(4, documented=False), Usage(100, 20), model="m")
        found = EduValueAnnotator(ScriptedChatClient([said])).annotate("x = 1")
        marks = dict.fromkeys(MARKS, True) | {"documented": False}
        assert found == Annotation("0", 4, marks, "It shows a loop.", "", Usage(100, 20), "m")

    def test_without_an_answer_the_error_is_raised(self):
        with pytest.raises(RefusedAnswerError):
            EduValueAnnotator(ScriptedChatClient([RefusedAnswerError("no")])).annotate("x = 1")

    def test_what_is_asked_is_what_requests_says(self):
        client = ScriptedChatClient(rated)
        annotator = EduValueAnnotator(client)
        annotator.annotate(FILES[3])
        [request] = annotator.requests([FILES[3]])
        assert (request.messages, request.schema) == (client.requests[0], ANNOTATION_SCHEMA)


class TestMany:
    @pytest.mark.parametrize("workers", [None, 1, 3])
    def test_ratings_come_in_the_order_of_the_records_of_any_kind(self, workers):
        records = [FILES[0], {"text": FILES[1], "id": "one"}, Document(text=FILES[2], id="two")]
        found = EduValueAnnotator(ScriptedChatClient(rated), workers=workers).annotate_all(records)
        assert [(one.id, one.score) for one in found] == [("0", 0), ("one", 1), ("two", 2)]

    def test_the_text_may_stand_under_another_key(self):
        found = EduValueAnnotator(ScriptedChatClient(rated)).annotate_all([{"content": FILES[4]}], text_key="content")
        assert [one.score for one in found] == [4]

    def test_no_records_are_no_ratings(self, tmp_path):
        assert EduValueAnnotator(ScriptedChatClient([])).annotate_all([], out=tmp_path / "labels.jsonl") == []
        assert [one.name for one in tmp_path.iterdir()] == ["labels.jsonl"]

    def test_what_is_no_text_is_not_asked_for(self):
        client = ScriptedChatClient(rated)
        found = EduValueAnnotator(client).annotate_all([FILES[1], None, {"id": "none"}, "\ud800", 7])
        assert [one.problem for one in found] == [
            "",
            "not asked: text_missing",
            "not asked: text_missing",
            "not asked: invalid_unicode",
            "not asked: not_text",
        ]
        assert len(client.requests) == 1

    def test_a_failure_stands_in_its_place_and_stops_no_other(self):
        client = ScriptedChatClient([answer(1), CompletionError("busy"), "I cannot.", answer(4)])
        found = EduValueAnnotator(client).annotate_all(FILES[:4])
        assert [one.score for one in found] == [1, None, None, 4]
        assert [one.problem for one in found] == ["", "no answer: busy", "no score in the answer 'I cannot.'", ""]

    def test_an_answer_that_breaks_the_schema_is_still_read(self):
        client = ManagedChatClient(ScriptedChatClient(lambda messages: "I would say: Score: 3"))
        with client:
            assert EduValueAnnotator(client).annotate_all(FILES[:2])[1].score == 3

    def test_a_single_record_is_refused(self):
        with pytest.raises(TypeError, match="wrap it in a list"):
            EduValueAnnotator(ScriptedChatClient([])).annotate_all("x = 1")

    def test_another_seed_asks_with_the_examples_in_another_order(self):
        client = ScriptedChatClient(rated)
        annotator = EduValueAnnotator(client, rubric="Mine.", examples=())
        annotator.annotate("x")
        annotator.with_seed(3).annotate("x")
        assert client.requests[0] == client.requests[1]  # no examples to shuffle
        EduValueAnnotator(client).with_seed(3).annotate("x")
        EduValueAnnotator(client).annotate("x")
        assert client.requests[2] != client.requests[3]

    @pytest.mark.parametrize(
        ("options", "error"),
        [({"workers": 0}, ValueError), ({"rubric": " "}, ValueError), ({"examples": ["x"]}, TypeError)],
    )
    def test_arguments_out_of_range_are_refused(self, options, error):
        with pytest.raises(error):
            EduValueAnnotator(ScriptedChatClient([]), **options)


class TestResume:
    @pytest.mark.parametrize("after", range(4))
    def test_an_interrupted_call_goes_on_and_asks_nothing_twice(self, tmp_path, after):
        out = tmp_path / "labels.jsonl"
        answers = [answer(number) for number in range(4)]
        whole = EduValueAnnotator(ScriptedChatClient(answers)).annotate_all(FILES[:4])
        stopped = ScriptedChatClient([*answers[:after], RuntimeError("pulled the plug")])
        with pytest.raises(RuntimeError):
            EduValueAnnotator(stopped).annotate_all(FILES[:4], out=out)
        assert not out.exists()
        client = ScriptedChatClient(answers[after:])
        assert EduValueAnnotator(client).annotate_all(FILES[:4], out=out) == whole
        assert len(client.requests) == 4 - after
        assert [one.name for one in tmp_path.iterdir()] == ["labels.jsonl"]

    def test_what_has_no_score_is_asked_for_again_by_the_same_call_and_nothing_else(self, tmp_path):
        out = tmp_path / "labels.jsonl"
        first = ScriptedChatClient([answer(1), CompletionError("busy"), "I cannot.", answer(4)])
        EduValueAnnotator(first).annotate_all(FILES[:4], out=out)
        assert [line["id"] for line in lines_of(out)] == ["0", "3"]
        assert partial_path(out).exists()
        again = ScriptedChatClient([answer(2), answer(3)])
        found = EduValueAnnotator(again).annotate_all(FILES[:4], out=out)
        assert [one.score for one in found] == [1, 2, 3, 4]
        assert len(again.requests) == 2
        assert [line["score"] for line in lines_of(out)] == [1, 2, 3, 4]
        assert not partial_path(out).exists()

    @pytest.mark.parametrize(
        "other",
        [
            {"rubric": "5 is good."},
            {"examples": [RatedExample("x", 1, dict.fromkeys(MARKS, True), "")]},
            {"window": str.lower},
            {"seed": 1},
        ],
    )
    def test_another_question_than_before_is_refused_until_restart(self, tmp_path, other):
        out = tmp_path / "labels.jsonl"
        failing = ScriptedChatClient([answer(1), RuntimeError("pulled the plug")])
        with pytest.raises(RuntimeError):
            EduValueAnnotator(failing).annotate_all(FILES[:2], out=out)
        with pytest.raises(ParametersChangedError):
            EduValueAnnotator(ScriptedChatClient(rated), **other).annotate_all(FILES[:2], out=out)
        EduValueAnnotator(ScriptedChatClient(rated), **other).annotate_all(FILES[:2], out=out, restart=True)
        assert len(lines_of(out)) == 2

    def test_a_folder_that_is_not_there_is_named_before_anything_is_asked(self, tmp_path):
        client = ScriptedChatClient(rated)
        with pytest.raises(OutputError, match="its folder does not exist"):
            EduValueAnnotator(client).annotate_all(FILES, out=tmp_path / "missing" / "labels.jsonl")
        assert client.requests == []

    def test_when_no_request_gets_an_answer_the_first_error_is_raised(self, tmp_path):
        client = ScriptedChatClient(lambda messages: CompletionError("no server"))
        with pytest.raises(CompletionError, match="no server"):
            EduValueAnnotator(client).annotate_all(FILES, out=tmp_path / "labels.jsonl")


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_labels_go_into_a_model_and_the_model_scores(tmp_path, suffix):
    out = tmp_path / f"labels.{suffix}"
    good = 'def add_{0}(a, b):\n    """Return a + b.\n\n    >>> add_{0}(1, 2)\n    3\n    """\n    return a + b\n'
    texts = [(good if n % 2 else "PORT_{0} = {0}\n").format(n) for n in range(40)]
    records = [{"text": text, "id": f"t{n}", "repo_name": f"r{n // 4}"} for n, text in enumerate(texts)]

    def model(messages):
        """Like functions, and no settings."""
        return answer(4 if "def add" in messages[-1].content else 0, boilerplate="def" not in messages[-1].content)

    EduValueAnnotator(ScriptedChatClient(model), workers=2).annotate_all(records, out=out)
    labels = read_labels(out)
    assert (labels.texts, labels.groups[:5]) == (tuple(texts), ("r0",) * 4 + ("r1",))
    fitted = EduValueModel.fit(**labels.arguments(), trees=20)
    assert fitted.score([texts[1], texts[2]]).round().tolist() == [4.0, 0.0]
    assert list(fitted.marks(texts[:1])) == ["boilerplate"]  # the others are true of all


class TestServer:
    """Against a server on loopback that fails as it is told."""

    @staticmethod
    def client(server, **options):
        return OpenAIChatClient("m", base_url=server.url, retry=QUICK, max_tokens=200, **options)

    def test_busy_broken_refused_and_dropped_answers_end_as_scores_or_problems(self, no_keys):
        busy = {file_of(1, 1)}

        def reply(arrival):
            text = next(one for one in FILES if one.strip() in arrival.body["messages"][13]["content"])
            if text in busy:
                busy.discard(text)
                return Reply(status=429, headers={"retry-after": "0.01"})
            if text == FILES[2]:
                return Reply(answer(2)[:-5])  # broken JSON, twice
            if text == FILES[3]:
                return Reply("", message={"role": "assistant", "content": None, "refusal": "I will not."})
            if text == FILES[4]:
                return Reply(drop="before")
            if text == FILES[5]:
                return Reply(status=500)
            return Reply(rated_by_text(text))

        def rated_by_text(text):
            return answer(int(text[6]))

        with serving(reply) as server, self.client(server) as client:
            found = EduValueAnnotator(client).annotate_all(FILES)
        assert [one.score for one in found] == [0, 1, None, None, None, None, 0, 1]
        problems = [one.problem for one in found]
        assert "no score in the answer" in problems[2]
        assert all(problem.startswith("no answer:") for problem in problems[3:6])
        assert "I will not." in problems[3]

    def test_a_kill_loses_no_answer_and_only_what_was_under_way_is_asked_again(self, tmp_path, no_keys):
        out, cache = tmp_path / "labels.jsonl", tmp_path / "answers.sqlite"
        program = (
            "import sys\nfrom tests.annotators.conftest import file_of\n"
            "from textbooks.annotators import EduValueAnnotator\nfrom textbooks.llm import OpenAIChatClient\n"
            "url, out, cache = sys.argv[1:]\n"
            "client = OpenAIChatClient('m', base_url=url, cache=cache, concurrency=2, max_tokens=200)\n"
            "EduValueAnnotator(client).annotate_all([file_of(n % 6, n) for n in range(40)], out=out)\n"
        )
        hanging = True

        def reply(arrival):
            late = hanging and len(server.arrivals) > 12
            return Reply(rated_of(arrival), delay=60 if late else 0)

        with serving(reply) as server:
            command = [sys.executable, "-c", program, server.url, str(out), str(cache)]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["src", "."])}
            process = subprocess.Popen(command, env=environment)
            while len(server.arrivals) < 14:
                assert process.poll() is None
                time.sleep(0.005)
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert not out.exists()
            hanging = False
            subprocess.run(command, env=environment, check=True)
        asked = [arrival.asked for arrival in server.arrivals]
        assert len(set(asked)) == 40
        assert len(asked) == 40 + 2  # two were under way
        assert [line["score"] for line in lines_of(out)] == [n % 6 for n in range(40)]


def rated_of(arrival):
    from textbooks.llm import Message

    return rated([Message("user", arrival.asked)])


@pytest.fixture
def no_keys(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "none")


def test_progress_tells_done_mean_tokens_and_cost(monkeypatch):
    monkeypatch.setattr("textbooks.annotators.progress.SECONDS_BETWEEN_LINES", -1)
    shown = io.StringIO()
    answers = [Completion(answer(1), Usage(100, 10)), Completion(answer(4), Usage(100, 10)), "I cannot."]
    EduValueAnnotator(ScriptedChatClient(answers)).annotate_all(FILES[:3], console=Console(file=shown, width=200))
    first, second, third = shown.getvalue().splitlines()
    assert first.startswith("Annotating 1 of 3  mean score 1.00  110 tokens")
    assert second.startswith("Annotating 2 of 3  mean score 2.50  220 tokens")
    assert first.endswith("left")
    assert third == "Annotating 3 of 3  mean score 2.50  1 without a score  220 tokens"


def test_progress_lives_on_a_terminal():
    shown = io.StringIO()
    console = Console(file=shown, width=200, force_terminal=True)
    EduValueAnnotator(ScriptedChatClient(rated)).annotate_all(FILES, console=console)
    assert "Annotating 8 of 8  mean score 2.00" in shown.getvalue()
