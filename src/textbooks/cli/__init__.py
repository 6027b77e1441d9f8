"""The command `textbooks`: one module a group of commands, each of which hangs its own on the app."""

from textbooks.cli import annotate, corpus, diversity, evaluate, score, synthesize, tokenize, verify
from textbooks.cli.app import app

__all__ = ["app", "main"]

del annotate, corpus, diversity, evaluate, score, synthesize, tokenize, verify


def main() -> None:
    """Run the command line."""
    app()
