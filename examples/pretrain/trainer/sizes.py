"""The models by name: Phi as `transformers` has it, in the paper's two sizes and in five that anybody can afford."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from transformers import PhiConfig

__all__ = ["SIZES", "Size", "flops_per_token", "parameters", "phi_config"]


@dataclass(frozen=True, kw_only=True)
class Size:
    """The shape of a model.

    Attributes
    ----------
    layers, hidden, mlp, heads : int
        Blocks, width, width of the feed-forward part, attention heads; `hidden` is a multiple of `heads`.
    rotary : int
        How many of a head's ``hidden / heads`` dimensions are rotated; even.
    tied : bool
        Whether the output layer shares the weights of the embedding, which is most of a very small model.
    """

    layers: int
    hidden: int
    mlp: int
    heads: int
    rotary: int
    tied: bool = False

    @property
    def head(self) -> int:
        """Dimensions of a head."""
        return self.hidden // self.heads


SIZES: Final = {
    # "Textbooks Are All You Need", section 2.3: heads of 64, of which 32 dimensions are rotated.
    "phi-1": Size(layers=24, hidden=2048, mlp=8192, heads=32, rotary=32),
    "phi-1-small": Size(layers=20, hidden=1024, mlp=4096, heads=16, rotary=32),
    # Ours: the same architecture, with about as many parameters as the name says at a vocabulary of 4,096.
    "nano-100m": Size(layers=14, hidden=768, mlp=3072, heads=12, rotary=32, tied=True),
    "nano-30m": Size(layers=9, hidden=512, mlp=2048, heads=8, rotary=32, tied=True),
    "nano-10m": Size(layers=8, hidden=320, mlp=1280, heads=5, rotary=32, tied=True),
    "nano-3m": Size(layers=6, hidden=192, mlp=768, heads=6, rotary=16, tied=True),
    "nano-1m": Size(layers=4, hidden=128, mlp=512, heads=4, rotary=16, tied=True),
}
"""Models by name."""


def parameters(size: Size, vocab_size: int) -> int:
    """Return how many weights a model has: those of `transformers.PhiForCausalLM`, biases and norms included.

    Parameters
    ----------
    size : Size
    vocab_size : int
        Rows of the embedding.
    """
    attention = 4 * (size.hidden**2 + size.hidden)
    feed_forward = 2 * size.hidden * size.mlp + size.mlp + size.hidden
    norm = 2 * size.hidden
    embedding = vocab_size * size.hidden
    head = vocab_size if size.tied else embedding + vocab_size
    return size.layers * (attention + feed_forward + norm) + norm + embedding + head


def flops_per_token(size: Size, vocab_size: int, context: int) -> float:
    """Return the floating-point operations of a token's forward and backward pass.

    Six for each weight that multiplies (the embedding is looked up, the output layer multiplies), and
    ``12 * layers * hidden * context`` for the attention, as "PaLM" counts (arXiv 2204.02311, appendix B): the whole
    square, of which causal kernels compute half. What activation checkpointing computes again is not counted.

    Parameters
    ----------
    size : Size
    vocab_size, context : int
        Rows of the embedding; tokens of a sequence.
    """
    embedding = vocab_size * size.hidden
    multiplying = parameters(size, vocab_size) - (0 if size.tied else embedding)
    return 6.0 * multiplying + 12.0 * size.layers * size.hidden * context


def phi_config(size: Size, *, vocab_size: int, context: int, dropout: float, end_of_text: int) -> PhiConfig:
    """Return the configuration of `transformers.PhiForCausalLM`.

    Parameters
    ----------
    size : Size
    vocab_size, context : int
        Rows of the embedding; tokens of a sequence at most.
    dropout : float
        Of attention and residuals, 0 to below 1. The embedding has none (section 2.3 names these two).
    end_of_text : int
        The token that ends a document.
    """
    from transformers import PhiConfig

    return PhiConfig(
        vocab_size=vocab_size,
        hidden_size=size.hidden,
        intermediate_size=size.mlp,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        max_position_embeddings=context,
        resid_pdrop=dropout,
        attention_dropout=dropout,
        tie_word_embeddings=size.tied,
        hidden_act="gelu_pytorch_tanh",  # phi-1's gelu_new is the same function, in six kernels instead of one
        rope_parameters={
            "rope_type": "default",
            "rope_theta": 10_000.0,
            "partial_rotary_factor": size.rotary / size.head,
        },
        bos_token_id=end_of_text,
        eos_token_id=end_of_text,
        use_cache=False,
    )
