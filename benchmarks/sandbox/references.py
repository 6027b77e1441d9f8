"""Run the references of HumanEval and MBPP, which should pass, and emptied bodies, which should fail."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from textbooks.problems import Problem, load_problems
from textbooks.sandbox import CheckJob, Outcome, Sandbox

HERE = Path(__file__).resolve().parent


def jobs(problems: list[Problem], programs: list[str]) -> list[CheckJob]:
    return [
        CheckJob(program, problem.tests, problem.entry_point, problem.benchmark == "humaneval")
        for problem, program in zip(problems, programs, strict=True)
    ]


def summary(problems: list[Problem], outcomes: list[Outcome], *, passing: bool) -> dict[str, object]:
    odd = [problem.id for problem, outcome in zip(problems, outcomes, strict=True) if outcome.passed is not passing]
    return {"problems": len(problems), **Counter(str(outcome.status) for outcome in outcomes), "not as expected": odd}


def main() -> None:
    results: dict[str, object] = {}
    with Sandbox() as sandbox:
        isolation = sandbox.isolation
        for name in ("humaneval", "mbpp"):
            problems = load_problems(name, allow_network=False)
            outcomes = list(sandbox.map(jobs(problems, [problem.program for problem in problems])))
            results[f"{name} references"] = summary(problems, outcomes, passing=True)
        problems = load_problems("humaneval", allow_network=False)
        outcomes = list(sandbox.map(jobs(problems, [f"{problem.prompt}    pass\n" for problem in problems])))
        results["humaneval emptied bodies"] = summary(problems, outcomes, passing=False)
    for entry in results.values():
        entry["not as expected"] = ", ".join(entry["not as expected"]) or "none"  # type: ignore[index]
    shown = {"outcomes": results, "isolation": str(isolation)}
    (HERE / "results_references.json").write_text(json.dumps(shown, indent=2) + "\n")
    print(json.dumps(shown, indent=2))


if __name__ == "__main__":
    main()
