"""All texts of some files at once, for what fits into memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datatrove.data import Document

from textbooks.errors import InputError
from textbooks.readers.corpus import CorpusReader
from textbooks.readers.inputs import find_inputs
from textbooks.readers.kinds import DEFAULT_FORMATS

__all__ = ["TextsRead", "read_texts"]


@dataclass(frozen=True, slots=True)
class TextsRead:
    """What was read.

    Attributes
    ----------
    documents : list of Document
        The texts.
    damaged : list of str
        What could not be read, and why.
    """

    documents: list[Document]
    damaged: list[str]


def read_texts(
    paths: Sequence[str],
    *,
    text_key: str = "text",
    without: Collection[Path] = (),
    formats: Collection[str] = DEFAULT_FORMATS,
    **reader: Any,  # noqa: ANN401
) -> TextsRead:
    """Read the texts of files and folders into memory.

    Parameters
    ----------
    paths : sequence of str
        Files, folders and fsspec URLs.
    text_key : str, default="text"
        Column of the text.
    without : collection of Path
        Files that are passed over, such as the output of the command that reads.
    formats : collection of str
        What to take from folders, as in `find_inputs`.
    **reader
        Further parameters of `CorpusReader`, such as ``blobs`` or ``max_answers``.

    Raises
    ------
    InputError
        If a path does not exist, or nothing could be read.
    """
    files = CorpusReader("", text_key=text_key, **reader)
    documents: list[Document] = []
    damaged: list[str] = []
    left_out = {path.resolve() for path in without}
    for file in find_inputs(paths, formats=formats):
        if "://" not in file.path and Path(file.path).resolve() in left_out:
            continue
        for found in files.read_file(file):
            if isinstance(found, Document):
                documents.append(found)
            else:
                damaged.append(f"{found.source}: {found.reason}: {found.detail}")
    if not documents:
        why = f": {damaged[0]}" if damaged else ""
        msg = f"there is no text in {', '.join(paths)}{why}"
        raise InputError(msg)
    return TextsRead(documents, damaged)
