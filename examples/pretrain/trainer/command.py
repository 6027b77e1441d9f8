"""What the commands share: their options, the smoke run, and errors in one line."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textbooks.errors import TextbooksError
from trainer.config_file import load_config

if TYPE_CHECKING:
    from trainer.config import RunConfig

__all__ = ["STOPPED", "add_options", "ignore_warnings_of_others", "run"]

STOPPED: Final = 75
"""Exit code when a signal has stopped the training (EX_TEMPFAIL): run it again."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what `run` reads."""
    parser.add_argument("config", type=Path, nargs="?", help="TOML file; those of configs/ are examples")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; one that was stopped goes on")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="a field of [training]")
    parser.add_argument("--threads", type=int, help="threads of a processor; default: PyTorch's choice")
    parser.add_argument("--check", action="store_true", help="say what would be trained, and stop")


def run(asked: argparse.Namespace, *, initial: Path | None) -> int:
    """Train as asked, and return the exit code: 0 at the end, 75 when a signal stopped it, 2 for what cannot be."""
    ignore_warnings_of_others()
    try:
        config = _config(asked)
        if asked.check:
            return _check(config)
        import torch

        from trainer.loop import train

        if asked.threads:
            torch.set_num_threads(asked.threads)
        return 0 if train(config, asked.out, initial=initial) else STOPPED
    except TextbooksError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _config(asked: argparse.Namespace) -> RunConfig:
    if getattr(asked, "smoke", False):
        from trainer.smoke import smoke_config

        path = smoke_config(asked.out)
    else:
        path = asked.config
    return load_config(path, overrides=asked.set)


def _check(config: RunConfig) -> int:
    from trainer.data import load_data
    from trainer.sizes import flops_per_token, parameters

    data, size = load_data(config), config.model.dimensions
    steps = data.plan.steps(config.training.batch_size)
    flops = flops_per_token(size, data.vocab_size, config.model.context)
    print(data.plan)
    print(f"{parameters(size, data.vocab_size):,} parameters, {steps:,} steps, {flops * data.tokens:.2e} FLOP")
    return 0


def ignore_warnings_of_others() -> None:
    """Leave out warnings that come from within other packages; ours are shown, and are errors in the tests."""
    for message, category in OTHERS_WARNINGS:
        warnings.filterwarnings("ignore", message=message, category=category)


OTHERS_WARNINGS: Final = (
    (r"`torch\.distributed\..*` is deprecated", FutureWarning),
    (r"`torch\.jit\..*` is deprecated", DeprecationWarning),
)
"""By name: DeepSpeed calls what PyTorch 2.13 has renamed."""
