"""What the whole way came to: one file, and tables for the terminal."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from trainer.tables import evaluation_table

from steps.tokenising import HELD_OUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from steps.options import Options
    from textbooks.mixtures import MixturePlan

__all__ = ["summarise", "tables"]

_LEFT_OUT: Final = ("out", "code", "textbooks", "exercises", "workers", "threads", "nproc", "device")


def summarise(
    options: Options,
    texts: Mapping[str, Mapping[str, Any]],
    tokens: Mapping[str, Mapping[str, int]],
    plans: Mapping[str, MixturePlan],
    models: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the content of ``summary.json``: nothing in it depends on when or where it was computed.

    Parameters
    ----------
    options : Options
        Those that are no paths and have a say are repeated.
    texts : mapping
        By source what was read, kept and dropped.
    tokens : mapping
        What `tokenise` returned.
    plans : mapping
        By training.
    models : mapping
        By model what `evaluate_model` returned.
    """
    parameters = {name: value for name, value in asdict(options).items() if name not in _LEFT_OUT}
    parameters["sampling"] = {name: value for name, value in parameters["sampling"].items() if name not in _LEFT_OUT}
    return {
        "parameters": parameters,
        "texts": texts,
        "tokens": tokens,
        "training": {name: [row._asdict() for row in plan.rows()] for name, plan in plans.items()},
        "models": models,
    }


def tables(summary: Mapping[str, Any]) -> Iterator[Table]:
    """Yield what a reader wants to know: texts, tokens and epochs, and what the models are worth."""
    yield _texts(summary["texts"])
    yield _tokens(summary["tokens"], summary["training"])
    yield evaluation_table(summary["models"])


def _texts(texts: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("texts")
    for name in texts:
        table.add_column(name, justify="right")
    for fate in ("read", "kept", "dropped", "quarantined"):
        table.add_row(fate, *(f"{counts[fate]:,}" for counts in texts.values()))
    for reason in sorted({reason for counts in texts.values() for reason in counts["reasons"]}):
        cells = (f"{counts['reasons'].get(reason, 0):,}" for counts in texts.values())
        table.add_row(f"  {reason}", *cells, style="dim")
    return table


def _tokens(tokens: Mapping[str, Mapping[str, int]], training: Mapping[str, list[dict[str, Any]]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("tokens", "documents", "tokens", "bytes", "share", "epochs"):
        table.add_column(name if table.columns else "", justify="right" if table.columns else "left")
    for name, counts in tokens.items():
        label = f"{name.removeprefix(HELD_OUT)}, held out" if name.startswith(HELD_OUT) else name
        cells = (f"{counts[each]:,}" for each in ("documents", "tokens", "bytes"))
        table.add_row(label, *cells, style="dim" if name.startswith(HELD_OUT) else None)
    for name, rows in training.items():
        table.add_section()
        for row in rows:
            label = f"{name}: {row['source']}"
            table.add_row(label, "", f"{row['tokens']:,}", "", f"{row['share']:.1%}", f"{row['epochs_so_far']:.2f}")
    return table
