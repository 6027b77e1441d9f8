"""The commands that run over a corpus: `curate` and `decontaminate`."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated, cast

import typer

from textbooks.cli.app import app, errors_in_one_line, say, screen
from textbooks.cli.reading import Formats, ReadWith, formats_of, read_with

__all__ = ["curate", "decontaminate"]

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
    near_threshold: Annotated[
        float, typer.Option(help="Of texts of this Jaccard similarity or more keep only the best, above 0 and up to 1.")
    ] = 0.7,
    keep_near_duplicates: Annotated[
        bool, typer.Option("--keep-near-duplicates", help="Do not look for near-duplicates.")
    ] = False,
    licences: Annotated[
        list[str] | None,
        typer.Option(
            "--licence",
            metavar="permissive|SPDX",
            help="Keep only what is under this licence; repeatable. Default: licences are not looked at.",
            show_default=False,
        ),
    ] = None,
    secrets: Annotated[str, typer.Option(metavar="keep|redact|drop", help="Passwords, keys and tokens.")] = "keep",
    personal_data: Annotated[
        str, typer.Option(metavar="keep|redact|drop", help="E-mail and IP addresses; drop: records with many.")
    ] = "keep",
    problems: _Problems = None,
    text_column: _TextColumn = "text",
    id_column: _IdColumn = "id",
    formats: Formats = "python,jsonl,parquet",
    reader_parameters: ReadWith = None,
    workers: _Workers = None,
    strict: _Strict = False,
    restart: _Restart = False,
    execute: _Execute = False,
) -> None:
    """Read, drop duplicates and what teaches little or does not parse, decontaminate, write parquet and a report."""
    with errors_in_one_line():
        from textbooks.curation.options import CurationOptions, Handling
        from textbooks.curation.progress import Display
        from textbooks.curation.run import curate as run
        from textbooks.reports.terminal import closing_table

        options = CurationOptions(
            out=out,
            paths=paths or (),
            min_score=min_score,
            near_threshold=None if keep_near_duplicates else near_threshold,
            licences="permissive" if licences == ["permissive"] else licences or None,
            secrets=cast("Handling", secrets),
            personal_data=cast("Handling", personal_data),
            problems=problems or None,
            text_column=text_column,
            id_column=id_column,
            formats=formats_of(formats),
            read_with=read_with(reader_parameters),
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
    formats: Formats = "python,jsonl,parquet",
    reader_parameters: ReadWith = None,
    workers: _Workers = None,
    strict: _Strict = False,
    restart: _Restart = False,
) -> None:
    """Drop what holds problems of a benchmark, by wording, structure and (with --execute) behaviour; report it."""
    with errors_in_one_line():
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
            formats=formats_of(formats),
            read_with=read_with(reader_parameters),
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
