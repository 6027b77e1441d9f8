"""What `strengthen` adds to HumanEval and MBPP, what it tells apart, and whether right solutions still pass.

Run from the checkout, with HumanEval and MBPP where `load_problems` finds them:

    python benchmarks/decontamination/strengthening.py [--cache FOLDER]

Executes the published references and the snippets of the truth set, in the sandbox. Prints tables and writes
results_strengthening.json beside this file.
"""

from __future__ import annotations

import argparse
import ast
import json
import platform
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from textbooks.decontaminators import StrongProblem, strengthen
from textbooks.problems import Case, load_problems
from textbooks.sandbox import Sandbox, values_agree

HERE = Path(__file__).resolve().parent
KINDS = ("renamed", "reworded", "restructured", "disguised", "near_miss")
READ: dict[str, str] = json.loads((HERE / "twins_read.json").read_text(encoding="utf-8"))
"""What a reader says of each pair: the benchmark does not decide it."""


def of_benchmark(found: Sequence[StrongProblem]) -> dict[str, Any]:
    """Sum up one benchmark."""
    kills: dict[str, list[int]] = {}
    for strong in found:
        for kind, (passed, told) in strong.kills.items():
            sums = kills.setdefault(kind, [0, 0])
            sums[0] += passed
            sums[1] += told
    ours = [len(strong.cases) - strong.published for strong in found]
    return {
        "problems": len(found),
        "with_cases": sum(bool(strong.cases) for strong in found),
        "published_cases": sum(strong.published for strong in found),
        "our_cases": sum(ours),
        "problems_without_ours": sum(not count for count in ours),
        "median_bits": round(statistics.median(strong.bits for strong in found), 1),
        "median_bits_published": round(statistics.median(map(published_bits, found)), 1),
        "kills": {
            kind: {"pass_published": passed, "told_apart": told, "rate": round(told / passed, 3)}
            for kind, (passed, told) in sorted(kills.items())
        },
        "library": {f"{s.problem.id} {s.problem.entry_point}": list(s.ordinary) for s in found if s.ordinary},
        "why_not": {strong.problem.id: strong.why_not for strong in found if strong.why_not},
    }


def published_bits(strong: StrongProblem) -> float:
    return StrongProblem(strong.problem, strong.cases[: strong.published], strong.published).bits


def candidates(text: str) -> Iterator[tuple[str, str]]:
    """Yield programs and functions in them that a snippet may mean, the last one first."""
    for node in reversed(ast.parse(text).body):
        if isinstance(node, ast.FunctionDef):
            yield text, node.name
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("__"):
                    for made, given in (("()", "*a"), ("(*a)", ""), ("(a[0])", "*a[1:]")):
                        body = f"\n\ndef _call(*a):\n    return {node.name}{made}.{method.name}({given})\n"
                        yield text + body, "_call"


def agreement(text: str, cases: Sequence[Case], published: int, sandbox: Sandbox) -> tuple[bool, list[int]]:
    """Say whether a snippet passes the published cases, and which cases it fails, as its best function does."""
    best: tuple[bool, list[int]] = (False, list(range(len(cases))))
    for program, name in candidates(text):
        outcome = sandbox.call(program, name, [(case.args, case.kwargs) for case in cases])
        if outcome.passed:
            replies = zip(outcome.value, cases, strict=True)
            marks = [reply[0] == "value" and values_agree(reply[1], case.expected) for reply, case in replies]
            failed = [number for number, mark in enumerate(marks) if not mark]
            if len(failed) < len(best[1]):
                best = (all(marks[:published]), failed)
        if best[0]:
            break
    return best


def truth_set(found: Sequence[StrongProblem], sandbox: Sandbox) -> dict[str, Any]:
    """Run the rewritten solutions of the truth set: right ones must pass all cases, near misses none."""
    by_id = {strong.problem.id: strong for strong in found}
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    offenders = []
    for line in (HERE / "truth_set.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        strong = by_id[row["task_id"]]
        passes, failed = agreement(row["text"], strong.cases, strong.published, sandbox)
        counts[row["kind"]].update(snippets=1, published=passes, all=not failed)
        if failed and row["contaminated"]:
            case = strong.cases[failed[0]]
            first = {"args": repr(case.args)[:200], "expected": repr(case.expected)[:80]}
            offenders.append({"id": row["task_id"], "kind": row["kind"], "published": passes, "first": first})
    shares = {
        kind: {name: round(count[name] / count["snippets"], 3) for name in ("published", "all")}
        for kind, count in counts.items()
    }
    return {"share_that_agrees": shares, "right_but_different_that_fail": offenders}


def pairs(found: Sequence[StrongProblem], sandbox: Sandbox) -> dict[str, Any]:
    """Find the MBPP references that pass the published cases of a HumanEval problem, and what tells them apart."""
    humaneval = [strong for strong in found if strong.problem.benchmark == "humaneval" and "rival" in strong.kills]
    others = [strong.problem for strong in found if strong.problem.benchmark == "mbpp"]
    twins, told = [], []
    for strong in humaneval:
        for other in others:
            if not other.entry_point:
                continue
            inputs = [(case.args, case.kwargs) for case in strong.cases]
            first = sandbox.call(other.program, other.entry_point, inputs[:1])  # most differ at once
            if not first.passed or _failed(first.value, strong.cases[:1]):
                continue
            outcome = sandbox.call(other.program, other.entry_point, inputs)
            failed = _failed(outcome.value, strong.cases) if outcome.passed else [0]
            name = f"{strong.problem.id} {strong.problem.entry_point} = mbpp {other.id} {other.entry_point}"
            if not failed:
                twins.append({"pair": name, "read": READ.get(name, "not read yet")})
            elif failed[0] >= strong.published:
                case = strong.cases[failed[0]]
                got = repr(outcome.value[failed[0]][1])[:80]
                told.append(
                    {
                        "pair": name,
                        "read": READ.get(name, ""),
                        "args": repr(case.args)[:120],
                        "expected": repr(case.expected)[:80],
                        "got": got,
                    }
                )
    return {"agree_everywhere": twins, "pass_published_only": told}


def _failed(replies: Sequence[tuple[Any, ...]], cases: Sequence[Case]) -> list[int]:
    both = zip(replies, cases, strict=True)
    return [n for n, (r, case) in enumerate(both) if r[0] != "value" or not values_agree(r[1], case.expected)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", help="folder that keeps results between runs; times are then those of the first run")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    target = HERE / "results_strengthening.json"
    humaneval, mbpp = load_problems("humaneval"), load_problems("mbpp")
    with tempfile.TemporaryDirectory() as folder, Sandbox(cpu_seconds=10.0, memory_bytes=512 << 20) as sandbox:
        cache = Path(options.cache or folder)
        if cache.is_dir() and any(cache.iterdir()):
            seconds = json.loads(target.read_text(encoding="utf-8"))["seconds"]
        else:
            seconds = {}
        begin = time.perf_counter()
        found = strengthen([*humaneval, *mbpp], sandbox=sandbox, cache=cache, workers=options.workers)
        seconds.setdefault("humaneval_and_mbpp", round(time.perf_counter() - begin, 1))
        results = {
            "setting": {"python": platform.python_version(), "workers": options.workers},
            "seconds": seconds,
            "humaneval": of_benchmark(found[: len(humaneval)]),
            "mbpp": of_benchmark(found[len(humaneval) :]),
            "truth_set": truth_set(found[: len(humaneval)], sandbox),
            "mbpp_references_on_humaneval": pairs(found, sandbox),
        }
    text = json.dumps(results, indent=1)
    print(text)
    target.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
