"""What the recipe is asked for, checked before anything is computed; and its folders."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from trainer.config import Model, Training
from trainer.passing import Sampling

from textbooks.errors import InputError, MissingExtraError
from textbooks.ranges import check_range

__all__ = ["CURATED", "EVALUATED", "FINETUNED", "PRETRAINED", "SYNTHETIC", "TOKENS", "Options"]

CURATED: Final = "1-curated"
SYNTHETIC: Final = "2-synthetic"
TOKENS: Final = "3-tokens"
PRETRAINED: Final = "4-pretrained"
FINETUNED: Final = "5-finetuned"
EVALUATED: Final = "6-evaluated"


@dataclass(frozen=True, kw_only=True)
class Options:
    """All of a run.

    Attributes
    ----------
    out : Path
        Its folder.
    code, textbooks, exercises : tuple of str
        Files, folders or URLs. No code: the installed packages. No textbooks or exercises: without them.
    benchmarks : tuple of str or None
        Names or paths: what the texts are cleaned of and the models are measured on. None: all on this machine.
    min_score : float
        Educational value below which code is dropped, 0 to 5.
    execute : bool
        Whether texts may be run, confined by the sandbox, to see whether they solve a problem.
    vocab_size : int
        Of the tokeniser, at least 257.
    held_out : float
        Share of the documents of each source that no model reads, above 0 and at most 0.5.
    size, context, precision, engine, batch_size, micro_batch, seed
        See `trainer.config`.
    tokens : int
        That the model reads in pretraining, at least one batch.
    finetune_tokens : int or None
        The same in finetuning; None: four epochs of the exercises.
    max_epochs : float
        How often a text is read at most, above 0 (phi-1-base: about 8).
    peak, finetune_peak : float
        Highest learning rates, above 0 (phi-1: 1e-3 and 1e-4; the defaults are for small models).
    easiest : int or None
        Only so many problems of each benchmark, those with the shortest solutions.
    sampling : Sampling
        How the models are asked.
    workers, threads, nproc : int
        Processes that curate and tokenise; threads of a training process, None for PyTorch's choice; training
        processes, above 1 by ``torchrun``. Other threads and processes give other last digits, no other run.

    Raises
    ------
    ValueError
        If a value is out of range; the message names it.
    """

    out: Path
    code: tuple[str, ...] = ()
    textbooks: tuple[str, ...] = ()
    exercises: tuple[str, ...] = ()
    benchmarks: tuple[str, ...] | None = None
    min_score: float = 2.5
    execute: bool = False
    vocab_size: int = 4096
    held_out: float = 0.05
    size: str = "nano-3m"
    context: int = 512
    tokens: int = 2_000_000
    finetune_tokens: int | None = None
    max_epochs: float = 8
    batch_size: int = 16
    micro_batch: int = 8
    peak: float = 2e-3
    finetune_peak: float = 5e-4
    precision: str = "fp32"
    engine: str = "auto"
    easiest: int | None = None
    sampling: Sampling = field(default_factory=Sampling)
    seed: int = 0
    workers: int = os.cpu_count() or 1
    threads: int | None = None
    nproc: int = 1

    def __post_init__(self) -> None:
        Model(size=self.size, context=self.context)
        Training(
            batch_size=self.batch_size,
            micro_batch=self.micro_batch,
            precision=self.precision,  # type: ignore[arg-type]
            engine=self.engine,  # type: ignore[arg-type]
            seed=self.seed,
        )
        check_range("min_score", self.min_score, 0, 5)
        check_range("vocab_size", self.vocab_size, 257)
        for name in ("workers", "nproc"):
            check_range(name, getattr(self, name), 1)
        if self.threads is not None:
            check_range("threads", self.threads, 1)
        for name, high in (("held_out", 0.5), ("max_epochs", float("inf")), ("peak", 1), ("finetune_peak", 1)):
            _check_above_zero(name, getattr(self, name), high)
        self._check_together()
        for name in ("code", "textbooks", "exercises"):
            _check_paths(name, getattr(self, name))

    def _check_together(self) -> None:
        batch = self.batch_size * self.context
        for name in ("tokens", "finetune_tokens"):
            value = getattr(self, name)
            if value is not None and value < batch:
                msg = f"{name} must be at least a batch, batch_size x context = {batch:,}, got {value!r}"
                raise InputError(msg)
        if self.batch_size % (self.micro_batch * self.nproc):
            shared = f"micro_batch x nproc = {self.micro_batch * self.nproc}"
            msg = f"batch_size must be a multiple of {shared}, got {self.batch_size!r}"
            raise InputError(msg)
        if self.nproc > 1 and self.engine == "torch":
            msg = f"engine must be auto or deepspeed where nproc is above 1, got 'torch' and {self.nproc!r}"
            raise InputError(msg)
        if self.nproc > 1 and importlib.util.find_spec("deepspeed") is None:
            package = "deepspeed"
            raise MissingExtraError(package, extra="train", used_by=f"nproc = {self.nproc}")
        if self.sampling.max_new_tokens >= self.context:
            msg = f"max_new_tokens must be below context = {self.context}, got {self.sampling.max_new_tokens!r}"
            raise InputError(msg)


def _check_above_zero(name: str, value: float, high: float) -> None:
    check_range(name, value, 0, high)
    if not value:
        msg = f"{name} must be above 0, got {value!r}"
        raise ValueError(msg)


def _check_paths(name: str, paths: tuple[str, ...]) -> None:
    for path in paths:
        if "://" not in path and not Path(path).exists():
            msg = f"{name}: there is no {path!r}: check the path"
            raise InputError(msg)
