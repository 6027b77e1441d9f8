"""Tasks as processes of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textbooks.curation.executor import QuietExecutor
from textbooks.curation.executors.base import NamesItsTask
from textbooks.filters.base import check_range

if TYPE_CHECKING:
    from textbooks.curation.setting import Stage

__all__ = ["LocalExecutor"]


class LocalExecutor:
    """Do the tasks on this machine, by datatrove's `LocalPipelineExecutor`.

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
        _Local(pipeline=stage.build(), tasks=stage.tasks, workers=workers, logging_dir=str(logs)).run()


class _Local(NamesItsTask, QuietExecutor):
    pass
