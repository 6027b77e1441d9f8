"""The command `verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from textbooks.cli.app import BAD_INPUT, app, errors, errors_in_one_line, say, screen

__all__ = ["verify"]


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Output folder of `curate` or `decontaminate`.")],
    quick: Annotated[bool, typer.Option("--quick", help="Compare names and sizes alone; read no file.")] = False,
) -> None:
    """Prove that the output of a run is whole: every file, its digest and rows, nothing lost, nothing besides."""
    with errors_in_one_line():
        from textbooks.curation.verify import verify as prove

        columns = (TextColumn("verifying"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
            task = bar.add_task("")
            report = prove(folder, quick=quick, watch=lambda done, total: bar.update(task, completed=done, total=total))
        if report.is_whole:
            say(str(report))
            return
        for fault in report.faults:
            say(str(fault), style="red", on=errors)
        raise typer.Exit(BAD_INPUT)
