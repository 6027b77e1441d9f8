"""Run hostile programs, and see what they achieve."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from textbooks.sandbox import CheckJob, Sandbox

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE.parents[1] / "tests" / "sandbox" / "hostile.py"


def load_programs():  # noqa: ANN201
    specification = importlib.util.spec_from_file_location("hostile", PROGRAMS)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def below() -> list[list[str]]:
    """Return the processes below this one."""
    shown = subprocess.run(["ps", "-eo", "pid=,ppid=,stat=,comm="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 3) for line in shown.splitlines()]
    found, before = {str(os.getpid())}, 0
    while len(found) != before:
        before = len(found)
        found |= {row[0] for row in rows if row[1] in found}
    return [row for row in rows if row[0] in found and row[0] != str(os.getpid()) and row[3] != "ps"]


def main() -> None:
    hostile = load_programs()
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    marker = folder / "marker"
    Path(f"{marker}.secret").write_text("secret")
    os.environ["SANDBOX_MARKER"] = "here"
    scratch = set(Path(tempfile.gettempdir()).glob("textbooks-sandbox-*"))
    with socket.create_server(("127.0.0.1", 0)) as listening, Sandbox(cpu_seconds=1.0, wall_seconds=3.0) as sandbox:
        texts = [
            text.replace("SANDBOX_MARKER", "SANDBOX-MARKER").replace("MARKER", str(marker))
            .replace("SANDBOX-" + str(marker), "SANDBOX_MARKER").replace("PORT", str(listening.getsockname()[1]))
            for text in hostile.ALL.values()
        ]  # fmt: skip
        start = time.perf_counter()
        jobs = [CheckJob(text, hostile.TESTS, hostile.ENTRY_POINT, True) for text in texts]
        outcomes = dict(zip(hostile.ALL, sandbox.map(jobs), strict=True))
        seconds = time.perf_counter() - start
    left = below()
    results = {
        "programs": len(outcomes),
        "passed": sum(outcome.passed for outcome in outcomes.values()),
        "wrote outside": len([path for path in folder.iterdir() if path.name != "marker.secret"]),
        "temporary files left": len(set(Path(tempfile.gettempdir()).glob("textbooks-sandbox-*")) - scratch),
        "processes left": len(left),
        "zombies left": sum(row[2].startswith("Z") for row in left),
        "seconds": round(seconds, 1),
        "statuses": dict(Counter(str(outcome.status) for outcome in outcomes.values())),
    }
    Path(f"{marker}.secret").unlink()
    folder.rmdir()
    statuses = results.pop("statuses")
    shown = {"hostile": {"sandbox": results}, "statuses": {"sandbox": statuses}}
    (HERE / "results_hostile.json").write_text(json.dumps(shown, indent=2) + "\n")
    print(json.dumps(shown, indent=2))
    for name, outcome in outcomes.items():
        print(f"{name:45} {outcome.status:12} {outcome.detail[:90]}")


if __name__ == "__main__":
    main()
