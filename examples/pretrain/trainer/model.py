"""The model that training begins with, and how it is written for `transformers`."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import torch
from transformers import PhiForCausalLM, PreTrainedTokenizerFast
from transformers.utils.logging import disable_progress_bar

from textbooks.errors import InputError
from textbooks.tokens import END_OF_TEXT, load_tokenizer
from trainer.sizes import parameters, phi_config

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trainer.config import RunConfig
    from trainer.data import RunData

__all__ = ["load_model", "new_model", "write_model"]


def new_model(config: RunConfig, data: RunData, attention: str) -> PhiForCausalLM:
    """Return a model with random weights in fp32, drawn from the run's seed."""
    settings = phi_config(
        config.model.dimensions,
        vocab_size=data.vocab_size,
        context=config.model.context,
        dropout=config.model.dropout,
        end_of_text=data.end_of_text,
    )
    settings._attn_implementation = attention
    torch.manual_seed(config.training.seed)
    return PhiForCausalLM(settings)


def load_model(path: Path, config: RunConfig, data: RunData, attention: str) -> PhiForCausalLM:
    """Return the model that an earlier run left, in fp32, with the dropout of this run.

    Raises
    ------
    InputError
        If it cannot be loaded, or does not fit the configuration; the message names the field.
    """
    size, dropout = config.model.dimensions, config.model.dropout
    try:
        model = PhiForCausalLM.from_pretrained(
            path,
            attn_implementation=attention,
            dtype=torch.float32,
            local_files_only=True,
            use_safetensors=True,
            resid_pdrop=dropout,
            attention_dropout=dropout,
            use_cache=False,
        )
    except (OSError, ValueError) as error:
        msg = f"--from {path} is no model that can be loaded: {str(error)[:300]}"
        raise InputError(msg) from error
    wanted = parameters(size, data.vocab_size)
    if model.num_parameters() != wanted:
        msg = (
            f"model.size: --from holds {model.num_parameters():,} parameters, the configuration asks for {wanted:,}: "
            "name the size that it was trained with"
        )
        raise InputError(msg)
    longest = model.config.max_position_embeddings
    if config.model.context > longest:
        msg = f"model.context must be at most the {longest} of --from, got {config.model.context}"
        raise InputError(msg)
    return model


def write_model(path: Path, model: PhiForCausalLM, weights: Mapping[str, torch.Tensor], tokenizer: Path) -> None:
    """Write a folder that `transformers` and `TransformersGenerator` load; it appears when it is whole.

    Parameters
    ----------
    path : Path
    model : PhiForCausalLM
        For its configuration.
    weights : mapping
        The weights to write.
    tokenizer : Path
        ``tokenizer.json``.
    """
    partial = path.with_name(f"{path.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    disable_progress_bar()
    model.config.use_cache = model.generation_config.use_cache = True  # of no use in training, but for generation
    model.save_pretrained(partial, state_dict=dict(weights))
    model.config.use_cache = False
    PreTrainedTokenizerFast(
        tokenizer_object=load_tokenizer(tokenizer),
        bos_token=END_OF_TEXT,
        eos_token=END_OF_TEXT,
        model_max_length=model.config.max_position_embeddings,
    ).save_pretrained(partial)
    shutil.rmtree(path, ignore_errors=True)
    partial.rename(path)
