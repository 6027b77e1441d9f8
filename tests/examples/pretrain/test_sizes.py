"""The models: as many weights as PyTorch counts, and the operations of a token."""

from __future__ import annotations

import pytest
from trainer.sizes import SIZES, Size, flops_per_token, parameters, phi_config


@pytest.mark.parametrize("tied", [False, True])
def test_parameters_are_those_of_the_model(tied):
    torch = pytest.importorskip("torch")
    from transformers import PhiForCausalLM

    size = Size(layers=3, hidden=48, mlp=100, heads=4, rotary=6, tied=tied)
    settings = phi_config(size, vocab_size=91, context=32, dropout=0.1, end_of_text=0)
    with torch.device("meta"):
        model = PhiForCausalLM(settings)
    assert model.num_parameters() == parameters(size, 91)
    assert model.model.rotary_emb.inv_freq.shape == (3,)
    assert (model.model.embed_dropout.p, model.model.layers[0].resid_dropout.p) == (0.0, 0.1)


@pytest.mark.parametrize(
    ("name", "vocab_size", "millions"),
    [
        ("phi-1", 51_200, 1_418), ("phi-1-small", 51_200, 356), ("nano-100m", 4096, 102), ("nano-30m", 4096, 30),
        ("nano-10m", 4096, 11), ("nano-3m", 4096, 3.5), ("nano-1m", 4096, 1.3),
    ],
)  # fmt: skip
def test_a_model_is_as_large_as_its_name_says(name, vocab_size, millions):
    """phi-1 is published with 1,418,270,720 weights, its embedding of 51,200 rows counted twice."""
    assert parameters(SIZES[name], vocab_size) / 1e6 == pytest.approx(millions, rel=0.05)
    assert parameters(SIZES["phi-1"], 51_200) == 1_418_270_720


def test_operations_of_a_token_by_hand():
    size = Size(layers=2, hidden=8, mlp=32, heads=2, rotary=4)
    block = 4 * (64 + 8) + (8 * 32 + 32) + (32 * 8 + 8) + 16
    multiplying = 2 * block + 16 + (10 * 8 + 10)
    assert flops_per_token(size, 10, 5) == 6 * multiplying + 12 * 2 * 8 * 5
    tied = Size(layers=2, hidden=8, mlp=32, heads=2, rotary=4, tied=True)
    assert flops_per_token(tied, 10, 5) == flops_per_token(size, 10, 5)
