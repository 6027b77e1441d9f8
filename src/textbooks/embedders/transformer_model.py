"""A transformers model, loaded, that turns texts into vectors; used by `TransformersEmbedder` alone."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from textbooks.embedders.batching import batches_by_length
from textbooks.embedders.codegen_attention import CODEGEN, keep_positions_precise, use_fused_attention
from textbooks.embedders.model_files import SAFE_WEIGHTS, read_config

if TYPE_CHECKING:
    from pathlib import Path

    import torch
    from numpy.typing import NDArray

__all__ = ["LoadedTransformer", "Setup"]

_LOG = logging.getLogger(__name__)
_TEXTS_AT_ONCE = 2_048
_CHARACTERS_PER_TOKEN = 16


@dataclass(frozen=True, slots=True)
class Setup:
    """How to load and run a model.

    Attributes
    ----------
    folder : Path
        Configuration, tokenizer and weights.
    pooling : str
        ``"mean"``, ``"first"`` or ``"last"``.
    max_tokens : int
        Most tokens of a text; the model's context is the limit beyond it.
    batch_tokens : int
        Most tokens of a batch, padding included.
    dtype : str
        ``"float32"``, ``"bfloat16"`` or ``"float16"``.
    device : str
        Such as ``"cpu"`` or ``"cuda"``.
    attention : str or None
        The implementation that is wanted; None for the fastest that the model has.
    trust_remote_code : bool
        Whether Python files of the model may run.
    """

    folder: Path
    pooling: str
    max_tokens: int
    batch_tokens: int
    dtype: str
    device: str
    attention: str | None
    trust_remote_code: bool


class LoadedTransformer:
    """Tokenizes, batches and runs texts.

    Parameters
    ----------
    setup : Setup
        How.

    Raises
    ------
    OSError, ValueError, ImportError
        If the tokenizer or the model cannot be loaded.
    """

    def __init__(self, setup: Setup) -> None:
        from transformers import AutoTokenizer

        self.setup = setup
        self.batch_tokens = setup.batch_tokens
        options = {"local_files_only": True, "trust_remote_code": setup.trust_remote_code}
        self.tokenizer: Any = AutoTokenizer.from_pretrained(setup.folder, **options)
        self.tokenizer.truncation_side = "right"
        self.network, self.attention = _load_network(setup)
        self.longest = min(setup.max_tokens, _context_of(self.network, self.tokenizer))
        pads = (self.tokenizer.pad_token_id, self.tokenizer.eos_token_id, 0)
        self._padding = next(token for token in pads if token is not None)

    def embed(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Yield rows of texts with their vectors, batch by batch; rows without any token of text are left out.

        Vectors have unit L2 norm. The next texts are tokenized while the model runs, and a batch is fetched from the
        device when the next one is under way.
        """
        starts = range(0, len(texts), _TEXTS_AT_ONCE)
        with ThreadPoolExecutor(max_workers=1) as pool:
            ahead: Future[list[list[int]]] | None = None
            for start in starts:
                tokens = (ahead or pool.submit(self._tokenize, texts[start : start + _TEXTS_AT_ONCE])).result()
                following = start + _TEXTS_AT_ONCE
                rest = texts[following : following + _TEXTS_AT_ONCE]
                ahead = pool.submit(self._tokenize, rest) if rest else None
                for rows, vectors in self._run_window(tokens):
                    yield rows + start, vectors

    def _tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text; none where nothing but the tokenizer's own marks would be left."""
        most = self.longest * _CHARACTERS_PER_TOKEN
        # A tokenizer takes no lone surrogates: they become question marks.
        valid = [text[:most].encode("utf-8", "replace").decode() for text in texts]
        found = self.tokenizer(
            valid,
            truncation=True,
            max_length=self.longest,
            return_special_tokens_mask=True,
            return_attention_mask=False,
        )
        marks = found["special_tokens_mask"]
        return [[] if all(mark) else ids for ids, mark in zip(found["input_ids"], marks, strict=True)]

    def _run_window(self, tokens: list[list[int]]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        lengths = np.array([len(ids) for ids in tokens], dtype=np.int64)
        filled = np.flatnonzero(lengths)
        waiting: list[tuple[NDArray[np.int64], torch.Tensor]] = []
        for batch in batches_by_length(lengths[filled], self.batch_tokens):
            rows = filled[batch]
            under_way = self._run([tokens[row] for row in rows])
            yield from _fetch(waiting)
            waiting = [(rows, under_way)]
        yield from _fetch(waiting)

    def _run(self, batch: list[list[int]]) -> torch.Tensor:
        """Return pooled vectors, float32 on the device; a batch too large for its memory is halved."""
        import torch

        try:
            return self._forward(batch)
        except torch.cuda.OutOfMemoryError:
            if len(batch) == 1:
                raise
        # Outside of the handler: it would hold on to the tensors of the failed run.
        torch.cuda.empty_cache()
        self.batch_tokens = max(self.batch_tokens // 2, 1)
        _LOG.warning("the device is out of memory: batch_tokens is now %d", self.batch_tokens)
        half = len(batch) // 2
        return torch.cat([self._run(batch[:half]), self._run(batch[half:])])

    def _forward(self, batch: list[list[int]]) -> torch.Tensor:
        import torch

        lengths = torch.tensor([len(ids) for ids in batch])
        width = int(lengths.max())
        ids = torch.full((len(batch), width), self._padding)
        for row, found in zip(ids, batch, strict=True):
            row[: len(found)] = torch.tensor(found)
        full = bool((lengths == width).all())
        device = self.setup.device
        ids, lengths = ids.to(device, non_blocking=True), lengths.to(device, non_blocking=True)
        mask = torch.arange(width, device=device) < lengths[:, None]
        with torch.inference_mode():
            # Without a mask the fastest kernels can be taken.
            seen = None if full or self.attention == "causal sdpa" else mask.long()
            hidden = self.network(input_ids=ids, attention_mask=seen).last_hidden_state
            return self._pool(hidden, mask, lengths)

    def _pool(self, hidden: torch.Tensor, mask: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        import torch

        if self.setup.pooling == "first":
            return hidden[:, 0].float()
        if self.setup.pooling == "last":
            return hidden[torch.arange(len(hidden), device=hidden.device), lengths - 1].float()
        return hidden.float().masked_fill(~mask[:, :, None], 0).sum(1) / lengths[:, None]


def _fetch(
    waiting: list[tuple[NDArray[np.int64], torch.Tensor]],
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    for rows, vectors in waiting:
        yield rows, _unit(vectors.cpu().numpy())


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the vectors with unit L2 norm; zero where they are zero or not finite."""
    exact = vectors.astype(np.float64)
    broken = np.flatnonzero(~np.isfinite(exact).all(axis=1))
    if len(broken):
        _LOG.warning("the model's numbers overflow for %d texts: their vectors are zero", len(broken))
        exact[broken] = 0
    norms = np.linalg.norm(exact, axis=1, keepdims=True)
    unit: NDArray[np.float64] = np.divide(exact, norms, out=np.zeros_like(exact), where=norms > 0)
    return unit.astype(np.float32)


def _load_network(setup: Setup) -> tuple[Any, str]:
    """Return the network on its device, and the attention that it computes."""
    import torch

    wanted = _attentions_to_try(setup)
    for attention, fallback in pairwise([*wanted, ""]):
        try:
            with _without_loading_bar():
                network = _from_pretrained(setup, attention)
            break
        except (ValueError, ImportError) as problem:
            if not fallback:
                raise
            level = logging.WARNING if attention == setup.attention else logging.INFO
            reason = str(problem).split("\n")[0][:200]
            _LOG.log(level, "attention %r is not to be had, trying %r: %s", attention, fallback, reason)
    if getattr(network.config, "is_encoder_decoder", False):
        network = network.get_encoder()
    network.config.use_cache = False
    network = network.to(device=setup.device, dtype=getattr(torch, setup.dtype)).eval()
    if network.config.model_type == CODEGEN:
        keep_positions_precise(network)
        if setup.attention != "eager" and use_fused_attention(network):
            attention = "causal sdpa"
    return network, attention


def _attentions_to_try(setup: Setup) -> list[str]:
    fast = ["sdpa", "eager"]
    if setup.attention == "eager" or read_config(setup.folder).get("model_type") == CODEGEN:
        return ["eager"]  # transformers has no other for CodeGen: ours takes its place
    if setup.attention is not None:
        return list(dict.fromkeys([setup.attention, *fast]))
    flash = importlib.util.find_spec("flash_attn") and setup.device.startswith("cuda") and setup.dtype != "float32"
    return ["flash_attention_2", *fast] if flash else fast


def _from_pretrained(setup: Setup, attention: str) -> Any:  # noqa: ANN401
    from transformers import AutoModel

    return AutoModel.from_pretrained(
        setup.folder,
        local_files_only=True,
        trust_remote_code=setup.trust_remote_code,
        attn_implementation=attention,
        use_safetensors=any(setup.folder.glob(SAFE_WEIGHTS)),
    )


def _context_of(network: Any, tokenizer: Any) -> int:  # noqa: ANN401
    """Return the most tokens that the model takes."""
    most = int(tokenizer.model_max_length)
    positions = getattr(network.config, "max_position_embeddings", None)
    if positions:
        # RoBERTa and its kin count positions from behind the padding's.
        tables = [module for name, module in network.named_modules() if name.endswith("position_embeddings")]
        skipped = [table.padding_idx + 1 for table in tables if getattr(table, "padding_idx", None) is not None]
        most = min(most, int(positions) - max(skipped, default=0))
    return most


@contextlib.contextmanager
def _without_loading_bar() -> Iterator[None]:
    from transformers.utils import logging as transformers_logging

    shown = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            transformers_logging.enable_progress_bar()
