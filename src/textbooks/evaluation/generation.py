"""Completions of problems by a transformers model on this machine."""

from __future__ import annotations

import ast
import importlib
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from textbooks.errors import InputError, MissingExtraError
from textbooks.problems import Problem
from textbooks.problems.problem import parse

if TYPE_CHECKING:
    from textbooks.evaluation.causal_model import CausalModel

__all__ = ["BODY_STOPS", "PROGRAM_STOPS", "TransformersGenerator", "prompt_of", "stops_of", "truncate_at_stop"]

BODY_STOPS = ("\nclass", "\ndef", "\n#", "\nif", "\nprint")
"""Where the body of a function ends, for HumanEval's format (Chen et al. 2021, section 2.3)."""

PROGRAM_STOPS = ("\nassert", '\n"""', "\nprint", "\nif __name__", "\n```")
"""Where a whole program ends, for MBPP's format (ours)."""


def truncate_at_stop(text: str, stops: Sequence[str]) -> str:
    """Return the text up to the first place where any of the stop sequences begins, or all of it."""
    found = [position for stop in stops if stop and (position := text.find(stop)) >= 0]
    return text[: min(found, default=len(text))]


def prompt_of(problem: Problem) -> str:
    """Return what a base model is shown of a problem.

    In HumanEval's format the prompt as published. In MBPP's a docstring of the sentence and the first assertion,
    without which the name to define would be unknown (after Fried et al. 2022, "InCoder").
    """
    if problem.has_check:
        return problem.prompt
    tree = parse(problem.tests)
    asserts = [node for node in tree.body if isinstance(node, ast.Assert)] if tree else []
    example = ast.get_source_segment(problem.tests, asserts[0]) if asserts else None
    return '"""\n' + "\n".join(filter(None, [problem.prompt, example])) + '\n"""\n'


def stops_of(problem: Problem) -> tuple[str, ...]:
    """Return the stop sequences of a problem's format: `BODY_STOPS` or `PROGRAM_STOPS`."""
    return BODY_STOPS if problem.has_check else PROGRAM_STOPS


class TransformersGenerator:
    """Completes prompts with a causal language model that lies on this machine; needs the extra ``[embeddings]``.

    Prompts are padded on the left and completed in batches; a batch ends when all its texts have met a stop sequence.
    Weights are read from safetensors only, and no code of the model's folder is executed. The model is loaded on
    first use.

    Parameters
    ----------
    model : str or path
        A folder that `transformers` can load, or a name that is in its cache; nothing is downloaded.
    max_new_tokens : int, default=512
        Most tokens of a completion, at least 1.
    temperature : float, default=0.2
        0 for greedy decoding, where all samples of a prompt are equal; else the softmax temperature. Chen et al. 2021
        find 0.2 best for pass@1 and 0.8 for pass@100.
    top_p : float, default=0.95
        Nucleus sampling, above 0 and at most 1 (Chen et al. 2021).
    batch_size : int, default=8
        Texts to complete at a time, at least 1.
    device : str or None, default=None
        Such as ``"cuda"``; None for a GPU if there is one, else the processor.
    seed : int, default=0
        Seed of the sampling. On one machine the same arguments give the same completions.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        max_new_tokens: int = 512,
        temperature: float = 0.2,
        top_p: float = 0.95,
        batch_size: int = 8,
        device: str | None = None,
        seed: int = 0,
    ) -> None:
        for name, number in (("max_new_tokens", max_new_tokens), ("batch_size", batch_size)):
            if number < 1:
                msg = f"{name} must be at least 1, got {number!r}"
                raise ValueError(msg)
        if not temperature >= 0:
            msg = f"temperature must be at least 0, got {temperature!r}"
            raise ValueError(msg)
        if not 0 < top_p <= 1:
            msg = f"top_p must be above 0 and at most 1, got {top_p!r}"
            raise ValueError(msg)
        self.model = model
        self.max_new_tokens = max_new_tokens
        self.temperature = temperature
        self.top_p = top_p
        self.batch_size = batch_size
        self.device = device
        self.seed = seed

    def complete(self, problems: Sequence[Problem], samples: int = 1) -> Iterator[dict[str, str]]:
        """Yield rows with ``task_id`` and ``completion``, as `evaluate` takes them.

        Parameters
        ----------
        problems : sequence of Problem
            What to complete; those in HumanEval's format come first.
        samples : int, default=1
            Rows for each problem, at least 1.

        Raises
        ------
        MissingExtraError
            If torch or transformers is not installed.
        InputError
            If the model cannot be loaded.
        """
        for has_check in (True, False):
            alike = [problem for problem in problems if problem.has_check is has_check]
            if alike:
                prompts = [prompt_of(problem) for problem in alike]
                for problem, found in zip(alike, self._each(prompts, samples, stops_of(alike[0])), strict=True):
                    yield from ({"task_id": problem.id, "completion": text} for text in found)

    def generate(self, prompts: Sequence[str], samples: int = 1, *, stops: Sequence[str] = ()) -> list[list[str]]:
        """Return `samples` continuations of each prompt, cut at the first stop sequence.

        Parameters
        ----------
        prompts : sequence of str
            What to continue. A prompt that leaves no room for `max_new_tokens` in the model's context loses its
            beginning.
        samples : int, default=1
            Continuations of each prompt, at least 1.
        stops : sequence of str, default=()
            Where to cut; a stop sequence is not part of what is returned.

        Raises
        ------
        ValueError
            If `samples` is below 1.
        MissingExtraError
            If torch or transformers is not installed.
        InputError
            If the model cannot be loaded, or its context is not longer than `max_new_tokens`.
        """
        return list(self._each(prompts, samples, stops))

    def _each(self, prompts: Sequence[str], samples: int, stops: Sequence[str]) -> Iterator[list[str]]:
        if samples < 1:
            msg = f"samples must be at least 1, got {samples!r}"
            raise ValueError(msg)
        wanted = [prompt for prompt in prompts for _ in range(samples)]
        found: list[str] = []
        for start in range(0, len(wanted), self.batch_size):
            found += self._loaded.continue_batch(wanted[start : start + self.batch_size], stops, seed=self.seed + start)
            while len(found) >= samples:
                yield found[:samples]
                del found[:samples]

    @cached_property
    def _loaded(self) -> CausalModel:
        for package in ("torch", "transformers"):
            try:
                importlib.import_module(package)
            except ImportError as error:
                raise MissingExtraError(package, extra="embeddings", used_by=type(self).__name__) from error
        from textbooks.evaluation.causal_model import CausalModel

        try:
            return CausalModel(self)
        except (OSError, ValueError) as error:
            msg = f"no model can be loaded from {str(self.model)!r}: {str(error)[:300]}"
            raise InputError(msg) from error
