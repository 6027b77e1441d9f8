"""A step by DeepSpeed: the optimiser's state, gradients or weights are sharded among devices (ZeRO stage 1 to 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from trainer.engine import Step, next_token_loss

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from transformers import PreTrainedModel

    from trainer.config import Training
    from trainer.engine import World

__all__ = ["DeepSpeedEngine", "deepspeed_config"]


def deepspeed_config(training: Training, world_size: int) -> dict[str, Any]:
    """Return DeepSpeed's configuration of a run; the learning rate and AdamW are ours to give.

    Parameters
    ----------
    training : Training
    world_size : int
        Devices, at least 1.
    """
    return {
        "train_batch_size": training.batch_size,
        "train_micro_batch_size_per_gpu": training.micro_batch,
        "gradient_accumulation_steps": training.batch_size // (training.micro_batch * world_size),
        "gradient_clipping": training.gradient_clipping,
        "bf16": {"enabled": training.precision == "bf16"},
        # The loss scale begins at 2 ** 16 and halves whenever a gradient overflows; such a step is skipped.
        "fp16": {"enabled": training.precision == "fp16", "initial_scale_power": 16},
        "zero_optimization": {
            "stage": training.zero_stage,
            "stage3_gather_16bit_weights_on_model_save": training.zero_stage == 3,
        },
        "steps_per_print": 10**9,
    }


class DeepSpeedEngine:
    """DeepSpeed on one device or many."""

    def __init__(
        self, model: PreTrainedModel, optimizer: torch.optim.Optimizer, training: Training, world: World
    ) -> None:
        import deepspeed

        self._engine, *_ = deepspeed.initialize(
            model=model, optimizer=optimizer, config=deepspeed_config(training, world.size)
        )
        if training.compile:
            self._engine.compile()
        self.model = model
        self._world = world
        self._zero_stage = training.zero_stage

    def logits(self, ids: torch.Tensor) -> torch.Tensor:
        """Return the logits, shape (sequences, tokens, vocabulary)."""
        return self._engine(input_ids=ids).logits

    def step(self, batches: Iterable[torch.Tensor], learning_rate: float) -> Step:
        """Take one step of the optimiser."""
        batches = list(batches)
        total = torch.zeros((), device=self._world.device)
        for group in self._engine.optimizer.param_groups:
            group["lr"] = learning_rate
        for ids in batches:
            loss = next_token_loss(self.logits(ids), ids)
            self._engine.backward(loss)  # divides by the number of micro-batches
            self._engine.step()  # acts on the last of them
            total += loss.detach() / len(batches)
        norm = self._engine.get_global_grad_norm()
        mean = float(self._world.sum(total)) / self._world.size
        return Step(mean, float("nan") if norm is None else float(norm))

    def save(self, folder: Path) -> None:
        """Write weights and the optimiser's state."""
        self._engine.save_checkpoint(str(folder.parent), tag=folder.name, save_latest=False)

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        self._engine.load_checkpoint(str(folder.parent), tag=folder.name)

    def weights(self) -> Mapping[str, torch.Tensor]:
        """Return the whole model's weights."""
        if self._zero_stage == 3:
            gathered = self._engine._zero3_consolidated_16bit_state_dict()
            return gathered or {}
        return self._engine.module.state_dict()
