"""`textbooks evaluate`, run as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from tests.evaluation.conftest import LOOP, RIGHT, WRONG, row
from textbooks.cli import app
from textbooks.evaluation.command import parse_ks

TWICE_ROW = {
    "task_id": "own/0",
    "prompt": 'def twice(x):\n    """Double x."""\n',
    "canonical_solution": "    return 2 * x\n",
    "test": "def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(-1) == -2\n",
    "entry_point": "twice",
}
SLOW = "    import time; time.sleep(0.1)\n    return 2 * x\n"


def write(path, rows):
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows))
    return path


@pytest.fixture
def problems(tmp_path):
    return write(tmp_path / "problems.jsonl", [TWICE_ROW, {**TWICE_ROW, "task_id": "own/1"}])


def command(problems, completions, *more):
    fixed = ["--problems", problems, "--completions", completions, "--workers", 1]
    return [sys.executable, "-m", "textbooks.cli", "evaluate", *map(str, [*fixed, *more])]


def run(problems, completions, *more):
    env = {key: value for key, value in os.environ.items() if key not in ("TEXTBOOKS_DATA", "FORCE_COLOR")}
    env |= {"HF_HUB_OFFLINE": "1", "COLUMNS": "100"}
    done = command(problems, completions, *more)
    return subprocess.run(done, capture_output=True, text=True, env=env, check=False, timeout=120)


def run_here(problems, completions, *more):
    """Run the command in this process, which is faster."""
    return CliRunner().invoke(app, command(problems, completions, *more)[3:])


def test_a_run_writes_results_and_prints_estimates(tmp_path, problems):
    completions = write(tmp_path / "c.jsonl", [row(RIGHT), row(WRONG, model="m"), row(RIGHT, "own/1"), row(7, "own/1")])
    done = run(problems, completions, "--ks", "1,2,10")
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert "pass@1 50.0 % 95 % interval 50.0 to 50.0 pass@2 100.0 %" in text
    assert "problems 2 samples 4 passed 2 failed 2 timed out 0" in text
    assert f"Results: {completions}_results.jsonl" in text
    assert done.stderr == "pass@10 left out: a problem has only 2 samples\n"
    rows = [json.loads(line) for line in (tmp_path / "c.jsonl_results.jsonl").read_text().splitlines()]
    assert [r["passed"] for r in rows] == [True, False, True, False]
    assert rows[1]["model"] == "m"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.jsonl", "c.jsonl_results.jsonl", "problems.jsonl"]


def test_json_and_a_warning_of_what_is_missing(tmp_path, problems):
    done = run(problems, write(tmp_path / "c", [row(RIGHT)]), "--json", "--ks", "1")
    found = json.loads(done.stdout)
    assert found["pass_at"] == {"1": {"value": 1.0, "low": 1.0, "high": 1.0}}
    assert (found["missing"], found["results"]) == (["own/1"], f"{tmp_path}/c_results.jsonl")
    assert done.stderr == "WARNING: 1 of 2 problems have no completion and are not in pass@k: own/1\n"


@pytest.mark.parametrize(
    ("lines", "arguments", "message"),
    [
        ([row(RIGHT), row(RIGHT, "own/7")], (), "c.jsonl, line 2: the task_id 'own/7' names no problem"),
        ([row(RIGHT), "{"], (), "c.jsonl, line 2: not JSON"),
        ([row(RIGHT), "", row(RIGHT)], (), "c.jsonl, line 2: a blank line"),
        ([], (), "c.jsonl, line 1: the file holds no completion"),
        ([row(RIGHT)], ("--ks", "1,x"), "--ks must be integers of at least 1"),
        ([row(RIGHT)], ("--timeout", "0"), "timeout must be a number of seconds above 0, got 0"),
        ([row(RIGHT)], ("--workers", "0"), "workers must be at least 1, got 0"),
        ([row(RIGHT)], ("--problems", "apps"), "'apps' is neither a file nor a known benchmark"),
        ([row(RIGHT)], ("--completions", "absent.jsonl"), "'absent.jsonl' is no file"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path, problems, lines, arguments, message):
    done = run_here(problems, write(tmp_path / "c.jsonl", lines), *arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "c.jsonl_results.jsonl").exists()


@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_resumes(tmp_path, problems, kill):
    completions = write(tmp_path / "c.jsonl", [row(SLOW)] * 8 + [row(WRONG)])
    partial = tmp_path / ".c.jsonl_results.jsonl.partial"
    process = subprocess.Popen(
        command(problems, completions), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 60
    while not (partial.exists() and partial.read_bytes().count(b"\n") > 2) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(kill)
    _, stderr = process.communicate(timeout=60)
    if kill == signal.SIGINT:
        assert process.returncode == 130
        assert "interrupted: run the same command again to resume" in stderr
    kept = partial.read_bytes().count(b"\n") - 1
    assert 2 <= kept < 9
    assert not (tmp_path / "c.jsonl_results.jsonl").exists()
    changed = run_here(problems, completions, "--timeout", "9")
    assert changed.exit_code == 2
    assert "cpu_seconds was 3.0, now 9.0" in changed.stderr
    assert run_here(problems, completions, "--ks", "1").exit_code == 0
    rows = [json.loads(line) for line in (tmp_path / "c.jsonl_results.jsonl").read_text().splitlines()]
    assert [r["passed"] for r in rows] == [True] * 8 + [False]
    assert not partial.exists()


def test_a_loop_times_out(tmp_path, problems):
    done = run_here(problems, write(tmp_path / "c", [row(LOOP)]), "--timeout", "0.3", "--ks", "1")
    assert done.exit_code == 0
    assert '"result": "timed out"' in (tmp_path / "c_results.jsonl").read_text()


def test_ks():
    assert parse_ks("1, 10,100") == [1, 10, 100]
    for bad in ("", "1,", "0", "-1", "1.5", "x", "²"):
        with pytest.raises(ValueError, match="--ks must be"):
            parse_ks(bad)


def test_pass_at_1_apart_on_what_a_report_found_in_the_training_data(tmp_path, problems):
    from textbooks.decontaminators import DecontaminationReport, NGramDecontaminator
    from textbooks.problems import load_problems

    known = load_problems(problems)
    found = NGramDecontaminator(min_tokens=3).fit(known[:1]).apply([known[0].prompt])
    DecontaminationReport.of(found, known).save(tmp_path / "decontamination.json")
    completions = write(tmp_path / "c.jsonl", [row(RIGHT), row(WRONG, "own/1")])
    done = run(problems, completions, "--tainted", tmp_path / "decontamination.json")
    text = " ".join(done.stdout.split())
    assert "pass@1 in the training data 100.0 % 1 problems pass@1 not in it 0.0 % 1 problems" in text
    done = run_here(problems, completions, "--tainted", tmp_path / "decontamination.json", "--json")
    assert json.loads(done.stdout)["pass@1_apart"] == {
        "in_training_data": {"value": 1.0, "problems": 1},
        "not_in_it": {"value": 0.0, "problems": 1},
    }
    (tmp_path / "decontamination.json").write_text("{}")
    assert run_here(problems, completions, "--tainted", tmp_path / "decontamination.json").exit_code == 2
