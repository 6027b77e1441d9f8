"""What a folder was trained with: a run goes on only under the same configuration and with the same data."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from textbooks.errors import ParametersChangedError
from textbooks.storage import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trainer.config import RunConfig
    from trainer.data import RunData

__all__ = ["CONFIG", "check_key", "key_of"]

CONFIG: Final = "config.json"

WITHOUT_INFLUENCE: Final = ("checkpoint_every", "evaluate_every", "keep_checkpoints", "max_steps")
"""Fields of `Training` that change no weight: they may differ when a run goes on."""


def key_of(config: RunConfig, data: RunData, initial: Path | None) -> dict[str, Any]:
    """Return the configuration, without paths, with what the data and the initial model are."""
    content = json.loads(json.dumps(config.as_dict()))
    content["sources"] = {
        name: {"max_epochs": source.max_epochs, "tokens": _digest(source.tokens / "tokens.json")}
        for name, source in config.sources.items()
    }
    content["held_out"] = {name: _digest(path / "tokens.json") for name, path in config.held_out.items()}
    content["plan"] = data.plan.fingerprint
    content["vocab_size"] = data.vocab_size
    content["from"] = None if initial is None else _digest(initial / "model.safetensors")
    return content


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else None


def check_key(out: Path, key: dict[str, Any]) -> None:
    """Write the key, or hold it against what is there.

    Raises
    ------
    ParametersChangedError
        If they differ; each difference is named.
    """
    path = out / CONFIG
    if path.is_file():
        before = json.loads(path.read_bytes())
        if changed := sorted(_differences(before, key, "")):
            msg = f"{out} holds a run with other parameters ({'; '.join(changed)}): choose another folder"
            raise ParametersChangedError(msg)
    write_atomically(path, json.dumps(key, indent=1).encode())


def _differences(before: object, now: object, where: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for name in before.keys() | now.keys():
            if where != "training." or name not in WITHOUT_INFLUENCE:
                yield from _differences(before.get(name), now.get(name), f"{where}{name}.")
    elif before != now:
        yield f"{where.rstrip('.')}: {before} before, {now} now"
