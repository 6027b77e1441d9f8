"""The loop: from a configuration to a model, resumable at every checkpoint."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import torch

from textbooks.storage import write_atomically
from trainer.attention import choose_attention, describe_attention, flash_kernel
from trainer.checkpoint import last_checkpoint, load_checkpoint, save_checkpoint
from trainer.data import load_data
from trainer.engine import make_engine, start_world
from trainer.held_out import evaluate_corpus
from trainer.journal import EVALUATIONS, Journal, read_lines
from trainer.model import load_model, new_model, write_model
from trainer.plots import draw_run
from trainer.run_key import check_key, key_of
from trainer.signals import Signals
from trainer.sizes import flops_per_token
from trainer.speed import Clock, peak_flops, versions

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.config import RunConfig
    from trainer.data import RunData
    from trainer.engine import World

__all__ = ["METRICS", "MODEL", "train"]

MODEL, METRICS = "model", "metrics.json"


def train(config: RunConfig, out: Path, *, initial: Path | None = None) -> bool:
    """Train a model, or go on where an earlier call was stopped.

    Parameters
    ----------
    config : RunConfig
    out : Path
        A folder; it gets ``config.json``, ``log.jsonl``, ``evaluations.jsonl``, ``metrics.json``, ``loss.svg``,
        ``checkpoints/`` and, in the end, ``model/`` for `transformers`, with its tokeniser.
    initial : Path, optional
        The model that training begins with, as an earlier run left it; None for random weights.

    Returns
    -------
    bool
        Whether it came to its end: False when a signal (SIGTERM, SIGINT) stopped it, after a checkpoint.

    Raises
    ------
    InputError
        If anything of the configuration does not fit, before a model is made.
    ParametersChangedError
        If `out` holds a run with another configuration or other data.
    """
    world = start_world(config.training)
    data = load_data(config, world.size)
    steps = data.plan.steps(config.training.batch_size)
    steps = min(steps, config.training.max_steps or steps)
    journal = Journal(out, steps, shown=world.rank == 0)
    if world.rank == 0:
        check_key(out, key_of(config, data, initial))
    world.barrier()
    if _finished(out, steps):
        journal.say(f"Nothing to do: {out} holds this run, finished")
        return True
    journal.say(str(data.plan))
    return _Run(config, data, world, journal, initial).go(steps)


def _finished(out: Path, steps: int) -> bool:
    path = out / METRICS
    return path.is_file() and bool(json.loads(path.read_bytes())["step"] == steps)


class _Run:
    """One call of `train`: the model, and what its parts share."""

    def __init__(self, config: RunConfig, data: RunData, world: World, journal: Journal, initial: Path | None) -> None:
        self.context, self.training = config.model.context, config.training
        self.data, self.world, self.journal, self.out = data, world, journal, journal.folder
        asked = {"device": world.device, "precision": self.training.precision}
        self._kernel = {"implementation": choose_attention(self.training.attention, **asked), **asked}
        attention = self._kernel["implementation"]
        model = load_model(initial, config, data, attention) if initial else new_model(config, data, attention)
        self.parameters = model.num_parameters()
        self.clock = Clock(
            tokens_per_step=self.training.batch_size * self.context,
            flops_per_token=flops_per_token(config.model.dimensions, data.vocab_size, self.context),
            peak_flops=peak_flops(world.device, self.training.precision) * world.size,
            device=world.device,
        )
        self.engine = make_engine(model, self.training, world)
        torch.manual_seed(self.training.seed * world.size + world.rank)  # dropout differs between processes
        self.best = float("inf")

    def go(self, steps: int) -> bool:
        """Train to the end, or until a signal; return whether it is the end."""
        step = self._resume()
        self.journal.say(self._introduction(step, steps))
        if step == 0:
            self._evaluate(0)
        with Signals(self.world) as signals, self.journal.progress(step):
            while step < steps:
                self._step(step)
                step += 1
                stop, last = signals.stop(), step == steps
                if last or _due(step, self.training.evaluate_every):
                    self._evaluate(step)
                if last or stop or _due(step, self.training.checkpoint_every):
                    self._save(step)
                if stop and not last:
                    self.journal.say(f"stopped after step {step:,}; run it again to go on")
                    return False
        self._finish(step)
        return True

    def _resume(self) -> int:
        """Return the steps that are done, everything being as it was after them."""
        found = last_checkpoint(self.out / "checkpoints")
        if found is None:
            self.journal.rewind(-1)
            return 0
        notes = load_checkpoint(found, self.engine, self.world)
        self.best = float("inf") if notes["best"] is None else notes["best"]
        self.journal.rewind(notes["step"])
        return int(notes["step"])

    def _introduction(self, step: int, steps: int) -> str:
        engine = f"DeepSpeed, ZeRO stage {self.training.zero_stage}" if self.world.deepspeed else "PyTorch"
        begin = f"going on at step {step:,} of {steps:,}" if step else f"{steps:,} steps"
        return (
            f"{self.parameters:,} parameters on {self.world.size} x {self.clock.device_name}, "
            f"{self.training.precision}, {engine}\nattention: {describe_attention(**self._kernel)}\n{begin}"
        )

    def _step(self, step: int) -> None:
        batch, world = self.training.batch_size, self.world
        # The rate of the middle of the batch: neither the first step nor the last is lost.
        rate = self.data.plan.learning_rate(step * batch + batch // 2)
        stage, _ = self.data.plan.stage_at(step * batch)
        rows = self.data.micro_batches(
            step, batch_size=batch, micro_batch=self.training.micro_batch, rank=world.rank, world_size=world.size
        )
        self.engine.model.train()
        with self.clock, flash_kernel(**self._kernel):
            done = self.engine.step((torch.from_numpy(ids).to(world.device) for ids in rows), rate)
        tokens = (step + 1) * self.clock.tokens_per_step
        found = {"loss": done.loss, "learning_rate": rate, "gradient_norm": done.gradient_norm, **self.clock.last()}
        self.journal.step({"step": step + 1, "tokens": tokens, "stage": stage.name, **found})

    def _evaluate(self, step: int) -> None:
        """Measure the held-out sets; of `best_of` the best model is kept."""
        self.engine.model.eval()
        settings = {"context": self.context, "batch_size": self.training.micro_batch, "world": self.world}
        with flash_kernel(**self._kernel):
            found = {
                name: evaluate_corpus(self.engine.logits, corpus, **settings)
                for name, corpus in self.data.held_out.items()
            }
        row = {"step": step, "tokens": step * self.clock.tokens_per_step}
        self.journal.evaluation({**row, "held_out": {name: value._asdict() for name, value in found.items()}})
        if self.training.best_of is not None and found[self.training.best_of].loss < self.best:
            self.best = found[self.training.best_of].loss
            self._write_model()

    def _save(self, step: int) -> None:
        notes = {"best": None if self.best == float("inf") else self.best}
        keep = self.training.keep_checkpoints
        save_checkpoint(self.out / "checkpoints", step, self.engine, self.world, notes=notes, keep=keep)

    def _write_model(self) -> None:
        weights = self.engine.weights()
        if self.world.rank == 0:
            write_model(self.out / MODEL, self.engine.model, weights, self.data.tokenizer)
        self.world.barrier()

    def _finish(self, step: int) -> None:
        """Write the model, the plot, and last what says that the run is finished."""
        if self.training.best_of is None:
            self._write_model()
        if self.world.rank == 0:
            draw_run(self.out)
            write_atomically(self.out / METRICS, json.dumps(self._metrics(step), indent=1).encode())
        self.world.barrier()
        self.journal.say(f"done: {self.out / MODEL}")

    def _metrics(self, step: int) -> dict[str, Any]:
        evaluations = read_lines(self.out / EVALUATIONS)
        return {
            "step": step,
            "tokens": step * self.clock.tokens_per_step,
            "parameters": self.parameters,
            "held_out": evaluations[-1]["held_out"],
            **self.clock.summary(),
            "attention": describe_attention(**self._kernel),
            "engine": f"deepspeed, stage {self.training.zero_stage}" if self.world.deepspeed else "torch",
            "devices": self.world.size,
            "device": self.clock.device_name,
            "versions": versions(),
        }


def _due(step: int, every: int) -> bool:
    return every > 0 and step % every == 0
