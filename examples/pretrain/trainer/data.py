"""Which tokens are trained on, in which order: token files, a mixture, and its plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from textbooks.errors import InputError
from textbooks.mixtures import Mixture, MixtureDataset
from textbooks.tokens import TokenizedCorpus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from textbooks.mixtures import MixturePlan
    from trainer.config import RunConfig

__all__ = ["RunData", "load_data"]


@dataclass(frozen=True)
class RunData:
    """Everything that a run reads.

    Attributes
    ----------
    dataset : MixtureDataset
        Sequences of `context` tokens, in the order of its plan.
    held_out : mapping
        Corpora to evaluate on.
    vocab_size : int
        Rows of the embedding.
    end_of_text : int
        The token that ends a document.
    tokenizer : Path
        The ``tokenizer.json`` that all of them share.
    """

    dataset: MixtureDataset
    held_out: Mapping[str, TokenizedCorpus]
    vocab_size: int
    end_of_text: int
    tokenizer: Path

    @property
    def plan(self) -> MixturePlan:
        """What is drawn when."""
        return self.dataset.plan

    @cached_property
    def tokens(self) -> int:
        """Tokens of the whole plan."""
        return sum(row.tokens for row in self.plan.rows())

    def micro_batches(
        self, step: int, *, batch_size: int, micro_batch: int, rank: int, world_size: int
    ) -> Iterator[NDArray[np.int64]]:
        """Yield a rank's sequences of a step, shape (micro_batch, context)."""
        rows = self.dataset.batch(step, batch_size, rank=rank, world_size=world_size)
        for start in range(0, len(rows), micro_batch):
            yield np.stack(rows[start : start + micro_batch])


def load_data(config: RunConfig, world_size: int = 1) -> RunData:
    """Open the token files and work out the plan; nothing is computed before all of it fits together.

    Raises
    ------
    InputError
        If a folder is missing or empty, two have other tokenisers, the embedding has fewer rows than the tokeniser has
        tokens, a batch cannot be shared among the devices, or the sources do not suffice; it names the field.
    """
    corpora = {f"sources.{name}.tokens": _corpus(name, s.tokens) for name, s in config.sources.items()}
    held_out = {name: _held_out(name, path) for name, path in config.held_out.items()}
    first = _same_tokeniser({**corpora, **{f"held_out.{name}": corpus for name, corpus in held_out.items()}})
    vocab_size = config.model.vocab_size or -(-first.vocab_size // 64) * 64
    if vocab_size < first.vocab_size:
        msg = (
            f"model.vocab_size must be at least the {first.vocab_size:,} tokens of the tokeniser, got {vocab_size:,}: "
            "the embedding would have no row for some"
        )
        raise InputError(msg)
    shared = config.training.micro_batch * world_size
    if config.training.batch_size % shared:
        msg = (
            f"training.batch_size must be a multiple of training.micro_batch times the devices, "
            f"{config.training.micro_batch} x {world_size}, got {config.training.batch_size}"
        )
        raise InputError(msg)
    dataset = _dataset(config, dict(zip(config.sources, corpora.values(), strict=True)))
    return RunData(dataset, held_out, vocab_size, first.end_of_text, first.folder / "tokenizer.json")


def _corpus(name: str, folder: Path) -> TokenizedCorpus:
    try:
        return TokenizedCorpus.load(folder)
    except InputError as error:
        msg = f"sources.{name}.tokens: {error}"
        raise InputError(msg) from error


def _held_out(name: str, folder: Path) -> TokenizedCorpus:
    try:
        corpus = TokenizedCorpus.load(folder)
        corpus.as_documents().source(name)
    except InputError as error:
        msg = f"held_out.{name}: {error}"
        raise InputError(msg) from error
    if corpus.tokens <= corpus.documents:  # nothing but ends of documents
        msg = f"held_out.{name}: {folder} holds only empty texts: there is nothing to predict"
        raise InputError(msg)
    return corpus


def _same_tokeniser(corpora: Mapping[str, TokenizedCorpus]) -> TokenizedCorpus:
    """Return the first; all must have been written with one tokeniser."""
    first, *others = corpora.items()
    for name, corpus in others:
        if corpus.digests["tokenizer.json"] != first[1].digests["tokenizer.json"]:
            msg = f"{name} has another tokeniser than {first[0]}: tokenise it with --tokenizer {first[1].folder}"
            raise InputError(msg)
    return first[1]


def _dataset(config: RunConfig, corpora: Mapping[str, TokenizedCorpus]) -> MixtureDataset:
    blocks = {name: corpus.blocks(config.model.context) for name, corpus in corpora.items()}
    sources = []
    for name, source in config.sources.items():
        try:
            sources.append(blocks[name].source(name, max_epochs=source.max_epochs))
        except ValueError as error:
            msg = f"sources.{name}: {error}"
            raise InputError(msg) from error
    try:
        plan = Mixture(sources=sources, stages=config.stages, seed=config.training.seed).plan()
    except ValueError as error:
        msg = f"stages: {error}"
        raise InputError(msg) from error
    if not plan.steps(config.training.batch_size):
        msg = (
            f"stages: the plan has {len(plan)} sequences of {config.model.context} tokens, fewer than one batch "
            f"(training.batch_size = {config.training.batch_size})"
        )
        raise InputError(msg)
    return MixtureDataset(plan, blocks)
