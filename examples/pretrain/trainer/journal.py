"""What a run leaves of its course: a line for each step and each evaluation, and a progress bar meanwhile."""

from __future__ import annotations

import json
import math
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["EVALUATIONS", "STEPS", "Journal", "read_lines"]

STEPS, EVALUATIONS = "log.jsonl", "evaluations.jsonl"


class Journal:
    """Writes the files of a run and shows how far it is; silent on all processes but the first.

    Parameters
    ----------
    folder : Path
    steps : int
        Of the whole run.
    shown : bool
        Whether this is the first process.
    """

    def __init__(self, folder: Path, steps: int, *, shown: bool) -> None:
        self.folder = folder
        self._shown = shown
        self._steps = steps
        self._console = Console(stderr=True)
        self._progress: Progress | None = None
        self._task: Any = None

    def say(self, text: str) -> None:
        """Print a line above the progress bar."""
        if self._shown:
            console = self._progress.console if self._progress else self._console
            console.print(text, highlight=False, markup=False, soft_wrap=True)

    def progress(self, done: int) -> AbstractContextManager[object]:
        """Return the context in which a bar is shown, for people at a terminal."""
        if not (self._shown and self._console.is_terminal):
            return nullcontext()
        self._progress = Progress(
            TextColumn("training"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[state]}"),
            TimeRemainingColumn(), console=self._console,
        )  # fmt: skip
        self._task = self._progress.add_task("", total=self._steps, completed=done, state="")
        return self._progress

    def rewind(self, step: int) -> None:
        """Forget what was written after a step: the run goes on from there."""
        if self._shown:
            for name in (STEPS, EVALUATIONS):
                path = self.folder / name
                lines = [json.dumps(row) + "\n" for row in read_lines(path) if row["step"] <= step]
                path.write_text("".join(lines), encoding="utf-8")

    def step(self, row: dict[str, Any]) -> None:
        """Note a step."""
        self._write(STEPS, row)
        if self._progress:
            speed = f"{row['tokens_per_second']:,.0f} tokens/s" if row["tokens_per_second"] else ""
            utilisation = f" {row['mfu']:.0%} MFU" if row.get("mfu") else ""
            self._progress.update(
                self._task, completed=row["step"], state=f"loss {row['loss']:.3f} {speed}{utilisation}"
            )

    def evaluation(self, row: dict[str, Any]) -> None:
        """Note an evaluation, and say it."""
        self._write(EVALUATIONS, row)
        found = ", ".join(f"{name} {value['bits_per_byte']:.3f}" for name, value in row["held_out"].items())
        if found:
            self.say(f"step {row['step']:,}: bits per byte {found}")

    def _write(self, name: str, row: dict[str, Any]) -> None:
        if self._shown:
            with (self.folder / name).open("a", encoding="utf-8") as file:
                file.write(json.dumps({k: _plain(v) for k, v in row.items()}) + "\n")


def _plain(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a file; a kill can leave half of one at its end."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            rows.append(json.loads(line))
        except ValueError:
            break
    return rows
