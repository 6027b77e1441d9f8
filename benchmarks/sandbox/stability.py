"""Does a verdict ever change? 100 programs, 100 times each, with four times as many workers as cores."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from pathlib import Path

from textbooks.problems import load_problems
from textbooks.sandbox import CheckJob, Sandbox

HERE = Path(__file__).resolve().parent
TIMES = 100
ODD = (
    "def {}(*args):\n    while True: pass\n",
    "def {}(*args): return [0] * 10**12\n",
    "import os\ndef {}(*args): os._exit(0)\n",
    "import ctypes\ndef {}(*args): ctypes.string_at(0)\n",
    "def {}(*args): raise ValueError\n",
    "this is no Python\n",
)


def jobs() -> list[CheckJob]:
    """Return 47 references, 47 emptied bodies and 6 programs that end in other ways."""
    problems = load_problems("humaneval", allow_network=False)
    found = [CheckJob(p.program, p.tests, p.entry_point, True) for p in problems[::3][:47]]
    found += [CheckJob(p.prompt + "    pass\n", p.tests, p.entry_point, True) for p in problems[1::3][:47]]
    return found + [
        CheckJob(text.format(p.entry_point), p.tests, p.entry_point, True)
        for text, p in zip(ODD, problems, strict=False)
    ]


def main() -> None:
    workers = 4 * (os.cpu_count() or 1)
    programs = jobs()
    start = time.perf_counter()
    with Sandbox(cpu_seconds=0.5, wall_seconds=60.0) as sandbox:
        outcomes = sandbox.map((job for _ in range(TIMES) for job in programs), workers=workers)
        counts: list[Counter[str]] = [Counter() for _ in programs]
        for number, outcome in enumerate(outcomes):
            counts[number % len(programs)][str(outcome.status)] += 1
    changed = [number for number, count in enumerate(counts) if len(count) > 1]
    statuses = sum(counts, Counter())
    shown = {
        "stability": {
            "programs": len(programs),
            "executions": statuses.total(),
            "workers": workers,
            "cores": os.cpu_count(),
            "programs whose verdict changed": len(changed),
            "seconds": round(time.perf_counter() - start),
        },
        "statuses": {"executions": dict(statuses)},
    }
    (HERE / "results_stability.json").write_text(json.dumps(shown, indent=2) + "\n")
    print(json.dumps(shown, indent=2))
    for number in changed:
        print(number, counts[number])


if __name__ == "__main__":
    main()
