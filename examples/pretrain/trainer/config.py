"""What is asked for, checked as far as that goes before a model is made; `config_file` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from textbooks.errors import InputError
from textbooks.mixtures import Stage
from trainer.sizes import SIZES, Size

__all__ = ["Model", "RunConfig", "SourceFolder", "Training"]

_CHOICES: Final = {
    "precision": ("fp32", "bf16", "fp16"),
    "engine": ("auto", "deepspeed", "torch"),
    "attention": ("auto", "flash-attn", "sdpa", "eager"),
    "zero_stage": (0, 1, 2, 3),
}


@dataclass(frozen=True, kw_only=True)
class Model:
    """The model that is trained.

    Attributes
    ----------
    size : str or None
        A name of `SIZES`. None: `shape` says it.
    shape : Size or None
        A shape of your own, instead of a name.
    context : int
        Tokens of a sequence, at least 2 (phi-1: 2,048).
    vocab_size : int or None
        Rows of the embedding, at least the tokens of the tokeniser. None: its tokens, rounded up to a multiple of 64,
        which matrix units like.
    dropout : float
        Of attention and residuals, 0 to below 1 (phi-1: 0.1).
    """

    size: str | None = None
    shape: Size | None = None
    context: int = 2048
    vocab_size: int | None = None
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if (self.size is None) == (self.shape is None):
            _refuse("model.size", f"one of {', '.join(SIZES)}, or a shape of your own", self.size)
        if self.size is not None and self.size not in SIZES:
            _refuse("model.size", f"one of {', '.join(SIZES)}", self.size)
        _check_shape(self.dimensions)
        _at_least("model.context", self.context, 2)
        if self.vocab_size is not None:
            _at_least("model.vocab_size", self.vocab_size, 1)
        if not 0 <= self.dropout < 1:
            _refuse("model.dropout", "at least 0 and below 1", self.dropout)

    @property
    def dimensions(self) -> Size:
        """The shape, by name or given."""
        if self.shape is not None:
            return self.shape
        return SIZES[str(self.size)]


def _check_shape(size: Size) -> None:
    for name in ("layers", "hidden", "mlp", "heads"):
        _at_least(f"model.{name}", getattr(size, name), 1)
    if size.hidden % size.heads:
        _refuse("model.heads", f"a divisor of model.hidden, which is {size.hidden}", size.heads)
    if size.rotary % 2 or not 0 < size.rotary <= size.head:
        _refuse("model.rotary", f"even, and at most the {size.head} dimensions of a head", size.rotary)


@dataclass(frozen=True, kw_only=True)
class SourceFolder:
    """Tokens that are trained on.

    Attributes
    ----------
    tokens : Path
        A folder that `textbooks tokenize` wrote.
    max_epochs : float or None
        How often they may be read at most, in all stages together (phi-1: about 8).
    """

    tokens: Path
    max_epochs: float | None = None


@dataclass(frozen=True, kw_only=True)
class Training:
    """How it is trained. The defaults of the optimiser are phi-1's (section 2.3), those it is silent on ours.

    Attributes
    ----------
    batch_size : int
        Sequences of a step, of all devices together: the effective batch.
    micro_batch : int
        Sequences that a device takes at a time; ``batch_size`` is a multiple of it times the devices.
    weight_decay : float
        Of matrices alone; biases and norms have none (ours).
    beta1, beta2, epsilon : float
        Of AdamW (the paper does not say; 0.9, 0.95 and 1e-8 are usual for language models).
    gradient_clipping : float
        Largest norm of the gradient (ours); 0 for none.
    precision : {"fp32", "bf16", "fp16"}
        phi-1: "fp16", which needs DeepSpeed's loss scaling.
    engine : {"auto", "deepspeed", "torch"}
        "auto": DeepSpeed where it is installed. "torch" is one process.
    zero_stage : {0, 1, 2, 3}
        What DeepSpeed shards among devices: 1 the optimiser's state, 2 also gradients, 3 also weights.
    attention : {"auto", "flash-attn", "sdpa", "eager"}
        "auto": the package flash-attn where it is installed and can run, else PyTorch's own kernels.
    compile : bool
        Whether `torch.compile` is used.
    activation_checkpointing : bool
        Whether activations are computed again in the backward pass: less memory, a third more time.
    deterministic : bool
        Whether only deterministic kernels are used, so that a resumed run has the same bits on a GPU too.
    checkpoint_every, evaluate_every : int
        Steps; 0 for the end alone.
    keep_checkpoints : int
        The last so many, at least 1.
    best_of : str or None
        A held-out set: the model that is best on it at an evaluation is what is left in the end (phi-1's finetuning
        kept the best of its checkpoints). None: the last.
    max_steps : int or None
        Stop here, though the plan goes on; phi-1-base is step 24,000 of 36,000.
    seed : int
        Of weights, dropout and the order of the data.
    """

    batch_size: int = 1024
    micro_batch: int = 8
    weight_decay: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.95
    epsilon: float = 1e-8
    gradient_clipping: float = 1.0
    precision: Literal["fp32", "bf16", "fp16"] = "bf16"
    engine: Literal["auto", "deepspeed", "torch"] = "auto"
    zero_stage: Literal[0, 1, 2, 3] = 1
    attention: Literal["auto", "flash-attn", "sdpa", "eager"] = "auto"
    compile: bool = False
    activation_checkpointing: bool = False
    deterministic: bool = False
    checkpoint_every: int = 1000
    evaluate_every: int = 1000
    keep_checkpoints: int = 2
    best_of: str | None = None
    max_steps: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("batch_size", "micro_batch", "keep_checkpoints"):
            _at_least(f"training.{name}", getattr(self, name), 1)
        for name in ("weight_decay", "gradient_clipping", "checkpoint_every", "evaluate_every", "seed"):
            _at_least(f"training.{name}", getattr(self, name), 0)
        if self.max_steps is not None:
            _at_least("training.max_steps", self.max_steps, 1)
        for name in ("beta1", "beta2"):
            if not 0 <= getattr(self, name) < 1:
                _refuse(f"training.{name}", "at least 0 and below 1", getattr(self, name))
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                _refuse(f"training.{name}", f"one of {', '.join(map(str, allowed))}", getattr(self, name))
        self._check_together()

    def _check_together(self) -> None:
        if self.batch_size % self.micro_batch:
            _refuse("training.batch_size", f"a multiple of training.micro_batch = {self.micro_batch}", self.batch_size)
        if self.precision == "fp16" and self.engine == "torch":
            _refuse("training.precision", "fp32 or bf16 with engine = torch: fp16 needs DeepSpeed", self.precision)
        if self.attention == "flash-attn" and self.precision == "fp32":
            _refuse("training.attention", "sdpa or eager with precision = fp32", self.attention)


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """A run: what is trained, on what, and how."""

    model: Model
    sources: Mapping[str, SourceFolder]
    stages: tuple[Stage, ...]
    held_out: Mapping[str, Path] = field(default_factory=dict)
    training: Training = field(default_factory=Training)

    def __post_init__(self) -> None:
        if not self.sources:
            _refuse("sources", "at least one [sources.NAME]", {})
        if not self.stages:
            _refuse("stages", "at least one [[stages]]", [])
        for number, stage in enumerate(self.stages):
            if stage.learning_rate is None:
                _refuse(f"stages[{number}].learning_rate", "a table with peak, and if wanted end, warmup, decay", None)
        if self.training.best_of is not None and self.training.best_of not in self.held_out:
            _refuse("training.best_of", f"one of the held-out sets ({', '.join(self.held_out)})", self.training.best_of)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        content = asdict(self)
        content["sources"] = {k: {**v, "tokens": str(v["tokens"])} for k, v in content["sources"].items()}
        content["held_out"] = {name: str(path) for name, path in content["held_out"].items()}
        return content


def _at_least(name: str, value: object, low: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value < float("inf"):
        _refuse(name, f"at least {low}", value)


def _refuse(name: str, wanted: str, value: object) -> None:
    msg = f"{name} must be {wanted}, got {value!r}"
    raise InputError(msg)
