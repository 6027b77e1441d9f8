"""A folder of token files, with what it was made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal, cast

from textbooks.errors import InputError
from textbooks.mixtures.tokens import TokenFile
from textbooks.storage import write_atomically

__all__ = ["NOTES", "TokenizedCorpus"]

NOTES: Final = "tokens.json"
"""What a folder of token files says of itself."""

_FORMAT: Final = 1


@dataclass(frozen=True, kw_only=True)
class TokenizedCorpus:
    """What `tokenize` leaves.

    Attributes
    ----------
    folder : Path
        With the token files, ``tokenizer.json`` and ``tokens.json``.
    documents, tokens : int
        Documents, and their tokens with one end-of-text token each.
    bytes : int
        Of the texts, in UTF-8.
    quarantined : int
        Records that could not be read as text; they have no tokens.
    vocab_size, end_of_text : int
        Of the tokeniser: its tokens, and the number of the one that ends a document.
    token_size : {2, 4}
        Bytes of a token in the files.
    digests : mapping
        SHA-256 of every file by name.
    """

    folder: Path
    documents: int
    tokens: int
    bytes: int
    quarantined: int
    vocab_size: int
    end_of_text: int
    token_size: int
    digests: Mapping[str, str]

    @property
    def bytes_per_token(self) -> float:
        """How many bytes of text a token stands for, the ends of documents included; NaN without tokens."""
        return self.bytes / self.tokens if self.tokens else float("nan")

    def blocks(self, block_size: int = 2048) -> TokenFile:
        """Return the tokens in blocks; see `textbooks.mixtures.TokenFile`."""
        return TokenFile(self.folder, block_size=block_size, token_size=cast("Literal[2, 4]", self.token_size))

    def as_documents(self) -> TokenFile:
        """Return the tokens by document."""
        return TokenFile(self.folder, units="documents", token_size=cast("Literal[2, 4]", self.token_size))

    def save(self, folder: Path) -> None:
        """Write ``tokens.json`` into a folder."""
        content = {"format": _FORMAT, **{k: v for k, v in asdict(self).items() if k != "folder"}}
        write_atomically(folder / NOTES, json.dumps(content, indent=1, sort_keys=True).encode())

    @classmethod
    def load(cls, folder: str | Path) -> TokenizedCorpus:
        """Return what is in a folder.

        Raises
        ------
        InputError
            If `tokenize` has not written it, or another version has.
        """
        path = Path(folder) / NOTES
        try:
            content = json.loads(path.read_bytes())
            if content.pop("format") != _FORMAT:
                msg = f"{path} was written by another version: tokenise again"
                raise InputError(msg)
            return cls(folder=Path(folder), **content)
        except OSError as error:
            msg = f"{folder} holds no {NOTES}: is it what textbooks tokenize wrote?"
            raise InputError(msg) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, InputError):
                raise
            msg = f"{path} is damaged ({type(error).__name__}): tokenise again"
            raise InputError(msg) from error

    def __str__(self) -> str:
        return (
            f"{self.tokens:,} tokens of {self.documents:,} documents, {self.bytes_per_token:.2f} bytes a token, "
            f"vocabulary of {self.vocab_size:,}"
        )
