"""What a run asks of an executor, and how a task that fails is told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from textbooks.errors import TaskFailedError, TextbooksError

if TYPE_CHECKING:
    from textbooks.curation.setting import Stage

__all__ = ["Executor", "NamesItsTask", "log_of"]


class Executor(Protocol):
    """Does the tasks of a stage. The output of a run does not depend on which executor it has.

    Attributes
    ----------
    watched : bool
        Whether the run must look for workers that died, because the executor would wait for them for ever: so does
        datatrove's own on this machine. A cluster notices by itself.
    """

    watched: bool

    def run(self, stage: Stage, logs: Path) -> None:
        """Do the tasks of a stage that are not completed, and return when all are.

        Parameters
        ----------
        stage : Stage
            The pipeline, and in how many tasks it runs.
        logs : Path
            Where datatrove keeps ``completions/``, ``stats/`` and ``logs/`` of the stage; every machine that does a
            task sees this folder under the same path.

        Raises
        ------
        TextbooksError, OSError
            As a task raised it.
        TaskFailedError
            If a task raised anything else; names the task and its log.
        WorkerDiedError
            If the process of a task was lost, as often as the executor tries again.
        ClusterError
            If the cluster takes no tasks.
        """


class NamesItsTask:
    """Mixin before a `PipelineExecutor` of datatrove: an error that is not ours says which task failed, and its log."""

    logging_dir: Any

    def _run_for_rank(self, rank: int, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        try:
            return super()._run_for_rank(rank, *args, **kwargs)  # type: ignore[misc]
        except (TextbooksError, OSError):
            raise
        except Exception as error:
            log = log_of(Path(self.logging_dir.resolve_paths("")), rank)
            msg = f"task {rank} failed with {type(error).__name__}: {error}. Its log is {log}"
            raise TaskFailedError(msg) from error


def log_of(logs: Path, rank: int) -> Path:
    """Return the file that datatrove logs a task to."""
    return logs / "logs" / f"task_{rank:05d}.log"
