"""The app that every command hangs on, and what they share: the screen, one line for an error."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console

from textbooks import __version__
from textbooks.errors import TextbooksError

__all__ = ["app", "errors", "errors_in_one_line", "say", "screen"]

app = typer.Typer(
    help="Curate code corpora the phi-1 way.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
screen = Console()
errors = Console(stderr=True)

BAD_INPUT = 2
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


@contextlib.contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Turn errors of input and output into one line and exit code 2; other errors are ours and keep their trace."""
    try:
        yield
    except (TextbooksError, ValueError) as error:
        say(f"error: {error}", style="bold red", on=errors)
        raise typer.Exit(BAD_INPUT) from None
    except KeyboardInterrupt:
        say("interrupted: run the same command again to resume", style="bold", on=errors)
        raise typer.Exit(INTERRUPTED) from None
