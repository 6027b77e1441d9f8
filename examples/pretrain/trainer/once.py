"""What a folder holds is not computed again: a result, with what it was computed from."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from textbooks.errors import InputError
from textbooks.storage import file_digest, write_atomically
from trainer.run_key import check_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["RESULT", "model_digest", "once"]

RESULT: Final = "result.json"


def once(folder: Path, key: Mapping[str, Any], compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what `compute` returned, now or when it was last called for this folder.

    Parameters
    ----------
    folder : Path
        It gets ``config.json``, the key, and in the end ``result.json``; whatever else `compute` writes is its own.
    key : mapping
        Everything that the result depends on, as plain JSON types.
    compute : callable
        Called without arguments; returns plain JSON types.

    Raises
    ------
    ParametersChangedError
        If the folder holds a result of another key, or the beginnings of one; each difference is named.
    """
    check_key(folder, json.loads(json.dumps(key)))
    path = folder / RESULT
    if not path.is_file():
        write_atomically(path, json.dumps(compute(), indent=1).encode())
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def model_digest(model: Path) -> str:
    """Return what tells a model's folder from others: a digest of its weights, the first 16 digits each.

    Raises
    ------
    InputError
        If it holds no weights.
    """
    weights = sorted(model.glob("*.safetensors"))
    if not weights:
        msg = f"{model} holds no model: name the folder model/ that pretrain.py or finetune.py has left"
        raise InputError(msg)
    return "-".join(_digest(path, path.stat().st_mtime_ns) for path in weights)


@lru_cache(maxsize=256)  # asked once a set and a benchmark, of files that may have gigabytes
def _digest(path: Path, _changed: int) -> str:
    return file_digest(path)[:16]
