"""datatrove's tokeniser, safe from texts that hold special tokens."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from datatrove.pipeline.tokens import DocumentTokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["TextTokenizer"]


class TextTokenizer(DocumentTokenizer):  # type: ignore[misc]
    """`DocumentTokenizer` that reads ``<|endoftext|>`` in a text as the letters that it is.

    datatrove's own makes the special token of it, so that a text could end itself and begin another. Parameters and
    files are those of `DocumentTokenizer`.
    """

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The tokeniser; it ends each document by the special token, and finds none within."""
        tokenizer: Any = cast("Any", DocumentTokenizer.tokenizer).func(self)
        tokenizer.encode_special_tokens = True
        return cast("Tokenizer", tokenizer)
