"""Token files as datatrove writes them, mapped into memory and cut into units."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from textbooks.errors import InputError
from textbooks.mixtures.sources import Source
from textbooks.ranges import check_range

__all__ = ["TokenFile"]


class TokenFile:
    """The tokens of one or more ``.ds`` files, cut into blocks or documents; nothing is read until it is asked for.

    datatrove's `DocumentTokenizer` writes such files: tokens one after the other, documents joined by the end-of-text
    token, with their ends in ``<file>.index``. They are mapped into memory, so that the processes of a machine share
    them. A step that is sent to another process maps them anew.

    Parameters
    ----------
    path : path or sequence of paths
        Files, or folders of which every ``*.ds`` file counts, by name.
    block_size : int, default=2048
        Tokens of a block, at least 1. Blocks do not cross files; what is left at the end of a file is not drawn.
        phi-1's length ("Textbooks Are All You Need", section 2.3).
    units : {"blocks", "documents"}, default="blocks"
        "documents": each document is a unit, however long it is, with its end-of-text token.
    token_size : {2, 4}, default=2
        Bytes of a token, as `DocumentTokenizer` chose them: 2 for vocabularies of up to 65,536 tokens.

    Raises
    ------
    InputError
        On first use: if there is no such file, or one is no whole number of tokens or does not fit its index.
    ValueError
        If a value is out of range.
    """

    def __init__(
        self,
        path: str | Path | Sequence[str | Path],
        *,
        block_size: int = 2048,
        units: Literal["blocks", "documents"] = "blocks",
        token_size: Literal[2, 4] = 2,
    ) -> None:
        check_range("block_size", block_size, 1)
        if units not in ("blocks", "documents"):
            msg = f"units must be blocks or documents, got {units!r}"
            raise ValueError(msg)
        if token_size not in (2, 4):
            msg = f"token_size must be 2 or 4, got {token_size!r}"
            raise ValueError(msg)
        self.path = path
        self.block_size = block_size
        self.units = units
        self.token_size = token_size

    @cached_property
    def files(self) -> list[Path]:
        """The files, in order."""
        paths = [self.path] if isinstance(self.path, str | Path) else self.path
        found = [file for path in map(Path, paths) for file in (sorted(path.glob("*.ds")) if path.is_dir() else [path])]
        missing = [file for file in found if not file.is_file()]
        if missing or not found:
            msg = f"there is no token file {str(missing[0] if missing else self.path)!r}: check the path"
            raise InputError(msg)
        return found

    @cached_property
    def _maps(self) -> list[NDArray[np.unsignedinteger]]:
        return [self._mapped(file) for file in self.files]

    def _mapped(self, file: Path) -> NDArray[np.unsignedinteger]:
        size = file.stat().st_size
        if size % self.token_size:
            msg = (
                f"{file} has {size} bytes, which is no whole number of tokens of {self.token_size} bytes: is it whole?"
            )
            raise InputError(msg)
        if not size:
            return np.empty(0, dtype=f"<u{self.token_size}")
        return np.memmap(file, dtype=f"<u{self.token_size}", mode="r")

    @cached_property
    def _ends(self) -> list[NDArray[np.int64]]:
        """Where the units of each file end, in tokens."""
        if self.units == "blocks":
            return [np.arange(1, len(m) // self.block_size + 1, dtype=np.int64) * self.block_size for m in self._maps]
        return [self._document_ends(file, len(m)) for file, m in zip(self.files, self._maps, strict=True)]

    def _document_ends(self, file: Path, tokens: int) -> NDArray[np.int64]:
        index = file.with_name(file.name + ".index")
        if not index.is_file():
            msg = f"{index} is missing: tokenise with save_index=True, or draw blocks"
            raise InputError(msg)
        data = index.read_bytes()
        ends = np.frombuffer(data[: len(data) // 8 * 8], dtype="<u8").astype(np.int64)
        if len(data) % 8 or (np.diff(ends, prepend=0) <= 0).any() or (ends[-1] if len(ends) else 0) != tokens:
            msg = f"{index} does not fit {file}, which has {tokens} tokens: tokenise again"
            raise InputError(msg)
        return ends

    @cached_property
    def _first_units(self) -> NDArray[np.int64]:
        return np.cumsum([0, *map(len, self._ends)])

    def __len__(self) -> int:
        """Return the number of units."""
        return int(self._first_units[-1])

    @property
    def tokens(self) -> int:
        """Tokens of all units."""
        return sum(int(ends[-1]) for ends in self._ends if len(ends))

    def __getitem__(self, unit: int) -> NDArray[np.unsignedinteger]:
        """Return the tokens of a unit, as a view of the file.

        Raises
        ------
        IndexError
            If it is not in ``range(len(self))``.
        """
        if not 0 <= unit < len(self):
            msg = f"{unit} is not in range({len(self)})"
            raise IndexError(msg)
        number = int(np.searchsorted(self._first_units, unit, side="right")) - 1
        place, ends = unit - int(self._first_units[number]), self._ends[number]
        return self._maps[number][int(ends[place - 1]) if place else 0 : int(ends[place])]

    def source(self, name: str, *, max_epochs: float | None = None, max_tokens: int | None = None) -> Source:
        """Return what a mixture needs to know of these tokens.

        Raises
        ------
        InputError
            If there is no unit.
        """
        if not len(self):
            msg = f"{self.path} holds not one unit of {self.block_size} tokens: shorten block_size, or leave it out"
            raise InputError(msg)
        return Source(name=name, tokens=self.tokens, units=len(self), max_epochs=max_epochs, max_tokens=max_tokens)

    def __getstate__(self) -> dict[str, object]:
        """Return the arguments alone: maps belong to a process."""
        return {name: self.__dict__[name] for name in ("path", "block_size", "units", "token_size")}

    def __repr__(self) -> str:
        return f"TokenFile({json.dumps(str(self.path))}, block_size={self.block_size}, units={self.units!r})"
