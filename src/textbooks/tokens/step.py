"""datatrove's tokeniser, safe from texts that hold special tokens."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from datatrove.pipeline.tokens import DocumentTokenizer

from textbooks.tokens.tokenizer import END_OF_TEXT

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["TextTokenizer"]


class TextTokenizer(DocumentTokenizer):  # type: ignore[misc]
    """`DocumentTokenizer` that reads ``<|endoftext|>`` in a text as the letters that it is.

    datatrove's own makes the special token of it, so that a text could end itself and begin another. The files are
    those of `DocumentTokenizer`, with the documents of a task shuffled.

    Parameters
    ----------
    folder : path
        Where the files go.
    tokenizer_path : path
        A ``tokenizer.json``.
    end_of_text : str, default="<|endoftext|>"
        The token that ends each document.
    seed : int, default=0
        Of the shuffle.
    """

    name = "tokens"
    type = "TOKENIZER"

    def __init__(
        self, folder: str | Path, tokenizer_path: str | Path, *, end_of_text: str = END_OF_TEXT, seed: int = 0
    ) -> None:
        super().__init__(str(folder), str(tokenizer_path), eos_token=end_of_text, seed=seed)
        self.folder = folder
        self.tokenizer_path = tokenizer_path
        self.end_of_text = end_of_text
        self.seed = seed

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The tokeniser; it ends each document by the special token, and finds none within."""
        tokenizer: Any = cast("Any", DocumentTokenizer.tokenizer).func(self)
        tokenizer.encode_special_tokens = True
        return cast("Tokenizer", tokenizer)
