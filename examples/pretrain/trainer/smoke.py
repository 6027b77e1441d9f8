"""A run of a minute, from Python's own standard library: whether everything works here, not whether it learns."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, Final

from textbooks.tokens import tokenize

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["smoke_config"]

_TRAINED: Final = ("argparse", "ast", "calendar", "configparser", "csv", "difflib", "fractions", "heapq", "textwrap")
_HELD_OUT: Final = ("bisect", "statistics")

_CONFIG: Final = """\
[model]
size = "nano-1m"
context = 128
vocab_size = 1024
dropout = 0.1

[sources.modules]
tokens = "data/trained"

[[stages]]
name = "pretrain"
tokens = 20_480
learning_rate = { peak = 2e-3, warmup = 0.1 }

[[stages]]
name = "cooldown"
tokens = 5_120
learning_rate = { peak = 1e-3 }

[held_out]
held_out = "data/held-out"

[training]
batch_size = 8
micro_batch = 4
precision = "fp32"
checkpoint_every = 5
evaluate_every = 10
"""


def smoke_config(out: Path) -> Path:
    """Write texts, tokens and the configuration of a small run into a folder, and return the configuration's path."""
    path = out / "smoke.toml"
    if not path.is_file():
        (out / "data").mkdir(parents=True, exist_ok=True)
        for name, modules in (("trained", _TRAINED), ("held-out", _HELD_OUT)):
            rows = [json.dumps({"text": text}) + "\n" for text in _sources(modules)]
            (out / "data" / f"{name}.jsonl").write_text("".join(rows), encoding="utf-8")
        data = out / "data"
        tokenize([str(data / "trained.jsonl")], data / "trained", vocab_size=1024, workers=1, restart=True)
        known = data / "trained"
        tokenize([str(data / "held-out.jsonl")], data / "held-out", tokenizer=known, workers=1, restart=True)
        path.write_text(_CONFIG, encoding="utf-8")
    return path


def _sources(modules: Sequence[str]) -> list[str]:
    found = (importlib.util.find_spec(name) for name in modules)
    return [spec.loader.get_source(spec.name) for spec in found]  # type: ignore[union-attr]
