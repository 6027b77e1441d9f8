"""The command `annotate`."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from textbooks.cli import models
from textbooks.cli.app import app, errors, errors_in_one_line, say, screen
from textbooks.cli.reading import Formats, ReadWith, formats_of, read_with

if TYPE_CHECKING:
    from collections.abc import Sequence

    from datatrove.data import Document

    from textbooks.annotators import Annotation, AnnotationAgreement, EduValueAnnotator
    from textbooks.annotators.selection import Strategy

__all__ = ["annotate"]

Paths = Annotated[list[str], typer.Argument(metavar="PATH...", help="Python files, folders, JSON lines, parquet.")]
Out = Annotated[Path, typer.Option(metavar="FILE", help="Where the labels go: .jsonl or .parquet.")]
Number = Annotated[int | None, typer.Option("--n", help="How many texts to rate. Default: all.", show_default=False)]
Select = Annotated[
    str,
    typer.Option(metavar="mixed|uncertain|high_score|diverse|stratified|random", help="With --n, which texts to rate."),
]
Reference = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Labels of the same ids to compare with.", show_default=False)
]
SecondPass = Annotated[
    bool, typer.Option("--second-pass", help="Rate all once more, the examples in another order, and compare.")
]
Cache = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Answers of all runs. Default: a hidden file beside --out.", show_default=False),
]
Restart = Annotated[bool, typer.Option("--restart", help="Throw away what an interrupted run left.")]


@app.command()
def annotate(
    paths: Paths,
    out: Out,
    model: models.Model = "",
    base_url: models.BaseUrl = None,
    n: Number = None,
    select: Select = "mixed",
    seed: Annotated[int, typer.Option(help="Seed of the selection.")] = 0,
    reference: Reference = None,
    second_pass: SecondPass = False,
    text_key: Annotated[str, typer.Option(help="Column of the text.")] = "text",
    formats: Formats = "python,jsonl,parquet",
    reader_parameters: ReadWith = None,
    max_tokens: models.MaxTokens = 400,
    temperature: models.Temperature = None,
    concurrency: models.Concurrency = 16,
    requests_per_minute: models.RequestsPerMinute = None,
    tokens_per_minute: models.TokensPerMinute = None,
    budget: models.BudgetOption = None,
    price: models.PriceOption = None,
    cache: Cache = None,
    replay: models.Replay = None,
    restart: Restart = False,
    dry_run: models.DryRun = False,
) -> None:
    """Have a language model rate the educational value of texts, 0 to 5, and write labels to train a model on."""
    with errors_in_one_line(), contextlib.ExitStack() as stack:
        from textbooks.annotators import EduValueAnnotator, command, read_labels
        from textbooks.readers import read_texts

        if not model and replay is None:
            msg = "--model must name the model, or --replay a recording"
            raise ValueError(msg)
        compared = None if reference is None else read_labels(reference)
        left_out, parameters = [out, command.second_path(out)], read_with(reader_parameters)
        read = read_texts(paths, text_key=text_key, without=left_out, formats=formats_of(formats), **parameters)
        documents = command.chosen(read.documents, n, strategy=cast("Strategy", select), seed=seed)
        command.check_ids(documents, compared, second_pass=second_pass)
        client = models.build_client(
            model=model,
            base_url=base_url,
            cache=cache or out.with_name(f".{out.name}.answers.sqlite"),
            max_tokens=max_tokens,
            temperature=temperature,
            concurrency=concurrency,
            requests_per_minute=requests_per_minute,
            tokens_per_minute=tokens_per_minute,
            budget=budget,
            price=price,
            replay=replay,
        )
        stack.callback(getattr(client, "close", lambda: None))
        annotator = EduValueAnnotator(client)
        if dry_run:
            say(str(command.estimate(annotator, documents)))
            return
        annotations = _rate(annotator, documents, out, restart=restart)
        if compared is not None:
            say(f"\nAgainst {reference}:\n{command.compare(annotations, compared)}")
        if second_pass:
            say(f"\nAgainst a second pass:\n{_second_pass(annotator, documents, annotations, out, restart=restart)}")
        say(f"Labels: {out}")
        for note in command.notes_of(read, annotations, client):
            say(note, style="yellow", on=errors)


def _rate(annotator: EduValueAnnotator, documents: Sequence[Document], out: Path, *, restart: bool) -> list[Annotation]:
    """Rate, and show how many texts have which score."""
    from textbooks.reports.annotation import scores_table

    annotations = annotator.annotate_all(documents, out=out, restart=restart, console=errors)
    screen.print(scores_table(annotations))
    return annotations


def _second_pass(
    annotator: EduValueAnnotator,
    documents: Sequence[Document],
    annotations: Sequence[Annotation],
    out: Path,
    *,
    restart: bool,
) -> AnnotationAgreement:
    """Rate once more, with the examples in another order, and compare."""
    from textbooks.annotators import agreement_with, command

    other = annotator.with_seed(annotator.seed + 1)
    again = other.annotate_all(documents, out=command.second_path(out), restart=restart, console=errors)
    return agreement_with(again, annotations)
