"""Fused attention for CodeGen, to which `transformers` gives none."""

from __future__ import annotations

import sys
from types import MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

__all__ = ["CODEGEN", "keep_positions_precise", "use_fused_attention"]

CODEGEN = "codegen"
"""The ``model_type`` of the networks that this module knows."""

_PARTS = 4
"""CodeGen's queries, values and keys lie in four parts: it was trained on four cores of each processor."""


def use_fused_attention(network: Any) -> bool:  # noqa: ANN401 - transformers are not imported here
    """Put PyTorch's `scaled_dot_product_attention` and an activation of one kernel into a CodeGen network, in place.

    The network must then be given batches that are padded on the right, without a cache: a token sees those before it
    and never the padding behind, so that no mask is needed and FlashAttention's kernel can be taken, and the position
    of a token is its column. `transformers` 5.23 computes the scores of all pairs of tokens in float32, and turns
    queries and keys by some ten kernels a layer; here it is one multiplication of complex numbers. The values are the
    same up to rounding. Returns False, with nothing changed, when the network is of a form that no published model has.
    """
    import torch

    if not all(attention.rotary_dim for attention in _attentions(network)):
        return False
    rotation = None
    for attention in _attentions(network):
        if rotation is None:
            sine, cosine = attention.embed_positions.float().chunk(2, dim=-1)
            rotation = torch.complex(cosine, sine)[:, None, None, None, :]
        attention.rotation = rotation
        attention.forward = MethodType(_attend, attention)
    for module in network.modules():
        if type(getattr(module, "act", None)).__name__ == "NewGELUActivation":
            module.act = torch.nn.GELU(approximate="tanh")
    # With this name transformers makes no mask of its own.
    network.config._attn_implementation = "sdpa"
    return True


def keep_positions_precise(network: Any) -> None:  # noqa: ANN401
    """Put back the rotary angles in float32 after a cast to fewer bits, which would blur the positions of tokens."""
    made: dict[tuple[int, int], torch.Tensor] = {}
    for attention in _attentions(network):
        shape = (attention.max_positions, attention.pos_embd_dim)
        if shape not in made:
            angles = sys.modules[type(attention).__module__].create_sinusoidal_positions(*shape)
            made[shape] = angles.to(attention.embed_positions.device)
        attention.embed_positions = made[shape]


def _attentions(network: Any) -> list[Any]:  # noqa: ANN401
    return [module for module in network.modules() if type(module).__name__ == "CodeGenAttention"]


def _attend(self: Any, hidden_states: torch.Tensor, *_: object, **__: object) -> tuple[torch.Tensor, None]:  # noqa: ANN401
    """Stand in for the layer's forward: hidden states (batch, length, width) in and out."""
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    batch, length, width = hidden_states.shape
    heads, size = self.num_attention_heads, self.head_dim
    parts = self.qkv_proj(hidden_states).view(batch, length, _PARTS, 3, heads // _PARTS, size)
    turned = parts[:, :, :, ::2, :, : self.rotary_dim]  # of queries and keys, a view
    pairs = torch.view_as_complex(turned.float().unflatten(-1, (-1, 2)).contiguous())
    turned.copy_(torch.view_as_real(pairs * self.rotation[:length]).flatten(-2))
    query, value, key = (part.reshape(batch, length, heads, size).transpose(1, 2) for part in parts.unbind(3))
    scale = 1 / float(self.scale_attn)
    seen = scaled_dot_product_attention(query, key, value, is_causal=True, scale=scale)
    return self.out_proj(seen.transpose(1, 2).reshape(batch, length, width)), None
