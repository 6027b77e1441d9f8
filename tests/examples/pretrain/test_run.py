"""The commands as people call them: the loss falls, a killed run goes on along its curve, ZeRO stages agree."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("deepspeed")

from tests.examples.pretrain.conftest import command, config_text, finished  # noqa: E402

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port"]


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def curve(out, *names):
    return [[row[name] for name in names or ("step", "loss")] for row in lines(out / "log.jsonl")]


def weights(out):
    from safetensors.torch import load_file

    return load_file(out / "model" / "model.safetensors")


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture
def config(tokens, tmp_path):
    def write(name="run.toml", **settings):
        path = tmp_path / name
        path.write_text(config_text(tokens, **settings))
        return path

    return write


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["torch", "deepspeed"])
def test_smoke_the_loss_falls_and_a_killed_run_goes_on_the_same_curve(tmp_path, engine):
    """--smoke: with dropout, two stages and checkpoints every five steps; killed by SIGKILL in the middle."""
    options = ("--smoke", "--set", f'engine="{engine}"')
    code, _, errors = finished(command("pretrain.py", *options, "--out", tmp_path / "whole"))
    assert code == 0, errors
    assert "attention: sdpa" in errors
    losses = [loss for _, loss in curve(tmp_path / "whole")]
    assert sum(losses[-5:]) / 5 < losses[0] - 0.8
    evaluations = lines(tmp_path / "whole" / "evaluations.jsonl")
    assert [row["step"] for row in evaluations] == [0, 10, 20, 25]
    bits = [row["held_out"]["held_out"]["bits_per_byte"] for row in evaluations]
    assert bits == sorted(bits, reverse=True)

    killed = tmp_path / "killed"
    process = command("pretrain.py", *options, "--out", killed)
    log = killed / "log.jsonl"
    until = time.monotonic() + 200
    while time.monotonic() < until and process.poll() is None and (not log.is_file() or len(lines(log)) < 8):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert 8 <= len(lines(log)) < 25
    code, _, errors = finished(command("pretrain.py", *options, "--out", killed))
    assert code == 0, errors
    assert re.search(r"going on at step (5|10|15|20) of 25", errors)
    named = ("step", "loss", "gradient_norm", "learning_rate", "stage")
    assert curve(killed, *named) == curve(tmp_path / "whole", *named)
    assert same(weights(killed), weights(tmp_path / "whole"))
    assert lines(killed / "evaluations.jsonl") == evaluations
    generation = json.loads((killed / "model" / "generation_config.json").read_text())
    assert generation["use_cache"] is True, "each token would be computed with all before it"

    code, _, errors = finished(command("pretrain.py", *options, "--out", killed))
    assert (code, errors.strip()) == (0, f"Nothing to do: {killed} holds this run, finished")


@pytest.mark.slow
def test_zero_stages_and_two_processes_train_the_same_model(config, tmp_path):
    path = config(tokens_in_stage=2048)
    assert finished(command("pretrain.py", path, "--out", tmp_path / "torch", "--set", 'engine="torch"'))[0] == 0
    wanted = curve(tmp_path / "torch", "loss", "gradient_norm")
    for number, (stage, processes) in enumerate([(0, 1), (2, 2), (3, 2)]):
        out = tmp_path / f"stage-{stage}"
        launcher = [*TORCHRUN, str(29_600 + os.getpid() % 300 + number)] if processes > 1 else ()
        code, _, errors = finished(
            command("pretrain.py", path, "--out", out, "--set", f"zero_stage={stage}", launcher=launcher)
        )
        assert code == 0, errors
        found = curve(out, "loss", "gradient_norm")
        assert [loss for loss, _ in found] == pytest.approx([loss for loss, _ in wanted], rel=1e-4), stage
        if stage:
            assert [norm for _, norm in found] == pytest.approx([norm for _, norm in wanted], rel=1e-3), stage
        for name, weight in weights(tmp_path / "torch").items():
            assert torch.allclose(weights(out)[name].float(), weight, atol=1e-4), (stage, name)
    metrics = json.loads((tmp_path / "stage-3" / "metrics.json").read_text())
    assert (metrics["devices"], metrics["engine"], metrics["step"]) == (2, "deepspeed, stage 3", 8)


@pytest.mark.slow
def test_a_signal_stops_after_the_step_and_leaves_a_checkpoint(config, tmp_path):
    path, out = config(tokens_in_stage=40_000), tmp_path / "out"
    process = command("pretrain.py", path, "--out", out, "--set", 'engine="torch"')
    while process.poll() is None and not ((out / "log.jsonl").is_file() and len(lines(out / "log.jsonl")) > 3):
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    code, _, errors = finished(process)
    done = len(lines(out / "log.jsonl"))
    assert code == 75, errors
    assert f"stopped after step {done}; run it again to go on" in errors
    assert [step.name for step in (out / "checkpoints").iterdir()] == [f"step-{done:08d}"]
    assert not (out / "model").exists()


@pytest.mark.slow
def test_finetuning_keeps_the_best(config, tokens, tmp_path):
    """At a rate that ruins the model, the one before the first step is the best, and is what is left."""
    base, tuned = tmp_path / "base", tmp_path / "tuned"
    torch_alone = ("--set", 'engine="torch"')
    assert finished(command("pretrain.py", config(), "--out", base, *torch_alone))[0] == 0
    ruinous = config("ruin.toml", training='best_of = "held"\nkeep_checkpoints = 1', tokens_in_stage=1024)
    ruinous.write_text(ruinous.read_text().replace("peak = 1e-3", "peak = 0.5"))
    code, _, errors = finished(command("finetune.py", ruinous, "--from", base / "model", "--out", tuned, *torch_alone))
    assert code == 0, errors
    assert same(weights(tuned), weights(base))
    first, *_, last = [row["held_out"]["held"]["loss"] for row in lines(tuned / "evaluations.jsonl")]
    assert last > first + 1
    wrong = config("wrong.toml", model='size = "nano-3m"\ncontext = 32')
    code, _, errors = finished(command("finetune.py", wrong, "--from", base / "model", "--out", tmp_path / "x"))
    assert code == 2
    assert "model.size: --from holds 833,600 parameters" in errors


def test_other_parameters_are_refused_and_mistakes_said_in_one_line(config, tmp_path):
    out = tmp_path / "out"
    assert finished(command("pretrain.py", config(tokens_in_stage=512), "--out", out))[0] == 0
    code, _, errors = finished(command("pretrain.py", config(tokens_in_stage=512), "--out", out, "--set", "seed=3"))
    assert code == 2
    assert "holds a run with other parameters (plan: " in errors
    assert "training.seed: 0 before, 3 now" in errors
    code, _, errors = finished(command("pretrain.py", tmp_path / "none.toml", "--out", out))
    assert (code, errors.count("\n")) == (2, 1)
    assert errors.startswith("error: cannot read the configuration")


def test_check_says_what_would_be_trained(config, tmp_path):
    code, shown, _ = finished(command("pretrain.py", config(), "--out", tmp_path / "out", "--check"))
    assert code == 0
    assert "833,600 parameters, 16 steps, " in shown
    assert "pretrain   code" in shown
    assert not (tmp_path / "out").exists()
