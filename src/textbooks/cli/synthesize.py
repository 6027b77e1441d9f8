"""The command `synthesize`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from textbooks.cli import models
from textbooks.cli.app import app, errors_in_one_line, say, screen
from textbooks.errors import InputError

__all__ = ["synthesize"]


class _Kind(StrEnum):  # that of `synthesizers.command`, which is not imported before it is needed
    TEXTBOOKS = "textbooks"
    EXERCISES = "exercises"
    CODE_EXERCISES = "code-exercises"


_File = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Text file, one a line, in place of those shipped.", show_default=False),
]
_Problems = Annotated[
    list[str] | None,
    typer.Option(
        metavar="humaneval|mbpp|PATH",
        help="Drop what holds these problems; repeatable. Default: those found without a network.",
        show_default=False,
    ),
]


@app.command()
def synthesize(
    kind: Annotated[
        _Kind,
        typer.Argument(metavar="KIND", help="textbooks, exercises, or code-exercises: with a repair, as one file."),
    ],
    out: Annotated[Path, typer.Option(help="Output folder; a run in it that was interrupted is resumed.")],
    n: Annotated[int, typer.Option("--n", help="Seeds to ask for; more in a later run add to what is there.")],
    model: models.Model = "",
    base_url: models.BaseUrl = None,
    budget: models.BudgetOption = None,
    price: models.PriceOption = None,
    max_tokens: models.MaxTokens = 2048,
    temperature: models.Temperature = None,
    concurrency: models.Concurrency = 16,
    requests_per_minute: models.RequestsPerMinute = None,
    tokens_per_minute: models.TokensPerMinute = None,
    dry_run: models.DryRun = False,
    replay: models.Replay = None,
    seed: Annotated[int, typer.Option(help="Which drawing of the seeds.")] = 0,
    from_code: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="Be inspired by this code: files, folders; repeatable.", show_default=False),
    ] = None,
    concept_pairs: Annotated[
        bool, typer.Option("--concept-pairs", help="Of textbooks: sections on two topics at once.")
    ] = False,
    topics: _File = None,
    audiences: _File = None,
    function_names: _File = None,
    constraints: _File = None,
    styles: _File = None,
    words: _File = None,
    repair: Annotated[
        bool | None,
        typer.Option("--repair/--no-repair", help="Ask once more where an answer has a fault.", show_default=False),
    ] = None,
    max_similarity: Annotated[
        float, typer.Option(help="Jaccard index, above 0 to 1, at which a text is a copy of an earlier one.")
    ] = 0.7,
    problems: _Problems = None,
    block_size: Annotated[int, typer.Option(help="Seeds that are published together.")] = 1000,
    workers: Annotated[
        int | None, typer.Option(help="Texts to run at a time. Default: the cores of the machine.")
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Throw away what an earlier run left in OUT; the answers stay.")
    ] = False,
) -> None:
    """Have a model write textbook sections or exercises, RUN them, confined by the sandbox, and keep what holds."""
    with errors_in_one_line():
        from textbooks.curation.benchmarks import find_benchmarks
        from textbooks.reports.synthesis import synthesis_table
        from textbooks.synthesizers import SynthesisOptions, answers_path
        from textbooks.synthesizers.running import command

        if not model and replay is None:
            msg = "--model must name the model, or --replay a recording"
            raise InputError(msg)
        chosen = command.Kind(kind.value)
        vocabularies = {
            "topics": topics,
            "audiences": audiences,
            "function_names": function_names,
            "constraints": constraints,
            "styles": styles,
            "words": words,
        }
        seeds = command.seeds_of(chosen, seed, vocabularies, from_code=from_code or (), concept_pairs=concept_pairs)
        client = models.build_client(
            model=model,
            base_url=base_url,
            cache=answers_path(out),
            max_tokens=max_tokens,
            temperature=temperature,
            concurrency=concurrency,
            requests_per_minute=requests_per_minute,
            tokens_per_minute=tokens_per_minute,
            budget=budget,
            price=price,
            replay=replay,
        )
        if dry_run:
            say(command.estimate_of(chosen, client, seeds, n))
            return
        benchmarks = find_benchmarks(problems or None)
        for name, size in benchmarks.sizes.items():
            say(f"Dropping what holds a problem of {name}: {size} problems.")
        for name in benchmarks.missing:
            text = f"WARNING: {name} was not found on this machine: its problems may be among the texts."
            say(text, style="bold yellow")
        say("What the model writes is RUN, each text confined by the sandbox.", style="bold yellow")
        options = SynthesisOptions(
            out=out,
            n=n,
            block_size=block_size,
            restart=restart,
            price=None if price is None else models.parse_price(price),
        )
        outcome = command.run_command(
            chosen,
            client,
            seeds,
            options,
            benchmarks=benchmarks,
            console=screen,
            repair=chosen is command.Kind.CODE_EXERCISES if repair is None else repair,
            max_similarity=max_similarity,
            workers=workers,
        )
        screen.print(synthesis_table(outcome.stats))
        for note in command.notes_of(outcome, out):
            say(note, style="yellow")
        say(f"Texts: {out / 'kept'}")
