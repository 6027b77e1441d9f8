"""datatrove's local executor, with its log in files only, and workers that do not outlive the run."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import multiprocess
import orjson
from datatrove.executor.local import LocalPipelineExecutor
from multiprocess.managers import SyncManager

__all__ = ["QuietExecutor", "counters", "interrupts_wait", "quiet"]


class QuietExecutor(LocalPipelineExecutor):  # type: ignore[misc]
    """`LocalPipelineExecutor` for a terminal that shows progress: each task logs to its file, not to the screen."""

    def run(self) -> Any:  # noqa: ANN401
        """Run the tasks that are not completed."""
        with quiet(), _manager_that_ends_with_the_run():
            return super().run()

    def _launch_run_for_rank(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        with quiet():
            _end_with_the_run()
            return super()._launch_run_for_rank(*args, **kwargs)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
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
def _manager_that_ends_with_the_run() -> Iterator[None]:
    """Let datatrove start its manager process without forking this one, and so that it ends when this one is killed.

    A fork would be unsafe, for this process has a thread that shows progress; and datatrove's own manager stays
    for ever when the process that started it is killed.
    """
    before = multiprocess.Manager

    def start() -> SyncManager:
        manager = SyncManager(ctx=multiprocess.get_context("forkserver"))
        with interrupts_wait():  # a manager whose parent leaves while it starts says so with a traceback
            manager.start(initializer=_end_with_the_run)
        return manager

    multiprocess.Manager = start
    try:
        yield
    finally:
        multiprocess.Manager = before


@contextlib.contextmanager
def interrupts_wait() -> Iterator[None]:
    """Hold a keyboard interrupt back until the block is done; in another thread than the main one none comes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt


def _end_with_the_run() -> None:
    """End this process when the one that began the run is gone, even killed, so that a resumed run is alone."""
    run = multiprocess.parent_process()
    if run is None or any(thread.name == "run-watch" for thread in threading.enumerate()):
        return

    def watch() -> None:
        run.join()
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
