"""How much memory two workers have for themselves, and how much they share, while they judge.

    python benchmarks/curation/worker_memory.py

Curates rich and datatrove's own code with two workers: as processes that load everything themselves (alone), as
processes forked from one that has loaded it (forked, what `LocalExecutor` does), and on Ray where that is installed.
Prints and writes, for the worker that has most for itself, its unique (USS), proportional (PSS) and resident memory in
MB. Linux. Writes results_worker_memory.json beside itself.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
MEGABYTE = 1_000_000
PACKAGES = ("rich", "datatrove")
DRIVER = """
import functools, sys
from pathlib import Path
from textbooks.curation import run
from textbooks.curation.executors import LocalExecutor, RayExecutor, local
from textbooks.curation.options import CurationOptions

if __name__ == "__main__":
    mode, out, *paths = sys.argv[1:]
    run.write_plan = functools.partial(run.write_plan, shard_bytes=400_000)
    if mode == "alone":
        local.SHARED = ["__main__"]
    executor = RayExecutor(workers=2) if mode == "ray" else LocalExecutor(2)
    run.curate(CurationOptions(paths=paths, out=Path(out)), executor=executor)
"""


def memory_of(pid: int) -> tuple[float, float, float]:
    """Return the unique, proportional and resident memory of a process in MB; zeros when it is gone."""
    sizes: dict[str, int] = {}
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, size = line.split()[:2]
            sizes[name] = int(size) * 1024
    unique = sizes.get("Private_Clean:", 0) + sizes.get("Private_Dirty:", 0)
    return unique / MEGABYTE, sizes.get("Pss:", 0) / MEGABYTE, sizes.get("Rss:", 0) / MEGABYTE


def judging(out: Path) -> set[int]:
    """Return the processes that have judged."""
    found = set()
    for note in out.glob(".textbooks/progress/*/judge/*.json"):
        with contextlib.suppress(OSError, ValueError):
            found.add(json.loads(note.read_text())["pid"])
    return found


def measure(mode: str) -> dict[str, float]:
    """Curate and return the most that a worker had while two were judging."""
    folder = Path(importlib.util.find_spec("rich").origin).parents[1]
    most = (0.0, 0.0, 0.0)
    with tempfile.TemporaryDirectory() as scratch:
        out, driver = Path(scratch, "out"), Path(scratch, "driver.py")
        driver.write_text(DRIVER)
        command = [sys.executable, str(driver), mode, str(out), *(str(folder / name) for name in PACKAGES)]
        run = subprocess.Popen(command)
        while run.poll() is None:
            now = [memory_of(pid) for pid in judging(out)]
            if sum(unique > 0 for unique, _, _ in now) == 2:
                most = max([most, *now])
            time.sleep(0.1)
    if run.returncode:
        raise RuntimeError(f"the run failed with {run.returncode}")
    return dict(zip(("uss_mb", "pss_mb", "rss_mb"), most, strict=True))


def main() -> None:
    """Measure every way and write."""
    modes = ["alone", "forked", *(["ray"] if importlib.util.find_spec("ray") else [])]
    rows = {}
    for mode in modes:
        rows[mode] = measure(mode)
        print(mode, rows[mode], flush=True)
    (HERE / "results_worker_memory.json").write_text(json.dumps({"worker": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
