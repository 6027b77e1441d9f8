"""Tasks as processes of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import multiprocess

from textbooks.curation.executors.base import NamesItsTask
from textbooks.curation.executors.quiet import QuietExecutor
from textbooks.ranges import check_range

if TYPE_CHECKING:
    from textbooks.curation.setting import Stage

__all__ = ["LocalExecutor"]

SHARED = ["__main__", "textbooks.curation.executors.preload"]


class LocalExecutor:
    """Do the tasks on this machine, by datatrove's `LocalPipelineExecutor`.

    Workers are forked from a process that has loaded the modules and the bundled model, and
    share its memory. With one worker the tasks run in this process.

    Parameters
    ----------
    workers : int
        Processes, at least 1.
    """

    watched = True

    def __init__(self, workers: int) -> None:
        check_range("workers", workers, 1)
        self.workers = workers

    def run(self, stage: Stage, logs: Path) -> None:
        """Do the tasks that are not completed; see `Executor.run`."""
        workers = min(self.workers, stage.tasks)
        if workers > 1:  # of no effect when the process already has workers
            multiprocess.set_forkserver_preload(SHARED)
        _Local(pipeline=stage.build(), tasks=stage.tasks, workers=workers, logging_dir=str(logs)).run()


class _Local(NamesItsTask, QuietExecutor):
    pass
