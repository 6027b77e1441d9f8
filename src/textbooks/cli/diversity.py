"""The command `diversity`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from textbooks.cli.app import app, errors, errors_in_one_line, say, screen
from textbooks.errors import InputError

if TYPE_CHECKING:
    from datatrove.data import Document

__all__ = ["diversity"]

_MOST_NAMED = 5


@app.command()
def diversity(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A file (.jsonl[.gz|.zst], .parquet, .py), a folder of such, or a URL."),
    ],
    against: Annotated[str | None, typer.Option(help="A second set, to be measured beside the first.")] = None,
    text_column: Annotated[str, typer.Option(help="Column that holds the text of a row.")] = "text",
    topic_column: Annotated[
        str | None,
        typer.Option(help="Column that holds the topic of a row (a.b looks into a). Default: clusters of embeddings."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write the report with its plots, as one HTML page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON instead of a table.")] = False,
    subsamples: Annotated[int, typer.Option(help="Random subsets behind each standard error; 0 for none.")] = 20,
    max_texts: Annotated[int, typer.Option(help="Measure a larger set on this many texts, drawn at random.")] = 2000,
    seed: Annotated[int, typer.Option(help="For every draw; the same seed gives the same report.")] = 0,
) -> None:
    """Measure how diverse texts are: vocabulary, redundancy, meaning, names, imports; two sets side by side."""
    with errors_in_one_line():
        from textbooks.diversity import diversity_report

        sets = [_read(path, text_column) for path in (file, against) if path is not None]
        topics = [None if topic_column is None else _topics(some, topic_column) for some in sets]
        report = diversity_report(
            sets[0],
            against=sets[1] if len(sets) > 1 else None,
            names=_names(file, against),
            labels=topics[0],
            against_labels=topics[-1] if len(sets) > 1 else None,
            subsamples=subsamples,
            max_texts=max_texts,
            seed=seed,
        )
        if as_json:
            sys.stdout.write(report.to_json() + "\n")
        else:
            screen.print(report.table())
        if out is not None:
            report.to_html(out)
            say(f"Report: {out}", on=errors if as_json else screen)


def _read(path: str, text_column: str) -> list[Document]:
    """Return the records of a set; one without a text has None instead, and the first of them are named."""
    from datatrove.data import Document

    from textbooks.readers import CorpusReader, find_inputs

    reader = CorpusReader(plan=".", text_key=text_column)
    records: list[Document] = []
    damaged = []
    for found in (found for each in find_inputs([path]) for found in reader.read_file(each)):
        if isinstance(found, Document):
            records.append(found)
        else:
            damaged.append(found)
            records.append(Document(text=None, id=found.source))
    if len(damaged) == len(records):
        msg = f"{path} holds no text to measure: {damaged[0].detail if damaged else 'it has no record'}"
        raise InputError(msg)
    for one in damaged[:_MOST_NAMED]:
        say(f"left out: {one.source}: {one.detail}", style="yellow", on=errors)
    if len(damaged) > _MOST_NAMED:
        say(f"left out: {len(damaged) - _MOST_NAMED} more", style="yellow", on=errors)
    return records


def _topics(records: list[Document], column: str) -> list[str]:
    """Return the topic of every record, empty for those without a text."""
    topics = []
    for record in records:
        value: Any = record.metadata
        for part in column.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is None and record.text is not None:
            msg = f"{record.id} has nothing in column {column!r}"
            raise InputError(msg)
        topics.append("" if value is None else str(value))
    return topics


def _names(file: str, against: str | None) -> tuple[str, str]:
    """Return what the sets are called: the files without folder and suffix, or as given where those are equal."""
    if against is None:
        return _stem(file), ""
    first, second = _stem(file), _stem(against)
    if first != second:
        return first, second
    return (file, against) if file != against else (f"{first} (1)", f"{first} (2)")


def _stem(path: str) -> str:
    name = Path(path).name
    return name.split(".")[0] or name or path
