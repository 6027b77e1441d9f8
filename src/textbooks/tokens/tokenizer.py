"""Tokenisers: trained on a corpus, or a known one by name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from textbooks.errors import InputError, MissingExtraError
from textbooks.ranges import check_range

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["END_OF_TEXT", "VOCAB_SIZE", "load_tokenizer", "train_tokenizer"]

END_OF_TEXT: Final = "<|endoftext|>"
"""The token between documents, as GPT-2 and CodeGen call it."""

VOCAB_SIZE: Final = 32_768
"""Tokens of a vocabulary that is trained. Ours: small models spend less on it than on CodeGen's 50,257 entries."""

_BYTES: Final = 256


def train_tokenizer(texts: Iterable[str], *, vocab_size: int = VOCAB_SIZE, end_of_text: str = END_OF_TEXT) -> Tokenizer:
    """Train a byte-level BPE, as GPT-2's and CodeGen's are: every text has tokens, and they give back the text.

    Parameters
    ----------
    texts : iterable of str
        Some hundred megabytes say as much as more. Memory grows with the number of different words.
    vocab_size : int, default=32768
        Tokens at most, with the 256 of the bytes and `end_of_text`: at least 257. Fewer come of few texts. Up to 65,536
        a token takes two bytes in a file, beyond that four.
    end_of_text : str, default="<|endoftext|>"
        The special token between documents; not empty.

    Returns
    -------
    tokenizers.Tokenizer
        The same for the same texts in the same order.

    Raises
    ------
    ValueError
        If a value is out of range.
    MissingExtraError
        If the package `tokenizers` is not installed.

    Notes
    -----
    Source: Sennrich et al., 2016 (BPE); Radford et al., 2019, section 2.2 (on bytes). phi-1 took CodeGen's tokeniser
    ("Textbooks Are All You Need", section 2.3); see `load_tokenizer`.
    """
    check_range("vocab_size", vocab_size, _BYTES + 1)
    if not end_of_text:
        msg = f"end_of_text must not be empty, got {end_of_text!r}"
        raise ValueError(msg)
    tokenizers = _package()
    tokenizer: Tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=2,
        special_tokens=[end_of_text],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def load_tokenizer(name_or_path: str | Path, *, end_of_text: str = END_OF_TEXT) -> Tokenizer:
    """Load a tokeniser from a ``tokenizer.json``, or by its name on the Hugging Face hub.

    Parameters
    ----------
    name_or_path : str or path
        A file, a folder that holds ``tokenizer.json``, or a name, such as ``"Salesforce/codegen-350M-mono"``, phi-1's.
        A name needs a network, unless the hub's cache holds it.
    end_of_text : str, default="<|endoftext|>"
        A token that it must have.

    Raises
    ------
    InputError
        If it cannot be had, is damaged, or does not have the token.
    MissingExtraError
        If the package `tokenizers` is not installed.
    """
    tokenizers = _package()
    path = Path(name_or_path)
    path = path / "tokenizer.json" if path.is_dir() else path
    tokenizer: Tokenizer
    try:
        if path.is_file():
            tokenizer = tokenizers.Tokenizer.from_file(str(path))
        else:
            tokenizer = tokenizers.Tokenizer.from_pretrained(str(name_or_path))
    except Exception as error:  # the package raises bare exceptions
        where = f"{path} is no tokeniser" if path.is_file() else f"there is no file {str(path)!r}, and no such name"
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        msg = f"cannot load the tokeniser {str(name_or_path)!r}: {where} ({reason:.200})"
        raise InputError(msg) from error
    if tokenizer.token_to_id(end_of_text) is None:
        msg = f"the tokeniser {str(name_or_path)!r} has no token {end_of_text!r}: name the one that ends its documents"
        raise InputError(msg)
    return tokenizer


def _package() -> Any:  # noqa: ANN401
    try:
        import tokenizers
        import tokenizers.decoders
        import tokenizers.models
        import tokenizers.pre_tokenizers
        import tokenizers.trainers
    except ImportError as error:
        package = "tokenizers"
        raise MissingExtraError(package, extra="tokens", used_by="a tokeniser") from error
    return tokenizers
