"""The command `evaluate`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from textbooks.cli.app import app, errors, errors_in_one_line, say, screen

__all__ = ["evaluate"]


@app.command()
def evaluate(
    problems: Annotated[
        str, typer.Option(metavar="humaneval|mbpp|PATH", help="The benchmark; a name may use the network.")
    ],
    completions: Annotated[
        Path, typer.Option(help="JSON lines with task_id and completion; results go beside it, to ..._results.jsonl.")
    ],
    ks: Annotated[str, typer.Option(help="Which pass@k, with commas between.")] = "1,10,100",
    workers: Annotated[
        int | None,
        typer.Option(help="Programs to run at a time; no result depends on it. Default: the cores of the machine."),
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds of processor time for a program with its tests.")] = 3.0,
    restart: Annotated[bool, typer.Option("--restart", help="Throw away what an interrupted run left.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")] = False,
    tainted: Annotated[
        Path | None,
        typer.Option(
            metavar="decontamination.json",
            help="Report of `textbooks decontaminate` on the training data: pass@1 apart on the problems in it.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Run a model's completions against the tests of their problems, confined by the sandbox; print pass@k."""
    with errors_in_one_line():
        from textbooks.evaluation import command, results_path

        cores = os.cpu_count() or 1
        evaluation = command.evaluate_file(
            problems,
            completions,
            ks=ks,
            workers=cores if workers is None else workers,
            timeout=timeout,
            restart=restart,
            console=errors,
        )
        results = results_path(completions)
        split = None if tainted is None else command.split_by_report(evaluation, tainted)
        if as_json:
            sys.stdout.write(command.as_json(evaluation, results, split) + "\n")
        else:
            screen.print(command.estimates_table(evaluation))
            if split is not None:
                screen.print(command.split_table(split))
            say(f"Results: {results}")
        for note in command.notes_of(evaluation):
            say(note, style="bold yellow" if "WARNING" in note else "yellow", on=errors)
