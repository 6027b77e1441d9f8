"""Measure how long `BehaviouralDecontaminator` takes for a text, and so for the paper's 880,000 exercises.

Run from the checkout, with HumanEval where `load_problems` finds it:

    python benchmarks/decontamination/behaviour_speed.py [--texts exercises.jsonl]

Prints a table and writes results_behaviour_speed.json beside this file. Texts are those of the truth set, or the rows
of a file of JSON lines with a ``text``. It executes them, in the sandbox.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import time
from pathlib import Path
from typing import Any

from textbooks.decontaminators import BehaviouralDecontaminator
from textbooks.problems import load_problems
from textbooks.sandbox import Sandbox

HERE = Path(__file__).resolve().parent
EXERCISES = 880_000  # about the size of CodeExercises (paper, section 5)


def processor_seconds() -> float:
    """Return what this process and those that it has ended used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def measured(texts: list[str]) -> dict[str, Any]:
    """Judge the texts one after the other in one sandbox, and end it, so that all its processes count."""
    problems = load_problems("humaneval")
    sandbox = Sandbox(cpu_seconds=2.5, memory_bytes=512 << 20, output_bytes=4 << 20)
    decontaminator = BehaviouralDecontaminator(sandbox=sandbox).fit(problems)
    decontaminator.judge_batch(texts[:5])
    sandbox.close()
    wall, cpu = time.perf_counter(), processor_seconds()
    verdicts = decontaminator.judge_batch(texts)
    wall = time.perf_counter() - wall
    sandbox.close()
    cpu = processor_seconds() - cpu
    hours = cpu / len(texts) * EXERCISES / 3600
    return {
        "texts": len(texts),
        "problems": len(problems),
        "dropped": sum(not verdict.keep for verdict in verdicts),
        "wall_ms_a_text": round(1000 * wall / len(texts), 1),
        "cpu_ms_a_text": round(1000 * cpu / len(texts), 1),
        "core_hours_for_880,000": round(hours, 1),
        "hours_on_16_cores": round(hours / 16, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, default=HERE / "truth_set.jsonl", help="JSON lines with a text")
    path = parser.parse_args().texts
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    setting = {"python": platform.python_version(), "texts": path.name, "load": round(os.getloadavg()[0], 1)}
    results = {"setting": setting, "behaviour": measured(texts)}
    for name, value in results["behaviour"].items():
        print(f"{name:<24}{value:>10}")
    (HERE / "results_behaviour_speed.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
