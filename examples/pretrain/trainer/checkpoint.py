"""Checkpoints that are whole or not there, from which a run goes on exactly."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import torch

from textbooks.errors import InputError
from textbooks.storage import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.engine import Engine, World

__all__ = ["last_checkpoint", "load_checkpoint", "save_checkpoint"]

_NOTES = "notes.json"
_PARTIAL = ".partial"


def save_checkpoint(folder: Path, step: int, engine: Engine, world: World, *, notes: dict[str, Any], keep: int) -> None:
    """Write ``step-N`` and remove all but the last `keep`; it gets its name when all processes are done.

    Parameters
    ----------
    folder : Path
        Where checkpoints stand.
    step : int
        Steps done.
    engine : Engine
    world : World
    notes : dict
        Plain JSON types, returned when it is loaded.
    keep : int
        At least 1.
    """
    partial = folder / f"step-{step:08d}{_PARTIAL}"
    if world.rank == 0:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
    world.barrier()
    engine.save(partial / "engine")
    torch.save(_random_state(world), partial / f"random-{world.rank}.pt")
    world.barrier()
    if world.rank == 0:
        content = {"step": step, "world_size": world.size, **notes}
        write_atomically(partial / _NOTES, json.dumps(content, indent=1).encode())
        whole = partial.with_name(partial.name.removesuffix(_PARTIAL))
        shutil.rmtree(whole, ignore_errors=True)
        partial.rename(whole)
        for old in [*_checkpoints(folder)[:-keep], *folder.glob(f"*{_PARTIAL}")]:
            shutil.rmtree(old, ignore_errors=True)
    world.barrier()


def last_checkpoint(folder: Path) -> Path | None:
    """Return the checkpoint with the most steps, None if there is none."""
    found = _checkpoints(folder)
    return found[-1] if found else None


def _checkpoints(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("step-????????") if (path / _NOTES).is_file())


def load_checkpoint(path: Path, engine: Engine, world: World) -> dict[str, Any]:
    """Bring engine and random numbers to where they were, and return the notes.

    Raises
    ------
    InputError
        If it was written by another number of processes, among which the optimiser's state is shared out.
    """
    notes: dict[str, Any] = json.loads((path / _NOTES).read_bytes())
    if notes["world_size"] != world.size:
        msg = f"{path} was written by {notes['world_size']} processes: resume with as many, not with {world.size}"
        raise InputError(msg)
    engine.load(path / "engine")
    state = torch.load(path / f"random-{world.rank}.pt", weights_only=True)
    torch.set_rng_state(state["cpu"])
    if world.device.type == "cuda":
        torch.cuda.set_rng_state(state["cuda"], world.device)
    return notes


def _random_state(world: World) -> dict[str, torch.Tensor]:
    state = {"cpu": torch.get_rng_state()}
    if world.device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(world.device)
    return state
