"""Which kernel computes attention: the package flash-attn, PyTorch's own flash kernel, or plain matrices."""

from __future__ import annotations

import importlib.util
from contextlib import nullcontext
from typing import TYPE_CHECKING

from textbooks.errors import InputError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import torch

__all__ = ["choose_attention", "describe_attention", "flash_kernel"]

_NAMES = {"flash-attn": "flash_attention_2", "sdpa": "sdpa", "eager": "eager"}


def choose_attention(asked: str, *, device: torch.device, precision: str) -> str:
    """Return the name that `transformers` has for the kernel.

    Parameters
    ----------
    asked : {"auto", "flash-attn", "sdpa", "eager"}
    device : torch.device
    precision : {"fp32", "bf16", "fp16"}
        flash-attn takes the latter two.

    Raises
    ------
    InputError
        If flash-attn is asked for and cannot run here.
    """
    missing = _why_not_flash_attn(device, precision)
    if asked == "auto":
        asked = "sdpa" if missing else "flash-attn"
    if asked == "flash-attn" and missing:
        msg = f"training.attention = flash-attn cannot run: {missing}; sdpa has a flash kernel of its own"
        raise InputError(msg)
    return _NAMES[asked]


def _why_not_flash_attn(device: torch.device, precision: str) -> str:
    if device.type != "cuda":
        return f"it needs a CUDA device, not {device.type}"
    if precision == "fp32":
        return "it takes bf16 or fp16, not fp32"
    if importlib.util.find_spec("flash_attn") is None:
        return "the package flash-attn is not installed"
    return ""


def flash_kernel(implementation: str, *, device: torch.device, precision: str) -> AbstractContextManager[None]:
    """Return the context in which a forward pass runs: on a GPU, PyTorch's flash kernel first.

    In fp32, which that kernel does not take, and with "eager", nothing is forced.
    """
    if implementation != "sdpa" or device.type != "cuda" or precision == "fp32":
        return nullcontext()
    from torch.nn.attention import SDPBackend, sdpa_kernel

    order = [SDPBackend.FLASH_ATTENTION, SDPBackend.CUDNN_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
    return sdpa_kernel(order, set_priority=True)


def describe_attention(implementation: str, *, device: torch.device, precision: str) -> str:
    """Return what will run, for people."""
    if implementation == "flash_attention_2":
        return "flash-attn (the package)"
    if implementation == "eager":
        return "eager (plain matrices, the whole square in memory)"
    if device.type == "cuda" and precision != "fp32":
        return "sdpa (PyTorch's flash kernel first)"
    return "sdpa (PyTorch chooses the kernel)"
