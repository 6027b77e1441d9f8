"""A causal language model of `transformers`, loaded; used by `TransformersGenerator` alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from textbooks.evaluation.generation import TransformersGenerator

__all__ = ["CausalModel"]


class CausalModel:
    """Continues batches of prompts.

    Parameters
    ----------
    settings : TransformersGenerator
        Which model, and how to sample.

    Raises
    ------
    OSError, ValueError
        If the model cannot be loaded or its context is too short.
    """

    def __init__(self, settings: TransformersGenerator) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.settings = settings
        self.device = settings.device or ("cuda" if torch.cuda.is_available() else "cpu")
        self.tokenizer: Any = AutoTokenizer.from_pretrained(settings.model, local_files_only=True)
        if self.tokenizer.pad_token_id is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token
        self.tokenizer.padding_side = self.tokenizer.truncation_side = "left"
        model: Any = AutoModelForCausalLM.from_pretrained(settings.model, local_files_only=True, use_safetensors=True)
        self.model = model.to(self.device).eval()
        context = getattr(model.config, "max_position_embeddings", None) or 2048
        self.longest_prompt = context - settings.max_new_tokens
        if self.longest_prompt < 1:
            msg = f"max_new_tokens = {settings.max_new_tokens} leaves no room in the model's context of {context}"
            raise ValueError(msg)

    def continue_batch(self, prompts: Sequence[str], stops: Sequence[str], *, seed: int) -> list[str]:
        """Return one continuation of each prompt, cut at the first stop sequence."""
        import torch

        from textbooks.evaluation.generation import truncate_at_stop

        # A prompt of no token has nothing to continue from: begin with the text separator.
        texts = [prompt or self.tokenizer.eos_token or " " for prompt in prompts]
        batch = self.tokenizer(
            texts, return_tensors="pt", padding=True, truncation=True, max_length=self.longest_prompt
        ).to(self.device)
        width = batch["input_ids"].shape[1]
        on_gpu = [self.device] if self.device.startswith("cuda") else []
        with torch.no_grad(), torch.random.fork_rng(devices=on_gpu):
            torch.manual_seed(seed)
            made = self.model.generate(
                input_ids=batch["input_ids"],
                attention_mask=batch["attention_mask"],
                pad_token_id=self.tokenizer.pad_token_id,
                stopping_criteria=[self._stopper(width, stops)],
                max_new_tokens=self.settings.max_new_tokens,
                use_cache=True,  # whatever the model's folder says: without, each token costs all before it
                **self._sampling(),
            )
        return [
            truncate_at_stop(self._new_text(ids, mask, width), stops)
            for ids, mask in zip(made, batch["attention_mask"], strict=True)
        ]

    def _sampling(self) -> dict[str, Any]:
        if self.settings.temperature == 0:
            return {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
        sampled = {"temperature": self.settings.temperature, "top_p": self.settings.top_p}
        return {"do_sample": True, "top_k": 0, **sampled}

    def _stopper(self, width: int, stops: Sequence[str]) -> Callable[..., torch.Tensor]:
        import torch

        tail = max((len(stop.encode()) for stop in stops), default=0) + 1

        def met(input_ids: torch.Tensor, _scores: object, **_: object) -> torch.Tensor:
            ends = self._decode(input_ids[:, max(width, input_ids.shape[1] - tail) :]) if stops else []
            found = [any(stop in end for stop in stops) for end in ends] or [False] * len(input_ids)
            return torch.tensor(found, device=input_ids.device)

        return met

    def _decode(self, ids: torch.Tensor | list[list[int]]) -> list[str]:
        return list(self.tokenizer.batch_decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))

    def _new_text(self, ids: torch.Tensor, mask: torch.Tensor, width: int) -> str:
        """Return what was added; decoded with the prompt, for some tokenizers drop a blank at the start of a text."""
        start = width - int(mask.sum())
        before, whole = self._decode([ids[start:width].tolist(), ids[start:].tolist()])
        return whole[len(before) :]
