"""Everything that is measured of a model that is trained: bits per byte on held-out texts, and pass@k."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

import torch
from transformers import AutoModelForCausalLM
from transformers.utils.logging import disable_progress_bar

from textbooks.errors import InputError
from textbooks.storage import file_digest, write_atomically
from textbooks.tokens import TokenizedCorpus, load_tokenizer
from trainer.engine import World
from trainer.held_out import evaluate_corpus
from trainer.once import model_digest, once
from trainer.passing import Sampling, pass_rates, split_rates
from trainer.speed import versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from textbooks.curation.benchmarks import Benchmarks
    from textbooks.evaluation.intervals import Estimate

__all__ = ["EVALUATION", "check_model", "evaluate_model", "measure_held_out"]

EVALUATION: Final = "evaluation.json"

_BATCH: Final = 8  # windows at a time


def check_model(model: Path, held_out: Mapping[str, Path], sampling: Sampling | None) -> None:
    """Refuse what cannot be measured, before anything is computed.

    Raises
    ------
    InputError
        If the folder holds no model, a completion would not fit into its context, or a corpus is missing or was
        written by another tokeniser than the model's.
    """
    model_digest(model)
    context = _context(model)
    if sampling is not None and sampling.max_new_tokens >= context:
        msg = (
            f"max_new_tokens must be below the model's context of {context}, which holds the problem too, "
            f"got {sampling.max_new_tokens}"
        )
        raise InputError(msg)
    own = _vocabulary(model)
    for name, folder in held_out.items():
        if _vocabulary(TokenizedCorpus.load(folder).folder) != own:
            msg = f"held-out {name}: {folder} has another tokeniser than the model: tokenise with --tokenizer {model}"
            raise InputError(msg)


def _context(model: Path) -> int:
    try:
        return int(json.loads((model / "config.json").read_bytes())["max_position_embeddings"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{model / 'config.json'} does not say the model's context (max_position_embeddings): {error}"
        raise InputError(msg) from error


def _vocabulary(folder: Path) -> dict[str, int]:
    return load_tokenizer(folder).get_vocab()


def evaluate_model(
    model: Path,
    out: Path,
    *,
    held_out: Mapping[str, Path],
    benchmarks: Benchmarks,
    sampling: Sampling,
    similar: Mapping[str, Sequence[str]] | None = None,
    console: Console | None = None,
) -> dict[str, Any]:
    """Measure a model, or go on with it; what is measured is kept in the folder.

    Parameters
    ----------
    model : Path
        The folder that pretrain.py or finetune.py has left, or any other causal language model's.
    out : Path
        It gets ``held-out/NAME/``, ``problems/NAME/`` with the completions, and ``evaluation.json``.
    held_out : mapping
        Folders of `textbooks tokenize` by name.
    benchmarks : Benchmarks
        What `find_problems` returned.
    sampling : Sampling
    similar : mapping, optional
        Ids of the problems by benchmark that are similar to the training data: pass@1 is then said apart.
    console : Console, optional
        Where to show progress.

    Returns
    -------
    dict
        The content of ``evaluation.json``; a mean over no problem is null.

    Raises
    ------
    InputError
        As `check_model`.
    ParametersChangedError
        If the folder holds an evaluation of another model or by other parameters.
    """
    disable_progress_bar()
    check_model(model, held_out, sampling if benchmarks.problems else None)
    bits = {name: measure_held_out(model, path, out / "held-out" / name) for name, path in held_out.items()}
    found = {}
    for name, problems in benchmarks.problems.items():
        rates = pass_rates(model, problems, out / "problems" / name, sampling, console=console)
        if similar is not None:
            split = split_rates(rates, similar.get(name, ()), samples=sampling.samples)
            rates["pass@1_apart"] = {part: _numbers(getattr(split, part)) for part in ("similar", "not_similar")}
        found[name] = rates
    content = {
        "model": model_digest(model),
        "held_out": bits,
        "benchmarks": found,
        "not_on_this_machine": list(benchmarks.missing),
        "sampling": {name: getattr(sampling, name) for name in ("samples", "temperature", "max_new_tokens", "seed")},
        "versions": versions(),
    }
    write_atomically(out / EVALUATION, json.dumps(content, indent=1).encode())
    return content


def _numbers(part: Estimate) -> dict[str, Any]:
    return {"value": None if math.isnan(part.value) else part.value, "problems": part.size}


def measure_held_out(model: Path, corpus: Path, folder: Path) -> dict[str, Any]:
    """Return `HeldOut` as a dict, in fp32; the folder keeps it.

    Parameters
    ----------
    model, corpus : Path
        Of one tokeniser.
    folder : Path
        It gets ``result.json``.
    """
    context = _context(model)
    key = {"model": model_digest(model), "tokens": file_digest(corpus / "tokens.json"), "context": context}
    return once(folder, key, lambda: _measured(model, TokenizedCorpus.load(corpus), context))


def _measured(path: Path, corpus: TokenizedCorpus, context: int) -> dict[str, Any]:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, local_files_only=True, use_safetensors=True)
    model.to(device).eval()
    world = World(rank=0, size=1, device=device, deepspeed=False)
    found = evaluate_corpus(
        lambda ids: model(input_ids=ids, use_cache=False).logits,
        corpus,
        context=context,
        batch_size=_BATCH,
        world=world,
    )
    return found._asdict()
