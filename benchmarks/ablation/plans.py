"""What is asked of the ablation, and the configuration of a run: the trainer's TOML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

PARTS = ("main", "cooldown", "shares", "prune")

HELD_OUT = (
    "humaneval",
    "mbpp",
    "exercises",
    "textbooks",
    "random_code",
    "kept_code",
    "prose",
)
"""The sets that every run is evaluated on; files ``held_out_NAME``."""

EDUCATIONAL = ("humaneval", "mbpp", "exercises", "textbooks")
"""Those that are code to learn from."""

MAX_EPOCHS = 8
"""As often as phi-1 went through its data at most ("Textbooks Are All You Need", section 2.3)."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that decides what is trained.

    Attributes
    ----------
    size : str
        A model of `examples/pretrain`.
    small_size : str
        That of the cooldown and the shares; `size` when empty.
    tokens : int
        Of a run of the main part; the cooldown and the shares take `fraction` of them.
    fraction : float
        Above 0 and at most 1.
    seeds : int
        Of the main part and the cooldown; the shares and the pruning have one.
    context, batch_size, micro_batch : int
        Tokens of a sequence, sequences of a step, sequences at a time.
    peak : float
        Learning rate of pretraining, equal for all arms.
    finetune_peak, finetune_epochs : float
        Of finetuning on the exercises.
    prune_epochs : float
        Of finetuning on the pruned ones.
    textbooks : float
        Share of the textbooks in the third arm.
    best : float
        Share of the textbooks over both stages of the cooldown.
    cooldown, cooldown_best : float
        Share of the cooldown in the tokens, and of the textbooks in it.
    precision, device : str
        Of the trainer.
    evaluations : int
        How often a pretraining is evaluated.
    """

    size: str = "nano-3m"
    small_size: str = ""
    tokens: int = 2_000_000
    fraction: float = 0.5
    seeds: int = 2
    context: int = 512
    batch_size: int = 2
    micro_batch: int = 2
    peak: float = 3e-3
    finetune_peak: float = 1e-3
    finetune_epochs: float = 1.0
    prune_epochs: float = 1.0
    textbooks: float = 0.2
    best: float = 0.1
    cooldown: float = 0.15
    cooldown_best: float = 0.5
    precision: str = "fp32"
    device: str = "cpu"
    evaluations: int = 4
    parts: tuple[str, ...] = PARTS

    def __post_init__(self) -> None:
        for name in ("tokens", "seeds", "context", "batch_size", "micro_batch", "evaluations"):
            if getattr(self, name) < 1:
                msg = f"{name} must be at least 1, got {getattr(self, name)!r}"
                raise ValueError(msg)
        for name in ("fraction", "textbooks", "best", "cooldown", "cooldown_best"):
            if not 0 < getattr(self, name) <= 1:
                msg = f"{name} must be above 0 and at most 1, got {getattr(self, name)!r}"
                raise ValueError(msg)
        if unknown := set(self.parts) - set(PARTS):
            msg = f"parts must be some of {', '.join(PARTS)}, got {', '.join(sorted(unknown))}"
            raise ValueError(msg)

    @property
    def small(self) -> Plan:
        """The same plan with the models of the cooldown and the shares."""
        return replace(self, size=self.small_size or self.size)

    @property
    def smaller(self) -> int:
        """Tokens of a run of the cooldown and of the shares."""
        return max(1, round(self.tokens * self.fraction))


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training.

    Attributes
    ----------
    name : str
        Of its folder; ``base`` is the name of the run whose model it goes on with, if it is a finetuning.
    config : mapping
        For the trainer, with the sets of tokens by name.
    about : mapping
        ``part``, ``arm``, ``seed``: for the report.
    """

    name: str
    config: Mapping[str, Any]
    about: Mapping[str, Any]
    base: str | None = None
    needs: frozenset[str] = field(default_factory=frozenset)

    @property
    def tokens(self) -> int:
        """Tokens that are trained on."""
        return sum(stage["tokens"] for stage in self.config["stages"])


def config_of(
    plan: Plan,
    *,
    sources: Mapping[str, str],
    stages: list[dict[str, Any]],
    seed: int,
    evaluations: int = 1,
    held_out: tuple[str, ...] = HELD_OUT,
) -> dict[str, Any]:
    """Return the configuration of a run.

    Parameters
    ----------
    plan : Plan
    sources : mapping of str to str
        Name in the mixture to name of the set.
    stages : list of dict
        ``name``, ``tokens``, ``weights``, ``learning_rate``.
    seed : int
        Of the weights and of the order.
    evaluations : int
        How often, the last at the end.
    held_out : tuple of str
        Sets to evaluate.
    """
    steps = -(-sum(stage["tokens"] for stage in stages) // (plan.batch_size * plan.context))
    return {
        "model": {"size": plan.size, "context": plan.context},
        "sources": {n: {"tokens": f"../../tokens/{folder}", "max_epochs": MAX_EPOCHS} for n, folder in sources.items()},
        "stages": stages,
        "held_out": {name: f"../../tokens/held_out_{name}" for name in held_out},
        "training": {
            "seed": seed,
            "batch_size": plan.batch_size,
            "micro_batch": plan.micro_batch,
            "precision": plan.precision,
            "engine": "torch",
            "evaluate_every": -(-steps // evaluations),
            "checkpoint_every": max(1, -(-steps // 4)),
            "keep_checkpoints": 1,
        },
    }


def to_toml(config: Mapping[str, Any]) -> str:
    """Return a configuration as TOML."""
    lines: list[str] = []
    for name, table in config.items():
        if isinstance(table, list):
            for entry in table:
                lines += [f"[[{name}]]", *_entries(entry), ""]
        elif all(isinstance(entry, Mapping) for entry in table.values()):
            for key, entry in table.items():
                lines += [f"[{name}.{_key(key)}]", *_entries(entry), ""]
        else:
            lines += [f"[{name}]", *_entries(table), ""]
    return "\n".join(lines)


def _entries(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items()]


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else json.dumps(name)


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"
    return repr(value) if isinstance(value, float) else json.dumps(value)
