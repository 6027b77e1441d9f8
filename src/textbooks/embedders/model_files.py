"""The files of a transformers model: where they lie on this machine, and what they hold."""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from textbooks.errors import InputError

__all__ = ["find_model", "fingerprint", "read_config", "weights_of"]

CONFIG = "config.json"
TOKENIZER = (
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"),
    *("vocab.json", "vocab.txt", "merges.txt", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model"),
)
SAFE_WEIGHTS = "*.safetensors"
TORCH_WEIGHTS = "pytorch_model*.bin"

_BYTES_AT_ONCE = 1 << 24


def find_model(model: str | os.PathLike[str], revision: str | None, *, with_code: bool = False) -> Path:
    """Return the folder of a model, fetched from the Hugging Face hub when it is not on this machine.

    Parameters
    ----------
    model : str or path
        A folder, or the name of a model on the hub.
    revision : str or None
        Branch, tag or commit on the hub; None for its main branch.
    with_code : bool, default=False
        Whether to fetch the Python files of the model too.

    Returns
    -------
    Path
        A folder with a configuration and weights.

    Raises
    ------
    InputError
        If there is no such folder or name, the hub cannot be reached, or weights are missing.
    """
    name = os.fspath(model)
    folder = Path(name).expanduser()
    if not folder.is_dir():
        if isinstance(model, os.PathLike) or name.startswith(("/", ".", "~")):
            msg = f"no model can be loaded from {name!r}: there is no such folder"
            raise InputError(msg)
        folder = _fetch(name, revision, with_code=with_code)
    if not (folder / CONFIG).is_file() or not weights_of(folder):
        msg = (
            f"no model can be loaded from {name!r}: {CONFIG} and weights ({SAFE_WEIGHTS} or {TORCH_WEIGHTS}) are needed"
            f" in {str(folder)!r}"
        )
        raise InputError(msg)
    return folder


def weights_of(folder: Path) -> list[Path]:
    """Return the files of weights that are read: safetensors, and only where there are none PyTorch's own."""
    return sorted(folder.glob(SAFE_WEIGHTS)) or sorted(folder.glob(TORCH_WEIGHTS))


def read_config(folder: Path) -> dict[str, Any]:
    """Return the configuration of a model.

    Raises
    ------
    InputError
        If it is no JSON object.
    """
    try:
        config = json.loads((folder / CONFIG).read_bytes())
    except (OSError, ValueError) as problem:
        msg = f"no model can be loaded from {str(folder)!r}: {CONFIG} cannot be read: {problem}"
        raise InputError(msg) from problem
    if not isinstance(config, dict):
        msg = f"no model can be loaded from {str(folder)!r}: {CONFIG} is no JSON object"
        raise InputError(msg)
    return config


def fingerprint(folder: Path, *, with_code: bool = False) -> str:
    """Return 16 hexadecimal digits that two folders share when they hold the same model.

    SHA-256 over the configuration, the tokenizer, the weights and, when asked, the Python files; not over the folder's
    name or what else lies there. Files are read once in a process (about 1 GB/s).
    """
    files = [folder / CONFIG, *(folder / name for name in TOKENIZER), *weights_of(folder)]
    files += sorted(folder.glob("*.py")) if with_code else []
    whole = hashlib.sha256()
    for file in files:
        if file.is_file():
            state = file.stat()
            whole.update(f"{file.name}\0{_digest(file, state.st_size, state.st_mtime_ns)}\0".encode())
    return whole.hexdigest()[:16]


@lru_cache(maxsize=256)
def _digest(file: Path, _size: int, _changed: int) -> str:
    content = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BYTES_AT_ONCE):
            content.update(block)
    return content.hexdigest()


def _fetch(name: str, revision: str | None, *, with_code: bool) -> Path:
    from huggingface_hub import snapshot_download

    described = [CONFIG, *TOKENIZER, *(["*.py"] if with_code else [])]
    try:
        safe = [*described, SAFE_WEIGHTS, f"{SAFE_WEIGHTS}.index.json"]
        folder = Path(snapshot_download(name, revision=revision, allow_patterns=safe))
        if not weights_of(folder):
            plain = [*described, TORCH_WEIGHTS, f"{TORCH_WEIGHTS}.index.json"]
            folder = Path(snapshot_download(name, revision=revision, allow_patterns=plain))
    except Exception as problem:
        # The hub's client raises errors of its own, of its HTTP library and of the system.
        at = f" at revision {revision!r}" if revision else ""
        msg = (
            f"no model {name!r}{at} is on this machine, and the Hugging Face hub gave none"
            f" ({type(problem).__name__}: {str(problem)[:200]}). Without a network, give the path of a folder that"
            f" holds it: `hf download {name} --local-dir FOLDER` fills one elsewhere"
        )
        raise InputError(msg) from problem
    return folder
