"""A corpus of many small tasks, runs of it in a process of their own, and what the tests watch of them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import BROKEN, TEXTBOOK
from tests.curation.conftest import digest_of, environment

FILES, RECORDS = 8, 60
DRIVER = """
import functools, json, sys
from textbooks.curation import executors, run
from textbooks.curation.options import CurationOptions
from textbooks.errors import TextbooksError

kind, settings, corpus, out, strict = sys.argv[1:]
run.write_plan = functools.partial(run.write_plan, shard_bytes=1)  # a task for each file
options = CurationOptions(paths=[corpus], out=out, problems=[], strict=bool(strict), workers=2)
try:
    run.curate(options, executor=getattr(executors, kind)(**json.loads(settings)))
except TextbooksError as error:
    sys.exit(f"{type(error).__name__}: {error}")
""".replace("out=out", "out=__import__('pathlib').Path(out)")


@pytest.fixture(scope="session")
def tasks(tmp_path_factory) -> Path:
    """Eight files of sixty records, each a task: some are duplicates, some broken, one is no text."""
    folder = tmp_path_factory.mktemp("tasks")
    for i in range(FILES):
        texts = [f"{TEXTBOOK}\n# {i % 7} {j}\n" + "# padding\n" * 40 for j in range(RECORDS - 2)] + [BROKEN, None]
        (folder / f"{i}.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return folder


@pytest.fixture(scope="session")
def reference(tasks, tmp_path_factory) -> dict[str, str]:
    """Return the digests of the output of a run on this machine."""
    out = tmp_path_factory.mktemp("reference") / "out"
    run = curated("LocalExecutor", {"workers": 2}, tasks, out)
    assert run.returncode == 0, run.stderr
    stats = json.loads((out / "stats.json").read_text())
    assert (stats["read"], stats["quarantined"]) == (FILES * RECORDS, FILES)
    assert len(list((out / ".textbooks" / "logs" / "judge" / "completions").iterdir())) == FILES
    return digest_of(out)


def driven(kind: str, settings: dict, corpus: Path, out: Path, *, strict: bool = False) -> list[str]:
    """Return the command of a run with an executor of that kind."""
    return [sys.executable, "-c", DRIVER, kind, json.dumps(settings), str(corpus), str(out), "strict" if strict else ""]


def curated(kind: str, settings: dict, corpus: Path, out: Path, **more) -> subprocess.CompletedProcess:
    """Do a run and wait for it; `more` may hold ``strict`` and ``env``."""
    env = environment(**more.pop("env", {}))
    command = driven(kind, settings, corpus, out, **more)
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=240)


def wait_until(holds: Callable[[], object], seconds: float = 120) -> None:
    """Look again and again until something holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{holds} did not come true in {seconds} s"
        time.sleep(0.05)
