"""Configurations: what is refused, by field, and what the papers' files say."""

from __future__ import annotations

import pytest
from trainer.config_file import load_config
from trainer.sizes import SIZES

from tests.examples.pretrain.conftest import PRETRAIN, config_text
from textbooks.errors import InputError

OWN = "layers = 2\nhidden = 48\nmlp = 96\nheads = {}\nrotary = {}\ncontext = 32"


def load(tmp_path, text, **keywords):
    path = tmp_path / "run.toml"
    path.write_text(text)
    return load_config(path, **keywords)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (config_text("t", model='size = "phi-2"'), r"model.size must be one of phi-1, .*, got 'phi-2'"),
        (config_text("t", model=OWN.format(5, 4)), "model.heads must be a divisor of model.hidden, which is 48, got 5"),
        (config_text("t", model=OWN.format(4, 14)), "model.rotary must be even, and at most the 12 .*, got 14"),
        (config_text("t", model=OWN.format(4, 3)), "model.rotary must be even, .*, got 3"),
        (config_text("t", model='size = "nano-1m"\nlayers = 2'), "model: .*missing .*required"),
        (config_text("t", model='size = "nano-1m"\ncontext = 1'), "model.context must be at least 2, got 1"),
        (config_text("t", model='size = "nano-1m"\ndropout = 1.0'), "model.dropout must be at least 0 and below 1"),
        (config_text("t", model='size = "nano-1m"\nvocab = 9'), "model.vocab is no field: did you mean vocab_size"),
        (config_text("t", **{"sources.code": None}), r"sources must be at least one \[sources.NAME\]"),
        (config_text("t", **{"sources.code": 'tokenz = "x"'}), "sources.code.tokenz is no field: did you mean tokens"),
        (config_text("t", training="micro_batch_size = 1"), "training.micro_batch_size is no field: did you mean"),
        (config_text("t", training="zero_stage = 4"), "training.zero_stage must be one of 0, 1, 2, 3, got 4"),
        (config_text("t", training="beta1 = 1.0"), "training.beta1 must be at least 0 and below 1, got 1.0"),
        (config_text("t", training="seed = -1"), "training.seed must be at least 0, got -1"),
        (config_text("t", training="weight_decay = nan"), "training.weight_decay must be at least 0, got nan"),
        (config_text("t", training='best_of = "books"'), r"training.best_of must be one of .*\(held\), got 'books'"),
        (config_text("t", training='attention = "flash-attn"'), "training.attention must be sdpa or eager .* fp32"),
        (config_text("t", tokens_in_stage=0), r"stages\[0\]: tokens of stage 'pretrain' must be at least 1, got 0"),
        ("[model]\nsize = 3\n[[stages]]\n", r"stages\[0\]: .*missing 2 required"),
        ("model = 3", r"model must be a table, \[model\], got 3"),
        ("model = [", "cannot read the configuration"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_field(tmp_path, text, said):
    with pytest.raises(InputError, match=said) as raised:
        load(tmp_path, text)
    assert "run.toml" in str(raised.value)


def test_a_stage_needs_a_learning_rate(tmp_path):
    text = config_text("t").replace("learning_rate = { peak = 1e-3, warmup = 0.1 }", "")
    with pytest.raises(InputError, match=r"stages\[0\].learning_rate must be a table with peak"):
        load(tmp_path, text)
    with pytest.raises(InputError, match=r"stages\[0\].learning_rate: peak must be above 0 .*, got -1"):
        load(tmp_path, config_text("t").replace("peak = 1e-3", "peak = -1"))


def test_fp16_needs_deepspeed(tmp_path):
    text = config_text("t").replace('precision = "fp32"', 'precision = "fp16"\nengine = "torch"')
    with pytest.raises(InputError, match=r"training.precision must be fp32 or bf16 with engine = torch"):
        load(tmp_path, text)


def test_a_batch_is_a_multiple_of_what_a_device_takes(tmp_path):
    with pytest.raises(InputError, match=r"training.batch_size must be a multiple of training.micro_batch = 3, got 8"):
        load(tmp_path, config_text("t"), overrides=["micro_batch=3"])


def test_paths_begin_at_the_file_and_fields_can_be_set(tmp_path):
    found = load(tmp_path, config_text("data"), overrides=["seed=7", 'precision="bf16"'])
    assert found.sources["code"].tokens == tmp_path / "data" / "code"
    assert (found.training.seed, found.training.precision, found.training.batch_size) == (7, "bf16", 8)
    assert found.stages[0].learning_rate.peak == 1e-3


def test_a_shape_of_ones_own(tmp_path):
    found = load(tmp_path, config_text("t", model=OWN.format(4, 12)))
    assert (found.model.dimensions.head, found.model.dimensions.layers, found.model.context) == (12, 2, 32)


@pytest.mark.parametrize("path", sorted((PRETRAIN / "configs").glob("*.toml")), ids=lambda path: path.stem)
def test_the_files_that_ship_can_be_loaded(path):
    found = load_config(path)
    assert found.model.size in SIZES
    assert path.stem.startswith(found.model.size)


def test_phi_1_is_trained_as_the_paper_says():
    base, tuned = (load_config(PRETRAIN / "configs" / f"phi-1{end}.toml") for end in ("", "-finetune"))
    sequences = base.training.batch_size * base.model.context
    stage = base.stages[0]
    assert (stage.tokens / sequences, base.training.batch_size, base.training.max_steps) == (36_000, 1024, 24_000)
    assert (stage.learning_rate.peak, stage.learning_rate.warmup * 36_000) == (1e-3, pytest.approx(750))
    assert (base.training.weight_decay, base.training.precision, base.model.dropout) == (0.1, "fp16", 0.1)
    tuning = tuned.stages[0]
    assert (tuning.tokens / (256 * 2048), tuned.training.batch_size, tuned.training.weight_decay) == (6000, 256, 0.01)
    assert (tuning.learning_rate.peak, tuning.learning_rate.warmup * 6000) == (1e-4, pytest.approx(50))
