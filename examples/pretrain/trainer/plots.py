"""The curves of a run: training loss and learning rate, and bits per byte on what is held out."""

from __future__ import annotations

import importlib.util
import itertools
from typing import TYPE_CHECKING, Any

from trainer.journal import EVALUATIONS, STEPS, read_lines

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

__all__ = ["draw_run"]


def draw_run(out: Path) -> Path | None:
    """Draw ``loss.svg`` from the files of a run; None where matplotlib is not installed or there is nothing to draw."""
    steps = read_lines(out / STEPS)
    if not steps or importlib.util.find_spec("matplotlib") is None:
        return None
    import matplotlib as mpl
    from matplotlib.figure import Figure

    evaluations = [row for row in read_lines(out / EVALUATIONS) if row["held_out"]]
    figure = Figure(figsize=(6.4 * (2 if evaluations else 1), 4), layout="constrained")
    axes = figure.subplots(1, 2 if evaluations else 1, squeeze=False)[0]
    _training(axes[0], steps)
    if evaluations:
        _held_out(axes[1], evaluations)
    path = out / "loss.svg"
    with mpl.rc_context({"svg.hashsalt": "textbooks"}):  # the same bytes for the same run
        figure.savefig(path, metadata={"Date": None})
    return path


def _training(axes: Axes, steps: list[dict[str, Any]]) -> None:
    tokens = [row["tokens"] for row in steps]
    axes.plot(tokens, [row["loss"] for row in steps], linewidth=1, label="loss")
    axes.set(xlabel="tokens", ylabel="training loss (nats a token)")
    rates = axes.twinx()
    rates.plot(tokens, [row["learning_rate"] for row in steps], color="0.6", linewidth=1, linestyle="--")
    rates.set_ylabel("learning rate (dashed)")
    for earlier, later in itertools.pairwise(steps):
        if earlier["stage"] != later["stage"]:
            axes.axvline(earlier["tokens"], color="0.8", linewidth=1)


def _held_out(axes: Axes, evaluations: list[dict[str, Any]]) -> None:
    tokens = [row["tokens"] for row in evaluations]
    for name in evaluations[0]["held_out"]:
        axes.plot(tokens, [row["held_out"][name]["bits_per_byte"] for row in evaluations], marker=".", label=name)
    axes.set(xlabel="tokens", ylabel="bits per byte, held out")
    axes.legend()
