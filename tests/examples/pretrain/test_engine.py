"""One step: the loss, gradients that are gathered over micro-batches, and DeepSpeed beside PyTorch alone."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from trainer.config import Training  # noqa: E402
from trainer.deepspeed_engine import deepspeed_config  # noqa: E402
from trainer.engine import TorchEngine, World, decay_groups, next_token_loss, start_world  # noqa: E402
from trainer.sizes import Size, phi_config  # noqa: E402

from textbooks.errors import InputError  # noqa: E402

SIZE = Size(layers=2, hidden=32, mlp=64, heads=2, rotary=8, tied=True)
WORLD = World(0, 1, torch.device("cpu"), deepspeed=False)


def model(attention="sdpa"):
    from transformers import PhiForCausalLM

    torch.manual_seed(3)
    settings = phi_config(SIZE, vocab_size=50, context=16, dropout=0.0, end_of_text=0)
    settings._attn_implementation = attention
    return PhiForCausalLM(settings)


def engine(**settings):
    made, training = model(), Training(batch_size=8, micro_batch=2, precision="fp32", **settings)
    optimizer = torch.optim.AdamW(decay_groups(made, training.weight_decay), lr=0.0)
    return TorchEngine(made, optimizer, training, WORLD)


IDS = torch.from_numpy(np.random.default_rng(0).integers(0, 50, (8, 16)))


def test_the_loss_is_the_mean_surprise_of_every_token_but_the_first():
    logits = torch.randn(2, 4, 50, generator=torch.Generator().manual_seed(1))
    found = next_token_loss(logits, IDS[:2, :4])
    naive = [
        -math.log(math.exp(logits[row, place, int(IDS[row, place + 1])]) / sum(map(math.exp, logits[row, place])))
        for row in range(2)
        for place in range(3)
    ]
    assert float(found) == pytest.approx(sum(naive) / 6, rel=1e-5)


def test_micro_batches_add_up_to_one_batch():
    whole, parts = engine(), engine()
    for _ in range(3):
        one = whole.step([IDS], 1e-3)
        four = parts.step(IDS.split(2), 1e-3)
        assert four.loss == pytest.approx(one.loss, rel=1e-5)
        assert four.gradient_norm == pytest.approx(one.gradient_norm, rel=1e-4)
    for a, b in zip(whole.model.parameters(), parts.model.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-5)


def test_a_rate_of_zero_changes_nothing_and_a_step_lowers_the_loss():
    made = engine()
    first, again = made.step([IDS], 0.0), made.step([IDS], 1e-2)
    assert again == first
    assert made.step([IDS], 0.0).loss < first.loss - 0.1


def test_gradients_are_clipped():
    free, clipped = engine(gradient_clipping=0), engine(gradient_clipping=0.01)
    norm = free.step([IDS], 0.0).gradient_norm
    assert norm == clipped.step([IDS], 0.0).gradient_norm > 0.01


def test_only_matrices_decay():
    decaying, others = decay_groups(model(), 0.1)
    assert {weight.dim() for weight in decaying["params"]} == {2}
    assert {weight.dim() for weight in others["params"]} == {1}
    assert (decaying["weight_decay"], others["weight_decay"]) == (0.1, 0.0)
    count = sum(weight.numel() for group in (decaying, others) for weight in group["params"])
    assert count == model().num_parameters()


def test_bf16_is_close_to_fp32():
    exact, rough = engine(), engine()
    rough._bf16 = True
    found = rough.step([IDS], 1e-3)
    wanted = exact.step([IDS], 1e-3)
    assert found.loss == pytest.approx(wanted.loss, rel=0.02)
    assert found.loss != wanted.loss
    assert {weight.dtype for weight in rough.model.parameters()} == {torch.float32}


def test_a_state_is_saved_and_loaded(tmp_path):
    made, other = engine(), engine()
    made.step([IDS], 1e-2)
    made.save(tmp_path / "state")
    other.load(tmp_path / "state")
    assert [made.step([IDS], 1e-2) for _ in range(2)] == [other.step([IDS], 1e-2) for _ in range(2)]


def test_several_processes_and_fp16_need_deepspeed(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(InputError, match="2 processes need DeepSpeed"):
        start_world(Training(engine="torch"))


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
@pytest.mark.parametrize("stage", [0, 1, 2, 3])
def test_deepspeed_accepts_every_configuration(precision, stage):
    """In a process of its own: DeepSpeed looks for an accelerator when it is imported. fp16 runs on a GPU alone."""
    pytest.importorskip("deepspeed")
    content = deepspeed_config(Training(precision=precision, zero_stage=stage, batch_size=64, micro_batch=4), 8)
    assert content["gradient_accumulation_steps"] == 2
    if precision != "fp16" or stage != 1:
        return  # one process is enough: the others are run by test_run.py
    code = (
        "import sys, json, deepspeed, deepspeed.runtime.config as c\n"
        "made = c.DeepSpeedConfig(json.loads(sys.argv[1]))\n"
        "print(made.float16_config.enabled, made.zero_optimization_stage, made.gradient_clipping)"
    )
    import json

    content["gradient_accumulation_steps"], content["train_batch_size"] = 16, 64
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(content)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.splitlines()[-1:] == ["True 1 1.0"], done.stderr
