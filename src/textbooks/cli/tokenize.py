"""The command `tokenize`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from textbooks.cli.app import app, errors_in_one_line, say

__all__ = ["tokenize"]


@app.command()
def tokenize(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Files, folders (also the kept/ of a curated corpus) or URLs."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the token files; it appears when they are whole.")],
    tokenizer: Annotated[
        str | None,
        typer.Option(
            metavar="PATH|NAME",
            help="A tokenizer.json, or a name on the Hugging Face hub. Default: one is trained on the texts.",
            show_default=False,
        ),
    ] = None,
    vocab_size: Annotated[int, typer.Option(help="Tokens of the tokeniser that is trained.")] = 32_768,
    end_of_text: Annotated[str, typer.Option(help="The token that ends a document.")] = "<|endoftext|>",
    text_column: Annotated[str, typer.Option(help="Column that holds the text of a row.")] = "text",
    seed: Annotated[int, typer.Option(help="Of the order of the documents.")] = 0,
    workers: Annotated[
        int | None,
        typer.Option(help="Processes; the files do not depend on it. Default: the cores of the machine."),
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Replace what an earlier run left in OUT.")] = False,
) -> None:
    """Turn a corpus into token files to train on, by a known tokeniser or one that is trained on it."""
    with errors_in_one_line():
        from textbooks.tokens import tokenize as run

        corpus = run(
            paths,
            out,
            tokenizer=tokenizer,
            vocab_size=vocab_size,
            end_of_text=end_of_text,
            text_column=text_column,
            seed=seed,
            workers=os.cpu_count() or 1 if workers is None else workers,
            restart=restart,
            say=say,
        )
        say(f"{out}: {corpus}")
        if corpus.quarantined:
            say(f"left out: {corpus.quarantined:,} records that are no text", style="yellow")
