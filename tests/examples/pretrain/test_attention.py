"""Which kernel runs, and that all compute the same."""

from __future__ import annotations

import importlib.util

import pytest

torch = pytest.importorskip("torch")

from trainer.attention import choose_attention, describe_attention, flash_kernel  # noqa: E402

from tests.examples.pretrain.test_engine import IDS, model  # noqa: E402
from textbooks.errors import InputError  # noqa: E402

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


def test_a_processor_takes_pytorchs_own():
    assert choose_attention("auto", device=CPU, precision="bf16") == "sdpa"
    assert choose_attention("eager", device=CPU, precision="bf16") == "eager"
    with pytest.raises(InputError, match=r"flash-attn cannot run: it needs a CUDA device, not cpu"):
        choose_attention("flash-attn", device=CPU, precision="bf16")


@pytest.mark.parametrize("installed", [True, False])
def test_a_gpu_takes_the_package_where_it_is_installed(monkeypatch, installed):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if installed else None)
    wanted = "flash_attention_2" if installed else "sdpa"
    assert choose_attention("auto", device=CUDA, precision="bf16") == wanted
    assert choose_attention("auto", device=CUDA, precision="fp32") == "sdpa"
    with pytest.raises(InputError, match="it takes bf16 or fp16, not fp32"):
        choose_attention("flash-attn", device=CUDA, precision="fp32")
    if not installed:
        with pytest.raises(InputError, match="flash-attn is not installed"):
            choose_attention("flash-attn", device=CUDA, precision="bf16")


def test_what_runs_is_said():
    said = [describe_attention(name, device=CPU, precision="bf16") for name in ("flash_attention_2", "sdpa", "eager")]
    assert [text.partition(" ")[0] for text in said] == ["flash-attn", "sdpa", "eager"]
    assert "flash kernel" in describe_attention("sdpa", device=CUDA, precision="bf16")


def test_kernels_agree_on_a_processor():
    with torch.no_grad(), flash_kernel("sdpa", device=CPU, precision="fp32"):
        found, wanted = (model(name)(input_ids=IDS).logits for name in ("sdpa", "eager"))
    assert torch.allclose(found, wanted, atol=1e-5)
    assert not torch.equal(found, torch.zeros_like(found))


@needs_gpu
@pytest.mark.parametrize("name", ["sdpa", "flash_attention_2"])
def test_kernels_agree_on_a_gpu(name):
    """Logits and gradients in bf16, whose numbers have eight bits, within what eager attention itself is off."""
    if name == "flash_attention_2":
        pytest.importorskip("flash_attn")
    exact = model("eager").cuda()
    wanted = exact(input_ids=IDS.cuda()).logits.double()
    found, eager = (model(kind).cuda().bfloat16() for kind in (name, "eager"))
    with flash_kernel(name, device=CUDA, precision="bf16"):
        off = (found(input_ids=IDS.cuda()).logits.double() - wanted).abs().max()
    allowed = (eager(input_ids=IDS.cuda()).logits.double() - wanted).abs().max()
    assert off <= 2 * allowed + 1e-3
