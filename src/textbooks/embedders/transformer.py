"""Embeddings by a pretrained transformers model: the paper's CodeGen, or any other."""

from __future__ import annotations

import importlib
import os
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from textbooks.embedders.cache import EmbeddingCache, cache_key
from textbooks.embedders.model_files import find_model, fingerprint, read_config
from textbooks.embedders.progress import show_progress
from textbooks.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from textbooks.embedders.transformer_model import LoadedTransformer

__all__ = ["TransformersEmbedder"]

POOLINGS = ("mean", "first", "last")
DTYPES = ("auto", "float32", "bfloat16", "float16")
ATTENTIONS = (None, "eager", "sdpa", "flash_attention_2")

_VERSION = 1  # of what a vector is: cut, pooling, norm
_BATCH_TOKENS = {"cuda": 65_536, "cpu": 4_096}
_SECONDS_BETWEEN_WRITES = 5.0
_SIZES = ("word_embed_proj_dim", "hidden_size", "n_embd", "d_model", "dim")


class TransformersEmbedder:
    """Embeds texts by the last hidden state of a transformers model; needs the extra ``[embeddings]``.

    The paper (section 2.1) feeds its random forest the output embedding of a pretrained CodeGen model and says no more.
    Ours, where it is silent: `Salesforce/codegen-350M-mono`, the model whose embeddings the paper compares in section
    5; the mean of the last hidden state over the tokens of the text; unit L2 norm.

    Texts are run in batches of similar length, padded on the right. On one machine a row depends on its text alone up
    to rounding: with float32 about 1e-6 of its length, with bfloat16 about 1e-2. A text is cut to its first
    ``16 * max_tokens`` characters, then to its first `max_tokens` tokens or the model's context, whichever is less. A
    text without a token of its own (the empty text) gives the zero vector. Lone surrogates are read as question marks.

    Parameters
    ----------
    model : str or path, default="Salesforce/codegen-350M-mono"
        A folder that `transformers` can load, or a name on the Hugging Face hub, which is fetched on first use. Weights
        are read from safetensors; where a model has none, PyTorch's own files are read with its restricted reader,
        which runs no code.
    revision : str or None, default=None
        Branch, tag or commit on the hub: name a commit for the same vectors next year. Not for a folder.
    pooling : {"mean", "first", "last"}, default="mean"
        The mean over the tokens, padding left out; or the first or the last token alone, as some encoders are trained.
    max_tokens : int, default=2048
        Most tokens of a text that are looked at, at least 1. The default is CodeGen's context.
    batch_tokens : int or None, default=None
        Most tokens of a batch, padding included, at least 1; None for 65,536 on a GPU and 4,096 elsewhere. A batch that
        does not fit into the GPU's memory is halved, with a line in the log. Makes no difference to the vectors beyond
        rounding.
    dtype : {"auto", "float32", "bfloat16", "float16"}, default="auto"
        Type of the weights; "auto" is bfloat16 on a GPU and float32 elsewhere. Part of the identity: name it where
        vectors of a GPU and of a processor are to go together.
    device : str or None, default=None
        Such as ``"cuda:1"``; None for a GPU if there is one, else the processor.
    attention : {None, "eager", "sdpa", "flash_attention_2"}, default=None
        None for the fastest that model and machine have. What they lack falls back, with a line in the log.
    cache : path or None, default=None
        An SQLite file that keeps every vector by the content of its text and the embedder's identity; processes may
        share it.
    trust_remote_code : bool, default=False
        Whether Python files that come with the model may run on this machine, unconfined.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = "Salesforce/codegen-350M-mono",
        *,
        revision: str | None = None,
        pooling: str = "mean",
        max_tokens: int = 2048,
        batch_tokens: int | None = None,
        dtype: str = "auto",
        device: str | None = None,
        attention: str | None = None,
        cache: str | os.PathLike[str] | None = None,
        trust_remote_code: bool = False,
    ) -> None:
        for name, number in (("max_tokens", max_tokens), ("batch_tokens", batch_tokens)):
            if number is not None and number < 1:
                msg = f"{name} must be at least 1, got {number!r}"
                raise ValueError(msg)
        choices: tuple[tuple[str, object, tuple[object, ...]], ...] = (
            ("pooling", pooling, POOLINGS),
            ("dtype", dtype, DTYPES),
            ("attention", attention, ATTENTIONS),
        )
        for name, choice, known in choices:
            if choice not in known:
                msg = f"{name} must be one of {', '.join(map(repr, known))}, got {choice!r}"
                raise ValueError(msg)
        self.model = model
        self.revision = revision
        self.pooling = pooling
        self.max_tokens = max_tokens
        self.batch_tokens = batch_tokens
        self.dtype = dtype
        self.device = device
        self.attention = attention
        self.cache = cache
        self.trust_remote_code = trust_remote_code

    def __getstate__(self) -> dict[str, Any]:
        """Return what travels to another process: the arguments, without what was loaded."""
        made = ("_loaded", "_folder", "_vectors", "identity", "dimensions")
        return {name: value for name, value in vars(self).items() if name not in made}

    @cached_property
    def dimensions(self) -> int:
        """Length of a vector.

        Raises
        ------
        InputError
            If the model cannot be found, or its configuration does not tell.
        """
        config = read_config(self._folder)
        sizes = [config[name] for name in _SIZES if isinstance(config.get(name), int)]
        if not sizes:
            msg = f"the configuration of {os.fspath(self.model)!r} tells no size of its hidden state: not a text model?"
            raise InputError(msg)
        return int(sizes[0])

    @cached_property
    def identity(self) -> str:
        """What bears on the vectors, as one line: the content of the model's files, cut, pooling and type of weights.

        The same for a model by name and for a copy of it in a folder.

        Raises
        ------
        MissingExtraError
            If torch is not installed.
        InputError
            If the model cannot be found.
        """
        kind = read_config(self._folder).get("model_type", "model")
        files = fingerprint(self._folder, with_code=self.trust_remote_code)
        cut = f"pooling={self.pooling} max_tokens={self.max_tokens} dtype={self._place()[1]}"
        return f"transformers-v{_VERSION} {kind} sha256={files} {cut}"

    @property
    def used_attention(self) -> str:
        """Attention that the loaded model computes; "causal sdpa" is PyTorch's fused one without a mask."""
        return self._loaded.attention

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector a text.

        On a terminal a bar shows how far it is, when it takes longer than three seconds. What a cache holds is not
        computed again; new vectors are written to it every five seconds.

        Parameters
        ----------
        texts : sequence of str
            Any texts: empty, broken, with lone surrogates or NUL characters.

        Returns
        -------
        ndarray (n, dimensions) float32
            Of unit L2 norm; zero where there is nothing to embed, or the model's numbers overflow (with a line in the
            log).

        Raises
        ------
        TypeError
            If given a single string.
        MissingExtraError
            If torch or transformers is not installed.
        InputError
            If the model cannot be found or loaded.
        OutputError
            If the cache cannot be opened.
        """
        if isinstance(texts, str):
            msg = "texts must be a sequence of texts, got a single str: give [text]"
            raise TypeError(msg)
        row_of: dict[str, int] = {}
        rows = np.array([row_of.setdefault(text, len(row_of)) for text in texts], dtype=np.int64)
        different = list(row_of)
        found = np.zeros((len(different), self.dimensions), dtype=np.float32)
        missing = self._look_up(different, found)
        if missing:
            self._compute(different, missing, found)
        return found[rows]

    def _look_up(self, texts: list[str], found: NDArray[np.float32]) -> list[int]:
        """Fill in what the cache knows; return the other rows."""
        if self._vectors is None:
            return list(range(len(texts)))
        keys = [cache_key(self.identity, text) for text in texts]
        known = self._vectors.get(keys, self.dimensions)
        for row, key in enumerate(keys):
            if key in known:
                found[row] = known[key]
        return [row for row, key in enumerate(keys) if key not in known]

    def _compute(self, texts: list[str], missing: list[int], found: NDArray[np.float32]) -> None:
        chosen = [texts[row] for row in missing]
        unsaved: list[int] = []
        blank = set(missing)
        saved = time.monotonic()
        with show_progress("Embedding", total=len(chosen)) as advance:
            for rows, vectors in self._batches(chosen):
                places = [missing[row] for row in rows.tolist()]
                found[places] = vectors
                unsaved += places
                blank -= set(places)
                advance(len(places))
                if time.monotonic() - saved > _SECONDS_BETWEEN_WRITES:
                    self._save(texts, unsaved, found)
                    saved, unsaved = time.monotonic(), []
        self._save(texts, [*unsaved, *blank], found)

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        for rows, vectors in self._loaded.embed(texts):
            if vectors.shape[1] != self.dimensions:
                msg = f"{os.fspath(self.model)!r} gives {vectors.shape[1]} numbers a token, not {self.dimensions}"
                raise InputError(msg)
            yield rows, vectors

    def _save(self, texts: list[str], rows: Iterable[int], found: NDArray[np.float32]) -> None:
        if self._vectors is not None:
            self._vectors.put({cache_key(self.identity, texts[row]): found[row] for row in rows})

    @cached_property
    def _vectors(self) -> EmbeddingCache | None:
        return None if self.cache is None else EmbeddingCache(self.cache)

    @cached_property
    def _folder(self) -> Path:
        self._import()
        return find_model(self.model, self.revision, with_code=self.trust_remote_code)

    def _import(self) -> None:
        for package in ("torch", "transformers"):
            try:
                importlib.import_module(package)
            except ImportError as error:
                raise MissingExtraError(package, extra="embeddings", used_by=type(self).__name__) from error

    def _place(self) -> tuple[str, str]:
        """Return device and type of the weights."""
        self._import()
        import torch

        device = self.device or ("cuda" if torch.cuda.is_available() else "cpu")
        automatic = "bfloat16" if device.startswith("cuda") else "float32"
        return device, automatic if self.dtype == "auto" else self.dtype

    @cached_property
    def _loaded(self) -> LoadedTransformer:
        device, dtype = self._place()
        from textbooks.embedders.transformer_model import LoadedTransformer, Setup

        setup = Setup(
            folder=self._folder,
            pooling=self.pooling,
            max_tokens=self.max_tokens,
            batch_tokens=self.batch_tokens or _BATCH_TOKENS.get(device.split(":")[0], _BATCH_TOKENS["cpu"]),
            dtype=dtype,
            device=device,
            attention=self.attention,
            trust_remote_code=self.trust_remote_code,
        )
        try:
            return LoadedTransformer(setup)
        except Exception as error:
            # Damaged files fail in json, tokenizers, safetensors, torch or transformers, each with errors of its own.
            msg = f"no model can be loaded from {os.fspath(self.model)!r}: {str(error)[:300]}"
            raise InputError(msg) from error
