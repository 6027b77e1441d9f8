"""Live progress of a run on the terminal, or a line now and then where there is none."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from textbooks.errors import WorkerDiedError
from textbooks.readers.progress import read_progress

__all__ = ["Display"]

WAKE = signal.SIGUSR1
SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_BETWEEN_LINES = 10.0
SECONDS_UNTIL_DEAD = 5.0
MEGABYTE = 1_000_000


class Display:
    """Shows how far the tasks of a stage are, and notices when a worker dies.

    Parameters
    ----------
    console : rich.console.Console or None
        Where to show it; None for nowhere.
    """

    def __init__(self, console: Console | None) -> None:
        self._console = console

    @contextlib.contextmanager
    def stage(
        self, title: str, *, total: int, done: int, notes: Path, logs: Path, watched: bool = True
    ) -> Iterator[None]:
        """Show progress while the body runs.

        Parameters
        ----------
        title : str
            What the stage does.
        total : int
            Bytes of its input.
        done : int
            Bytes of it that an earlier run has done.
        notes : Path
            Where its tasks note how far they are.
        logs : Path
            Where datatrove marks the tasks that are done.
        watched : bool
            Whether the tasks are processes of this machine, to be looked after.

        Raises
        ------
        WorkerDiedError
            If a task's process is gone and the task not done: datatrove would wait for it for ever.
        """
        completions = logs / "completions" if watched else None
        watch = _Watch(title, total, done, notes, completions, self._console)
        watch.start()
        try:
            with _woken_by(WAKE):
                yield
        except KeyboardInterrupt:
            if watch.dead is None:
                raise
            died = f"the worker of shard {watch.dead} died, perhaps for want of memory"
            msg = f"{died}: run again to resume, with fewer --workers"
            raise WorkerDiedError(msg) from None
        finally:
            watch.stop()


@contextlib.contextmanager
def _woken_by(number: int) -> Iterator[None]:
    """Let a signal raise `KeyboardInterrupt` while the body runs; the one of Ctrl-C is ignored in background jobs."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, signal.SIG_DFL if before is None else before)


class _Watch(threading.Thread):
    def __init__(
        self, title: str, total: int, done: int, notes: Path, completions: Path | None, console: Console | None
    ) -> None:
        super().__init__(daemon=True)
        self.dead: int | None = None
        self._title, self._total, self._earlier = title, total, done
        self._notes, self._completions = notes, completions
        self._console = console
        self._done = threading.Event()
        self._gone: dict[int, float] = {}
        self._began = self._printed = time.monotonic()
        self._bar: Progress | None = None
        self._task = TaskID(0)
        if console is not None and console.is_terminal:
            columns = (TextColumn("{task.description:<20}"), BarColumn(), TaskProgressColumn())
            self._bar = Progress(*columns, TextColumn("{task.fields[detail]}"), TimeRemainingColumn(), console=console)
            self._task = self._bar.add_task(title, total=max(total, 1), detail="")

    def run(self) -> None:
        """Show how far the run is until it is told to stop."""
        with self._bar or contextlib.nullcontext():
            while not self._done.wait(SECONDS_BETWEEN_LOOKS):
                self._show(last=False)
                self._look_for_the_dead()
            self._show(last=True)

    def stop(self) -> None:
        self._done.set()
        self.join()

    def _show(self, *, last: bool) -> None:
        progress = [note for note, _ in read_progress(self._notes).values()]
        records, size = sum(note.records for note in progress), self._earlier + sum(note.size for note in progress)
        seconds = max(time.monotonic() - self._began, 1e-9)
        detail = f"{records:,} records, {size / MEGABYTE:,.0f} MB"
        if self._bar is not None:
            completed = max(self._total, 1) if last and not progress else size
            self._bar.update(self._task, completed=completed, detail=detail)
        elif self._console is not None and (last or time.monotonic() - self._printed > SECONDS_BETWEEN_LINES):
            self._printed = time.monotonic()
            share = f"{100 * size / max(self._total, 1):3.0f}%  {detail}  " if progress else ""
            self._console.print(f"{self._title:<20}{share}{seconds:.0f} s", highlight=False)

    def _look_for_the_dead(self) -> None:
        """Interrupt the run when a worker has been gone for a while and its task is not done.

        For a while: when a task fails, the workers of the others are ended, too, and the failure is what to report.
        """
        if self._completions is None:
            return
        for rank, (_, pid) in read_progress(self._notes).items():
            done = (self._completions / f"{rank:05d}").exists()
            if done or pid == os.getpid() or _is_alive(pid):
                self._gone.pop(rank, None)
            elif time.monotonic() - self._gone.setdefault(rank, time.monotonic()) > SECONDS_UNTIL_DEAD:
                self.dead = rank
                woken = signal.getsignal(WAKE) is signal.default_int_handler  # not where the run has another thread
                os.kill(os.getpid(), WAKE if woken else signal.SIGINT)  # it waits in a lock that only a signal opens
                self._done.set()
                return


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # alive, and somebody else's by now
        return True
    return True
