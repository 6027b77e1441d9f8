"""The command `textbooks synthesize`, against a real server on loopback."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest

from tests.llm.loopback import Reply, serving
from tests.synthesizers.speaker import speak
from textbooks.synthesizers.running.command import Kind, notes_of, seeds_of
from textbooks.synthesizers.running.run import SynthesisOutcome

PROBLEM = {
    "task_id": "own/0",
    "prompt": 'def double_it(x):\n    """Return twice the number."""\n',
    "canonical_solution": "    return 2 * x\n",
    "test": "def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(5) == 10\n",
    "entry_point": "double_it",
}


@pytest.fixture
def server():
    with serving(lambda arrival: Reply(text=speak(arrival.body["messages"]))) as running:
        yield running


@pytest.fixture
def problems(tmp_path):
    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps(PROBLEM) + "\n")
    return path


def command(server, out, problems, *more, kind="exercises", n=14):
    fixed = [
        "--model",
        "m",
        "--base-url",
        server.url,
        "--out",
        out,
        "--n",
        n,
        "--problems",
        problems,
        "--block-size",
        10,
    ]
    return [sys.executable, "-m", "textbooks.cli", "synthesize", kind, *map(str, [*fixed, *more])]


def run(*arguments, **options):
    return subprocess.run(command(*arguments, **options), capture_output=True, text=True, timeout=240)


def files_of(out):
    found = [path for folder in ("kept", "dropped", "quarantine") for path in (out / folder).glob("*")]
    return {str(path.relative_to(out)): path.read_bytes() for path in [*found, out / "stats.json"]}


def test_a_run_says_what_it_does_and_what_became_of_it(server, tmp_path, problems):
    done = run(server, tmp_path / "out", problems, "--price", "1/2", "--budget", "5")
    assert done.returncode == 0, done.stderr
    stats = json.loads((tmp_path / "out" / "stats.json").read_text())
    assert stats["read"] == 14 == len(server.arrivals)
    for said in ("RUN, each text confined", "1 problems", "kept", "fails_examples", "tokens received", "cost"):
        assert said in done.stdout, said
    assert f"{stats['kept']:,}" in done.stdout


def test_a_dry_run_asks_nothing_and_says_what_it_would_cost(server, tmp_path, problems):
    done = run(server, tmp_path / "out", problems, "--dry-run", "--price", "1/2", n=1000)
    assert done.returncode == 0, done.stderr
    assert "1,000 requests, 0 of them cached" in done.stdout
    assert "cost" in done.stdout
    assert server.arrivals == []


def test_a_budget_stops_the_run_cleanly(server, tmp_path, problems):
    done = run(server, tmp_path / "out", problems, "--price", "100/100", "--budget", "1.0", "--max-tokens", "600", n=40)
    assert done.returncode == 0, done.stderr
    assert "Stopped: the budget is used up" in done.stdout
    assert "run the same command again" in done.stdout
    assert len(server.arrivals) < 40


def test_the_recipe_writes_one_file(server, tmp_path, problems):
    done = run(server, tmp_path / "out", problems, kind="code-exercises", n=12)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "code_exercises.parquet").is_file()
    assert len(server.arrivals) > 12  # one in eight is faulty, and asked for again


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--budget", "1"], "needs the price"),
        (["--price", "cheap"], "two numbers"),
        (["--styles", "nowhere.txt"], "no use for --styles"),
        (["--topics", "nowhere.txt"], "nowhere.txt"),
        (["--max-similarity", "0"], "max_similarity"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(more, says, server, tmp_path, problems):
    done = run(server, tmp_path / "out", problems, *more)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert says in done.stderr
    assert server.arrivals == []


@pytest.mark.slow
def test_killed_at_random_points_it_asks_nothing_twice_and_loses_nothing(tmp_path, problems):
    with serving(lambda arrival: Reply(text=speak(arrival.body["messages"]), delay=0.05)) as server:
        run(server, tmp_path / "whole", problems)
        once = len(server.arrivals)
        server.arrivals.clear()
        rng = random.Random(5)
        for _ in range(4):
            process = subprocess.Popen(
                command(server, tmp_path / "out", problems), stdout=subprocess.DEVNULL, start_new_session=True
            )
            time.sleep(rng.uniform(1.0, 3.0))
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        done = run(server, tmp_path / "out", problems)
        assert done.returncode == 0, done.stderr
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")
    in_flight = 4 * 16  # what a kill meets under way was sent, and is not on the disk yet
    assert once <= len(server.arrivals) <= once + in_flight
    finished = [json.dumps(one.body, sort_keys=True) for one in server.arrivals]
    assert len(set(finished)) == once


def test_vocabularies_of_the_user_stand_in_for_ours(tmp_path):
    names = tmp_path / "names.txt"
    names.write_text("add_apples\nsort_pears\n")
    seeds = seeds_of(Kind.EXERCISES, 0, {"function_names": names, "topics": None})
    assert {seed.fields["function_name"] for seed in seeds.draw(4)} == {"add_apples", "sort_pears"}


def test_how_a_run_ended_is_said(tmp_path):
    outcome = SynthesisOutcome({}, already_finished=True, unanswered=3)
    first, second = notes_of(outcome, tmp_path)
    assert "already finished" in first
    assert second.startswith("3 seeds have no answer yet")


def test_code_inspires_the_texts(tmp_path):
    (tmp_path / "kept.py").write_text("def double(x):\n    return 2 * x\n")
    seeds = seeds_of(Kind.CODE_EXERCISES, 0, {}, from_code=[str(tmp_path)])
    assert seeds[0].fields["inspiration"] == "def double(x):\n    return 2 * x\n"
    assert seeds_of(Kind.TEXTBOOKS, 0, {}, from_code=[str(tmp_path)])[0].kind == "textbook"


def test_sections_are_about_two_topics_when_asked_for():
    assert len(seeds_of(Kind.TEXTBOOKS, 0, {}, concept_pairs=True)[0].fields["topic"]) == 2


@pytest.mark.parametrize(
    ("kind", "given", "ways", "says"),
    [
        (Kind.EXERCISES, {}, {"concept_pairs": True}, "for textbooks"),
        (Kind.TEXTBOOKS, {}, {"concept_pairs": True, "from_code": ["x"]}, "without --from-code"),
        (
            Kind.TEXTBOOKS,
            {"words": "w.txt"},
            {"concept_pairs": True},
            "use for --words; they have audiences, styles",
        ),
        (Kind.EXERCISES, {"function_names": "f.txt"}, {"from_code": ["x"]}, "no use for --function-names"),
        (Kind.EXERCISES, {}, {"from_code": ["nowhere"]}, "nowhere"),
    ],
)
def test_what_seeds_have_no_use_for_is_refused(kind, given, ways, says):
    with pytest.raises(ValueError, match=says):
        seeds_of(kind, 0, given, **ways)


def texts_of(out):
    return [text for file in sorted((out / "kept").glob("*")) for text in pq.read_table(file)["text"].to_pylist()]


def test_a_server_that_fails_in_every_way_changes_nothing(tmp_path, problems):
    """Each request fails at first: by a limit, an error, a lost connection, an answer that is none."""
    seen = set()
    failures = itertools.cycle(
        [
            Reply(status=429),
            Reply(status=429, headers={"retry-after": "0.2"}),
            Reply(status=500),
            Reply(drop="before"),
            Reply(drop="middle"),
            Reply(raw=b"{no json"),
            Reply(status=503),
        ]
    )

    def answer(arrival):
        asked = json.dumps(arrival.body["messages"])
        if asked not in seen:
            seen.add(asked)
            return next(failures)
        return Reply(text=speak(arrival.body["messages"]), usage={"prompt_tokens": -5})

    with serving(answer) as flaky:
        done = run(flaky, tmp_path / "out", problems)
    assert done.returncode == 0, done.stderr
    with serving(lambda arrival: Reply(text=speak(arrival.body["messages"]))) as server:
        run(server, tmp_path / "whole", problems)
    assert texts_of(tmp_path / "out") == texts_of(tmp_path / "whole")
    assert json.loads((tmp_path / "out" / "stats.json").read_text())["quarantined"] == 0
