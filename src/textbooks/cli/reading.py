"""What the commands that read a corpus let one say about formats."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Annotated, Any

import typer

__all__ = ["Formats", "ReadWith", "formats_of", "read_with"]

Formats = Annotated[
    str,
    typer.Option(
        metavar="NAME[,NAME...]",
        help="What to take from folders: python, jsonl, parquet, notebook, markdown, stack_exchange.",
    ),
]
ReadWith = Annotated[
    list[str] | None,
    typer.Option(
        "--read-with",
        metavar="NAME=VALUE",
        help="A parameter of the reader, such as notebook_outputs=500; repeatable.",
        show_default=False,
    ),
]
_NOT_FORMATS = frozenset({"plan", "text_key", "id_key", "quarantine_writer", "progress"})


def formats_of(named: str) -> tuple[str, ...]:
    """Return the formats of a list with commas.

    Raises
    ------
    ValueError
        If there is no such format.
    """
    from textbooks.readers.kinds import check_formats

    formats = tuple(name.strip() for name in named.split(",") if name.strip())
    check_formats(formats)
    return formats


def read_with(pairs: Sequence[str] | None) -> dict[str, Any]:
    """Return the reader's parameters from ``name=value``, each in the type of its default.

    Raises
    ------
    ValueError
        If the reader has no such parameter, or the value does not fit.
    """
    from textbooks.readers import CorpusReader

    known = {
        name: parameter.default
        for name, parameter in inspect.signature(CorpusReader).parameters.items()
        if name not in _NOT_FORMATS
    }
    found: dict[str, Any] = {}
    for pair in pairs or ():
        name, _, value = pair.partition("=")
        if name not in known:
            msg = f"--read-with knows {', '.join(known)}; got {pair!r}"
            raise ValueError(msg)
        try:
            found[name] = type(known[name])(value)
        except ValueError as error:
            msg = f"--read-with {name} must be like {known[name]!r}, got {value!r}"
            raise ValueError(msg) from error
    CorpusReader("", **found)  # refuses what is out of range
    return found
