"""The closing table of an evaluation, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["evaluation_table", "percent"]


def evaluation_table(evaluations: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return what was measured, a column a model.

    Parameters
    ----------
    evaluations : mapping
        What `evaluate_model` returned, by the name of the model; all of the same held-out sets and benchmarks.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption_justify="left")
    table.add_column("")
    for name in evaluations:
        table.add_column(name, justify="right")
    table.add_column("of", style="dim")
    models = list(evaluations.values())
    for name, first in models[0]["held_out"].items():
        cells = [f"{model['held_out'][name]['bits_per_byte']:.4f}" for model in models]
        table.add_row(f"bits per byte, {name}", *cells, f"{first['bytes']:,} bytes, {first['tokens']:,} tokens")
    table.add_section()
    for name, first in models[0]["benchmarks"].items():
        of = f"{first['problems']:,} problems, {first['samples']:,} samples"
        for k in first["pass_at"]:
            cells = [percent(model["benchmarks"][name]["pass_at"][k]["value"]) for model in models]
            table.add_row(f"pass@{k}, {name}", *cells, of)
        for part, said in (("similar", "similar to the training data"), ("not_similar", "the others")):
            if part in first.get("pass@1_apart", {}):
                found = [model["benchmarks"][name]["pass@1_apart"][part] for model in models]
                of = f"{found[0]['problems']:,} problems"
                table.add_row(f"  pass@1, {said}", *(percent(one["value"]) for one in found), of)
    if missing := models[0]["not_on_this_machine"]:
        names = ", ".join(missing)
        table.caption = Text(f"not on this machine, so not measured: {names}", style="bold red")
    return table


def percent(value: float | None) -> str:
    """Return a share in percent; a dash for none."""
    return "—" if value is None else f"{100 * value:.1f} %"
