"""datatrove's local executor, with its log in files only, and workers that do not outlive the run."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import multiprocess
import orjson
from datatrove.executor.local import LocalPipelineExecutor

__all__ = ["QuietExecutor", "counters"]

SECONDS_BETWEEN_LOOKS = 1.0


class QuietExecutor(LocalPipelineExecutor):  # type: ignore[misc]
    """`LocalPipelineExecutor` for a terminal that shows progress: each task logs to its file, not to the screen."""

    def run(self) -> Any:  # noqa: ANN401
        """Run the tasks that are not completed."""
        with _quiet(), _no_fork():
            return super().run()

    def _launch_run_for_rank(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        with _quiet():
            if self.workers > 1:
                _end_with_the_run()
            return super()._launch_run_for_rank(*args, **kwargs)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Take loguru's default sink off the screen; datatrove puts its sinks on whatever `sys.stderr` is."""
    from datatrove.utils.logging import setup_default_logger
    from loguru import logger

    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        setup_default_logger()
        try:
            yield
        finally:
            logger.remove()
    logger.add(sys.stderr)


@contextlib.contextmanager
def _no_fork() -> Iterator[None]:
    """Start datatrove's manager process without forking this one, which has a thread that shows progress."""
    before = multiprocess.get_start_method(allow_none=True)
    multiprocess.set_start_method("forkserver", force=True)
    try:
        yield
    finally:
        multiprocess.set_start_method(before, force=True)


def _end_with_the_run() -> None:
    """End this worker when the process that began the run is gone, even killed, so that a resumed run is alone."""
    if any(thread.name == "run-watch" for thread in threading.enumerate()):
        return
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(SECONDS_BETWEEN_LOOKS)
        os._exit(1)

    threading.Thread(target=watch, name="run-watch", daemon=True).start()


def counters(logging_dir: Path) -> dict[str, Counter[str]]:
    """Sum the counters of all completed tasks of a stage, by step; also those of earlier, interrupted runs."""
    sums: dict[str, Counter[str]] = {}
    for file in sorted((logging_dir / "stats").glob("*.json")):
        for step in orjson.loads(file.read_bytes()):
            counted = sums.setdefault(step["name"], Counter())
            for label, value in step["stats"].items():
                counted[label] += int(value["total"] if isinstance(value, dict) else value)
    return sums
