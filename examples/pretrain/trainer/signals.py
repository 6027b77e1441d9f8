"""Stopping in good order: a signal ends the run after the step that is under way."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from trainer.engine import World

__all__ = ["Signals"]


class Signals:
    """SIGTERM (as Slurm sends before it kills) and SIGINT; all processes agree that one of them was told.

    Parameters
    ----------
    world : World
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._caught = False

    def __enter__(self) -> Signals:
        self._before = {number: signal.signal(number, self._catch) for number in (signal.SIGTERM, signal.SIGINT)}
        return self

    def _catch(self, *_: object) -> None:
        self._caught = True

    def stop(self) -> bool:
        """Return whether to stop; every process calls it after every step."""
        return bool(self._world.sum(torch.tensor(float(self._caught))).item())

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
