"""Evaluation: every sample gets its verdict, the estimates are those of the counts, and a kill loses nothing."""

from __future__ import annotations

import io
import json
import os

import pytest
from rich.console import Console

from tests.conftest import HOSTILE_TEXTS
from tests.evaluation.conftest import HALVE, LOOP, RIGHT, TWICE, WRONG, FakeSandbox, row
from textbooks.errors import InputError, OutputError, ParametersChangedError
from textbooks.evaluation import bootstrap_mean, evaluate, pass_at_k, read_completions
from textbooks.problems import load_problems
from textbooks.sandbox import Sandbox

ROWS = [
    row(RIGHT, model="m"),
    row("def halve(x): return x * 0.5", 11),
    row(WRONG),
    row(None),
    row(LOOP),
    row("\ud800"),
    row("(" * 3),
]
WANTED = [
    "passed",
    "passed",
    "failed: ",
    "failed: the completion is not a string but of type NoneType",
    "timed out",
    "failed: the completion is not valid Unicode",
    "failed: SyntaxError",
]


def found(evaluation):
    return [r["result"] for r in evaluation.rows]


class TestVerdicts:
    @pytest.mark.parametrize("kind", ["fake", "real"])
    def test_each_sample_gets_its_own_in_order(self, kind):
        with Sandbox(cpu_seconds=0.5, wall_seconds=5) if kind == "real" else Sandbox() as real:
            sandbox = real if kind == "real" else FakeSandbox()
            evaluation = evaluate([TWICE, HALVE], ROWS, workers=2, sandbox=sandbox)
        for result, wanted in zip(found(evaluation), WANTED, strict=True):
            assert result.startswith(wanted)
        assert [{k: v for k, v in r.items() if k not in ("result", "passed")} for r in evaluation.rows] == ROWS
        assert [r["passed"] for r in evaluation.rows] == [True, True, False, False, False, False, False]
        assert [(p.id, p.samples, p.passed) for p in evaluation.problems] == [("own/0", 6, 1), ("11", 1, 1)]
        assert evaluation.counts == {"passed": 2, "failed": 4, "timed out": 1}

    def test_a_sandbox_of_its_own(self):
        evaluation = evaluate([TWICE], [row(RIGHT), row(WRONG)], ks=[1], timeout=1)
        assert [r["passed"] for r in evaluation.rows] == [True, False]

    def test_completions_that_deceive_do_not_pass(self):
        yes = "class Yes:\n        def __eq__(self, other):\n            return True\n    return Yes()\n"
        cheats = ["    import os; os._exit(0)\n", "    raise SystemExit(0)\n", "    " + yes]
        with Sandbox(cpu_seconds=1.0) as sandbox:
            evaluation = evaluate([TWICE], [row(cheat) for cheat in cheats], ks=[1], sandbox=sandbox)
        assert [r["passed"] for r in evaluation.rows] == [False] * 3

    def test_hostile_texts_fail_and_stop_no_other(self, tmp_path):
        rows = [row(text) for text in HOSTILE_TEXTS.values()] + [row("x" * 5_000_000), row(RIGHT)]
        with Sandbox(cpu_seconds=2.0) as sandbox:
            evaluation = evaluate([TWICE], rows, ks=[1], workers=2, sandbox=sandbox, results=tmp_path / "r")
        assert [r["passed"] for r in evaluation.rows] == [False] * (len(rows) - 1) + [True]

    def test_a_long_result_is_cut(self, fake):
        evaluation = evaluate([TWICE], [row(f"    raise KeyError({'x' * 5_000!r})")], ks=[1], sandbox=fake)
        assert len(found(evaluation)[0]) == 500


class TestEstimates:
    def test_they_are_those_of_the_counts(self, fake):
        rows = [row(RIGHT)] * 3 + [row(WRONG)] * 2 + [row("def halve(x): return x / 2", 11)] * 4 + [row("", "11")]
        evaluation = evaluate([TWICE, HALVE], rows, ks=(5, 1, 2, 6, 2), seed=7, sandbox=fake)
        for k in (1, 2, 5):
            assert evaluation.pass_at[k] == bootstrap_mean([pass_at_k(5, 3, k), pass_at_k(5, 4, k)], seed=7)
        assert (list(evaluation.pass_at), evaluation.left_out, evaluation.missing) == ([1, 2, 5], (6,), ())

    def test_ks_above_the_smallest_sample_count_are_left_out_and_named(self, fake):
        rows = [row(RIGHT)] * 12 + [row("", 11)]
        evaluation = evaluate([HALVE, TWICE], rows, sandbox=fake)
        assert (list(evaluation.pass_at), evaluation.left_out) == ([1], (10, 100))
        assert evaluation.pass_at[1].value == 0.5

    def test_problems_that_were_not_attempted_are_named(self, fake):
        evaluation = evaluate([TWICE, HALVE], [row(RIGHT)], ks=[1], sandbox=fake)
        assert evaluation.missing == ("11",)
        assert evaluation.pass_at[1].value == 1
        assert repr(evaluation) == "Evaluation(1 problems, 1 samples: pass@1=1.000 [1.000, 1.000])"

    def test_numbers_as_json(self, fake):
        evaluation = evaluate([TWICE, HALVE], [row(RIGHT), row(WRONG)], sandbox=fake)
        assert json.loads(json.dumps(evaluation.as_dict())) == {
            "pass_at": {"1": {"value": 0.5, "low": 0.5, "high": 0.5}},
            "left_out": [10, 100],
            "problems": 1,
            "missing": ["11"],
            "samples": 2,
            "counts": {"passed": 1, "failed": 1, "timed out": 0},
        }


class TestResume:
    def test_the_results_file_is_human_evals(self, tmp_path, fake):
        path = tmp_path / "c.jsonl_results.jsonl"
        evaluation = evaluate([TWICE, HALVE], ROWS, sandbox=fake, results=path)
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert lines == list(evaluation.rows)
        assert list(lines[0]) == ["task_id", "completion", "model", "result", "passed"]
        assert [p.name for p in tmp_path.iterdir()] == [path.name]
        assert len(read_completions(path)) == len(ROWS)

    @pytest.mark.parametrize("after", range(5))
    def test_an_interrupted_run_goes_on(self, tmp_path, after, fake):
        path = tmp_path / "r"
        stopped = FakeSandbox(stop_after=after)
        with pytest.raises(KeyboardInterrupt):
            evaluate([TWICE, HALVE], ROWS, sandbox=stopped, results=path)
        assert not path.exists()
        evaluation = evaluate([TWICE, HALVE], ROWS, sandbox=fake, results=path)
        assert len(fake.ran) == 5 - after
        assert found(evaluation) == found(evaluate([TWICE, HALVE], ROWS, sandbox=FakeSandbox()))
        assert [p.name for p in tmp_path.iterdir()] == ["r"]

    def test_other_parameters_are_refused_until_restart(self, tmp_path, fake):
        path = tmp_path / "r"
        with pytest.raises(KeyboardInterrupt):
            evaluate([TWICE], [row(RIGHT)] * 3, sandbox=FakeSandbox(stop_after=2), results=path)
        with pytest.raises(ParametersChangedError, match="completions was"):
            evaluate([TWICE], [row(WRONG)] * 3, sandbox=fake, results=path)
        evaluation = evaluate([TWICE], [row(WRONG)] * 3, sandbox=fake, results=path, restart=True)
        assert evaluation.counts["passed"] == 0

    def test_rows_that_cannot_be_written_are_refused_before_the_work(self, tmp_path, fake):
        with pytest.raises(InputError, match="line 2 cannot be written as JSON"):
            evaluate([TWICE], [row(RIGHT), row(RIGHT, tags={1, 2})], sandbox=fake, results=tmp_path / "r")
        assert fake.ran == []

    def test_a_folder_that_is_not_there(self, tmp_path, fake):
        with pytest.raises(OutputError, match="its folder does not exist"):
            evaluate([TWICE], [row(RIGHT)], sandbox=fake, results=tmp_path / "no" / "r")


class TestProgress:
    def test_a_line_now_and_then_where_there_is_no_terminal(self, fake, monkeypatch):
        monkeypatch.setattr("textbooks.evaluation.progress.SECONDS_BETWEEN_LINES", -1.0)
        console = Console(file=io.StringIO(), width=100)
        evaluate([TWICE], [row(RIGHT)] * 3, sandbox=fake, console=console)
        lines = console.file.getvalue().splitlines()
        assert [line.rsplit("  ", 1)[0] for line in lines] == [f"Running completions {n} of 3" for n in (1, 2, 3)]

    def test_a_bar_on_a_terminal(self, fake):
        console = Console(file=io.StringIO(), width=100, force_terminal=True)
        evaluate([TWICE], [row(RIGHT)] * 3, sandbox=fake, console=console)
        assert "3/3" in console.file.getvalue()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ks": ()}, "ks must be integers of at least 1"),
        ({"ks": (0,)}, "ks must be integers of at least 1"),
        ({"ks": (1.0,)}, "ks must be integers of at least 1"),
        ({"ks": (True,)}, "ks must be integers of at least 1"),
        ({"workers": 0}, "workers must be at least 1, got 0"),
        ({"timeout": 0}, "timeout must be a number of seconds above 0, got 0"),
        ({"timeout": float("nan")}, "timeout must be"),
        ({"problems": []}, "problems must not be empty"),
        ({"problems": [TWICE, TWICE]}, "'own/0' occurs twice"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        evaluate(**{"problems": [TWICE], "completions": [row(RIGHT)], **arguments})


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row(RIGHT), row(RIGHT, "own/1")], "completions, line 2: the task_id 'own/1' names no problem; 'own/0' would"),
        ([], "there is no completion"),
        ([{"task_id": "own/0"}], "the key 'completion' is missing"),
        (["text"], "expected a mapping"),
    ],
)
def test_rows_that_name_no_problem(rows, message, fake):
    with pytest.raises(InputError, match=message):
        evaluate([TWICE], rows, sandbox=fake)


@pytest.mark.skipif("TEXTBOOKS_DATA" not in os.environ, reason="TEXTBOOKS_DATA names no folder with the benchmarks")
@pytest.mark.parametrize(("name", "every", "failing"), [("humaneval", 2, set()), ("mbpp", 10, set())])
def test_reference_solutions_pass(name, every, failing):
    problems = load_problems(name, allow_network=False)[::every]
    evaluation = evaluate(problems, [row(p.solution, p.id) for p in problems], ks=[1], workers=2, timeout=10)
    assert {r["task_id"] for r in evaluation.rows if not r["passed"]} == failing
