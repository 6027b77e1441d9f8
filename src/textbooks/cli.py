"""The command `textbooks`."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from textbooks import __version__
from textbooks.errors import InputError, TextbooksError

__all__ = ["app", "main"]

app = typer.Typer(
    help="Curate code corpora the phi-1 way.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
screen = Console()
errors = Console(stderr=True)

BAD_INPUT = 2

# The options that runs over a corpus share.
_Problems = Annotated[
    list[str] | None,
    typer.Option(
        metavar="humaneval|mbpp|PATH",
        help="Decontaminate against these problems; repeatable. Default: those found without a network.",
        show_default=False,
    ),
]
_Execute = Annotated[
    bool,
    typer.Option(
        "--execute",
        help="Also RUN the texts, confined by the sandbox, to find what solves a problem however it is worded.",
    ),
]
_TextColumn = Annotated[str, typer.Option(help="Column that holds the text of a row.")]
_IdColumn = Annotated[str, typer.Option(help="Column that holds the id of a row.")]
_Workers = Annotated[
    int | None,
    typer.Option(help="Processes; the output does not depend on it. Default: the cores of the machine."),
]
_Strict = Annotated[bool, typer.Option("--strict", help="Stop at the first record that cannot be judged.")]
_Restart = Annotated[bool, typer.Option("--restart", help="Throw away what an earlier run left in OUT.")]
INTERRUPTED = 130


def say(text: str, *, style: str | None = None, on: Console = screen) -> None:
    """Print a line as it is: no markup (a path may look like some), no colouring of numbers, no wrapping."""
    on.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def show_version(asked: bool) -> None:
    """Print the version and leave."""
    if asked:
        say(f"textbooks {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Curate code corpora the phi-1 way."""


@app.command()
def curate(
    out: Annotated[Path, typer.Option(help="Output folder; a run in it that was interrupted is resumed.")],
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Files, folders (their .py, .jsonl[.gz|.zst] and .parquet files) or fsspec URLs. "
            "Default: the standard library and the installed packages of this Python.",
            show_default=False,
        ),
    ] = None,
    min_score: Annotated[float, typer.Option(help="Drop below this educational value, 0 to 5.")] = 2.5,
    problems: _Problems = None,
    text_column: _TextColumn = "text",
    id_column: _IdColumn = "id",
    workers: _Workers = None,
    strict: _Strict = False,
    restart: _Restart = False,
    execute: _Execute = False,
) -> None:
    """Read, drop exact duplicates, check size and syntax, score educational value, decontaminate, write parquet."""
    with _errors_in_one_line():
        from textbooks.curation.options import CurationOptions
        from textbooks.curation.progress import Display
        from textbooks.curation.run import curate as run
        from textbooks.reports.terminal import closing_table

        options = CurationOptions(
            out=out,
            paths=paths or (),
            min_score=min_score,
            problems=problems or None,
            text_column=text_column,
            id_column=id_column,
            workers=os.cpu_count() or 1 if workers is None else workers,
            strict=strict,
            restart=restart,
            execute=execute,
        )
        _say_what_is_executed(execute)
        started = time.monotonic()
        outcome = run(options, display=Display(screen), announce=_announce)
        seconds = None if outcome.already_finished else time.monotonic() - started
        screen.print(closing_table(outcome.stats, seconds=seconds))
        if outcome.already_finished:
            say(f"Nothing to do: this run is already finished in {out}.")
        say(f"Report: {out / 'report.html'}")


@app.command()
def decontaminate(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Files, folders (their .py, .jsonl[.gz|.zst] and .parquet) or URLs."),
    ],
    out: Annotated[Path, typer.Option(help="Output folder; a run in it that was interrupted is resumed.")],
    problems: _Problems = None,
    execute: _Execute = False,
    any_method: Annotated[
        bool, typer.Option("--any", help="Drop what any method finds, also where the code does something else.")
    ] = False,
    min_match_rate: Annotated[float, typer.Option(help="Drop at this match rate of syntax trees, 0.7 to 1.")] = 0.9,
    report: Annotated[bool, typer.Option("--report", help="Print the problems that were found, too.")] = False,
    text_column: _TextColumn = "text",
    id_column: _IdColumn = "id",
    workers: _Workers = None,
    strict: _Strict = False,
    restart: _Restart = False,
) -> None:
    """Drop what holds problems of a benchmark, by wording, structure and (with --execute) behaviour; report it."""
    with _errors_in_one_line():
        from textbooks.curation.decontamination import decontaminate as run
        from textbooks.curation.options import DecontaminationOptions
        from textbooks.curation.progress import Display
        from textbooks.decontaminators import DecontaminationReport
        from textbooks.reports.decontamination import problem_table, side_by_side, summary_table
        from textbooks.reports.terminal import closing_table

        options = DecontaminationOptions(
            out=out,
            paths=paths,
            problems=problems or None,
            execute=execute,
            combine="any" if any_method else "weighed",
            min_match_rate=min_match_rate,
            text_column=text_column,
            id_column=id_column,
            workers=os.cpu_count() or 1 if workers is None else workers,
            strict=strict,
            restart=restart,
        )
        _say_what_is_executed(execute)
        started = time.monotonic()
        outcome = run(options, display=Display(screen), announce=_announce)
        seconds = None if outcome.already_finished else time.monotonic() - started
        screen.print(closing_table(outcome.stats, seconds=seconds))
        found = DecontaminationReport.load(out / "decontamination.json")
        screen.print(summary_table(found))
        if report:
            screen.print(problem_table(found))
            for pair in side_by_side(found):
                screen.print(pair)
        if outcome.already_finished:
            say(f"Nothing to do: this run is already finished in {out}.")
        say(f"Report: {out / 'report.html'} and {out / 'decontamination.json'}")


def _say_what_is_executed(execute: bool) -> None:
    if execute:
        say("--execute: the texts of the corpus are RUN, each confined by the sandbox.", style="bold yellow")


def _announce(benchmarks: object) -> None:
    from textbooks.curation.benchmarks import Benchmarks

    assert isinstance(benchmarks, Benchmarks)
    for name, size in benchmarks.sizes.items():
        say(f"Decontaminating against {name}: {size} problems.")
    for name in benchmarks.missing:
        text = f"WARNING: {name} was not found on this machine: this corpus is NOT decontaminated against it."
        say(text, style="bold yellow")
    if benchmarks.missing:
        fix = "Point $TEXTBOOKS_DATA at a folder that holds it, or name it: --problems humaneval (may use the network)."
        say(fix, style="yellow")


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
    with _errors_in_one_line():
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
    with _errors_in_one_line():
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


@contextlib.contextmanager
def _errors_in_one_line() -> Iterator[None]:
    """Turn errors of input and output into one line and exit code 2; other errors are ours and keep their trace."""
    try:
        yield
    except (TextbooksError, ValueError) as error:
        say(f"error: {error}", style="bold red", on=errors)
        raise typer.Exit(BAD_INPUT) from None
    except KeyboardInterrupt:
        say("interrupted: run the same command again to resume", style="bold", on=errors)
        raise typer.Exit(INTERRUPTED) from None


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
