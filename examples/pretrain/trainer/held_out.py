"""How well a model predicts texts that it has not been trained on: bits per byte, whatever the tokeniser."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch.nn.functional import cross_entropy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from textbooks.tokens import TokenizedCorpus
    from trainer.engine import World

__all__ = ["HeldOut", "document_loss", "evaluate_corpus", "windows"]

_IGNORED = -100


class HeldOut(NamedTuple):
    """What a model is worth on a corpus.

    Attributes
    ----------
    loss : float
        Mean over the tokens of all documents, in nats; the end of a document is not counted.
    bits_per_byte : float
        The same over the bytes of the texts: comparable between tokenisers.
    tokens, bytes : int
    """

    loss: float
    bits_per_byte: float
    tokens: int
    bytes: int


def windows(document: NDArray[np.integer], context: int, start: int) -> Iterator[NDArray[np.int64]]:
    """Yield a document in windows of at most ``context + 1`` tokens; each but the first token of each is predicted.

    Parameters
    ----------
    document : ndarray, shape (tokens,)
        With its end-of-text token, which is left out.
    context : int
        Tokens that the model sees.
    start : int
        The end-of-text token, which comes before the first: what the model sees between documents. A window begins
        with the last token of the one before, so that every token is predicted once.
    """
    tokens = np.concatenate([[start], np.asarray(document[:-1], dtype=np.int64)])
    for begin in range(0, len(tokens) - 1, context):
        yield tokens[begin : begin + context + 1]


def evaluate_corpus(
    logits: Callable[[torch.Tensor], torch.Tensor],
    corpus: TokenizedCorpus,
    *,
    context: int,
    batch_size: int,
    world: World,
) -> HeldOut:
    """Return the loss on a corpus; the processes share the work and all get the result.

    Parameters
    ----------
    logits : callable
        Token numbers, shape (sequences, tokens), to logits.
    corpus : TokenizedCorpus
    context, batch_size : int
        Tokens of a window; windows of a batch.
    world : World
    """
    documents = corpus.as_documents()
    found = [w for d in range(len(documents)) for w in windows(documents[d], context, corpus.end_of_text)]
    found.sort(key=len)  # so that little of a batch is padding
    batches = [found[start : start + batch_size] for start in range(0, len(found), batch_size)]
    total = torch.zeros((), dtype=torch.float64)
    with torch.no_grad():
        for number in range(-(-len(batches) // world.size)):  # each process as often, for they may share weights
            mine = number * world.size + world.rank
            batch = batches[mine] if mine < len(batches) else [found[0]]
            loss = document_loss(logits, batch, world.device)
            total += loss if mine < len(batches) else 0
    nats = float(world.sum(total))
    tokens = sum(len(window) - 1 for window in found)
    return HeldOut(nats / tokens, nats / math.log(2) / corpus.bytes, tokens, corpus.bytes)


def document_loss(
    logits: Callable[[torch.Tensor], torch.Tensor], batch: list[NDArray[np.int64]], device: torch.device
) -> torch.Tensor:
    """Return the summed loss of some windows in nats, as float64 on the processor; they are padded on the right."""
    width = max(map(len, batch))
    ids = torch.zeros((len(batch), width), dtype=torch.int64)
    targets = torch.full((len(batch), width), _IGNORED, dtype=torch.int64)
    for row, window in enumerate(batch):
        ids[row, : len(window)] = torch.from_numpy(window)
        targets[row, 1 : len(window)] = ids[row, 1 : len(window)]
    found = logits(ids[:, :-1].to(device))
    flat = cross_entropy(
        found.flatten(0, 1).float(),
        targets[:, 1:].flatten().to(device),
        ignore_index=_IGNORED,
        reduction="none",
    )
    return flat.double().sum().cpu()
