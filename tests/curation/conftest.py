"""A small corpus with one of everything, and the command line run as a user runs it."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import BROKEN, CONFIGURATION, TEXTBOOK

Run = subprocess.CompletedProcess


def command_line(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "textbooks.cli", *map(str, arguments)]


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without benchmarks, so that a run is the same on any machine."""
    env = {key: value for key, value in os.environ.items() if key not in ("TEXTBOOKS_DATA", "FORCE_COLOR")}
    return {**env, "HF_HUB_OFFLINE": "1", "COLUMNS": "200", **more}


def textbooks(*arguments: object, **options) -> Run:
    """Run the command line in a process of its own, without benchmarks unless `env` names some."""
    env = environment(**options.pop("env", {}))
    command = command_line(*arguments)
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=300, **options)


def start(*arguments: object, in_background: bool = False) -> subprocess.Popen:
    """Start the command line, to be killed; a background job of a script ignores what Ctrl-C sends."""
    heard = signal.SIG_IGN if in_background else signal.default_int_handler
    before = signal.signal(signal.SIGINT, heard)  # what is ignored here is ignored there
    try:
        return subprocess.Popen(
            command_line(*arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
    finally:
        signal.signal(signal.SIGINT, before)


def digest_of(folder: Path) -> dict[str, str]:
    """Return a digest of every output file, by name; the run's own notes left out."""
    names = [f.relative_to(folder) for f in sorted(folder.rglob("*")) if f.is_file()]
    shown = [name for name in names if not any(part.startswith(".") for part in name.parts)]
    return {str(name): hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in shown}


@pytest.fixture(scope="session")
def corpus(tmp_path_factory) -> Path:
    """Files, JSON lines and parquet: 9 records, of which 2 are kept, 4 dropped and 3 quarantined."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("corpus")
    (folder / "a").mkdir()
    (folder / "a" / "search.py").write_text(TEXTBOOK)
    (folder / "a" / "settings.py").write_text(CONFIGURATION)
    (folder / "a" / "broken.py").write_text(BROKEN)
    (folder / "b.py").write_text(TEXTBOOK)  # the same as a/search.py; files come before folders
    (folder / "latin.py").write_bytes(b"name = '\xe9\xe8'\n" * 10)
    rows = [{"text": 5, "id": "number"}, {"text": TEXTBOOK.replace("target", "wanted"), "id": "wanted", "stars": 3}]
    (folder / "rows.jsonl.gz").write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    pq.write_table(pa.table({"text": ["x = 1", None], "stars": [1, 2]}), folder / "table.parquet")
    (folder / "notes.txt").write_text("not read")
    return folder
