"""One step of the optimiser, on one device or many: the same interface over PyTorch alone and over DeepSpeed."""

from __future__ import annotations

import importlib.util
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import torch
from torch.nn.functional import cross_entropy

from textbooks.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from transformers import PreTrainedModel

    from trainer.config import Training

__all__ = ["Engine", "Step", "World", "decay_groups", "make_engine", "next_token_loss", "start_world"]


class Step(NamedTuple):
    """What a step did: mean loss of its tokens in nats, and the norm of the gradient before it was clipped."""

    loss: float
    gradient_norm: float


@dataclass(frozen=True)
class World:
    """A process among all: its number, how many there are, its device, and whether DeepSpeed is used."""

    rank: int
    size: int
    device: torch.device
    deepspeed: bool

    def sum(self, values: torch.Tensor) -> torch.Tensor:
        """Return the sum over all processes."""
        if self.size > 1:
            values = values.to(self.device)
            torch.distributed.all_reduce(values)
        return values

    def barrier(self) -> None:
        """Wait until all processes are here."""
        if self.size > 1:
            torch.distributed.barrier()


class Engine(Protocol):
    """What the loop needs."""

    model: PreTrainedModel

    def logits(self, ids: torch.Tensor) -> torch.Tensor:
        """Return the logits, shape (sequences, tokens, vocabulary)."""

    def step(self, batches: Iterable[torch.Tensor], learning_rate: float) -> Step:
        """Take one step of the optimiser on the sequences of all micro-batches."""

    def save(self, folder: Path) -> None:
        """Write weights and the optimiser's state; every process takes part."""

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""

    def weights(self) -> Mapping[str, torch.Tensor]:
        """Return the whole model's weights, on the first process; every process takes part."""


def start_world(training: Training) -> World:
    """Find out who this process is, and meet the others.

    `torchrun`, `deepspeed` and Slurm's `srun` with `torchrun` say it in the environment; without it, it is alone.

    Raises
    ------
    MissingExtraError
        If DeepSpeed is asked for and not installed.
    InputError
        If there are several processes without DeepSpeed.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    installed = importlib.util.find_spec("deepspeed") is not None
    if training.engine == "deepspeed" and not installed:
        package = "deepspeed"
        raise MissingExtraError(package, extra="train", used_by="training.engine = deepspeed")
    deepspeed = installed and training.engine != "torch"
    if training.precision == "fp16" and not deepspeed:
        msg = "training.precision = fp16 needs DeepSpeed's loss scaling: install it, or take bf16"
        raise InputError(msg)
    if size > 1 and not deepspeed:
        msg = f"{size} processes need DeepSpeed: install it, and leave training.engine at auto"
        raise InputError(msg)
    if training.deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(mode=True)
    local = int(os.environ.get("LOCAL_RANK", "0"))
    device = torch.device(f"cuda:{local}" if torch.cuda.is_available() else "cpu")
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if deepspeed:
        _meet(device)
    return World(int(os.environ.get("RANK", "0")), size, device, deepspeed)


def _meet(device: torch.device) -> None:
    if "RANK" not in os.environ:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        alone = {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        os.environ.update(alone)
    if device.type == "cpu":
        os.environ.setdefault("DS_ACCELERATOR", "cpu")
    import deepspeed

    deepspeed.init_distributed(dist_backend="nccl" if device.type == "cuda" else "gloo")


def make_engine(model: PreTrainedModel, training: Training, world: World) -> Engine:
    """Return the engine for this world, with AdamW."""
    from trainer.deepspeed_engine import DeepSpeedEngine

    model.to(world.device)
    if training.activation_checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    optimizer = torch.optim.AdamW(
        decay_groups(model, training.weight_decay),
        lr=0.0,
        betas=(training.beta1, training.beta2),
        eps=training.epsilon,
        fused=True,
    )
    made = DeepSpeedEngine if world.deepspeed else TorchEngine
    return made(model, optimizer, training, world)


def decay_groups(model: torch.nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Return the parameters in two groups: matrices, which decay, and vectors, which do not."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    return [
        {"params": [weight for weight in weights if weight.dim() >= 2], "weight_decay": weight_decay},
        {"params": [weight for weight in weights if weight.dim() < 2], "weight_decay": 0.0},
    ]


def next_token_loss(logits: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Return the mean loss of each token given those before it, in nats.

    Parameters
    ----------
    logits : Tensor, shape (sequences, tokens, vocabulary)
    ids : Tensor of int64, shape (sequences, tokens)
        The first token of a sequence is not predicted.
    """
    return cross_entropy(logits[:, :-1].flatten(0, 1).float(), ids[:, 1:].flatten())


class TorchEngine:
    """PyTorch alone, on one device: weights in fp32, matrices multiplied in bf16 where that is asked for."""

    def __init__(
        self, model: PreTrainedModel, optimizer: torch.optim.Optimizer, training: Training, world: World
    ) -> None:
        self.model = model
        self._optimizer = optimizer
        self._clipping = training.gradient_clipping or float("inf")
        self._device = world.device
        self._bf16 = training.precision == "bf16"
        self._forward = torch.compile(model) if training.compile else model

    def logits(self, ids: torch.Tensor) -> torch.Tensor:
        """Return the logits, shape (sequences, tokens, vocabulary)."""
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._bf16):
            return self._forward(input_ids=ids).logits

    def step(self, batches: Iterable[torch.Tensor], learning_rate: float) -> Step:
        """Take one step of the optimiser."""
        batches = list(batches)
        total = torch.zeros((), device=self._device)
        for ids in batches:
            loss = next_token_loss(self.logits(ids), ids) / len(batches)
            loss.backward()
            total += loss.detach()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self._clipping)
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return Step(float(total), float(norm))

    def save(self, folder: Path) -> None:
        """Write weights and the optimiser's state."""
        folder.mkdir()
        state = {"model": self.model.state_dict(), "optimizer": self._optimizer.state_dict()}
        torch.save(state, folder / "state.pt")

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        state = torch.load(folder / "state.pt", map_location=self._device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])

    def weights(self) -> Mapping[str, torch.Tensor]:
        """Return the whole model's weights."""
        return self.model.state_dict()
