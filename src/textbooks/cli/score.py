"""The command `score`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from textbooks.cli.app import app, errors, errors_in_one_line, say, screen
from textbooks.errors import InputError

__all__ = ["score"]


@app.command()
def score(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Python, .md, .html or .ipynb files; - is Python on standard input."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of a table.")] = False,
    min_score: Annotated[float, typer.Option(help="What counts as kept, 0 to 5.")] = 2.5,
) -> None:
    """Score the educational value of Python files, 0 to 5; of Markdown, HTML and notebooks as lessons with Python."""
    with errors_in_one_line():
        from textbooks.curation.scores import score_files
        from textbooks.reports.terminal import score_table

        scored = score_files(files, min_score=min_score)
        if as_json:
            for line in scored:
                sys.stdout.write(line.as_json() + "\n")
        else:
            shown = [(line.source, line.score, line.keep) if line.judged else (line.source, None) for line in scored]
            screen.print(score_table(shown))
        unscored = [f"{line.source}: {line.problem}" for line in scored if not line.judged]
        if len(unscored) == len(scored):
            msg = f"no file could be scored: {unscored[0]}"
            raise InputError(msg)
        for problem in unscored:
            say(f"not scored: {problem}", style="yellow", on=errors)
