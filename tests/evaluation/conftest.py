"""Problems small enough to read, completions of every kind, and a sandbox that confines nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from textbooks.problems import Problem

CHECK = "def check(candidate):\n    assert candidate(2) == 4, 'two'\n    assert candidate(-1) == -2\n"
TWICE = Problem("own", "own/0", 'def twice(x):\n    """Double x."""\n', "    return 2 * x\n", CHECK, "twice")
HALVE = Problem("own", "11", "Halve a number.", "def halve(x):\n    return x / 2\n", "assert halve(4) == 2", "halve")

RIGHT, WRONG, LOOP = "    return x + x\n", "    return x ** 2\n", "    while True: pass\n"


class FakeSandbox:
    """Runs programs in this very process: only for completions that this folder wrote."""

    cpu_seconds, wall_seconds, memory_bytes, output_bytes = 1.0, 4.0, 1 << 30, 64_000

    def __init__(self, stop_after=None):
        self.stop_after = stop_after
        self.ran = []

    def check(self, program, tests, entry_point, *, call_check):
        self.ran.append(program)
        if self.stop_after is not None and len(self.ran) > self.stop_after:
            raise KeyboardInterrupt
        if "while True" in program:
            return SimpleNamespace(status="timeout", value=None, detail="1 second of processor time")
        names = {}
        try:
            exec(f"{program}\n{tests}\n" + (f"check({entry_point})" if call_check else ""), names)
        except Exception as error:
            return SimpleNamespace(status="exception", value=None, detail=f"{type(error).__name__}: {error}")
        return SimpleNamespace(status="passed", value=None, detail="")

    def map(self, jobs, workers):
        for job in jobs:
            yield self.check(job.program, job.tests, job.entry_point, call_check=job.call_check)


@pytest.fixture
def fake():
    return FakeSandbox()


def row(completion, task_id="own/0", **more):
    return {"task_id": task_id, "completion": completion, **more}
