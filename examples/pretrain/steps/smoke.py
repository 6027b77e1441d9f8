"""The whole way in less than a minute or two: whether everything works here, not whether it learns."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Final

from textbooks.storage import write_atomically

__all__ = ["smoke_defaults", "smoke_texts"]

_SMOKE: Final[dict[str, Any]] = {
    "benchmarks": ("unconventional",),
    "easiest": 3,
    "samples": 2,
    "max_new_tokens": 16,
    "vocab_size": 1024,
    "held_out": 0.1,
    "size": "nano-1m",
    "context": 128,
    "tokens": 20_480,
    "finetune_tokens": 8_192,
    "batch_size": 8,
}

_CODE: Final = ("bisect", "colorsys", "copy", "fractions", "heapq", "keyword", "reprlib", "sched", "string", "textwrap")
_SYNTHETIC: Final = Path(__file__).resolve().parents[3] / "tests" / "data" / "synthetic"
_TEXTS: Final = {"textbooks": 8, "exercises": 40}


def smoke_defaults(processes: int) -> dict[str, Any]:
    """Return the defaults of the command in a smoke run: a batch, however many processes share it."""
    engine = "auto" if processes > 1 else "torch"
    return {**_SMOKE, "micro_batch": max(1, _SMOKE["batch_size"] // max(processes, 1)), "engine": engine}


def smoke_texts(out: Path) -> dict[str, tuple[str, ...]]:
    """Return paths of some modules of Python's library and, in a checkout, of some recorded texts."""
    found = {"code": tuple(str(spec.origin) for spec in map(importlib.util.find_spec, _CODE) if spec is not None)}
    for name, number in _TEXTS.items():
        source = _SYNTHETIC / f"{name}.jsonl"
        found[name] = _first(source, number, out / "0-smoke" / source.name) if source.is_file() else ()
    return found


def _first(source: Path, number: int, target: Path) -> tuple[str, ...]:
    """Write the first lines of a file, once: a file that is touched would count as another input."""
    if not target.is_file():
        lines = source.read_text(encoding="utf-8").splitlines(keepends=True)[:number]
        write_atomically(target, "".join(lines).encode())
    return (str(target),)
